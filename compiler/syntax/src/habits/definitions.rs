//! Slips in definitions: names, types, functions, and what stands outside of them.

use codex_diagnostics::catalog as say;
use codex_diagnostics::{Diagnostic, Edit, Span};

use super::{Habit, Place};
use crate::parser::Category;
use crate::token::{Kind, KindSet};

pub(super) const HABITS: &[Habit] = &[
    generics,
    alias_with_variants,
    keyword_as_name,
    letter_case,
    text_with_values,
    type_first,
    foreign_word,
    missing_value,
    missing_body,
    statement_outside,
];

pub(super) fn misplaced_doc(p: &Place) -> Option<Diagnostic> {
    let is_doc = |kind| matches!(kind, Kind::Doc | Kind::ModuleDoc);
    let doc = if is_doc(p.here().kind) { p.here() } else { p.before(1).filter(|t| is_doc(t.kind))? };
    let text = p.text(doc);
    let slashes = text.bytes().take_while(|&b| b == b'/').count();
    let mut markers = Vec::new();
    let mut start = doc.span.start as usize;
    for line in text.split('\n') {
        let at = (start + line.len() - line.trim_start().len()) as u32;
        markers.push(Span { start: at, end: at + slashes as u32, ..doc.span });
        start += line.len() + 1;
    }
    Some(say::misplaced_doc::misplaced(doc.span, slashes, &markers))
}

/// `List<Int>`, `type Pair<a, b>`, `fn first<T>(…)`
fn generics(p: &Place) -> Option<Diagnostic> {
    let open = p.here();
    if open.kind != Kind::Less || !matches!(p.before_kind(1), Kind::Upper | Kind::Name) {
        return None;
    }
    let edit = |span, text: &str| Edit { span, text: text.into() };
    let (mut depth, mut edits) = (0, Vec::new());
    for (i, token) in p.tokens.iter().enumerate().skip(p.failure.at) {
        match token.kind {
            Kind::Less => {
                depth += 1;
                edits.push(edit(token.span, "["));
            }
            Kind::Greater => {
                depth -= 1;
                edits.push(edit(token.span, "]"));
            }
            Kind::Upper
            | Kind::Name
            | Kind::Comma
            | Kind::Dot
            | Kind::LParen
            | Kind::RParen
            | Kind::LBracket
            | Kind::RBracket
            | Kind::Arrow
            | Kind::Fn => {}
            _ => break,
        }
        if depth == 0 {
            if p.before_kind(2) == Kind::Fn {
                return Some(say::angle_generics::on_function(open.span.to(p.tokens[i].span)));
            }
            return Some(say::angle_generics::generics(open.span, edits));
        }
    }
    (p.wants_kind(Kind::LBracket) || p.before_kind(2) == Kind::Fn)
        .then(|| say::angle_generics::generics(open.span, Vec::new()))
}

/// `type Shape = Circle(Float) | Square`
fn alias_with_variants(p: &Place) -> Option<Diagnostic> {
    let alias = p.last_of(KindSet::of(&[Kind::Assign]))?;
    // The `=` may stand before what failed to parse, when an earlier item ran into this one.
    let declared = p.tokens.get(p.failure.start..alias)?.iter().any(|t| t.kind == Kind::Type);
    let variants = matches!(p.here().kind, Kind::Bar | Kind::LParen)
        || p.before_kind(1) == Kind::Assign && p.here().kind == Kind::Bar;
    (declared && variants).then(|| say::alias_variants::variants(p.here().span))
}

fn keyword_as_name(p: &Place) -> Option<Diagnostic> {
    let here = p.here();
    let word = p.text(here);
    let keyword = here.kind.spelling().is_some() && word.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    let named = p.wants_kind(Kind::Name) || p.wants(Category::Pattern);
    let names = KindSet::of(&[
        Kind::Let,
        Kind::Var,
        Kind::Fn,
        Kind::Import,
        Kind::LParen,
        Kind::Comma,
        Kind::For,
        Kind::LBrace,
        Kind::Dot,
    ]);
    (keyword && named && names.has(p.before_kind(1))).then(|| say::keyword_as_name::keyword(here.span, word))
}

fn letter_case(p: &Place) -> Option<Diagnostic> {
    let here = p.here();
    match (p.before_kind(1), here.kind) {
        (Kind::Type | Kind::Container | Kind::Spawn | Kind::Ask, Kind::Name) if p.wants_kind(Kind::Upper) => {
            Some(say::letter_case::upper(here.span, p.text(here)))
        }
        (
            Kind::Fn | Kind::Var | Kind::Let | Kind::Import | Kind::Dot | Kind::LBracket | Kind::LParen | Kind::Comma,
            Kind::Upper,
        ) if p.wants_kind(Kind::Name) && !p.wants(Category::Pattern) => {
            Some(say::letter_case::lower(here.span, p.text(here)))
        }
        _ => None,
    }
}

