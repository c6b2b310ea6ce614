//! Branches, matches, `?` and ways out.

use codex_diagnostics::Span;
use codex_diagnostics::catalog::{block_without_value, leaves_start, missing_else, outside_loop};
use codex_syntax::ast::{self, Cond};

use super::{Infer, Want, Why};
use crate::arena::{self, Node};
use crate::typed::{self, Arm, ExprKind, Pattern, PatternKind, Ty};

/// Branches that give one value.
struct Join {
    want: Want,
    ty: Option<Ty>,
    why: Why,
    /// Some branch gives a value.
    gives: bool,
}

impl<'a> Infer<'_, 'a> {
    fn join(&self, want: Want) -> Join {
        Join { want, ty: None, why: Why::Nothing, gives: false }
    }

    fn branch(&mut self, join: &mut Join, e: &'a ast::Expr, why: impl Fn(Span) -> Why) -> typed::Expr {
        let fixed = join.want.ty.is_some() || join.want.drop;
        let want = match join.ty {
            _ if fixed => join.want,
            Some(ty) => Want::is(ty, join.why),
            None => Want::ANY,
        };
        let typed = self.expr(e, want);
        if typed.ty != arena::NEVER {
            join.gives = true;
            if join.ty.is_none() {
                join.ty = Some(typed.ty);
                join.why = why(value_span(e));
            }
        }
        typed
    }

    fn joined(&self, join: &Join) -> Ty {
        match join {
            Join { gives: false, .. } => arena::NEVER,
            Join { want: Want { drop: true, .. }, .. } => arena::UNIT,
            Join { want: Want { ty: Some(ty), .. }, .. } => *ty,
            Join { ty, .. } => ty.unwrap_or(arena::NEVER),
        }
    }

    pub(crate) fn if_(
        &mut self,
        cond: &'a Cond,
        then: &'a ast::Expr,
        otherwise: Option<&'a ast::Expr>,
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let mark = self.body.mark();
        let cond = self.cond(cond);
        let Some(otherwise) = otherwise else {
            return self.lone_if(cond, then, mark, span, want);
        };
        let mut join = self.join(want);
        let then = self.branch(&mut join, then, Why::Branch);
        self.body.leave(mark);
        let otherwise = self.branch(&mut join, otherwise, Why::Branch);
        let ty = self.joined(&join);
        let kind = cond.branch(then, otherwise);
        self.make(kind, ty, span)
    }

    /// An `if` without an else gives `()`.
    fn lone_if(&mut self, cond: TypedCond, then: &'a ast::Expr, mark: usize, span: Span, want: Want) -> typed::Expr {
        let wanted = want.ty.map(|t| self.arena.peek(t));
        let unit = want.drop
            || matches!(wanted, Some(Node::Error | Node::Never))
            || want.ty.is_some_and(|t| self.arena.is_unit(t));
        let then = if unit { self.expr(then, Want::DROP) } else { self.expr(then, Want::ANY) };
        self.body.leave(mark);
        let empty = then.ty == arena::NEVER || self.arena.is_unit(then.ty) || self.arena.is_error(then.ty);
        let known = wanted.is_some_and(|n| !matches!(n, Node::Var(..)));
        if !unit && (!empty || known) {
            let ty = if empty { want.ty.unwrap_or(then.ty) } else { then.ty };
            let shown = self.show(ty);
            self.report(missing_else::missing(span, &shown));
            return self.error_expr(span);
        }
        let otherwise = self.unit(span.after());
        let kind = cond.branch(then, otherwise);
        let made = self.make(kind, arena::UNIT, span);
        self.finish(made, want)
    }

    /// A condition; names that its pattern binds stay in scope.
    pub(crate) fn cond(&mut self, cond: &'a Cond) -> TypedCond {
        match cond {
            Cond::Expr(e) => TypedCond::Bool(self.expr(e, Want::is(arena::BOOL, Why::Condition))),
            Cond::Let(pattern, value) => {
                let value = self.expr(value, Want::ANY);
                let ty = self.kept(value.ty);
                let pattern = self.pattern(pattern, ty, Why::Matched(value.span));
                self.enter_pattern(&pattern);
                TypedCond::Let(pattern, value)
            }
        }
    }

    pub(crate) fn match_(&mut self, value: &'a ast::Expr, arms: &'a [ast::Arm], span: Span, want: Want) -> typed::Expr {
        let value = self.expr(value, Want::ANY);
        let ty = self.kept(value.ty);
        let mut join = self.join(want);
        let mut typed = Vec::with_capacity(arms.len());
        let before = self.diagnostics.len();
        for arm in arms {
            let mark = self.body.mark();
            let pattern = self.pattern(&arm.pattern, ty, Why::Matched(value.span));
            self.enter_pattern(&pattern);
            let guard = arm.guard.as_ref().map(|g| self.expr(g, Want::is(arena::BOOL, Why::Condition)));
            let body = self.branch(&mut join, &arm.body, Why::Arm);
            self.body.leave(mark);
            typed.push(Arm { pattern, guard, body });
        }
        let unclear = std::mem::take(&mut self.unclear);
        if self.diagnostics.len() == before && !unclear && !self.arena.is_error(ty) {
            self.check_cases(&typed, arms, ty, value.span, span);
        }
        let ty = self.joined(&join);
        self.make(ExprKind::Match(value, typed), ty, span)
    }

    /// `e?`: the value inside, or out of the function with what is missing.
    pub(crate) fn try_value(&mut self, inner: typed::Expr, span: Span, want: Want) -> typed::Expr {
        if self.refuse_way_out("?", Span { start: span.end.saturating_sub(1), ..span }) {
            return self.error_expr(span);
        }
        let known = self.world.known;
        let is_option = match self.arena.peek(inner.ty) {
            Node::Data(id, _) if known.option == Some(id) => true,
            Node::Data(id, _) if known.result == Some(id) => false,
            Node::Error => return self.error_expr(span),
            Node::Var(..) => {
                let result = self.frame_result();
                matches!(self.arena.peek(result), Node::Data(id, _) if known.option == Some(id))
            }
            _ => {
                self.report_try_operand(&inner, span);
                return self.error_expr(span);
            }
        };
        let Some(data) = (if is_option { known.option } else { known.result }) else {
            return self.error_expr(span);
        };
        let value = self.arena.var();
        let args = if is_option { vec![value] } else { vec![value, self.arena.var()] };
        let ty = self.arena.data(data, &args);
        if self.arena.unify(ty, inner.ty).is_err() {
            return self.error_expr(span);
        }
        let result = self.frame_result();
        let other = self.arena.var();
        let out_args = if is_option { vec![other] } else { vec![other, args[1]] };
        let out = self.arena.data(data, &out_args);
        if self.arena.unify(result, out).is_err() {
            self.report_try_outside(&inner, result, span);
            return self.error_expr(span);
        }
        let arms = self.try_arms(is_option, (ty, out), &args, span);
        self.leaf(ExprKind::Match(inner, arms), value, span, want)
    }

    /// Reports a way out of where the members of a container are made.
    fn refuse_way_out(&mut self, what: &str, span: Span) -> bool {
        let initial = self.frame().initial;
        if initial {
            self.report(leaves_start::leaves(what, span));
        }
        initial
    }

    fn frame_result(&mut self) -> Ty {
        self.frame().result
    }

    /// `Some(x) → x`, `None → return None`; or `Ok(x) → x`, `Error(e) → return Error(e)`.
    fn try_arms(&mut self, is_option: bool, (ty, out): (Ty, Ty), args: &[Ty], span: Span) -> Vec<Arm> {
        let (good, bad) = if is_option { (1, 0) } else { (0, 1) };
        let bound = |infer: &mut Self, name: &str, ty: Ty| {
            let id = infer.body.hidden(name, ty, span);
            let pattern = Pattern { kind: PatternKind::Bind(id), ty, span };
            (pattern, infer.make(ExprKind::Local(id), ty, span))
        };
        let (value_pattern, value) = bound(self, "value", args[0]);
        let (fields, rest, order) = match args.get(1) {
            Some(error) => {
                let (pattern, value) = bound(self, "error", *error);
                (vec![pattern], vec![value], vec![0])
            }
            None => (Vec::new(), Vec::new(), Vec::new()),
        };
        let construct = ExprKind::Construct { variant: bad, fields: rest, order };
        let construct = self.make(construct, out, span);
        let leave = self.make(ExprKind::Return(construct), arena::NEVER, span);
        let variant = |v: u32, fields| Pattern { kind: PatternKind::Variant(v, fields), ty, span };
        vec![
            Arm { pattern: variant(good, vec![value_pattern]), guard: None, body: value },
            Arm { pattern: variant(bad, fields), guard: None, body: leave },
        ]
    }

    pub(crate) fn jump(&mut self, kind: ExprKind, span: Span) -> typed::Expr {
        let is_break = matches!(kind, ExprKind::Break);
        match self.frame().loops.last_mut() {
            Some(left) => *left |= is_break,
            None => {
                self.report(outside_loop::outside(if is_break { "break" } else { "continue" }, span));
                return self.error_expr(span);
            }
        }
        self.make(kind, arena::NEVER, span)
    }

    pub(crate) fn return_(&mut self, value: Option<&'a ast::Expr>, span: Span) -> typed::Expr {
        if self.refuse_way_out("return", span) {
            return self.error_expr(span);
        }
        let (result, why) = (self.frame().result, self.frame().why);
        let value = match value {
            Some(value) => self.expr(value, Want::is(result, why)),
            None => {
                let unit = self.unit(span);
                if self.arena.unify(result, arena::UNIT).is_err() {
                    let shown = self.show(result);
                    self.report(block_without_value::empty_return(span, &shown, why.place()));
                }
                unit
            }
        };
        if let Why::Returned(None) = why {
            self.frame().why = Why::Returned(Some(value.span));
        }
        self.make(ExprKind::Return(value), arena::NEVER, span)
    }
}

