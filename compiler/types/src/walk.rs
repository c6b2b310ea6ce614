//! The names that a piece of syntax uses and does not bind itself.
//!
//! One walk serves three questions: which files a module needs, which items an item needs (so
//! that they are checked first, and unused ones are known), and which imports are used. It is
//! exact about local names, except that `m.f` with a local `m` is reported too: whether the
//! local or a module is meant depends on types.

use codex_syntax::Symbol;
use codex_syntax::ast::{
    Arg, BinaryOp, Block, Cond, Container, Expr, ExprKind, Function, Handler, Ident, Item, ItemKind, ListItem, Param,
    Pattern, PatternKind, Stmt, StmtKind, TextPart, TypeBody, TypeExpr, TypeExprKind,
};
use rustc_hash::FxHashMap;

/// A part of the syntax that stands for a standard function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// A map literal.
    Map,
    /// `^`
    Power,
    /// `∈` outside of `for`.
    Member,
    /// A value is shown inside a text.
    Show,
    /// `a..b` outside of `for`.
    Range,
    /// `◈`
    Save,
    /// A handler that the machine calls.
    Event,
}

/// What is told of the names found.
pub(crate) trait Sink {
    /// A lower-case name that is not bound here.
    fn value(&mut self, name: Ident);
    /// `base.name`; `bound`: `base` is also a local.
    fn member(&mut self, base: Ident, name: Ident, bound: bool);
    /// A variant or record, in an expression or a pattern.
    fn variant(&mut self, module: Option<Ident>, name: Ident);
    /// A message that is sent.
    fn message(&mut self, _name: Ident) {}
    /// A type; also a container that is spawned.
    fn type_name(&mut self, module: Option<Ident>, name: Ident);
    /// Syntax that stands for a standard function.
    fn need(&mut self, need: Need);
    /// A place that did not parse: names may be missing because of it.
    fn broken(&mut self) {}
}

/// Functions of the prelude that show any value.
const SHOWING: [&str; 4] = ["print", "write", "debug", "inspect"];

/// Whether all arguments are texts without values in them.
fn plain(args: &[Arg]) -> bool {
    let is_plain = |arg: &Arg| match arg {
        Arg::Positional(e) => match &*e.kind {
            ExprKind::Text(parts) => parts.iter().all(|p| matches!(p, TextPart::Chars(_))),
            _ => false,
        },
        _ => false,
    };
    !args.is_empty() && args.iter().all(is_plain)
}

/// The name of a message or of what is spawned, with its module and arguments.
pub(crate) fn addressee(e: &Expr) -> Option<(Option<Ident>, Ident, &[Arg])> {
    let (head, args) = match &*e.kind {
        ExprKind::Call(head, args) => (head, &args[..]),
        _ => (e, &[][..]),
    };
    match &*head.kind {
        ExprKind::Upper(name) | ExprKind::Name(name) => Some((None, *name, args)),
        ExprKind::Field(base, name) => match &*base.kind {
            ExprKind::Name(module) => Some((Some(*module), *name, args)),
            _ => None,
        },
        _ => None,
    }
}

/// Walks syntax and tells a [`Sink`].
pub(crate) struct Walker<'s, S: Sink> {
    sink: &'s mut S,
    bound: FxHashMap<Symbol, u32>,
    undo: Vec<Symbol>,
}

impl<'s, S: Sink> Walker<'s, S> {
    pub(crate) fn new(sink: &'s mut S) -> Self {
        Walker { sink, bound: FxHashMap::default(), undo: Vec::new() }
    }

    fn bind(&mut self, name: Symbol) {
        *self.bound.entry(name).or_insert(0) += 1;
        self.undo.push(name);
    }

    fn scoped(&mut self, f: impl FnOnce(&mut Self)) {
        let mark = self.undo.len();
        f(self);
        while self.undo.len() > mark {
            let name = self.undo.pop().expect("longer than the mark");
            if let Some(count) = self.bound.get_mut(&name) {
                *count -= 1;
            }
        }
    }

    fn is_bound(&self, name: Symbol) -> bool {
        self.bound.get(&name).is_some_and(|n| *n > 0)
    }

