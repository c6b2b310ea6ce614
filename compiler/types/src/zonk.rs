//! Arena types to finished ones: gives each function its table, its type parameters and its scheme.
//!
//! Keeps true: what is still open in a function's head becomes a type parameter, numbered by its first place
//! there; what is open elsewhere gets a type that meets its demands (`Int` for a number, else `()`).

use rustc_hash::{FxHashMap, FxHashSet};

use crate::arena::{Arena, Node, Slice};
use crate::constraint::Mask;
use crate::infer::Inferred;
use crate::intern::Interner;
use crate::scheme::Scheme;
use crate::typed::{
    Arm, BinaryOp, Delivery, Expect, Expr, ExprKind, FnId, Known, ListItem, Local, Pattern, PatternKind, PlaceStep,
    Stmt, Ty, Type, Types,
};

const UNSEEN: u32 = u32::MAX;

/// The type parameters of one function: roots in the arena, in order.
pub(crate) type Params = Vec<Ty>;

/// Finishes types of one arena into a table.
pub(crate) struct Finish {
    interner: Interner,
    memo: Vec<u32>,
    touched: Vec<u32>,
}

impl Finish {
    /// For a function or data type with these type parameters.
    pub(crate) fn new(arena: &Arena<'_>, params: &[Ty]) -> Self {
        let memo = vec![UNSEEN; arena.len()];
        let mut finish = Finish { interner: Interner::default(), memo, touched: Vec::new() };
        finish.begin(params);
        finish
    }

    fn begin(&mut self, params: &[Ty]) {
        for (i, param) in params.iter().enumerate() {
            let ty = self.interner.intern(Type::Param(i as u32));
            self.remember(*param, ty);
        }
    }

    /// The table; ready for the next function of the same arena.
    pub(crate) fn end(&mut self) -> Types {
        for i in self.touched.drain(..) {
            self.memo[i as usize] = UNSEEN;
        }
        self.interner.take()
    }

    fn remember(&mut self, root: Ty, ty: Ty) {
        self.memo[root.index()] = ty.0;
        self.touched.push(root.0);
    }

    /// The finished type.
    pub(crate) fn ty(&mut self, arena: &Arena<'_>, ty: Ty) -> Ty {
        let root = arena.root(ty);
        let seen = self.memo[root.index()];
        if seen != UNSEEN {
            return Ty(seen);
        }
        let finished = match arena.peek(root) {
            Node::Int => Type::Int,
            Node::Float => Type::Float,
            Node::Bool => Type::Bool,
            Node::Text => Type::Text,
            Node::Bytes => Type::Bytes,
            Node::Never => Type::Never,
            Node::Error | Node::Link(_) => Type::Error,
            Node::AnyLink => Type::Link,
            Node::Container(id) => Type::Container(id),
            Node::Reply(of) => Type::Reply(self.ty(arena, of)),
            Node::List(item) => Type::List(self.ty(arena, item)),
            Node::Tuple(s) => Type::Tuple(self.types(arena, s)),
            Node::Data(id, s) => Type::Data(id, self.types(arena, s)),
            Node::Fn(s, r) => Type::Fn(self.types(arena, s), self.ty(arena, r)),
            Node::Var(..) | Node::Rigid(_) => {
                let mask = mask_of(arena, root);
                if mask.has(Mask::NUMBER) {
                    Type::Int
                } else if mask.has(Mask::APPENDABLE) {
                    Type::Text
                } else if mask.has(Mask::LINK) {
                    Type::Link
                } else {
                    Type::Tuple(Vec::new())
                }
            }
        };
        let finished = self.interner.intern(finished);
        self.remember(root, finished);
        finished
    }

    fn types(&mut self, arena: &Arena<'_>, slice: Slice) -> Vec<Ty> {
        arena.items(slice).iter().map(|t| self.ty(arena, *t)).collect()
    }
}

/// Finishes the functions of one group.
pub(crate) struct Zonk<'x, 'w> {
    arena: &'x Arena<'w>,
    known: Known,
    /// Functions of the group that are used with their own types: their type parameters.
    group: &'x FxHashMap<FnId, Params>,
    finish: Finish,
}

