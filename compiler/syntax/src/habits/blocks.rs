//! Slips around blocks: conditions, loops, braces.

use codex_diagnostics::catalog as say;
use codex_diagnostics::{Diagnostic, Span};

use super::{Habit, Place};
use crate::parser::Category;
use crate::token::{Kind, KindSet};

pub(super) const HABITS: &[Habit] =
    &[comparison_with_equals, map_in_braces, record_in_braces, for_without_in, missing_braces, nested_item];

const HEADS: KindSet = KindSet::of(&[Kind::If, Kind::While, Kind::For, Kind::Match, Kind::Loop, Kind::Else]);

/// The keyword whose block is missing at the place.
fn head(p: &Place) -> Option<usize> {
    p.last_of(HEADS.and(KindSet::of(&[Kind::LBrace])))
        .filter(|&i| HEADS.has(p.tokens[i].kind))
        .filter(|&i| !p.tokens[i..p.failure.at].iter().any(|t| t.kind == Kind::Arrow))
}

pub(super) fn brace_on_next_line(p: &Place) -> Option<Diagnostic> {
    let (here, brace) = (p.here(), p.next(1));
    if here.kind != Kind::Sep || brace.kind != Kind::LBrace || !p.wants_kind(Kind::LBrace) {
        return None;
    }
    let gap = Span { end: brace.span.start, ..here.span };
    let blank = p.source[gap.start as usize..gap.end as usize].trim().is_empty();
    Some(say::brace_on_next_line::brace(brace.span, Some(gap).filter(|_| blank)))
}

/// `for (i = 0; i < n; i += 1)`, `for (const x of xs)`
pub(super) fn c_style_for(p: &Place) -> Option<Diagnostic> {
    let open = p.back().last().filter(|&i| p.tokens[i].kind == Kind::LParen)?;
    let head = open.checked_sub(1).filter(|&i| p.tokens[i].kind == Kind::For)?;
    let close = p.matching(open)?;
    let whole = p.tokens[head].span.to(p.tokens[close].span);
    if p.tokens[open..close].iter().any(|t| t.kind == Kind::Semicolon) {
        return Some(say::c_style_for::c_style(whole));
    }
    let first = p.tokens[open + 1];
    let defines = matches!(first.kind, Kind::Let | Kind::Var) || p.text(first) == "const";
    defines.then(|| say::c_style_for::of_all(whole))
}

/// `for x of xs`
fn for_without_in(p: &Place) -> Option<Diagnostic> {
    let loops = p.wants_kind(Kind::In) && p.last_of(KindSet::of(&[Kind::For])).is_some();
    loops.then(|| say::c_style_for::no_in(p.visible()))
}

/// `if x = 5 {`
fn comparison_with_equals(p: &Place) -> Option<Diagnostic> {
    let word = p.tokens[head(p)?].kind;
    let condition = p.here().kind == Kind::Assign && matches!(word, Kind::If | Kind::While);
    condition.then(|| say::change_with_equals::comparison(p.here().span))
}

fn missing_braces(p: &Place) -> Option<Diagnostic> {
    if !p.wants_kind(Kind::LBrace) || p.wants(Category::Expression) {
        return None;
    }
    let keyword = p.tokens[head(p)?];
    let found = match p.here().kind {
        Kind::Name => p.text(p.here()),
        kind => kind.spelling().unwrap_or_default(),
    };
    Some(say::missing_braces::missing(keyword.span, p.text(keyword), p.visible(), found))
}

/// `{ "a": 1 }`, or a record's braces where a block was read.
fn map_in_braces(p: &Place) -> Option<Diagnostic> {
    let key = matches!(p.before_kind(1), Kind::Text | Kind::TextClose | Kind::Name | Kind::Int);
    let brace = p.before(2).filter(|t| t.kind == Kind::LBrace)?;
    if p.here().kind != Kind::Colon || !key {
        return None;
    }
    if p.before_kind(3) == Kind::Upper {
        return record(p, p.failure.at - 2);
    }
    Some(say::map_braces::map_braces(p.here().span, brace.span))
}

/// `Point { x: 1.0 }`
fn record_in_braces(p: &Place) -> Option<Diagnostic> {
    let record_name = p.here().kind == Kind::LBrace && p.before_kind(1) == Kind::Upper && !p.wants_kind(Kind::LBrace);
    if record_name { record(p, p.failure.at) } else { None }
}

fn record(p: &Place, open: usize) -> Option<Diagnostic> {
    let name = p.token(open.checked_sub(1)?);
    let close = p.matching(open).map(|i| p.tokens[i].span);
    Some(say::record_braces::record(p.tokens[open].span, close, p.text(name)))
}

/// `fn` or `type` in a block.
fn nested_item(p: &Place) -> Option<Diagnostic> {
    let here = p.here();
    let item = match here.kind {
        Kind::Fn => p.next(1).kind == Kind::Name,
        Kind::Type | Kind::Import | Kind::Container | Kind::Rules | Kind::Test | Kind::Pub => true,
        _ => false,
    };
    let nested = item && p.at_start() && p.wants(Category::Expression);
    nested.then(|| say::nested_item::nested(here.span, p.text(here)))
}
