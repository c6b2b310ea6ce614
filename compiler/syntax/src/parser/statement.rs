//! Blocks and statements.

use chumsky::prelude::*;
use codex_diagnostics::Span;
use codex_diagnostics::catalog as say;

use super::{Category, Ex, In, Inp, P, State, dispatch, expr, name, one_as, recovering, span_of, tok};
use crate::ast::{BinaryOp, Block, Expr, ExprKind, Pattern, PatternKind, Stmt, StmtKind, TypeExpr};
use crate::token::{Kind, KindSet, Token};

const ASSIGNMENTS: KindSet = KindSet::of(&[
    Kind::Becomes,
    Kind::Assign,
    Kind::PlusAssign,
    Kind::MinusAssign,
    Kind::TimesAssign,
    Kind::DivideAssign,
]);

/// Where a statement ends.
pub(crate) fn at_end(state: &State, at: usize) -> bool {
    matches!(state.kind(at), Kind::Sep | Kind::RBrace | Kind::Eof)
}

fn error(span: Span) -> Stmt {
    Stmt { span, kind: StmtKind::Error }
}

/// `: T`, if written.
pub(crate) fn annotation<'s>(ty: P<'s, TypeExpr>) -> P<'s, Option<TypeExpr>> {
    tok(Kind::Colon).ignore_then(ty).or_not().boxed()
}

/// `let p: T = e else { … }`, and `let mut`, which is `var`.
fn binding<'s>(e: P<'s, Expr>, block: P<'s, Expr>, pattern: P<'s, Pattern>, ty: P<'s, TypeExpr>) -> P<'s, StmtKind> {
    let mutable = custom(|inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        let state = inp.state();
        let found = state.kind(at) == Kind::Name
            && state.kind(at + 1) == Kind::Name
            && matches!(state.tokens[at].text(state.source), "mut" | "mutable");
        if found {
            let span = state.tokens[at - 1].span.to(state.tokens[at].span);
            state.say(say::let_mut::let_mut(span));
            inp.skip();
        }
        Ok(found)
    });
    tok(Kind::Let)
        .ignore_then(mutable)
        .then(pattern)
        .then(annotation(ty))
        .then_ignore(tok(Kind::Assign))
        .then(e)
        .then(tok(Kind::Else).ignore_then(block).or_not())
        .map(|((((mutable, pattern), ty), value), otherwise)| match pattern.kind {
            // Meant as `var`, so that the changes to come are not mistakes too.
            PatternKind::Bind(name) if mutable => StmtKind::Var { name, ty: ty.map(Box::new), value },
            _ => StmtKind::Let { pattern: Box::new(pattern), ty: ty.map(Box::new), value, otherwise },
        })
        .boxed()
}

fn variable<'s>(e: P<'s, Expr>, ty: P<'s, TypeExpr>) -> P<'s, StmtKind> {
    tok(Kind::Var)
        .ignore_then(name())
        .then(annotation(ty))
        .then_ignore(tok(Kind::Assign))
        .then(e)
        .map(|((name, ty), value)| StmtKind::Var { name, ty: ty.map(Box::new), value })
        .boxed()
}

/// Whether an expression is a name with fields and indices.
fn is_place(e: &Expr) -> bool {
    let mut e = e;
    loop {
        match &*e.kind {
            ExprKind::Name(_) | ExprKind::Error => return true,
            ExprKind::Field(inner, _) | ExprKind::Index(inner, _) => e = inner,
            _ => return false,
        }
    }
}

fn assign(state: &mut State, place: Expr, op: Token, value: Expr) -> StmtKind {
    if !is_place(&place) {
        state.say(say::not_a_place::not_a_place(place.span, op.span));
    } else if op.kind == Kind::Assign {
        state.say(say::change_with_equals::change(op.span, place.span));
    }
    let compound = match op.kind {
        Kind::PlusAssign => Some(BinaryOp::Add),
        Kind::MinusAssign => Some(BinaryOp::Sub),
        Kind::TimesAssign => Some(BinaryOp::Mul),
        Kind::DivideAssign => Some(BinaryOp::Div),
        _ => None,
    };
    StmtKind::Assign { place, op: compound, op_span: op.span, value }
}

/// An expression, or a place and its new value.
pub(crate) fn expression_or_change<'s>(e: P<'s, Expr>) -> P<'s, StmtKind> {
    e.clone()
        .then(one_as(ASSIGNMENTS, Category::Operator).then(e).or_not())
        .map_with(|(left, rest), e| match rest {
            None => StmtKind::Expr(left),
            Some((op, value)) => assign(e.state(), left, op, value),
        })
        .boxed()
}

/// The body of a match arm: an expression, or a change wrapped in a block of its own.
pub(crate) fn arm_body<'s>(e: P<'s, Expr>) -> P<'s, Expr> {
    expression_or_change(e)
        .map_with(|kind, e| match kind {
            StmtKind::Expr(value) => value,
            kind => {
                let span = span_of(e);
                expr(span, ExprKind::Block(Block { stmts: vec![Stmt { span, kind }] }))
            }
        })
        .boxed()
}

/// `let` or `var`: the statements that a container may have as members, too.
pub(crate) fn definition<'s>(
    e: P<'s, Expr>,
    block: P<'s, Expr>,
    pattern: P<'s, Pattern>,
    ty: P<'s, TypeExpr>,
) -> P<'s, Stmt> {
    let rows = vec![
        (KindSet::of(&[Kind::Let]), binding(e.clone(), block, pattern, ty.clone())),
        (KindSet::of(&[Kind::Var]), variable(e, ty)),
    ];
    dispatch(None, rows).map_with(|kind, e| Stmt { span: span_of(e), kind }).boxed()
}

/// `{ … }`
pub(crate) fn block<'s>(e: P<'s, Expr>, pattern: P<'s, Pattern>, ty: P<'s, TypeExpr>) -> P<'s, Expr> {
    recursive(|block: Recursive<dyn Parser<'s, In<'s>, Expr, Ex<'s>> + 's>| {
        let defined = definition(e.clone(), block.boxed(), pattern, ty);
        let other = expression_or_change(e).map_with(|kind, e| Stmt { span: span_of(e), kind }).boxed();
        let statement = custom(move |inp: &mut Inp<'s, '_>| {
            let at = *inp.cursor().inner();
            match inp.state().kind(at) {
                Kind::Let | Kind::Var => inp.parse(&defined),
                _ => inp.parse(&other),
            }
        });
        let statement = recovering(statement.boxed(), at_end, KindSet::of(&[Kind::Sep, Kind::RBrace]), error);
        statement
            .separated_by(tok(Kind::Sep))
            .collect::<Vec<_>>()
            .delimited_by(tok(Kind::LBrace), tok(Kind::RBrace))
            .map_with(|stmts, e| expr(span_of(e), ExprKind::Block(Block { stmts })))
    })
    .boxed()
}