    /// A whole item; rules come later and are not walked.
    pub(crate) fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Function(f) => self.function(f),
            ItemKind::Const(c) => {
                self.maybe_type(c.ty.as_ref());
                self.expr(&c.value);
            }
            ItemKind::Test(t) => self.expr(&t.body),
            ItemKind::Type(t) => match &t.body {
                TypeBody::Record(fields) => fields.iter().for_each(|f| self.ty(&f.ty)),
                TypeBody::Variants(all) => all.iter().flat_map(|v| &v.fields).for_each(|f| self.ty(&f.ty)),
                TypeBody::Alias(ty) => self.ty(ty),
            },
            ItemKind::Container(c) => {
                self.container(c);
                c.handlers.iter().for_each(|h| self.handler(c, h));
                c.functions.iter().for_each(|f| self.item(f));
            }
            ItemKind::Import(_) | ItemKind::Rules(_) => {}
            ItemKind::Error => self.sink.broken(),
        }
    }

    /// The parameters and members of a container, and the signatures of its messages.
    pub(crate) fn container(&mut self, c: &Container) {
        self.scoped(|w| w.members(c));
        for handler in &c.handlers {
            if !handler.name.name.as_str().starts_with(char::is_uppercase) {
                self.sink.need(Need::Event);
            }
            self.scoped(|w| {
                w.params(&handler.params);
                w.maybe_type(handler.result.as_ref());
            });
        }
    }

    /// A handler, in which the members have names.
    pub(crate) fn handler(&mut self, c: &Container, handler: &Handler) {
        self.scoped(|w| {
            w.members(c);
            w.params(&handler.params);
            w.maybe_type(handler.result.as_ref());
            w.expr(&handler.body);
        });
    }

    fn members(&mut self, c: &Container) {
        self.params(&c.params);
        c.state.iter().for_each(|s| self.stmt(s));
        self.bind(Symbol::new("self"));
    }

    pub(crate) fn function(&mut self, f: &Function) {
        self.scoped(|w| {
            w.params(&f.params);
            w.maybe_type(f.result.as_ref());
            w.expr(&f.body);
        });
    }

    fn params(&mut self, params: &[Param]) {
        for p in params {
            self.maybe_type(p.ty.as_ref());
            self.bind(p.name.name);
        }
    }

    fn maybe_type(&mut self, ty: Option<&TypeExpr>) {
        if let Some(ty) = ty {
            self.ty(ty);
        }
    }

    fn ty(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeExprKind::Named { module, name, args } => {
                self.sink.type_name(*module, *name);
                args.iter().for_each(|t| self.ty(t));
            }
            TypeExprKind::Fn(params, result) => {
                params.iter().for_each(|t| self.ty(t));
                self.ty(result);
            }
            TypeExprKind::Tuple(items) => items.iter().for_each(|t| self.ty(t)),
            TypeExprKind::Var(_) | TypeExprKind::Hole => {}
            TypeExprKind::Error => self.sink.broken(),
        }
    }

    fn name(&mut self, name: Ident) {
        if !self.is_bound(name.name) {
            if SHOWING.contains(&name.name.as_str()) {
                self.sink.need(Need::Show);
            }
            self.sink.value(name);
        }
    }

    fn member(&mut self, base: Ident, name: Ident) {
        let bound = self.is_bound(base.name);
        self.sink.member(base, name, bound);
    }

    pub(crate) fn expr(&mut self, e: &Expr) {
        match &*e.kind {
            ExprKind::Name(name) => self.name(*name),
            ExprKind::Upper(name) => self.sink.variant(None, *name),
            ExprKind::Field(base, field) => match &*base.kind {
                ExprKind::Name(m) => self.member(*m, *field),
                _ => self.expr(base),
            },
            ExprKind::Text(parts) => self.text(parts),
            ExprKind::Call(f, args) => {
                match &*f.kind {
                    // A text that is shown as it is needs nothing more.
                    ExprKind::Name(name) if plain(args) && !self.is_bound(name.name) => self.sink.value(*name),
                    _ => self.expr(f),
                }
                self.args(args);
            }
            ExprKind::Binary { op, left, right, .. } => self.binary(*op, left, right),
            ExprKind::Index(a, b) | ExprKind::Pipe(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            ExprKind::Range { lo, hi, .. } => {
                self.sink.need(Need::Range);
                self.expr(lo);
                self.expr(hi);
            }
            ExprKind::Try(e) | ExprKind::Neg(e) | ExprKind::Not(e) => self.expr(e),
            ExprKind::Expect(e) => {
                // Both sides of a comparison are shown when it fails.
                self.sink.need(Need::Show);
                self.expr(e);
            }
            ExprKind::List(items) => items.iter().for_each(|i| match i {
                ListItem::Item(e) | ListItem::Spread(e) => self.expr(e),
            }),
            ExprKind::Map(pairs) => {
                self.sink.need(Need::Map);
                for (k, v) in pairs {
                    self.expr(k);
                    self.expr(v);
                }
            }
            ExprKind::Tuple(items) => items.iter().for_each(|e| self.expr(e)),
            ExprKind::Return(value) => value.iter().for_each(|e| self.expr(e)),
            ExprKind::Error => self.sink.broken(),
            _ => self.control(&e.kind),
        }
    }

    fn text(&mut self, parts: &[TextPart]) {
        for part in parts {
            if let TextPart::Expr(e) = part {
                self.sink.need(Need::Show);
                self.expr(e);
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) {
        self.expr(left);
        match op {
            BinaryOp::Pow => self.sink.need(Need::Power),
            BinaryOp::In | BinaryOp::NotIn => {
                if let ExprKind::Range { lo, hi, .. } = &*right.kind {
                    self.expr(lo);
                    self.expr(hi);
                    return;
                }
                self.sink.need(Need::Member);
            }
            _ => {}
        }
        self.expr(right);
    }

    fn control(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Lambda { params, body } => self.scoped(|w| {
                for p in params {
                    w.maybe_type(p.ty.as_ref());
                    w.pattern(&p.pattern);
                }
                w.expr(body);
            }),
            ExprKind::If { cond, then, otherwise } => {
                self.scoped(|w| {
                    w.cond(cond);
                    w.expr(then);
                });
                otherwise.iter().for_each(|e| self.expr(e));
            }
            ExprKind::Match(value, arms) => {
                self.expr(value);
                for arm in arms {
                    self.scoped(|w| {
                        w.pattern(&arm.pattern);
                        arm.guard.iter().for_each(|g| w.expr(g));
                        w.expr(&arm.body);
                    });
                }
            }
            ExprKind::Block(block) => self.scoped(|w| w.block(block)),
            ExprKind::Loop(body) => self.expr(body),
            ExprKind::While(cond, body) => self.scoped(|w| {
                w.cond(cond);
                w.expr(body);
            }),
            ExprKind::For { pattern, iterable, body } => {
                match &*iterable.kind {
                    ExprKind::Range { lo, hi, .. } => {
                        self.expr(lo);
                        self.expr(hi);
                    }
                    _ => self.expr(iterable),
                }
                self.scoped(|w| {
                    w.pattern(pattern);
                    w.expr(body);
                });
            }
            ExprKind::Spawn(spawned) => {
                if let Some((module, name, args)) = addressee(spawned) {
                    self.sink.type_name(module, name);
                    self.args(args);
                }
            }
            ExprKind::Send(link, message) | ExprKind::Ask(link, message) => {
                self.expr(link);
                if let Some((_, name, args)) = addressee(message) {
                    self.sink.message(name);
                    self.args(args);
                }
            }
            ExprKind::Save(name) => {
                self.sink.need(Need::Save);
                self.expr(name);
            }
            // Literals name nothing; trees and thoughts come later.
            _ => {}
        }
    }

    fn args(&mut self, args: &[Arg]) {
        for arg in args {
            match arg {
                Arg::Positional(e) | Arg::Labelled(_, e) | Arg::Spread(e) => self.expr(e),
                Arg::Pun(name) => self.name(*name),
            }
        }
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::Expr(e) => self.expr(e),
            Cond::Let(pattern, e) => {
                self.expr(e);
                self.pattern(pattern);
            }
        }
    }

    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|s| self.stmt(s));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { pattern, ty, value, otherwise } => {
                self.maybe_type(ty.as_deref());
                self.expr(value);
                otherwise.iter().for_each(|e| self.expr(e));
                self.pattern(pattern);
            }
            StmtKind::Var { name, ty, value } => {
                self.maybe_type(ty.as_deref());
                self.expr(value);
                self.bind(name.name);
            }
            StmtKind::Assign { place, op, value, .. } => {
                self.expr(place);
                if *op == Some(BinaryOp::Pow) {
                    self.sink.need(Need::Power);
                }
                self.expr(value);
            }
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Error => self.sink.broken(),
        }
    }

    fn pattern(&mut self, p: &Pattern) {
        match &p.kind {
            PatternKind::Bind(name) => self.bind(name.name),
            PatternKind::As(name, inner) => {
                self.bind(name.name);
                self.pattern(inner);
            }
            PatternKind::Variant { module, name, fields, .. } => {
                self.sink.variant(*module, *name);
                fields.iter().for_each(|(_, p)| self.pattern(p));
            }
            PatternKind::List { before, rest, after } => {
                before.iter().for_each(|p| self.pattern(p));
                if let Some(Some(name)) = rest {
                    self.bind(name.name);
                }
                after.iter().for_each(|p| self.pattern(p));
            }
            PatternKind::Error => self.sink.broken(),
            PatternKind::Tuple(items) | PatternKind::Or(items) => items.iter().for_each(|p| self.pattern(p)),
            _ => {}
        }
    }
}
