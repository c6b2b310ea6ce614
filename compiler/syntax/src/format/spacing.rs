//! How a token is written, and whether two tokens touch.

use crate::text;
use crate::token::{Kind, Token};

/// The token as it is to be written: glyphs by their sign, names in NFC.
pub(super) fn spell<'s>(token: &Token, source: &'s str) -> &'s str {
    match (token.kind, token.kind.glyph()) {
        (_, Some(glyph)) => glyph.sign,
        (Kind::TimesAssign, _) => "×=",
        (Kind::DivideAssign, _) => "÷=",
        (Kind::Name | Kind::Upper, _) => token.symbol().as_str(),
        _ => token.text(source),
    }
}

/// Whether a space stands between `b` and the token before it; `before` is the token
/// before that, if it is in the same run.
pub(super) fn space(before: Option<Kind>, a: Kind, b: Kind, in_lambda: bool) -> bool {
    use Kind::*;
    match (a, b) {
        (LParen | LBracket | InterpOpen | Dot | Dollar, _) => false,
        (_, RParen | RBracket | InterpClose | Comma | Semicolon | Question | Dot) => false,
        (_, Colon) => a == Question,
        (DotDot | DotDotEqual, _) => false,
        (Comma | Colon | Assign | Arrow | In, DotDot) => true,
        (_, DotDot | DotDotEqual) => !a.can_end(),
        (Minus, _) if before.is_none_or(|k| !k.can_end()) => false,
        (Not, _) => false,
        (Lambda, _) => true,
        (Fn, LParen) => false,
        (Return | Break | Continue, LParen | LBracket) => true,
        (_, LParen | LBracket) => in_lambda || !(a.can_end() || a == Fn),
        (Chunk, _) | (_, Chunk) | (_, TextClose) | (TextOpen, _) | (_, InterpOpen) => false,
        _ => true,
    }
}

/// A text over several lines, or anything else, as it stands in the source, with `\n` only.
pub(super) fn verbatim(token: &Token, source: &str) -> String {
    debug_assert!(!text::is_broken(token));
    token.text(source).replace("\r\n", "\n")
}
