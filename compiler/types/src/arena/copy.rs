//! Copies of types: from finished tables into the arena, and within it with other variables.
//!
//! Keeps true: a part that a type has many times is copied once, so a copy is as small as what it was made from.

use super::{Arena, BOOL, BYTES, ERROR, FLOAT, INT, LINK, NEVER, Node, Slice, TEXT};
use crate::typed::{FnId, Ty, Type, Types};

impl Arena<'_> {
    /// A type of a finished table, with its parameters replaced.
    pub(crate) fn import(&mut self, types: &Types, ty: Ty, args: &[Ty]) -> Ty {
        self.copies.clear();
        self.import_part(types, ty, args)
    }

    fn import_part(&mut self, types: &Types, ty: Ty, args: &[Ty]) -> Ty {
        match &types[ty] {
            Type::Int => return INT,
            Type::Float => return FLOAT,
            Type::Bool => return BOOL,
            Type::Text => return TEXT,
            Type::Bytes => return BYTES,
            Type::Never => return NEVER,
            Type::Error => return ERROR,
            Type::Param(i) => return args.get(*i as usize).copied().unwrap_or(ERROR),
            Type::Link => return LINK,
            Type::Container(id) => return self.container(*id),
            Type::List(_) | Type::Reply(_) | Type::Tuple(_) | Type::Fn(..) | Type::Data(..) => {}
        }
        if let Some(copied) = self.copies.get(&ty) {
            return *copied;
        }
        let mut all = |items: &[Ty]| -> Vec<Ty> { items.iter().map(|t| self.import_part(types, *t, args)).collect() };
        let copied = match &types[ty] {
            Type::List(item) => {
                let item = self.import_part(types, *item, args);
                self.list(item)
            }
            Type::Reply(of) => {
                let of = self.import_part(types, *of, args);
                self.reply(of)
            }
            Type::Fn(params, result) => {
                let params = all(params);
                let result = self.import_part(types, *result, args);
                self.function(&params, result)
            }
            Type::Data(id, items) => {
                let items = all(items);
                self.data(*id, &items)
            }
            Type::Tuple(items) => {
                let items = all(items);
                self.tuple(&items)
            }
            _ => ERROR,
        };
        self.copies.insert(ty, copied);
        copied
    }

    /// A copy of a type of this arena in which the written variables of `owner` are replaced.
    pub(crate) fn refresh(&mut self, ty: Ty, owner: FnId, fresh: &mut Vec<(u32, Ty)>) -> Ty {
        self.copies.clear();
        self.refresh_part(ty, owner, fresh)
    }

    fn refresh_part(&mut self, ty: Ty, owner: FnId, fresh: &mut Vec<(u32, Ty)>) -> Ty {
        let root = self.root(ty);
        if let Some(copied) = self.copies.get(&root) {
            return *copied;
        }
        let copied = match self.nodes[root.index()] {
            Node::Rigid(r) if self.rigids[r as usize].owner == owner => {
                if let Some((_, var)) = fresh.iter().find(|(x, _)| *x == r) {
                    return *var;
                }
                let var = self.var();
                fresh.push((r, var));
                return var;
            }
            Node::List(item) => {
                let item = self.refresh_part(item, owner, fresh);
                self.list(item)
            }
            Node::Reply(of) => {
                let of = self.refresh_part(of, owner, fresh);
                self.reply(of)
            }
            Node::Tuple(s) => {
                let items = self.refresh_all(s, owner, fresh);
                self.tuple(&items)
            }
            Node::Data(id, s) => {
                let items = self.refresh_all(s, owner, fresh);
                self.data(id, &items)
            }
            Node::Fn(s, r) => {
                let items = self.refresh_all(s, owner, fresh);
                let r = self.refresh_part(r, owner, fresh);
                self.function(&items, r)
            }
            _ => return root,
        };
        self.copies.insert(root, copied);
        copied
    }

    fn refresh_all(&mut self, s: Slice, owner: FnId, fresh: &mut Vec<(u32, Ty)>) -> Vec<Ty> {
        (s.start..s.start + s.len).map(|i| self.refresh_part(self.items[i as usize], owner, fresh)).collect()
    }
}