/// A condition of `if` and `while`.
pub(crate) enum TypedCond {
    Bool(typed::Expr),
    Let(Pattern, typed::Expr),
}

impl TypedCond {
    /// The choice between two expressions.
    pub(crate) fn branch(self, then: typed::Expr, otherwise: typed::Expr) -> ExprKind {
        match self {
            TypedCond::Bool(cond) => ExprKind::If(cond, then, otherwise),
            TypedCond::Let(pattern, value) => {
                let any = Pattern { kind: PatternKind::Any, ty: pattern.ty, span: pattern.span };
                let arms =
                    vec![Arm { pattern, guard: None, body: then }, Arm { pattern: any, guard: None, body: otherwise }];
                ExprKind::Match(value, arms)
            }
        }
    }
}

impl Why {
    /// The place that the reason points at.
    pub(crate) fn place(self) -> Option<Span> {
        match self {
            Why::Annotation(s)
            | Why::Result(s)
            | Why::Returned(Some(s))
            | Why::Branch(s)
            | Why::Arm(s)
            | Why::Element(s)
            | Why::Operand(s)
            | Why::Field(_, s)
            | Why::Index(s)
            | Why::Key(s)
            | Why::Matched(s) => Some(s),
            Why::Argument(_, callee) => callee.declared,
            _ => None,
        }
    }
}

/// The part of an expression that gives its value.
pub(crate) fn value_span(e: &ast::Expr) -> Span {
    match &*e.kind {
        ast::ExprKind::Block(block) => match block.stmts.last() {
            Some(ast::Stmt { kind: ast::StmtKind::Expr(last), .. }) => value_span(last),
            Some(last) => last.span,
            None => e.span,
        },
        _ => e.span,
    }
}
