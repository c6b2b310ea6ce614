//! Glyphs to their ASCII spelling, in a program that is laid out already.
//!
//! The layout is always that of the glyphs, whatever the spelling: so respelling moves no line
//! break, and there and back gives the same bytes.

use crate::token::{Kind, Token};

/// The text with the glyphs spelled in ASCII. `keep_words` leaves those alone whose spelling is a
/// word that could be a name.
pub(super) fn to_ascii(text: &str, tokens: &[Token], keep_words: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    let mut last = None;
    for token in tokens {
        let gap = &text[end..token.span.start as usize];
        match last {
            Some(Kind::Not) if gap.is_empty() => out.push(' '),
            Some(Kind::Lambda) if gap == " " && token.kind != Kind::Arrow => {}
            _ => out.push_str(gap),
        }
        out.push_str(spelled(token, text, keep_words));
        end = token.span.end as usize;
        last = Some(token.kind);
    }
    out.push_str(&text[end..]);
    out
}

fn spelled<'s>(token: &Token, text: &'s str, keep_words: bool) -> &'s str {
    let contextual = matches!(token.kind, Kind::Spawn | Kind::Branch | Kind::Require | Kind::Collapse | Kind::Save);
    match (token.kind, token.kind.glyph()) {
        (_, Some(glyph)) if !(keep_words && contextual) => glyph.ascii,
        (Kind::TimesAssign, _) => "*=",
        (Kind::DivideAssign, _) => "/=",
        _ => token.text(text),
    }
}
