//! Operators by precedence.
//!
//! The precedences are those of the glyph table, and of the few operators that are plain ASCII.

use chumsky::pratt::{infix, left, none, prefix, right};
use chumsky::prelude::*;
use codex_diagnostics::catalog as say;
use codex_spec::module::Lifecycle;

use super::{Category, Extra, P, expr, one_as};
use crate::ast::{BinaryOp, Expr, ExprKind, Ident};
use crate::token::{Kind, KindSet, Token};

const fn only(kind: Kind) -> KindSet {
    KindSet::of(&[kind])
}

/// The precedence of a glyph, from the table; of plain ASCII, from here.
fn power(kind: Kind) -> u16 {
    match kind {
        Kind::DotDot => 14,
        Kind::Concat => 16,
        Kind::Plus => 18,
        Kind::Minus => 24,
        Kind::Caret => 26,
        kind => kind.glyph().map_or(0, |g| g.precedence.into()),
    }
}

const COMPARISONS: KindSet = KindSet::of(&[
    Kind::Equal,
    Kind::NotEqual,
    Kind::Less,
    Kind::LessEqual,
    Kind::Greater,
    Kind::GreaterEqual,
    Kind::In,
    Kind::NotIn,
]);

fn binary_op(kind: Kind) -> BinaryOp {
    match kind {
        Kind::Minus => BinaryOp::Sub,
        Kind::Times => BinaryOp::Mul,
        Kind::Divide => BinaryOp::Div,
        Kind::Percent => BinaryOp::Rem,
        Kind::Caret => BinaryOp::Pow,
        Kind::Concat => BinaryOp::Concat,
        Kind::Equal => BinaryOp::Equal,
        Kind::NotEqual => BinaryOp::NotEqual,
        Kind::Less => BinaryOp::Less,
        Kind::LessEqual => BinaryOp::LessEqual,
        Kind::Greater => BinaryOp::Greater,
        Kind::GreaterEqual => BinaryOp::GreaterEqual,
        Kind::In => BinaryOp::In,
        Kind::NotIn => BinaryOp::NotIn,
        Kind::And => BinaryOp::And,
        Kind::Or => BinaryOp::Or,
        _ => BinaryOp::Add,
    }
}

fn binary(left: Expr, token: Token, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    expr(span, ExprKind::Binary { op: binary_op(token.kind), op_span: token.span, left, right })
}

fn range(lo: Expr, token: Token, hi: Expr) -> Expr {
    let span = lo.span.to(hi.span);
    expr(span, ExprKind::Range { lo, hi, inclusive: token.kind == Kind::DotDotEqual })
}

fn negate(token: Token, operand: Expr) -> Expr {
    let span = token.span.to(operand.span);
    match *operand.kind {
        // The lexer lets 2⁶³ pass only after a sign; it has become the least Int.
        ExprKind::Int(i64::MIN) => expr(span, ExprKind::Int(i64::MIN)),
        _ => expr(span, ExprKind::Neg(operand)),
    }
}

/// `c ⇒ Add(5)`; anything but a message on the right is a function value of another language.
fn send(left: Expr, token: Token, right: Expr, e: &mut Extra<'_, '_>) -> Expr {
    let span = left.span.to(right.span);
    let message = match &*right.kind {
        ExprKind::Call(f, _) => f,
        _ => &right,
    };
    let event = |name: &Ident| Lifecycle::ALL.iter().any(|e| e.name() == name.name.as_str());
    let fits = match &*message.kind {
        ExprKind::Upper(_) | ExprKind::Field(..) | ExprKind::Error => true,
        // No message either, but the types say better why.
        ExprKind::Name(name) => event(name),
        _ => false,
    };
    if !fits {
        let names = match &*left.kind {
            ExprKind::Name(n) => Some(n.name.to_string()),
            ExprKind::Tuple(items) => items
                .iter()
                .map(|i| match &*i.kind {
                    ExprKind::Name(n) => Some(n.name.as_str()),
                    _ => None,
                })
                .collect::<Option<Vec<_>>>()
                .map(|names| names.join(" ")),
            _ => None,
        };
        e.state().say(say::arrow_function::arrow_function(left.span, token.span, names.as_deref()));
        return expr(span, ExprKind::Error);
    }
    expr(span, ExprKind::Send(left, right))
}

pub(crate) fn operators<'s>(operand: P<'s, Expr>) -> P<'s, Expr> {
    let op = |kinds: &[Kind]| one_as(KindSet::of(kinds), Category::Operator);
    let compare = one_as(COMPARISONS, Category::Operator);
    let silent = |kind: Kind| one_as(only(kind), Category::Expression);
    operand
        .pratt((
            prefix(power(Kind::Minus), silent(Kind::Minus), |t, e, _: &mut Extra<'s, '_>| negate(t, e)),
            prefix(power(Kind::Not), silent(Kind::Not), |t: Token, e: Expr, _: &mut Extra<'s, '_>| {
                expr(t.span.to(e.span), ExprKind::Not(e))
            }),
            infix(left(power(Kind::Plus)), op(&[Kind::Plus, Kind::Minus]), |l, t, r, _: &mut Extra<'s, '_>| {
                binary(l, t, r)
            }),
            infix(
                left(power(Kind::Times)),
                op(&[Kind::Times, Kind::Divide, Kind::Percent]),
                |l, t, r, _: &mut Extra<'s, '_>| binary(l, t, r),
            ),
            infix(none(power(Kind::Equal)), compare, |l, t, r, _: &mut Extra<'s, '_>| binary(l, t, r)),
            infix(left(power(Kind::And)), op(&[Kind::And]), |l, t, r, _: &mut Extra<'s, '_>| binary(l, t, r)),
            infix(left(power(Kind::Or)), op(&[Kind::Or]), |l, t, r, _: &mut Extra<'s, '_>| binary(l, t, r)),
            infix(left(power(Kind::Pipe)), op(&[Kind::Pipe]), |l: Expr, _, r: Expr, _: &mut Extra<'s, '_>| {
                expr(l.span.to(r.span), ExprKind::Pipe(l, r))
            }),
            infix(right(power(Kind::Concat)), op(&[Kind::Concat]), |l, t, r, _: &mut Extra<'s, '_>| binary(l, t, r)),
            infix(
                none(power(Kind::DotDot)),
                op(&[Kind::DotDot, Kind::DotDotEqual]),
                |l, t, r, _: &mut Extra<'s, '_>| range(l, t, r),
            ),
            infix(right(power(Kind::Caret)), op(&[Kind::Caret]), |l, t, r, _: &mut Extra<'s, '_>| binary(l, t, r)),
            infix(none(power(Kind::Send)), op(&[Kind::Send]), send),
        ))
        .boxed()
}
