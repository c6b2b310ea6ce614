//! Types while they are being found out: a union-find arena, one for each group of functions.
//!
//! Keeps true: the first few handles are the plain types; `Never` is never inside another type
//! and no variable is bound to it; a bound variable is a link and is skipped by [`Arena::root`]; no type
//! contains itself. Types share their parts (`(x, x)` has one), so every walk looks at a part once: its work is
//! bounded by the parts, not by the type as it would be written.

mod copy;

use codex_diagnostics::Span;
use codex_syntax::Symbol;
use rustc_hash::FxHashMap;

use crate::constraint::{Facts, Mask};
use crate::typed::{ContainerId, DataId, FnId, Ty};

pub(crate) const INT: Ty = Ty(0);
pub(crate) const FLOAT: Ty = Ty(1);
pub(crate) const BOOL: Ty = Ty(2);
pub(crate) const TEXT: Ty = Ty(3);
pub(crate) const BYTES: Ty = Ty(4);
pub(crate) const NEVER: Ty = Ty(5);
pub(crate) const ERROR: Ty = Ty(6);
pub(crate) const UNIT: Ty = Ty(7);
pub(crate) const LINK: Ty = Ty(8);

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
    /// A link to a container of this kind.
    Container(ContainerId),
    /// A link to a container of any kind.
    AnyLink,
    Reply(Ty),
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
    marks: Marks,
    /// What the parts of a type became while it is copied.
    copies: FxHashMap<Ty, Ty>,
    /// What aliases with these arguments stand for, so that each is read once.
    aliases: FxHashMap<(u32, Vec<Ty>), Ty>,
}

/// The types that one walk has seen.
#[derive(Default)]
struct Marks {
    walk: u32,
    seen_in: Vec<u32>,
}

impl Marks {
    fn begin(&mut self) {
        self.walk += 1;
    }

    /// Whether this walk comes here for the first time.
    fn first(&mut self, root: Ty) -> bool {
        if self.seen_in.len() <= root.index() {
            self.seen_in.resize(root.index() + 1, 0);
        }
        std::mem::replace(&mut self.seen_in[root.index()], self.walk) != self.walk
    }
}

impl<'w> Arena<'w> {
    pub(crate) fn new(facts: &'w [Facts]) -> Self {
        let mut arena = Arena {
            nodes: Vec::new(),
            items: Vec::new(),
            rigids: Vec::new(),
            facts,
            marks: Marks::default(),
            copies: FxHashMap::default(),
            aliases: FxHashMap::default(),
        };
        arena.clear();
        arena
    }

    /// Forgets everything but the plain types.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.items.clear();
        self.rigids.clear();
        self.marks.seen_in.clear();
        self.aliases.clear();
        let unit = Node::Tuple(Slice { start: 0, len: 0 });
        let plain = [Node::Int, Node::Float, Node::Bool, Node::Text, Node::Bytes, Node::Never, Node::Error, unit];
        self.nodes.extend(plain);
        self.nodes.push(Node::AnyLink);
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
    pub(crate) fn container(&mut self, id: ContainerId) -> Ty {
        self.push(Node::Container(id))
    }
    pub(crate) fn reply(&mut self, of: Ty) -> Ty {
        self.push(Node::Reply(of))
    }
    pub(crate) fn rigid(&mut self, name: Symbol, owner: FnId) -> Ty {
        self.rigids.push(Rigid { name, mask: Mask::NONE, owner });
        self.push(Node::Rigid(self.rigids.len() as u32 - 1))
    }

    /// What an alias with these arguments stands for, if it was read before.
    pub(crate) fn alias(&self, id: u32, args: &[Ty]) -> Option<Ty> {
        if self.aliases.is_empty() { None } else { self.aliases.get(&(id, args.to_vec())).copied() }
    }

