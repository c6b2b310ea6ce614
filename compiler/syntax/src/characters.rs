//! Characters that must not stand in a program, or that look like one of its signs.
//!
//! Keeps true: no bidi control and no invisible character reaches a later phase; every
//! look-alike in the table points to a spelling that the lexer knows.

/// Why a character may not be in a source file, wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forbidden {
    /// Changes the direction of what follows, so that code reads differently than it runs.
    Bidi,
    /// Takes no space on the screen.
    Invisible,
    /// Not a printed character, or a line break that editors disagree about.
    Control,
}

/// Whether the character may not occur; `quoted` is true inside texts and comments, where
/// joiners and variation selectors are parts of emoji and of several scripts.
pub(crate) fn forbidden(c: char, quoted: bool) -> Option<Forbidden> {
    match c {
        '\t' | '\n' | '\r' => None,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}' => {
            Some(Forbidden::Bidi)
        }
        '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' if quoted => None,
        '\u{00AD}'
        | '\u{034F}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200D}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206A}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' => Some(Forbidden::Invisible),
        '\u{0000}'..='\u{001F}' | '\u{007F}'..='\u{009F}' | '\u{2028}' | '\u{2029}' => Some(Forbidden::Control),
        _ => None,
    }
}

/// The first forbidden character of a text or comment, with its place.
pub(crate) fn first_forbidden(text: &str) -> Option<(usize, char, Forbidden)> {
    // Nearly all text is printable ASCII, for which one look at each byte is enough.
    if text.bytes().all(|b| (0x20..0x7F).contains(&b) || matches!(b, b'\n' | b'\t' | b'\r')) {
        return None;
    }
    text.char_indices().find_map(|(at, c)| forbidden(c, true).map(|why| (at, c, why)))
}

/// Signs that look like one of ours, and what was probably meant.
const LOOKALIKES: &[(&str, &str)] = &[
    ("ν ѵ ⋁ ᐯ", "∨"),
    ("⋀ ᐱ", "∧"),
    ("х ⨯ ᙮ ✕ ✖", "×"),
    ("➗ ∕ ⁄", "÷"),
    ("Ⲗ 𝛌 𝜆 𝝀 ƛ", "λ"),
    ("￫ ⟶ ⇾ ➜ ➔ ➝ ➞ ➡ 🡒", "→"),
    ("⇨ ⟹ ➩ 🡆", "⇒"),
    ("⟺ ⬄", "⇔"),
    ("⟼ ⤇", "↦"),
    ("≣ ⩵", "≡"),
    ("⩽ ≦", "≤"),
    ("⩾ ≧", "≥"),
    ("ϵ є ∊", "∈"),
    ("⊳ ▹ ▶ ►", "▷"),
    ("〚", "⟦"),
    ("〛", "⟧"),
    ("ʘ ☉ ⨀ ⵙ ◉", "⊙"),
    ("￢", "¬"),
    ("⧆ ⊠", "⊞"),
    ("≝ ≜ ⩴", "≔"),
    ("− – — ﹣ － ➖", "-"),
    ("＋ ➕", "+"),
    ("“ ” „ ‟ ＂ «  »", "\""),
    ("‘ ’ ‚ ‛ ＇", "\""),
    ("；  \u{37E}", ";"),
    ("，", ","),
    ("：", ":"),
    ("。", "."),
    ("（", "("),
    ("）", ")"),
    ("［ 【", "["),
    ("］ 】", "]"),
    ("｛", "{"),
    ("｝", "}"),
    ("＝", "="),
    ("＜", "<"),
    ("＞", ">"),
    ("｜", "|"),
    ("？", "?"),
    ("＠", "@"),
    ("％", "%"),
    ("＾", "^"),
    ("…", ".."),
    (
        "\u{A0} \u{2000} \u{2001} \u{2002} \u{2003} \u{2004} \u{2005} \u{2006} \u{2007} \u{2008} \u{2009} \u{200A} \u{202F} \u{205F} \u{3000}",
        " ",
    ),
];

/// The sign that was probably meant by this character.
pub(crate) fn lookalike(c: char) -> Option<&'static str> {
    LOOKALIKES.iter().find(|(like, _)| c != ' ' && like.contains(c)).map(|(_, meant)| *meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bidi_and_invisible_characters_are_known() {
        assert_eq!(forbidden('\u{202E}', true), Some(Forbidden::Bidi));
        assert_eq!(forbidden('\u{200B}', true), Some(Forbidden::Invisible));
        assert_eq!(forbidden('\u{200D}', true), None);
        assert_eq!(forbidden('\u{200D}', false), Some(Forbidden::Invisible));
        assert_eq!(forbidden('\u{2028}', true), Some(Forbidden::Control));
        assert_eq!(forbidden('a', false), None);
    }

    #[test]
    fn lookalikes_point_to_signs_we_have() {
        assert_eq!(lookalike('⟶'), Some("→"));
        assert_eq!(lookalike('\u{A0}'), Some(" "));
        assert_eq!(lookalike('→'), None);
        assert_eq!(lookalike(' '), None);
    }
}