/// The open types in a function's head, in order of their first place.
pub(crate) fn params_of(arena: &Arena<'_>, types: impl Iterator<Item = Ty>) -> Params {
    fn walk(arena: &Arena<'_>, ty: Ty, seen: &mut FxHashSet<Ty>, out: &mut Params) {
        let root = arena.root(ty);
        if !seen.insert(root) {
            return;
        }
        match arena.peek(root) {
            Node::Var(..) | Node::Rigid(_) => out.push(root),
            Node::List(item) | Node::Reply(item) => walk(arena, item, seen, out),
            Node::Tuple(s) | Node::Data(_, s) => arena.items(s).iter().for_each(|t| walk(arena, *t, seen, out)),
            Node::Fn(s, r) => arena.items(s).iter().chain([&r]).for_each(|t| walk(arena, *t, seen, out)),
            _ => {}
        }
    }
    let (mut seen, mut out) = (FxHashSet::default(), Vec::new());
    types.for_each(|ty| walk(arena, ty, &mut seen, &mut out));
    out
}

fn mask_of(arena: &Arena<'_>, ty: Ty) -> Mask {
    match arena.peek(ty) {
        Node::Var(mask, _) => mask,
        Node::Rigid(r) => arena.rigids[r as usize].mask,
        _ => Mask::NONE,
    }
}

impl<'x, 'w> Zonk<'x, 'w> {
    pub(crate) fn new(arena: &'x Arena<'w>, known: Known, group: &'x FxHashMap<FnId, Params>) -> Self {
        Zonk { arena, known, group, finish: Finish::new(arena, &[]) }
    }

    /// The scheme of a function, from its head alone.
    pub(crate) fn scheme(&mut self, inferred: &Inferred, params: &[Ty]) -> Scheme {
        self.finish.begin(params);
        let masks = params.iter().map(|p| mask_of(self.arena, *p)).collect();
        let types: Vec<Ty> = inferred.params.iter().map(|p| inferred.locals[p.index()].local.ty).collect();
        let types = types.into_iter().map(|t| self.ty(t)).collect();
        let result = self.ty(inferred.result);
        let table = self.finish.end();
        Scheme { types: table, masks, params: types, result, never: false }.finish()
    }

    /// Replaces all types of a function; gives its locals, result and table.
    pub(crate) fn function(&mut self, inferred: &mut Inferred, params: &[Ty]) -> (Vec<Local>, Ty, Types) {
        self.finish.begin(params);
        let result = self.ty(inferred.result);
        let locals = inferred
            .locals
            .iter()
            .map(|info| {
                let mut local = info.local;
                local.ty = self.ty(local.ty);
                local
            })
            .collect();
        self.expr(&mut inferred.body);
        (locals, result, self.finish.end())
    }

    fn ty(&mut self, ty: Ty) -> Ty {
        self.finish.ty(self.arena, ty)
    }

    fn is_int(&self, ty: Ty) -> bool {
        self.finish.interner.types()[ty] == Type::Int
    }

    fn all(&mut self, exprs: &mut [Expr]) {
        exprs.iter_mut().for_each(|e| self.expr(e));
    }