    pub(crate) fn remember_alias(&mut self, id: u32, args: &[Ty], ty: Ty) {
        self.aliases.insert((id, args.to_vec()), ty);
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
            (Node::List(x), Node::List(y)) | (Node::Reply(x), Node::Reply(y)) => {
                self.unify(x, y).map(|()| self.join(a, b))
            }
            (Node::Container(x), Node::Container(y)) if x == y => Ok(()),
            (Node::Tuple(x), Node::Tuple(y)) => self.unify_all(x, y).map(|()| self.join(a, b)),
            (Node::Fn(x, r), Node::Fn(y, s)) => {
                self.unify_all(x, y)?;
                self.unify(r, s).map(|()| self.join(a, b))
            }
            (Node::Data(d, x), Node::Data(e, y)) if d == e => self.unify_all(x, y).map(|()| self.join(a, b)),
            (Node::Int, Node::Int)
            | (Node::Float, Node::Float)
            | (Node::Bool, Node::Bool)
            | (Node::Text, Node::Text)
            | (Node::Bytes, Node::Bytes)
            | (Node::AnyLink, Node::AnyLink) => Ok(()),
            (Node::Rigid(r), _) | (_, Node::Rigid(r)) => Err(Clash::Rigid(r)),
            _ => Err(Clash::Differ),
        }
    }

    /// Two types whose parts are the same are one from now on, so that they are not compared again.
    fn join(&mut self, a: Ty, b: Ty) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.nodes[a.index()] = Node::Link(b);
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
        self.marks.begin();
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

    fn occurs(&mut self, var: Ty, ty: Ty) -> bool {
        let root = self.root(ty);
        if root == var {
            return true;
        }
        match self.nodes[root.index()] {
            Node::List(item) | Node::Reply(item) => self.marks.first(root) && self.occurs(var, item),
            Node::Tuple(s) | Node::Data(_, s) => self.marks.first(root) && self.occurs_in(var, s),
            Node::Fn(s, r) => self.marks.first(root) && (self.occurs_in(var, s) || self.occurs(var, r)),
            _ => false,
        }
    }

    fn occurs_in(&mut self, var: Ty, parts: Slice) -> bool {
        (parts.start..parts.start + parts.len).any(|i| self.occurs(var, self.items[i as usize]))
    }

    /// The type must meet these demands.
    pub(crate) fn demand(&mut self, ty: Ty, mask: Mask, why: Option<Span>) -> Result<(), Clash> {
        self.marks.begin();
        self.demand_here(ty, mask, why)
    }

    fn demand_here(&mut self, ty: Ty, mask: Mask, why: Option<Span>) -> Result<(), Clash> {
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
            Node::Int | Node::Float => unmet(Mask::APPENDABLE.union(Mask::LINK)),
            Node::Text | Node::Bytes => unmet(Mask::NUMBER.union(Mask::LINK)),
            Node::Bool | Node::Reply(_) => unmet(Mask::SPECIAL),
            Node::Container(_) | Node::AnyLink => unmet(Mask::NUMBER.union(Mask::APPENDABLE)),
            Node::Fn(..) => unmet(Mask(u8::MAX)),
            Node::Never | Node::Error | Node::Link(_) => Ok(()),
            Node::List(item) => {
                unmet(Mask::NUMBER.union(Mask::LINK))?;
                if structural.is_empty() { Ok(()) } else { self.demand_part(item, structural, why) }
            }
            Node::Tuple(items) => {
                unmet(Mask::SPECIAL)?;
                self.demand_parts(items, structural, why, None)
            }
            Node::Data(id, args) => {
                unmet(Mask::SPECIAL)?;
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
                self.demand_part(self.items[parts.start as usize + i], mask, why)?;
            }
        }
        Ok(())
    }

    /// All parts of a type meet the same demands, so each is looked at once.
    fn demand_part(&mut self, ty: Ty, mask: Mask, why: Option<Span>) -> Result<(), Clash> {
        let root = self.root(ty);
        if self.marks.first(root) { self.demand_here(root, mask, why) } else { Ok(()) }
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
