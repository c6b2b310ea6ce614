//! The formatter: what it gives is laid out already, means the same, and goes to ASCII and back without a change.

use codex_diagnostics::FileId;
use codex_syntax::{Kind, Spelling, tokens};

/// Formats a source, if it parses.
pub fn format(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(once) = codex_syntax::format(text, Spelling::Glyph) else { return };
    let again = codex_syntax::format(&once, Spelling::Glyph).expect("what was formatted parses");
    assert_eq!(again, once, "formatted again, it differs");
    same_meaning(text, &once);
    let ascii = codex_syntax::format(&once, Spelling::Ascii).expect("what was formatted parses");
    same_meaning(text, &ascii);
    let back = codex_syntax::format(&ascii, Spelling::Glyph).expect("ASCII parses");
    assert_eq!(back, once, "to ASCII and back, it differs");
    assert_eq!(codex_syntax::format(&ascii, Spelling::Ascii).as_ref(), Ok(&ascii), "ASCII is laid out already");
}

/// The two texts have the same tree, but for places.
fn same_meaning(a: &str, b: &str) {
    let tree = |text: &str| without_places(&format!("{:?}", codex_syntax::parse(FileId(0), text).module));
    assert_eq!(tree(a), tree(b), "the meaning changed:\n{a}\n── became\n{b}");
    let kinds = |text: &str| tokens(FileId(0), text).iter().map(|t| t.kind).filter(|k| keeps(*k)).collect::<Vec<_>>();
    assert_eq!(kinds(a), kinds(b), "the tokens changed:\n{a}\n── became\n{b}");
}

/// Whether the formatter leaves such a token: it takes `;` and commas before a closing bracket away, and puts them in.
fn keeps(kind: Kind) -> bool {
    !matches!(kind, Kind::Semicolon | Kind::Comma)
}

/// A tree as text, with the places (`0:12..34`) taken out.
fn without_places(debug: &str) -> String {
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some(at) = rest.find("0:") {
        let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
        let start = digits(&rest[at + 2..]);
        let end = rest[at + 2 + start..].strip_prefix("..").map_or(0, digits);
        out.push_str(&rest[..at]);
        let fresh = !out.ends_with(|c: char| c.is_ascii_digit());
        let length = if fresh && start > 0 && end > 0 { 2 + start + 2 + end } else { 2 };
        out.push_str(if length == 2 { "0:" } else { "" });
        rest = &rest[at + length..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_and_numbers_stay() {
        assert_eq!(without_places("A { span: 0:1..22, n: 10, lo: 0:3..4 }"), "A { span: , n: 10, lo:  }");
        assert_eq!(without_places("Int(10:3..4) 0: x"), "Int(10:3..4) 0: x");
    }

    #[test]
    #[should_panic(expected = "the meaning changed")]
    fn another_meaning_is_seen() {
        same_meaning("fn f() = 1 + 2 × 3\n", "fn f() = (1 + 2) × 3\n");
    }
}
