//! Operators: what each demands of its operands, and which stand for standard functions.

use codex_diagnostics::Span;
use codex_diagnostics::catalog::unmet_demand;
use codex_syntax::ast;

use super::{Infer, Want, Why};
use crate::arena::{self, Node};
use crate::constraint::Mask;
use crate::typed::{self, BinaryOp, ExprKind, FnId, Pattern, PatternKind, Stmt};

impl<'a> Infer<'_, 'a> {
    pub(crate) fn negate(&mut self, inner: &'a ast::Expr, span: Span, want: Want) -> typed::Expr {
        let inner = self.expr(inner, Want::ANY);
        if let ExprKind::Int(n) = *inner.kind {
            return self.leaf(ExprKind::Int(n.wrapping_neg()), arena::INT, span, want);
        }
        if !self.demand(&inner, Mask::NUMBER, span) {
            return self.error_expr(span);
        }
        let ty = inner.ty;
        self.leaf(ExprKind::Neg(inner), ty, span, want)
    }

    pub(crate) fn binary(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        (left, right): (&'a ast::Expr, &'a ast::Expr),
        span: Span,
        want: Want,
    ) -> typed::Expr {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let left = self.expr(left, Want::is(arena::BOOL, Why::Condition));
                let right = self.expr(right, Want::is(arena::BOOL, Why::Condition));
                let kind = if op == BinaryOp::And { ExprKind::And } else { ExprKind::Or };
                self.leaf(kind(left, right), arena::BOOL, span, want)
            }
            BinaryOp::In | BinaryOp::NotIn => {
                let found = self.member_of(left, right, op_span, span);
                let found = match op {
                    BinaryOp::NotIn if found.ty != arena::ERROR => self.make(ExprKind::Not(found), arena::BOOL, span),
                    _ => found,
                };
                self.finish(found, want)
            }
            _ => self.arithmetic(op, op_span, (left, right), span, want),
        }
    }

    fn arithmetic(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        (left, right): (&'a ast::Expr, &'a ast::Expr),
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let mask = demand_of(op);
        // The result of `++` is wanted of its parts too, which helps empty lists.
        let part = if op == BinaryOp::Concat && !want.drop { want } else { Want::ANY };
        let hint = if part.ty.is_some_and(|t| matches!(self.arena.peek(t), Node::List(_))) { part } else { Want::ANY };
        let left = self.expr(left, hint);
        if !self.demand_operand(op, &left, mask, op_span) {
            self.expr(right, Want::ANY);
            return self.error_expr(span);
        }
        let right = if left.ty == arena::NEVER {
            self.expr(right, Want::ANY)
        } else {
            self.expr(right, Want::is(left.ty, Why::Operand(left.span)))
        };
        // The left side may have been open until now; about one that was reported nothing is known.
        if !self.arena.is_error(left.ty) && !self.demand_operand(op, &right, mask, op_span) {
            return self.error_expr(span);
        }
        let operand = if left.ty == arena::NEVER { right.ty } else { left.ty };
        if op == BinaryOp::Pow {
            self.powers.push((operand, span));
        }
        let operand = self.kept(operand);
        let ty = if mask.has(Mask::STRUCTURAL) { arena::BOOL } else { operand };
        self.leaf(ExprKind::Binary(op, left, right), ty, span, want)
    }

    fn demand_operand(&mut self, op: BinaryOp, operand: &typed::Expr, mask: Mask, op_span: Span) -> bool {
        let Err(clash) = self.arena.demand(operand.ty, mask, Some(op_span)) else {
            return true;
        };
        let text_or_list = matches!(self.arena.peek(operand.ty), Node::Text | Node::List(_) | Node::Bytes);
        if op == BinaryOp::Add && text_or_list {
            let shown = self.show(operand.ty);
            let plus = self.world.text(op_span);
            let d = unmet_demand::plus_joins(operand.span, &shown, op_span, plus);
            self.report(d);
        } else {
            self.report_unmet(operand, clash, op_span);
        }
        false
    }

    /// `left ∈ right`
    fn member_of(&mut self, left: &'a ast::Expr, right: &'a ast::Expr, op_span: Span, span: Span) -> typed::Expr {
        if let ast::ExprKind::Range { lo, hi, inclusive } = &*right.kind {
            return self.within(left, (lo, hi, *inclusive), span);
        }
        let item = self.expr(left, Want::ANY);
        let whole = self.expr(right, Want::ANY);
        let known = self.world.known;
        let (function, module) = match self.arena.get(whole.ty) {
            Node::Data(id, _) if known.map == Some(id) => (known.map_has, "map"),
            Node::Data(id, _) if known.set == Some(id) => (known.set_has, "set"),
            Node::Data(id, _) if known.range == Some(id) => {
                return self.within_range(item, whole, span);
            }
            Node::Text => (known.text_contains, "text"),
            Node::List(_) | Node::Var(..) => (known.list_contains, "list"),
            Node::Error => return self.error_expr(span),
            _ => {
                self.report_not_a_collection(&whole, op_span);
                return self.error_expr(span);
            }
        };
        match self.known(function, module, span) {
            Some(function) => self.swapped_call(function, item, whole, span),
            None => self.error_expr(span),
        }
    }

    /// `f(second, first)`, evaluated in the order written.
    fn swapped_call(&mut self, f: FnId, first: typed::Expr, second: typed::Expr, span: Span) -> typed::Expr {
        let simple = |e: &typed::Expr| {
            let literal = matches!(*e.kind, ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_));
            literal || matches!(*e.kind, ExprKind::Text(_) | ExprKind::Local(_))
        };
        if simple(&first) || simple(&second) {
            return self.call_known(f, vec![second, first], span);
        }
        let (stmt, first) = self.named("item", first);
        let call = self.call_known(f, vec![second, first], span);
        let ty = call.ty;
        self.make(ExprKind::Block(vec![stmt], Some(call)), ty, span)
    }

    /// Gives a value a hidden name: the statement that binds it, and its use.
    pub(crate) fn named(&mut self, name: &str, value: typed::Expr) -> (Stmt, typed::Expr) {
        let (span, ty) = (value.span, self.kept(value.ty));
        let local = self.body.hidden(name, ty, span);
        let pattern = Pattern { kind: PatternKind::Bind(local), ty, span };
        (Stmt::Let(pattern, value), self.make(ExprKind::Local(local), ty, span))
    }

    /// `item ∈ lo..hi`
    fn within(&mut self, item: &'a ast::Expr, range: (&'a ast::Expr, &'a ast::Expr, bool), span: Span) -> typed::Expr {
        let item = self.expr(item, Want::is(arena::INT, Why::RangeEnd));
        let lo = self.expr(range.0, Want::is(arena::INT, Why::RangeEnd));
        let hi = self.expr(range.1, Want::is(arena::INT, Why::RangeEnd));
        let (lo_stmt, lo) = self.named("lo", lo);
        let (hi_stmt, hi) = self.named("hi", hi);
        self.between(item, (lo, hi, range.2), vec![lo_stmt, hi_stmt], span)
    }

    /// `item ∈ range`
    fn within_range(&mut self, item: typed::Expr, range: typed::Expr, span: Span) -> typed::Expr {
        if !self.expect_type(arena::INT, &item, Why::RangeEnd) {
            return self.error_expr(span);
        }
        let (stmt, range) = self.named("range", range);
        let lo = self.make(ExprKind::Field(range.clone(), 0), arena::INT, span);
        let hi = self.make(ExprKind::Field(range, 1), arena::INT, span);
        self.between(item, (lo, hi, false), vec![stmt], span)
    }

    fn between(
        &mut self,
        item: typed::Expr,
        (lo, hi, inclusive): (typed::Expr, typed::Expr, bool),
        rest: Vec<Stmt>,
        span: Span,
    ) -> typed::Expr {
        let (stmt, item) = self.named("item", item);
        let upper = if inclusive { BinaryOp::LessEqual } else { BinaryOp::Less };
        let above = ExprKind::Binary(BinaryOp::LessEqual, lo, item.clone());
        let above = self.make(above, arena::BOOL, span);
        let below = self.make(ExprKind::Binary(upper, item, hi), arena::BOOL, span);
        let both = self.make(ExprKind::And(above, below), arena::BOOL, span);
        let stmts = std::iter::once(stmt).chain(rest).collect();
        self.make(ExprKind::Block(stmts, Some(both)), arena::BOOL, span)
    }

    /// `lo..hi` as a value.
    pub(crate) fn range(
        &mut self,
        lo: &'a ast::Expr,
        hi: &'a ast::Expr,
        inclusive: bool,
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let lo = self.expr(lo, Want::is(arena::INT, Why::RangeEnd));
        let mut hi = self.expr(hi, Want::is(arena::INT, Why::RangeEnd));
        if inclusive {
            let at = hi.span;
            let one = self.make(ExprKind::Int(1), arena::INT, at);
            hi = self.make(ExprKind::Binary(BinaryOp::Add, hi, one), arena::INT, at);
        }
        let Some(range) = self.world.known.range else {
            self.known(None, "prelude", span);
            return self.error_expr(span);
        };
        let ty = self.arena.data(range, &[]);
        let kind = ExprKind::Construct { variant: 0, fields: vec![lo, hi], order: vec![0, 1] };
        self.leaf(kind, ty, span, want)
    }
}

/// What an operator demands of its operands.
pub(crate) fn demand_of(op: BinaryOp) -> Mask {
    match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem | BinaryOp::Pow => Mask::NUMBER,
        BinaryOp::Concat => Mask::APPENDABLE,
        BinaryOp::Equal | BinaryOp::NotEqual => Mask::EQUATABLE,
        BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => Mask::COMPARABLE,
        BinaryOp::In | BinaryOp::NotIn | BinaryOp::And | BinaryOp::Or => Mask::NONE,
    }
}
