//! Slips in expressions: operators, calls, function values.

use codex_diagnostics::catalog as say;
use codex_diagnostics::{Diagnostic, Span};

use super::{Habit, Place};
use crate::parser::Category;
use crate::token::{Kind, KindSet};

/// Recognised by the token at the place.
pub(super) const CERTAIN: &[Habit] = &[
    missing_expression,
    comparison_chain,
    ternary,
    increment,
    format_spec,
    tuple_field,
    comprehension,
    label_with_equals,
    text_prefix,
    lambda_comma,
    arrow_without_lambda,
    foreign_function,
];

/// Two things side by side: said when nothing better is known.
pub(super) const LIKELY: &[Habit] = &[letter_for_sign, side_by_side];

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

/// `f"…"`
fn text_prefix(p: &Place) -> Option<Diagnostic> {
    let (letters, quote) = (p.before(1)?, p.here());
    let touches = letters.kind == Kind::Name && letters.span.end == quote.span.start;
    let known = matches!(p.text(letters), "f" | "F" | "u" | "b" | "B" | "s");
    let text = matches!(quote.kind, Kind::Text | Kind::TextOpen);
    (touches && known && text).then(|| say::text_prefix::prefix(letters.span, p.text(letters)))
}

/// `0 < n < 10`
fn comparison_chain(p: &Place) -> Option<Diagnostic> {
    let second = p.here();
    if !COMPARISONS.has(second.kind) || !p.wants(Category::Operator) {
        return None;
    }
    const STOPS: KindSet = KindSet::of(&[
        Kind::And,
        Kind::Or,
        Kind::Not,
        Kind::Comma,
        Kind::Assign,
        Kind::Becomes,
        Kind::Arrow,
        Kind::Pipe,
        Kind::Send,
        Kind::If,
        Kind::While,
        Kind::Return,
        Kind::Expect,
    ]);
    let first = p.last_of(COMPARISONS.and(STOPS)).filter(|&i| COMPARISONS.has(p.tokens[i].kind))?;
    let first = p.tokens[first];
    let middle = p.source[first.span.end as usize..second.span.start as usize].trim();
    Some(say::comparison_chain::chain(first.span, second.span, middle))
}

/// `a ? b : c`
fn ternary(p: &Place) -> Option<Diagnostic> {
    let question = p.last_of(KindSet::of(&[Kind::Question]))?;
    let here = p.here();
    let choice = here.kind == Kind::Colon
        || here.kind.starts_operand()
            && p.tokens[p.failure.at..].iter().take_while(|t| t.kind != Kind::Sep).any(|t| t.kind == Kind::Colon);
    choice.then(|| say::ternary::ternary(p.tokens[question].span))
}

/// `1 +` and nothing, `let x =` and nothing.
fn missing_expression(p: &Place) -> Option<Diagnostic> {
    let (here, before) = (p.here(), p.before(1)?);
    let closes =
        matches!(here.kind, Kind::RParen | Kind::RBracket | Kind::CloseQuote | Kind::InterpClose | Kind::Comma);
    let (value, ty) = (p.wants(Category::Expression), p.wants(Category::Type));
    if !(closes || p.ends_line() || here.line_start()) || before.kind.can_end() || p.at_start() || !(value || ty) {
        return None;
    }
    if matches!(before.kind, Kind::LParen | Kind::LBracket | Kind::LBrace | Kind::Comma | Kind::Concat | Kind::Doc)
        || increment(p).is_some()
    {
        return None;
    }
    let what = if value { "an expression" } else { "a type" };
    Some(say::missing_expression::missing(before.span, p.text(before), what))
}

/// `n++`, `n--`, `++n`
fn increment(p: &Place) -> Option<Diagnostic> {
    let ends = p.ends_line() || matches!(p.here().kind, Kind::RParen | Kind::Semicolon);
    if !ends || !p.wants(Category::Expression) {
        return None;
    }
    let last = p.before(1)?;
    let (span, written) = match (p.before_kind(2), last.kind) {
        (_, Kind::Concat) => (last.span, "++"),
        (Kind::Minus, Kind::Minus) if last.glued() => (p.before(2)?.span.to(last.span), "--"),
        _ => return None,
    };
    let place = p.source.get(p.start().span.start as usize..span.start as usize)?.trim();
    // From the end of the place to the end of the sign, so that any space between goes.
    let span = Span { start: p.start().span.start + place.len() as u32, ..span };
    Some(say::increment::increment(span, written, place))
}

