//! Types while they are being found out: a union-find arena, one for each group of functions.
//!
//! Keeps true: the first few handles are the plain types; `Never` is never inside another type
//! and no variable is bound to it; a bound variable is a link and is skipped by [`Arena::root`]; no type
//! contains itself.

use codex_diagnostics::Span;
use codex_syntax::Symbol;

use crate::constraint::{Facts, Mask};
use crate::typed::{DataId, FnId, Ty, Type, Types};

pub(crate) const INT: Ty = Ty(0);
pub(crate) const FLOAT: Ty = Ty(1);
pub(crate) const BOOL: Ty = Ty(2);
pub(crate) const TEXT: Ty = Ty(3);
pub(crate) const BYTES: Ty = Ty(4);
pub(crate) const NEVER: Ty = Ty(5);
pub(crate) const ERROR: Ty = Ty(6);
pub(crate) const UNIT: Ty = Ty(7);

/// A run of handles in the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    start: u32,
    len: u32,
}

/// One type.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node {
    Int,
    Float,
    Bool,
    Text,
    Bytes,
    Never,
    Error,
    Tuple(Slice),
    List(Ty),
    Fn(Slice, Ty),
    Data(DataId, Slice),
    /// A type variable that was written: stands for a type that the caller chooses.
    Rigid(u32),
    /// Not known yet, but must meet these demands.
    Var(Mask, Option<Span>),
    /// Became another type.
    Link(Ty),
}

/// A written type variable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rigid {
    pub(crate) name: Symbol,
    pub(crate) mask: Mask,
    pub(crate) owner: FnId,
}

/// Why two types are not the same.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clash {
    /// They differ.
    Differ,
    /// The second would contain itself.
    Infinite,
    /// The type does not meet a demand; where it comes from.
    Unmet(Ty, Mask, Option<Span>),
    /// A written type variable met something else.
    Rigid(u32),
}

/// The types of one group of functions.
pub(crate) struct Arena<'w> {
    nodes: Vec<Node>,
    items: Vec<Ty>,
    pub(crate) rigids: Vec<Rigid>,
    facts: &'w [Facts],
}

impl<'w> Arena<'w> {
    pub(crate) fn new(facts: &'w [Facts]) -> Self {
        let mut arena = Arena { nodes: Vec::new(), items: Vec::new(), rigids: Vec::new(), facts };
        arena.clear();
        arena
    }

    /// Forgets everything but the plain types.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.items.clear();
        self.rigids.clear();
        let unit = Node::Tuple(Slice { start: 0, len: 0 });
        let plain = [Node::Int, Node::Float, Node::Bool, Node::Text, Node::Bytes, Node::Never, Node::Error, unit];
        self.nodes.extend(plain);
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn push(&mut self, node: Node) -> Ty {
        self.nodes.push(node);
        Ty(self.nodes.len() as u32 - 1)
    }

    fn slice(&mut self, items: &[Ty]) -> Slice {
        let start = self.items.len() as u32;
        self.items.extend_from_slice(items);
        Slice { start, len: items.len() as u32 }
    }

    pub(crate) fn items(&self, slice: Slice) -> &[Ty] {
        &self.items[slice.start as usize..(slice.start + slice.len) as usize]
    }

    /// The `i`-th of a run; out of range gives `Error`.
    pub(crate) fn item(&self, slice: Slice, i: usize) -> Ty {
        self.items(slice).get(i).copied().unwrap_or(ERROR)
    }

    pub(crate) fn var(&mut self) -> Ty {
        self.push(Node::Var(Mask::NONE, None))
    }
    pub(crate) fn var_with(&mut self, mask: Mask, why: Option<Span>) -> Ty {
        self.push(Node::Var(mask, why))
    }
    pub(crate) fn list(&mut self, item: Ty) -> Ty {
        self.push(Node::List(item))
    }
    pub(crate) fn tuple(&mut self, items: &[Ty]) -> Ty {
        if items.is_empty() {
            return UNIT;
        }
        let slice = self.slice(items);
        self.push(Node::Tuple(slice))
    }
    pub(crate) fn function(&mut self, params: &[Ty], result: Ty) -> Ty {
        let slice = self.slice(params);
        self.push(Node::Fn(slice, result))
    }
    pub(crate) fn data(&mut self, id: DataId, args: &[Ty]) -> Ty {
        let slice = self.slice(args);
        self.push(Node::Data(id, slice))
    }
    pub(crate) fn rigid(&mut self, name: Symbol, owner: FnId) -> Ty {
        self.rigids.push(Rigid { name, mask: Mask::NONE, owner });
        self.push(Node::Rigid(self.rigids.len() as u32 - 1))
    }

    /// The handle that this one became.
    pub(crate) fn root(&self, mut ty: Ty) -> Ty {
        while let Node::Link(next) = self.nodes[ty.index()] {
            ty = next;
        }
        ty
    }