    fn expr(&mut self, e: &mut Expr) {
        e.ty = self.ty(e.ty);
        match &mut *e.kind {
            ExprKind::Join(items) | ExprKind::Tuple(items) | ExprKind::Builtin(_, items) => self.all(items),
            ExprKind::Show(a) | ExprKind::Field(a, _) | ExprKind::Not(a) | ExprKind::Neg(a) => self.expr(a),
            ExprKind::Return(a) | ExprKind::Loop(a) => self.expr(a),
            ExprKind::Function(id, args) => self.type_args(*id, args),
            ExprKind::Call { function, type_args, args } => {
                self.type_args(*function, type_args);
                self.all(args);
            }
            ExprKind::CallValue(f, args) => {
                self.expr(f);
                self.all(args);
            }
            ExprKind::Construct { fields, .. } => self.all(fields),
            ExprKind::Update { base, fields } => {
                self.expr(base);
                fields.iter_mut().for_each(|(_, e)| self.expr(e));
            }
            ExprKind::List(items) => items.iter_mut().for_each(|i| match i {
                ListItem::Item(e) | ListItem::Spread(e) => self.expr(e),
            }),
            ExprKind::Index(a, b) | ExprKind::And(a, b) | ExprKind::Or(a, b) | ExprKind::While(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            ExprKind::Binary(_, a, b) => {
                self.expr(a);
                self.expr(b);
                self.power(e);
            }
            ExprKind::Lambda { body, .. } => self.expr(body),
            ExprKind::Spawn(_, args) => self.all(args),
            ExprKind::Deliver { how, link, args, .. } => {
                self.expr(link);
                if let Delivery::TryAsk(Some(within)) = how {
                    self.expr(within);
                }
                self.all(args);
            }
            _ => self.control(e),
        }
    }

    fn control(&mut self, e: &mut Expr) {
        match &mut *e.kind {
            ExprKind::Block(stmts, value) => {
                stmts.iter_mut().for_each(|s| self.stmt(s));
                value.iter_mut().for_each(|e| self.expr(e));
            }
            ExprKind::If(a, b, c) => [a, b, c].into_iter().for_each(|e| self.expr(e)),
            ExprKind::Match(value, arms) => {
                self.expr(value);
                arms.iter_mut().for_each(|a| self.arm(a));
            }
            ExprKind::ForRange { lo, hi, body, .. } => [lo, hi, body].into_iter().for_each(|e| self.expr(e)),
            ExprKind::ForList { pattern, list, body } => {
                self.pattern(pattern);
                self.expr(list);
                self.expr(body);
            }
            ExprKind::Expect { cond, .. } => match cond {
                Expect::Bool(e) => self.expr(e),
                Expect::Compare(_, a, b) => {
                    self.expr(a);
                    self.expr(b);
                }
            },
            _ => {}
        }
    }

    /// `^` of Ints is a call.
    fn power(&mut self, e: &mut Expr) {
        let is_int = self.is_int(e.ty);
        if let ExprKind::Binary(BinaryOp::Pow, ..) = &*e.kind
            && is_int
            && let Some(function) = self.known.int_pow
            && let ExprKind::Binary(_, base, exponent) = std::mem::replace(&mut *e.kind, ExprKind::Error)
        {
            *e.kind = ExprKind::Call { function, type_args: Vec::new(), args: vec![base, exponent] };
        }
    }

    fn type_args(&mut self, function: FnId, args: &mut Vec<Ty>) {
        if let Some(params) = self.group.get(&function) {
            args.clone_from(params);
        }
        args.iter_mut().for_each(|t| *t = self.ty(*t));
    }

    fn arm(&mut self, arm: &mut Arm) {
        self.pattern(&mut arm.pattern);
        arm.guard.iter_mut().for_each(|g| self.expr(g));
        self.expr(&mut arm.body);
    }

    fn stmt(&mut self, stmt: &mut Stmt) {
        match stmt {
            Stmt::Let(pattern, value) => {
                self.pattern(pattern);
                self.expr(value);
            }
            Stmt::Var(_, value) | Stmt::Expr(value) => self.expr(value),
            Stmt::Assign { path, value, .. } => {
                for step in path {
                    match step {
                        PlaceStep::Field(_, ty) => *ty = self.ty(*ty),
                        PlaceStep::Index(e, ty) | PlaceStep::Key(e, ty) => {
                            self.expr(e);
                            *ty = self.ty(*ty);
                        }
                    }
                }
                self.expr(value);
            }
        }
    }

    fn pattern(&mut self, p: &mut Pattern) {
        p.ty = self.ty(p.ty);
        match &mut p.kind {
            PatternKind::As(_, inner) => self.pattern(inner),
            PatternKind::Variant(_, items) | PatternKind::Tuple(items) | PatternKind::Or(items) => {
                items.iter_mut().for_each(|p| self.pattern(p));
            }
            PatternKind::List { before, after, .. } => {
                before.iter_mut().chain(after).for_each(|p| self.pattern(p));
            }
            _ => {}
        }
    }
}
