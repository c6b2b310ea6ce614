//! Written types.

use chumsky::prelude::*;

use super::{Category, Ex, In, P, dispatch, ident, listed, span_of, tok, upper};
use crate::ast::{Ident, TypeExpr, TypeExprKind};
use crate::token::{Kind, KindSet, Token};

fn arguments<'s>(ty: P<'s, TypeExpr>) -> P<'s, Vec<TypeExpr>> {
    listed(Kind::LBracket, ty, Kind::RBracket).or_not().map(Option::unwrap_or_default).boxed()
}

/// `Name[args]`, `module.Name[args]` or a type variable.
fn named<'s>(ty: P<'s, TypeExpr>) -> (P<'s, TypeExpr>, P<'s, TypeExpr>) {
    let plain = upper()
        .then(arguments(ty.clone()))
        .map_with(|(name, args), e| TypeExpr {
            span: span_of(e),
            kind: TypeExprKind::Named { module: None, name, args },
        })
        .boxed();
    let in_module = tok(Kind::Dot).ignore_then(upper()).then(arguments(ty));
    let lower = tok(Kind::Name)
        .then(in_module.or_not())
        .map_with(|(first, rest): (Token, Option<(Ident, Vec<TypeExpr>)>), e| {
            let kind = match rest {
                None => TypeExprKind::Var(ident(first)),
                Some((name, args)) => TypeExprKind::Named { module: Some(ident(first)), name, args },
            };
            TypeExpr { span: span_of(e), kind }
        })
        .boxed();
    (plain, lower)
}

fn function<'s>(ty: P<'s, TypeExpr>) -> P<'s, TypeExpr> {
    tok(Kind::Fn)
        .ignore_then(listed(Kind::LParen, ty.clone(), Kind::RParen))
        .then_ignore(tok(Kind::Arrow))
        .then(ty)
        .map_with(|(params, result), e| TypeExpr { span: span_of(e), kind: TypeExprKind::Fn(params, Box::new(result)) })
        .boxed()
}

fn tuple<'s>(ty: P<'s, TypeExpr>) -> P<'s, TypeExpr> {
    listed(Kind::LParen, ty, Kind::RParen)
        .map_with(|mut items: Vec<TypeExpr>, e| {
            let kind = match items.len() {
                1 => items.remove(0).kind,
                _ => TypeExprKind::Tuple(items),
            };
            TypeExpr { span: span_of(e), kind }
        })
        .boxed()
}

/// A type.
pub(crate) fn type_expr<'s>() -> P<'s, TypeExpr> {
    recursive(|ty: Recursive<dyn Parser<'s, In<'s>, TypeExpr, Ex<'s>> + 's>| {
        let ty = ty.boxed();
        let (plain, lower) = named(ty.clone());
        let hole = tok(Kind::Underscore).map(|t| TypeExpr { span: t.span, kind: TypeExprKind::Hole }).boxed();
        let bad = tok(Kind::Bad).map(|t| TypeExpr { span: t.span, kind: TypeExprKind::Error }).boxed();
        dispatch(
            Some(Category::Type),
            vec![
                (KindSet::of(&[Kind::Upper]), plain),
                (KindSet::of(&[Kind::Name]), lower),
                (KindSet::of(&[Kind::Fn]), function(ty.clone())),
                (KindSet::of(&[Kind::LParen]), tuple(ty)),
                (KindSet::of(&[Kind::Underscore]), hole),
                (KindSet::of(&[Kind::Bad]), bad),
            ],
        )
    })
    .boxed()
}