    /// The type, links skipped; shortens the chain.
    pub(crate) fn get(&mut self, ty: Ty) -> Node {
        let root = self.root(ty);
        let mut at = ty;
        while let Node::Link(next) = self.nodes[at.index()] {
            self.nodes[at.index()] = Node::Link(root);
            at = next;
        }
        self.nodes[root.index()]
    }

    /// The type, links skipped.
    pub(crate) fn peek(&self, ty: Ty) -> Node {
        self.nodes[self.root(ty).index()]
    }

    /// Makes both the same type; `Never` on the found side fits everything.
    pub(crate) fn unify(&mut self, expected: Ty, found: Ty) -> Result<(), Clash> {
        let (a, b) = (self.root(expected), self.root(found));
        if a == b {
            return Ok(());
        }
        match (self.nodes[a.index()], self.nodes[b.index()]) {
            (Node::Never | Node::Error, Node::Var(..)) | (Node::Var(..), Node::Never | Node::Error) => {
                self.poison(a, b);
                Ok(())
            }
            (Node::Never | Node::Error, _) | (_, Node::Never | Node::Error) => Ok(()),
            (Node::Var(m, why), Node::Var(n, other)) => {
                let both = m.union(n);
                if both.has(Mask::NUMBER) && both.has(Mask::APPENDABLE) {
                    return Err(Clash::Differ);
                }
                self.nodes[b.index()] = Node::Var(both, other.or(why));
                self.nodes[a.index()] = Node::Link(b);
                Ok(())
            }
            (Node::Var(mask, why), _) => self.bind(a, mask, why, b),
            (_, Node::Var(mask, why)) => self.bind(b, mask, why, a),
            (Node::List(x), Node::List(y)) => self.unify(x, y),
            (Node::Tuple(x), Node::Tuple(y)) => self.unify_all(x, y),
            (Node::Fn(x, r), Node::Fn(y, s)) => {
                self.unify_all(x, y)?;
                self.unify(r, s)
            }
            (Node::Data(d, x), Node::Data(e, y)) if d == e => self.unify_all(x, y),
            (Node::Int, Node::Int)
            | (Node::Float, Node::Float)
            | (Node::Bool, Node::Bool)
            | (Node::Text, Node::Text)
            | (Node::Bytes, Node::Bytes) => Ok(()),
            (Node::Rigid(r), _) | (_, Node::Rigid(r)) => Err(Clash::Rigid(r)),
            _ => Err(Clash::Differ),
        }
    }

    /// A variable that met an error is an error too, so nothing more is said about it.
    fn poison(&mut self, a: Ty, b: Ty) {
        let (var, other) = if matches!(self.nodes[a.index()], Node::Var(..)) { (a, b) } else { (b, a) };
        if matches!(self.nodes[other.index()], Node::Error) {
            self.nodes[var.index()] = Node::Link(other);
        }
    }

    fn unify_all(&mut self, x: Slice, y: Slice) -> Result<(), Clash> {
        if x.len != y.len {
            return Err(Clash::Differ);
        }
        for i in 0..x.len {
            let (a, b) = (self.items[(x.start + i) as usize], self.items[(y.start + i) as usize]);
            self.unify(a, b)?;
        }
        Ok(())
    }

    fn bind(&mut self, var: Ty, mask: Mask, why: Option<Span>, ty: Ty) -> Result<(), Clash> {
        if self.occurs(var, ty) {
            return Err(Clash::Infinite);
        }
        self.nodes[var.index()] = Node::Link(ty);
        if mask.is_empty() {
            return Ok(());
        }
        let met = self.demand(ty, mask, why);
        if met.is_err() {
            // What follows from this variable is not known: nothing more is said about it.
            self.nodes[var.index()] = Node::Link(ERROR);
        }
        met
    }

    fn occurs(&self, var: Ty, ty: Ty) -> bool {
        let root = self.root(ty);
        if root == var {
            return true;
        }
        match self.nodes[root.index()] {
            Node::List(item) => self.occurs(var, item),
            Node::Tuple(s) | Node::Data(_, s) => self.items(s).iter().any(|t| self.occurs(var, *t)),
            Node::Fn(s, r) => self.items(s).iter().any(|t| self.occurs(var, *t)) || self.occurs(var, r),
            _ => false,
        }
    }

