//! `loop`, `while` and `for`.

use codex_diagnostics::Span;
use codex_syntax::ast::{self, Cond};

use super::control::TypedCond;
use super::{Infer, Want, Why};
use crate::arena::{self, Node};
use crate::typed::{self, ExprKind, LocalId, Pattern, PatternKind, Stmt, Ty};

/// How a `for` goes over its values.
enum Walk {
    Range { lo: typed::Expr, hi: typed::Expr, inclusive: bool, before: Option<Stmt> },
    List(typed::Expr, Ty),
    Refused,
}

impl<'a> Infer<'_, 'a> {
    /// A loop's body; says whether a `break` leaves the loop.
    fn loop_body(&mut self, body: &'a ast::Expr) -> (typed::Expr, bool) {
        self.frame().loops.push(false);
        let body = self.expr(body, Want::DROP);
        let left = self.frame().loops.pop().unwrap_or(false);
        (body, left)
    }

    pub(crate) fn loop_(&mut self, body: &'a ast::Expr, span: Span, want: Want) -> typed::Expr {
        let (body, left) = self.loop_body(body);
        let ty = if left { arena::UNIT } else { arena::NEVER };
        self.leaf(ExprKind::Loop(body), ty, span, want)
    }

    pub(crate) fn while_(&mut self, cond: &'a Cond, body: &'a ast::Expr, span: Span, want: Want) -> typed::Expr {
        let mark = self.body.mark();
        let cond = self.cond(cond);
        let (body, _) = self.loop_body(body);
        self.body.leave(mark);
        let kind = match cond {
            TypedCond::Bool(cond) => ExprKind::While(cond, body),
            TypedCond::Let(..) => {
                let leave = self.make(ExprKind::Break, arena::NEVER, span);
                let turn = cond.branch(body, leave);
                ExprKind::Loop(self.make(turn, arena::UNIT, span))
            }
        };
        self.leaf(kind, arena::UNIT, span, want)
    }

    pub(crate) fn for_(
        &mut self,
        pattern: &'a ast::Pattern,
        iterable: &'a ast::Expr,
        body: &'a ast::Expr,
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let walked = match &*iterable.kind {
            ast::ExprKind::Name(name) => self.body.lookup(name.name),
            _ => None,
        };
        let walk = self.walk(iterable);
        let mark = self.body.mark();
        self.body.walked.extend(walked.map(|l| (l, iterable.span)));
        let kind = match walk {
            Walk::Range { lo, hi, inclusive, before } => {
                let (local, body) = self.range_body(pattern, body);
                let walk = ExprKind::ForRange { local, lo, hi, inclusive, body };
                match before {
                    None => walk,
                    Some(before) => {
                        let walk = self.make(walk, arena::UNIT, span);
                        ExprKind::Block(vec![before], Some(walk))
                    }
                }
            }
            Walk::List(list, item) => {
                let pattern = self.irrefutable(pattern, item, Why::Matched(iterable.span), "a `for`");
                self.enter_pattern(&pattern);
                let (body, _) = self.loop_body(body);
                ExprKind::ForList { pattern: Box::new(pattern), list, body }
            }
            Walk::Refused => {
                let pattern = self.pattern(pattern, arena::ERROR, Why::Nothing);
                self.enter_pattern(&pattern);
                self.loop_body(body);
                ExprKind::Error
            }
        };
        self.body.leave(mark);
        if walked.is_some() {
            self.body.walked.pop();
        }
        let ty = if matches!(kind, ExprKind::Error) { arena::ERROR } else { arena::UNIT };
        self.leaf(kind, ty, span, want)
    }

    fn walk(&mut self, iterable: &'a ast::Expr) -> Walk {
        if let ast::ExprKind::Range { lo, hi, inclusive } = &*iterable.kind {
            let lo = self.expr(lo, Want::is(arena::INT, Why::RangeEnd));
            let hi = self.expr(hi, Want::is(arena::INT, Why::RangeEnd));
            return Walk::Range { lo, hi, inclusive: *inclusive, before: None };
        }
        let values = self.expr(iterable, Want::ANY);
        let (known, span) = (self.world.known, values.span);
        match self.arena.get(values.ty) {
            Node::List(item) => Walk::List(values, item),
            Node::Var(..) => {
                let item = self.arena.var();
                let list = self.arena.list(item);
                match self.arena.unify(list, values.ty) {
                    Ok(()) => Walk::List(values, item),
                    Err(_) => Walk::Refused,
                }
            }
            Node::Data(id, _) if known.range == Some(id) => self.walk_range(values),
            Node::Data(id, _) if known.map == Some(id) => {
                let function = self.known(known.map_to_list, "map", span);
                self.walk_call(function, values)
            }
            Node::Data(id, _) if known.set == Some(id) => {
                let function = self.known(known.set_to_list, "set", span);
                self.walk_call(function, values)
            }
            Node::Error => Walk::Refused,
            _ => {
                self.report_not_iterable(&values);
                Walk::Refused
            }
        }
    }

    fn walk_call(&mut self, function: Option<typed::FnId>, values: typed::Expr) -> Walk {
        let Some(function) = function else {
            return Walk::Refused;
        };
        let span = values.span;
        let list = self.call_known(function, vec![values], span);
        match self.arena.get(list.ty) {
            Node::List(item) => Walk::List(list, item),
            _ => Walk::Refused,
        }
    }

    /// A range that is a value: its fields, after it was evaluated once.
    fn walk_range(&mut self, range: typed::Expr) -> Walk {
        let (ty, span) = (range.ty, range.span);
        let local = self.body.hidden("range", ty, span);
        let pattern = Pattern { kind: PatternKind::Bind(local), ty, span };
        let field = |infer: &mut Self, i| {
            let range = infer.make(ExprKind::Local(local), ty, span);
            infer.make(ExprKind::Field(range, i), arena::INT, span)
        };
        let (lo, hi) = (field(self, 0), field(self, 1));
        Walk::Range { lo, hi, inclusive: false, before: Some(Stmt::Let(pattern, range)) }
    }

    /// The counter of a range, and the body.
    fn range_body(&mut self, pattern: &'a ast::Pattern, body: &'a ast::Expr) -> (LocalId, typed::Expr) {
        match &pattern.kind {
            ast::PatternKind::Bind(name) => {
                let local = self.body.local(name.name, arena::INT, false, name.span, false);
                self.body.enter(local);
                (local, self.loop_body(body).0)
            }
            ast::PatternKind::Any => {
                let local = self.body.hidden("_", arena::INT, pattern.span);
                (local, self.loop_body(body).0)
            }
            _ => {
                let local = self.body.hidden("counter", arena::INT, pattern.span);
                let typed = self.irrefutable(pattern, arena::INT, Why::RangeEnd, "a `for`");
                self.enter_pattern(&typed);
                let (body, _) = self.loop_body(body);
                let value = self.make(ExprKind::Local(local), arena::INT, pattern.span);
                let (ty, span) = (body.ty, body.span);
                (local, self.make(ExprKind::Block(vec![Stmt::Let(typed, value)], Some(body)), ty, span))
            }
        }
    }
}
