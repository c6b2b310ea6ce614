//! Words that are keywords only in some places.
//!
//! `container`, `test`, `save`, `branch` and the like are keywords where an item or an operator
//! can begin, and names everywhere else; after a dot or `fn`, and before a label's colon, any
//! word is a name. So `test.forall(…)`, `option.or(…)` and `fn save(…)` are what they look like.
//!
//! Keeps true: a glyph is never a name, and the decision looks only at the tokens next to the
//! word and at the space between them, so that it can be explained in two sentences.

use crate::Symbol;
use crate::token::{Kind, KindSet, Token};

/// Every kind that is written as a word (for the glyphs: also as a word).
const WORDS: KindSet = KindSet::of(&[
    Kind::In,
    Kind::Not,
    Kind::And,
    Kind::Or,
    Kind::Spawn,
    Kind::Branch,
    Kind::Require,
    Kind::Collapse,
    Kind::Save,
    Kind::As,
    Kind::Break,
    Kind::Container,
    Kind::Continue,
    Kind::Else,
    Kind::Expect,
    Kind::False,
    Kind::Fn,
    Kind::For,
    Kind::If,
    Kind::Import,
    Kind::Let,
    Kind::Loop,
    Kind::Match,
    Kind::On,
    Kind::Pub,
    Kind::Return,
    Kind::Rules,
    Kind::Test,
    Kind::True,
    Kind::Type,
    Kind::Var,
    Kind::While,
    Kind::Null,
]);

/// Words that may be labels of fields and arguments.
const LABELS: KindSet = KindSet::of(&[
    Kind::In,
    Kind::Not,
    Kind::And,
    Kind::Or,
    Kind::Spawn,
    Kind::Branch,
    Kind::Require,
    Kind::Collapse,
    Kind::Save,
    Kind::As,
    Kind::Container,
    Kind::Expect,
    Kind::Import,
    Kind::Match,
    Kind::On,
    Kind::Rules,
    Kind::Test,
    Kind::Type,
    Kind::Null,
    Kind::Var,
]);

/// Makes names of the words that are not keywords where they stand.
pub(crate) fn resolve(tokens: &mut [Token], source: &str) {
    for at in 0..tokens.len() {
        let token = tokens[at];
        if WORDS.has(token.kind) && is_name(tokens, at) && token.text(source).is_ascii() {
            tokens[at].kind = Kind::Name;
            tokens[at].payload = Symbol::new(token.text(source)).raw();
        }
    }
}

fn is_name(tokens: &[Token], at: usize) -> bool {
    let kind_at = |i: usize| tokens.get(i).map(|t| t.kind);
    let (before, after) = (at.checked_sub(1).and_then(kind_at), kind_at(at + 1));
    match (before, after) {
        (Some(Kind::Dot), _) | (Some(Kind::Fn), Some(Kind::LParen)) => return true,
        (Some(Kind::LParen | Kind::Comma | Kind::LBrace | Kind::Doc), Some(Kind::Colon))
            if LABELS.has(tokens[at].kind) =>
        {
            return true;
        }
        (_, Some(Kind::Colon)) if tokens[at].line_start() && LABELS.has(tokens[at].kind) => {
            return true;
        }
        (_, Some(Kind::Dot)) if is_contextual(tokens[at].kind) => return true,
        _ => {}
    }
    match tokens[at].kind {
        Kind::As => !in_import(tokens, at),
        Kind::Container => !(starts_item(tokens, at) && after == Some(Kind::Upper)),
        Kind::Rules => !(starts_item(tokens, at) && after == Some(Kind::Name) && kind_at(at + 2) == Some(Kind::LBrace)),
        Kind::Test => !(starts_item(tokens, at) && matches!(after, Some(Kind::Text | Kind::TextOpen))),
        Kind::On => {
            let message = matches!(after, Some(Kind::Name | Kind::Upper)) && kind_at(at + 2) == Some(Kind::LParen);
            !(starts_item(tokens, at) && message)
        }
        Kind::Spawn => !(after == Some(Kind::Upper) || after == Some(Kind::Name) && kind_at(at + 2) == Some(Kind::Dot)),
        Kind::Collapse => after != Some(Kind::Name) || tokens[at + 1].line_start(),
        Kind::Expect | Kind::Require => !begins_operator(tokens, at, true),
        Kind::Branch | Kind::Save => !begins_operator(tokens, at, false),
        _ => false,
    }
}

fn is_contextual(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::As
            | Kind::Container
            | Kind::Rules
            | Kind::Test
            | Kind::On
            | Kind::Spawn
            | Kind::Collapse
            | Kind::Expect
            | Kind::Require
            | Kind::Branch
            | Kind::Save
    )
}

fn starts_item(tokens: &[Token], at: usize) -> bool {
    tokens[at].line_start()
        || at == 0
        || matches!(
            tokens[at - 1].kind,
            Kind::Semicolon | Kind::Pub | Kind::LBrace | Kind::RBrace | Kind::Doc | Kind::ModuleDoc
        )
}

/// Whether `import a.b` stands before this `as`.
fn in_import(tokens: &[Token], at: usize) -> bool {
    let path = tokens[..at].iter().rev().take_while(|t| matches!(t.kind, Kind::Name | Kind::Dot)).count();
    path > 0 && path < at && tokens[at - 1 - path].kind == Kind::Import
}

/// Whether the word is followed by an operand of its own on the same line. `called` words may
/// touch an opening parenthesis, as in `expect(x ≡ 1)`; for the others that is a call.
fn begins_operator(tokens: &[Token], at: usize, called: bool) -> bool {
    let Some(after) = tokens.get(at + 1).filter(|t| !t.line_start()) else {
        return false;
    };
    if at > 0 && tokens[at - 1].kind == Kind::Pipe {
        return false;
    }
    match after.kind {
        Kind::LParen => called || !after.glued(),
        Kind::LBracket => !after.glued(),
        Kind::Minus => !after.glued() && tokens.get(at + 2).is_some_and(Token::glued),
        // A name with a guard in a match arm, rather than an operator on an `if`.
        Kind::If => called || !tokens[at].line_start(),
        kind => kind.starts_operand(),
    }
}