    /// The type must meet these demands.
    pub(crate) fn demand(&mut self, ty: Ty, mask: Mask, why: Option<Span>) -> Result<(), Clash> {
        let root = self.root(ty);
        let unmet = |refused: Mask| {
            let bad = mask.and(refused);
            if bad.is_empty() { Ok(()) } else { Err(Clash::Unmet(root, bad, why)) }
        };
        let structural = mask.and(Mask::STRUCTURAL);
        match self.nodes[root.index()] {
            Node::Var(old, first) => {
                let both = old.union(mask);
                if both.has(Mask::NUMBER) && both.has(Mask::APPENDABLE) {
                    return Err(Clash::Unmet(root, mask, why));
                }
                self.nodes[root.index()] = Node::Var(both, first.or(why));
                Ok(())
            }
            Node::Rigid(r) => {
                let rigid = &mut self.rigids[r as usize];
                rigid.mask = rigid.mask.union(mask);
                Ok(())
            }
            Node::Int | Node::Float => unmet(Mask::APPENDABLE),
            Node::Text | Node::Bytes => unmet(Mask::NUMBER),
            Node::Bool => unmet(Mask(Mask::NUMBER.0 | Mask::APPENDABLE.0)),
            Node::Fn(..) => unmet(Mask(u8::MAX)),
            Node::Never | Node::Error | Node::Link(_) => Ok(()),
            Node::List(item) => {
                unmet(Mask::NUMBER)?;
                if structural.is_empty() { Ok(()) } else { self.demand(item, structural, why) }
            }
            Node::Tuple(items) => {
                unmet(Mask(Mask::NUMBER.0 | Mask::APPENDABLE.0))?;
                self.demand_parts(items, structural, why, None)
            }
            Node::Data(id, args) => {
                unmet(Mask(Mask::NUMBER.0 | Mask::APPENDABLE.0))?;
                if self.facts.get(id.index()).is_some_and(|f| f.holds_function) {
                    unmet(Mask::STRUCTURAL)?;
                }
                self.demand_parts(args, structural, why, Some(id))
            }
        }
    }

    fn demand_parts(&mut self, parts: Slice, mask: Mask, why: Option<Span>, data: Option<DataId>) -> Result<(), Clash> {
        if mask.is_empty() {
            return Ok(());
        }
        for i in 0..parts.len as usize {
            let held = data.is_none_or(|id| {
                self.facts.get(id.index()).is_none_or(|f| f.holds_param.get(i).copied().unwrap_or(true))
            });
            if held {
                self.demand(self.items[parts.start as usize + i], mask, why)?;
            }
        }
        Ok(())
    }

    /// A type of a finished table, with its parameters replaced.
    pub(crate) fn import(&mut self, types: &Types, ty: Ty, args: &[Ty]) -> Ty {
        match &types[ty] {
            Type::Int => INT,
            Type::Float => FLOAT,
            Type::Bool => BOOL,
            Type::Text => TEXT,
            Type::Bytes => BYTES,
            Type::Never => NEVER,
            Type::Error => ERROR,
            Type::Param(i) => args.get(*i as usize).copied().unwrap_or(ERROR),
            Type::List(item) => {
                let item = self.import(types, *item, args);
                self.list(item)
            }
            Type::Tuple(items) => {
                let items: Vec<Ty> = items.iter().map(|t| self.import(types, *t, args)).collect();
                self.tuple(&items)
            }
            Type::Fn(params, result) => {
                let params: Vec<Ty> = params.iter().map(|t| self.import(types, *t, args)).collect();
                let result = self.import(types, *result, args);
                self.function(&params, result)
            }
            Type::Data(id, items) => {
                let items: Vec<Ty> = items.iter().map(|t| self.import(types, *t, args)).collect();
                self.data(*id, &items)
            }
        }
    }

    /// A copy of a type of this arena in which the written variables of `owner` are replaced.
    pub(crate) fn refresh(&mut self, ty: Ty, owner: FnId, fresh: &mut Vec<(u32, Ty)>) -> Ty {
        match self.get(ty) {
            Node::Rigid(r) if self.rigids[r as usize].owner == owner => {
                if let Some((_, var)) = fresh.iter().find(|(x, _)| *x == r) {
                    return *var;
                }
                let var = self.var();
                fresh.push((r, var));
                var
            }
            Node::List(item) => {
                let item = self.refresh(item, owner, fresh);
                self.list(item)
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
                let r = self.refresh(r, owner, fresh);
                self.function(&items, r)
            }
            _ => self.root(ty),
        }
    }

    fn refresh_all(&mut self, s: Slice, owner: FnId, fresh: &mut Vec<(u32, Ty)>) -> Vec<Ty> {
        let items = self.items(s).to_vec();
        items.into_iter().map(|t| self.refresh(t, owner, fresh)).collect()
    }

    /// Whether a type is still unknown at its head.
    pub(crate) fn is_var(&self, ty: Ty) -> bool {
        matches!(self.peek(ty), Node::Var(..))
    }
    pub(crate) fn is_error(&self, ty: Ty) -> bool {
        matches!(self.peek(ty), Node::Error)
    }
    pub(crate) fn is_unit(&self, ty: Ty) -> bool {
        matches!(self.peek(ty), Node::Tuple(s) if s.len == 0)
    }
}