/// `"{x:.2}"`
fn format_spec(p: &Place) -> Option<Diagnostic> {
    let inside = p.here().kind == Kind::Colon && p.around()?.kind == Kind::InterpOpen;
    let quoted = matches!(p.before_kind(1), Kind::Text | Kind::TextClose);
    inside.then(|| say::format_spec::format(p.here().span, quoted))
}

/// `pair.0`
fn tuple_field(p: &Place) -> Option<Diagnostic> {
    let number = matches!(p.here().kind, Kind::Int | Kind::Float) && p.before_kind(1) == Kind::Dot;
    number.then(|| say::tuple_field::tuple_field(p.here().span))
}

/// `[f(x) for x in xs]`
fn comprehension(p: &Place) -> Option<Diagnostic> {
    let inside = p.here().kind == Kind::For
        && p.before_kind(1).can_end()
        && matches!(p.around()?.kind, Kind::LBracket | Kind::LParen | Kind::LBrace);
    inside.then(|| say::comprehension::comprehension(p.here().span))
}

/// `f(x = 5)`
fn label_with_equals(p: &Place) -> Option<Diagnostic> {
    let labelled = p.here().kind == Kind::Assign
        && p.before_kind(1) == Kind::Name
        && matches!(p.before_kind(2), Kind::LParen | Kind::Comma)
        && p.around()?.kind == Kind::LParen;
    let name = p.before(1)?;
    labelled.then(|| say::label_with_equals::label(p.here().span, name.span, p.text(name)))
}

/// `λ a, b → …`
fn lambda_comma(p: &Place) -> Option<Diagnostic> {
    let lambda = p.last_of(KindSet::of(&[Kind::Lambda, Kind::Arrow]))?;
    let comma = p.here().kind == Kind::Comma && p.tokens[lambda].kind == Kind::Lambda;
    comma.then(|| say::arrow_function::comma(p.here().span))
}

/// `x -> x + 1`
fn arrow_without_lambda(p: &Place) -> Option<Diagnostic> {
    if p.here().kind != Kind::Arrow
        || p.wants_kind(Kind::Arrow)
        || !matches!(p.before_kind(1), Kind::Name | Kind::RParen | Kind::Underscore)
    {
        return None;
    }
    let params = match p.before_kind(1) {
        Kind::RParen => {
            (p.failure.start..p.failure.at).find(|&i| p.matching(i) == Some(p.failure.at - 1)).map(|i| p.tokens[i].span)
        }
        _ => None,
    };
    let last = p.before(1)?.span;
    Some(say::arrow_function::without_lambda(params.map_or(last, |open| open.to(last)), p.here().span))
}

/// `|x| x + 1`, `fn(x) { … }`
fn foreign_function(p: &Place) -> Option<Diagnostic> {
    let here = p.here();
    let form = here.kind == Kind::Bar || here.kind == Kind::Fn && p.next(1).kind == Kind::LParen;
    (form && p.wants(Category::Expression)).then(|| say::arrow_function::other_form(here.span))
}

/// `a x b` for a product, `a v b` for or.
fn letter_for_sign(p: &Place) -> Option<Diagnostic> {
    let here = p.here();
    if here.kind != Kind::Name || !p.before_kind(1).can_end() || !p.next(1).kind.starts_operand() {
        return None;
    }
    let (sign, typed) = match p.text(here) {
        "x" | "х" | "X" => ("×", "*"),
        "v" | "ν" | "ѵ" => ("∨", "or"),
        "mod" => ("%", "%"),
        "is" | "eq" => ("≡", "=="),
        _ => return None,
    };
    Some(say::call_without_parentheses::letter(here.span, p.text(here), sign, typed))
}

fn side_by_side(p: &Place) -> Option<Diagnostic> {
    let (here, before) = (p.here(), p.before(1)?);
    let literal = here.kind.starts_operand() && !matches!(here.kind, Kind::Minus | Kind::LParen | Kind::LBracket);
    if !literal || !before.kind.can_end() || here.line_start() || !p.wants(Category::Operator) {
        return None;
    }
    if p.around().is_some_and(|t| matches!(t.kind, Kind::LParen | Kind::LBracket)) {
        return Some(say::missing_comma::missing_comma(before.span, here.span));
    }
    Some(match before.kind {
        Kind::Name => say::call_without_parentheses::call(before.span, p.text(before), here.span),
        _ => say::call_without_parentheses::side_by_side(before.span, here.span),
    })
}
