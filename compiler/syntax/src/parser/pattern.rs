//! Patterns.

use chumsky::prelude::*;

use super::{Category, Ex, In, P, dispatch, ident, listed, name, one_of_set, span_of, tok, upper};
use crate::ast::{Expr, Ident, Pattern, PatternKind};
use crate::token::{Kind, KindSet, Token};
use crate::{number, text};

type Field = Option<(Option<Ident>, Pattern)>;

fn pattern(e: &mut super::Extra<'_, '_>, kind: PatternKind) -> Pattern {
    Pattern { span: span_of(e), kind }
}

/// The fields in parentheses; `None` stands for `..`.
fn fields<'s>(any: P<'s, Pattern>) -> P<'s, Vec<Field>> {
    let rest = tok(Kind::DotDot).to(None);
    let labelled = name().then_ignore(tok(Kind::Colon)).then(any.clone().or_not()).map(|(label, p)| {
        let p = p.unwrap_or(Pattern { span: label.span, kind: PatternKind::Bind(label) });
        Some((Some(label), p))
    });
    let field = choice((rest, labelled, any.map(|p| Some((None, p))))).boxed();
    listed(Kind::LParen, field, Kind::RParen).boxed()
}

fn variant_kind(module: Option<Ident>, name: Ident, fields: Option<Vec<Field>>) -> PatternKind {
    let parens = fields.is_some();
    let fields = fields.unwrap_or_default();
    let rest = fields.iter().any(Option::is_none);
    PatternKind::Variant { module, name, fields: fields.into_iter().flatten().collect(), rest, parens }
}

fn variant<'s>(any: P<'s, Pattern>) -> P<'s, Pattern> {
    upper()
        .then(fields(any).or_not())
        .map_with(|(name, fields), e| pattern(e, variant_kind(None, name, fields)))
        .boxed()
}

/// A name, `name @ p`, or `module.Name(…)`.
fn named<'s>(any: P<'s, Pattern>, atom: P<'s, Pattern>) -> P<'s, Pattern> {
    enum Rest {
        At(Pattern),
        Variant(Ident, Option<Vec<Field>>),
    }
    let at = tok(Kind::At).ignore_then(atom).map(Rest::At);
    let qualified = tok(Kind::Dot).ignore_then(upper()).then(fields(any).or_not()).map(|(n, f)| Rest::Variant(n, f));
    tok(Kind::Name)
        .then(choice((at, qualified)).or_not())
        .map_with(|(first, rest): (Token, Option<Rest>), e| {
            let first = ident(first);
            let kind = match rest {
                None => PatternKind::Bind(first),
                Some(Rest::At(p)) => PatternKind::As(first, Box::new(p)),
                Some(Rest::Variant(name, fields)) => variant_kind(Some(first), name, fields),
            };
            pattern(e, kind)
        })
        .boxed()
}

/// A whole number, perhaps negative.
fn int<'s>() -> P<'s, i64> {
    tok(Kind::Minus)
        .or_not()
        .then(tok(Kind::Int))
        .map_with(|(minus, token), e| {
            let value = number::int(token.text(e.state().source)).unwrap_or(0) as i64;
            if minus.is_some() { value.wrapping_neg() } else { value }
        })
        .boxed()
}

/// A number or a range of whole numbers.
fn numeric<'s>() -> P<'s, Pattern> {
    let dots = one_of_set(KindSet::of(&[Kind::DotDot, Kind::DotDotEqual]));
    let whole = int().then(dots.then(int()).or_not()).map_with(|(lo, rest), e| {
        let kind = match rest {
            None => PatternKind::Int(lo),
            Some((dots, hi)) => PatternKind::Range { lo, hi, inclusive: dots.kind == Kind::DotDotEqual },
        };
        pattern(e, kind)
    });
    let float = tok(Kind::Minus).or_not().then(tok(Kind::Float)).map_with(|(minus, token), e| {
        let value = number::float(token.text(e.state().source));
        pattern(e, PatternKind::Float(if minus.is_some() { -value } else { value }))
    });
    choice((whole, float)).boxed()
}