fn text_with_values(p: &Place) -> Option<Diagnostic> {
    if p.here().kind != Kind::TextOpen {
        return None;
    }
    let end = p.tokens.iter().skip(p.failure.at).find(|t| t.kind == Kind::TextClose).map_or(p.here().span, |t| t.span);
    let span = p.here().span.to(end);
    match p.before_kind(1) {
        Kind::Test => Some(say::text_pattern::test_name(span)),
        _ if p.wants(Category::Pattern) => Some(say::text_pattern::interpolated(span)),
        _ => None,
    }
}

/// `Int x = 5`
fn type_first(p: &Place) -> Option<Diagnostic> {
    let (ty, name) = (p.start(), p.here());
    let shape = ty.kind == Kind::Upper && name.kind == Kind::Name && p.failure.at == p.failure.start + 1;
    let defines = matches!(p.next(1).kind, Kind::Assign | Kind::Sep | Kind::Becomes);
    (shape && defines).then(|| say::type_first::type_first(ty.span, name.span, p.text(ty), p.text(name)))
}

/// `def`, `class`, `switch`, `new` …
fn foreign_word(p: &Place) -> Option<Diagnostic> {
    let here = p.here();
    let side_by_side = here.kind == Kind::Name && p.before_kind(1).can_end() && !here.line_start();
    let begins = p.at_start() && p.wants(Category::Item);
    let mut candidates = Vec::new();
    if side_by_side || begins {
        candidates.push(here);
    }
    if !here.line_start()
        && (here.kind.starts_operand() || matches!(here.kind, Kind::LBrace | Kind::Colon | Kind::Fn | Kind::Let))
    {
        candidates.extend(p.before(1));
    }
    if matches!(here.kind, Kind::LBrace | Kind::Colon) || here.kind == Kind::Name && p.failure.at == p.failure.start + 1
    {
        candidates.push(p.start());
    }
    let known = |t: &crate::Token| t.kind == Kind::Name && say::foreign_word::instead(p.text(*t)).is_some();
    let word = candidates.into_iter().find(known)?;
    Some(say::foreign_word::foreign(word.span, p.text(word), reads_well(p, word)))
}

/// Whether what follows a foreign word is right after its replacement, as far as can be seen.
fn reads_well(p: &Place, word: crate::Token) -> bool {
    let Some(at) = p.tokens.iter().position(|t| t.span == word.span) else {
        return false;
    };
    let kind = |i: usize| p.tokens.get(i).map_or(Kind::Eof, |t| t.kind);
    match (kind(at + 1), kind(at + 2)) {
        (Kind::Name, Kind::LParen) => {
            let after = p.matching(at + 2).map_or(Kind::Eof, |i| kind(i + 1));
            matches!(after, Kind::LBrace | Kind::Arrow | Kind::Assign)
        }
        (Kind::Name, Kind::Assign | Kind::In) => true,
        (Kind::Fn | Kind::Type | Kind::Let, _) => true,
        _ => false,
    }
}

/// `let x`
fn missing_value(p: &Place) -> Option<Diagnostic> {
    let keyword = p.last_of(KindSet::of(&[Kind::Let, Kind::Var])).map(|i| p.tokens[i])?;
    let missing = p.ends_line() && p.wants_kind(Kind::Assign);
    missing.then(|| say::missing_value::missing(keyword.span, p.text(keyword), p.visible()))
}

fn missing_body(p: &Place) -> Option<Diagnostic> {
    let missing = p.ends_line() && p.wants_kind(Kind::LBrace) && p.wants_kind(Kind::Assign);
    let keyword = p.last_of(KindSet::of(&[Kind::Fn, Kind::On])).map(|i| p.tokens[i])?;
    let end = p.before(1).map_or(keyword.span, |t| t.span);
    missing.then(|| say::missing_body::missing(keyword.span.to(end), end.after()))
}

fn statement_outside(p: &Place) -> Option<Diagnostic> {
    let here = p.here();
    if !p.at_start() || !p.wants(Category::Item) || here.kind == Kind::Eof {
        return None;
    }
    Some(match here.kind {
        Kind::Var => say::statement_outside::variable(here.span),
        Kind::Name if p.text(here) == "test" && !p.next(1).glued() => say::statement_outside::test(here.span),
        _ => say::statement_outside::outside(here.span),
    })
}