fn list<'s>(any: P<'s, Pattern>) -> P<'s, Pattern> {
    enum Item {
        Rest(Option<Ident>),
        One(Pattern),
    }
    let rest = tok(Kind::DotDot).ignore_then(name().or_not()).map(Item::Rest);
    let item = choice((rest, any.map(Item::One))).boxed();
    listed(Kind::LBracket, item, Kind::RBracket)
        .map_with(|items, e| {
            let (mut before, mut after, mut rest) = (Vec::new(), Vec::new(), None);
            for item in items {
                match item {
                    Item::Rest(name) if rest.is_none() => rest = Some(name),
                    Item::Rest(name) => {
                        let span = name.map_or(span_of(e), |n| n.span);
                        e.state().say(codex_diagnostics::catalog::two_rests::two_rests(span));
                    }
                    Item::One(p) if rest.is_none() => before.push(p),
                    Item::One(p) => after.push(p),
                }
            }
            pattern(e, PatternKind::List { before, rest, after })
        })
        .boxed()
}

fn tuple<'s>(any: P<'s, Pattern>) -> P<'s, Pattern> {
    listed(Kind::LParen, any, Kind::RParen)
        .map_with(|mut items: Vec<Pattern>, e| match items.len() {
            1 => Pattern { span: span_of(e), kind: items.remove(0).kind },
            _ => pattern(e, PatternKind::Tuple(items)),
        })
        .boxed()
}

fn literals<'s>() -> Vec<(KindSet, P<'s, Pattern>)> {
    let any = tok(Kind::Underscore).map_with(|_, e| pattern(e, PatternKind::Any)).boxed();
    let truth = one_of_set(KindSet::of(&[Kind::True, Kind::False]))
        .map_with(|t, e| pattern(e, PatternKind::Bool(t.kind == Kind::True)))
        .boxed();
    let text = tok(Kind::Text)
        .map_with(|t, e| {
            let value = text::value(e.state().source, &t);
            pattern(e, PatternKind::Text(value))
        })
        .boxed();
    let bad = tok(Kind::Bad).map_with(|_, e| pattern(e, PatternKind::Error)).boxed();
    vec![
        (KindSet::of(&[Kind::Underscore]), any),
        (KindSet::of(&[Kind::True, Kind::False]), truth),
        (KindSet::of(&[Kind::Text]), text),
        (KindSet::of(&[Kind::Int, Kind::Float, Kind::Minus]), numeric()),
        (KindSet::of(&[Kind::Bad]), bad),
    ]
}

/// A pattern without alternatives at its top.
fn atom<'s>(any: P<'s, Pattern>, expression: P<'s, Expr>) -> P<'s, Pattern> {
    recursive(|atom: Recursive<dyn Parser<'s, In<'s>, Pattern, Ex<'s>> + 's>| {
        let quote = expression
            .delimited_by(tok(Kind::OpenQuote), tok(Kind::CloseQuote))
            .map_with(|inner, e| pattern(e, PatternKind::Quote(inner)));
        let mut rows = literals();
        rows.push((KindSet::of(&[Kind::Name]), named(any.clone(), atom.boxed())));
        rows.push((KindSet::of(&[Kind::Upper]), variant(any.clone())));
        rows.push((KindSet::of(&[Kind::LBracket]), list(any.clone())));
        rows.push((KindSet::of(&[Kind::LParen]), tuple(any)));
        rows.push((KindSet::of(&[Kind::OpenQuote]), quote.boxed()));
        dispatch(Some(Category::Pattern), rows)
    })
    .boxed()
}

/// A pattern, and a pattern that can stand among others without a separator (λ parameters).
pub(crate) fn patterns<'s>(expression: P<'s, Expr>) -> (P<'s, Pattern>, P<'s, Pattern>) {
    let any = recursive(|any: Recursive<dyn Parser<'s, In<'s>, Pattern, Ex<'s>> + 's>| {
        let atom = atom(any.boxed(), expression.clone());
        let more = tok(Kind::Bar).ignore_then(atom.clone()).repeated().collect::<Vec<_>>();
        atom.then(more).map_with(|(first, mut more), e| {
            if more.is_empty() {
                return first;
            }
            more.insert(0, first);
            pattern(e, PatternKind::Or(more))
        })
    })
    .boxed();
    let atom = atom(any.clone(), expression);
    (any, atom)
}
