//! Text: numbers to text and back, classes of characters, case, grapheme clusters, ranges.
//!
//! What depends on Unicode follows [`UNICODE_VERSION`] on every host, which is part of the VM-semantics id.

use std::cmp::Ordering;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::{cut_range, index, numbered};
use crate::trap::Trap;

/// The version of Unicode behind case, classes and grapheme clusters.
pub const UNICODE_VERSION: (u8, u8, u8) = (17, 0, 0);

/// Decimals that `float_to_fixed` writes at most.
pub const MAX_DECIMALS: i64 = 100;

/// Decimal text.
#[inline]
pub fn int_to_text(a: i64) -> String {
    a.to_string()
}

/// The shortest text that reads back as the same float. It has a `.` or an `e`, or is `nan`, `inf` or `-inf`:
/// `1.0`, `0.1`, `1e16`, `1e-7`, `-0.0`.
#[inline]
pub fn float_to_text(a: f64) -> String {
    if a.is_nan() { "nan".to_owned() } else { format!("{a:?}") }
}

/// With `decimals` decimals (cut to 0..=100), rounded on the exact value, halves to even.
#[inline]
pub fn float_to_fixed(a: f64, decimals: i64) -> String {
    if a.is_nan() {
        return "nan".to_owned();
    }
    format!("{a:.*}", decimals.clamp(0, MAX_DECIMALS) as usize)
}

/// A whole text as a decimal Int: an optional sign, then digits. `None` for anything else or out of range.
#[inline]
pub fn parse_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// A whole text as a Float: `[+|-] digits [. digits] [e|E [+|-] digits]`, `[+|-] inf`, or `nan`; the nearest
/// float. `None` for anything else. A text outside of the range gives an infinity or a zero.
#[inline]
pub fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        "nan" if unsigned.len() == text.len() => Some(super::canonical(f64::NAN)),
        "inf" => text.parse().ok(),
        _ if is_decimal(unsigned) => text.parse().ok(),
        _ => None,
    }
}

/// `digits [. digits] [e|E [+|-] digits]`
fn is_decimal(text: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, part) = mantissa.split_once('.').map_or((mantissa, None), |(w, p)| (w, Some(p)));
    digits(whole) && part.is_none_or(digits) && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

numbered! {
    /// A property of a character: the code of `char_is`.
    CharClass {
        /// The Unicode property Alphabetic.
        1 Alphabetic "alphabetic"
        /// The Unicode general categories Nd, Nl and No.
        2 Numeric "numeric"
        /// The Unicode property White_Space.
        3 Whitespace "whitespace"
        /// The Unicode property Uppercase.
        4 Upper "upper"
        /// The Unicode property Lowercase.
        5 Lower "lower"
        /// `0` to `9`.
        6 AsciiDigit "ascii_digit"
        /// ASCII punctuation: ``!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~``.
        7 Punctuation "punctuation"
        /// The Unicode general category Cc: control characters.
        8 Control "control"
    }
}

impl CharClass {
    /// Whether the character is in the class; a number that is no scalar value is in none.
    #[inline]
    pub fn contains(self, char: i64) -> bool {
        let Ok(c) = scalar(char) else { return false };
        match self {
            CharClass::Alphabetic => c.is_alphabetic(),
            CharClass::Numeric => c.is_numeric(),
            CharClass::Whitespace => c.is_whitespace(),
            CharClass::Upper => c.is_uppercase(),
            CharClass::Lower => c.is_lowercase(),
            CharClass::AsciiDigit => c.is_ascii_digit(),
            CharClass::Punctuation => c.is_ascii_punctuation(),
            CharClass::Control => c.is_control(),
        }
    }
}

/// The character with this scalar value.
#[inline]
pub fn scalar(value: i64) -> Result<char, Trap> {
    u32::try_from(value).ok().and_then(char::from_u32).ok_or(Trap::NotAScalar)
}

/// Upper case by the full Unicode mapping (`ß` gives `SS`).
#[inline]
pub fn text_upper(text: &str) -> String {
    text.to_uppercase()
}

/// Lower case by the full Unicode mapping, final sigma included.
#[inline]
pub fn text_lower(text: &str) -> String {
    text.to_lowercase()
}

/// An offset between two characters, the text's two ends included.
#[inline]
fn boundary(text: &str, at: i64) -> Result<usize, Trap> {
    let i = usize::try_from(at).map_err(|_| Trap::Bounds)?;
    if text.is_char_boundary(i) {
        Ok(i)
    } else if i > text.len() {
        Err(Trap::Bounds)
    } else {
        Err(Trap::NotACharacter)
    }
}

/// The range of a text slice: `0 ≤ from ≤ to ≤ length`, both between characters.
#[inline]
pub fn text_range(text: &str, from: i64, to: i64) -> Result<Range<usize>, Trap> {
    let range = boundary(text, from)?..boundary(text, to)?;
    if range.start <= range.end { Ok(range) } else { Err(Trap::Bounds) }
}

/// The range of a bytes slice, cut to the value.
#[inline]
pub fn bytes_range(bytes: &[u8], from: i64, to: i64) -> Range<usize> {
    cut_range(from, to, bytes.len())
}

/// The character that starts at an offset, as its scalar value.
#[inline]
pub fn char_at(text: &str, at: i64) -> Result<i64, Trap> {
    let rest = &text[boundary(text, at)?..];
    rest.chars().next().map(|c| i64::from(u32::from(c))).ok_or(Trap::Bounds)
}

/// The offset at which the extended grapheme cluster that starts at `from` ends; at the text's end, the end.
/// Only what follows `from` counts.
#[inline]
pub fn grapheme_end(text: &str, from: i64) -> Result<usize, Trap> {
    let start = boundary(text, from)?;
    Ok(start + text[start..].graphemes(true).next().map_or(0, str::len))
}

/// The byte at an offset.
#[inline]
pub fn raw_byte(bytes: &[u8], at: i64) -> Result<i64, Trap> {
    Ok(i64::from(bytes[index(at, bytes.len())?]))
}

/// Order of bytes: -1, 0 or 1.
#[inline]
pub fn raw_compare(a: &[u8], b: &[u8]) -> i64 {
    match a.cmp(b) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

/// The offset of the first `needle` at or after `from` (0, if negative), or -1. The time is linear in both lengths.
#[inline]
pub fn raw_find(bytes: &[u8], needle: &[u8], from: i64) -> i64 {
    let Ok(start) = usize::try_from(from.max(0)) else {
        return -1;
    };
    let Some(rest) = bytes.get(start..) else {
        return -1;
    };
    memchr::memmem::find(rest, needle).map_or(-1, |at| (start + at) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_agree_on_unicode() {
        assert_eq!(char::UNICODE_VERSION, UNICODE_VERSION);
        let (a, b, c) = UNICODE_VERSION;
        assert_eq!(unicode_segmentation::UNICODE_VERSION, (a.into(), b.into(), c.into()));
    }

    #[test]
    fn a_float_reads_back_as_itself() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e16, "1e16"),
            (1e-7, "1e-7"),
            (f64::MAX, "1.7976931348623157e308"),
            (5e-324, "5e-324"),
            (123456.789, "123456.789"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
            (1e15, "1000000000000000.0"),
        ];
        for (value, text) in cases {
            assert_eq!(float_to_text(value), text);
            assert_eq!(parse_float(text).map(f64::to_bits), Some(value.to_bits()), "{text}");
        }
    }

    #[test]
    fn fixed_decimals_round_the_exact_value_halves_to_even() {
        let cases = [
            (0.5, 0, "0"),
            (1.5, 0, "2"),
            (2.5, 0, "2"),
            (0.125, 2, "0.12"),
            (0.375, 2, "0.38"),
            (-0.001, 2, "-0.00"),
            (2.675, 2, "2.67"),
            (1e21, 1, "1000000000000000000000.0"),
            (1.0, -4, "1"),
            (f64::NAN, 2, "nan"),
            (f64::INFINITY, 3, "inf"),
        ];
        for (value, decimals, text) in cases {
            assert_eq!(float_to_fixed(value, decimals), text, "{value} {decimals}");
        }
        assert_eq!(float_to_fixed(0.1, i64::MAX).len(), 102);
    }

    #[test]
    fn integers_are_read_strictly() {
        for (text, value) in [("0", 0), ("-0", 0), ("+7", 7), ("0042", 42), ("-9223372036854775808", i64::MIN)] {
            assert_eq!(parse_int(text), Some(value), "{text}");
        }
        for text in ["", "-", "+", "+-1", "1 ", " 1", "1_000", "9223372036854775808", "0x1", "١", "1.0", "--1"] {
            assert_eq!(parse_int(text), None, "{text}");
        }
    }

    #[test]
    fn floats_are_read_strictly() {
        for (text, value) in [("1", 1.0), ("+1.5E+3", 1500.0), ("-inf", f64::NEG_INFINITY), ("1e999", f64::INFINITY)] {
            assert_eq!(parse_float(text), Some(value), "{text}");
        }
        for text in [
            "", ".5", "5.", "1e", "e1", "1e1.5", "infinity", "NaN", "Inf", "-nan", "+nan", "1_0", " 1", "0x1p3",
            "1.5.2",
        ] {
            assert_eq!(parse_float(text), None, "{text}");
        }
    }

    #[test]
    fn classes_follow_unicode() {
        use CharClass::*;
        let is = |class: CharClass, c: char| class.contains(i64::from(u32::from(c)));
        assert!(
            is(Alphabetic, 'λ') && is(Numeric, '½') && is(Whitespace, '\u{2003}') && is(Upper, 'Ä') && is(Lower, 'ß')
        );
        assert!(
            is(AsciiDigit, '7')
                && !is(AsciiDigit, '٧')
                && is(Punctuation, '~')
                && !is(Punctuation, '¿')
                && is(Control, '\n')
        );
        for value in [-1, 0xd800, 0x11_0000, i64::MAX, i64::MIN] {
            assert!(CharClass::ALL.iter().all(|c| !c.contains(value)));
            assert_eq!(scalar(value), Err(Trap::NotAScalar));
        }
    }

    #[test]
    fn case_mapping_is_full() {
        assert_eq!((text_upper("straße ﬁ"), text_lower("ΟΔΟΣ İ")), ("STRASSE FI".into(), "οδος i\u{307}".into()));
    }

    #[test]
    fn grapheme_clusters_end_where_people_expect() {
        let text = "e\u{301}🇩🇪🇫🇷👩‍🚀\r\nx";
        let mut ends = vec![0];
        while ends[ends.len() - 1] < text.len() {
            ends.push(grapheme_end(text, ends[ends.len() - 1] as i64).expect("a boundary"));
        }
        assert_eq!(ends, [0, 3, 11, 19, 30, 32, 33]);
        assert_eq!(grapheme_end(text, 33), Ok(33));
        assert_eq!(
            (grapheme_end(text, 2), grapheme_end(text, 34), grapheme_end("", 0)),
            (Err(Trap::NotACharacter), Err(Trap::Bounds), Ok(0))
        );
    }

    #[test]
    fn ranges_of_text_stand_between_characters() {
        assert_eq!(
            (text_range("aé", 1, 3), text_range("aé", 0, 0), text_range("aé", 3, 3)),
            (Ok(1..3), Ok(0..0), Ok(3..3))
        );
        assert_eq!(
            (text_range("aé", 0, 2), text_range("aé", 2, 9)),
            (Err(Trap::NotACharacter), Err(Trap::NotACharacter))
        );
        assert_eq!(
            (text_range("aé", 3, 1), text_range("aé", -1, 1), text_range("aé", 0, 4)),
            (Err(Trap::Bounds), Err(Trap::Bounds), Err(Trap::Bounds))
        );
        assert_eq!(
            (char_at("aé", 1), char_at("aé", 3), char_at("aé", 2)),
            (Ok(0xe9), Err(Trap::Bounds), Err(Trap::NotACharacter))
        );
    }

    #[test]
    fn search_starts_where_it_is_told() {
        assert_eq!((raw_find(b"abab", b"ab", 0), raw_find(b"abab", b"ab", 1), raw_find(b"abab", b"ab", 3)), (0, 2, -1));
        assert_eq!((raw_find(b"ab", b"", 2), raw_find(b"ab", b"", 3), raw_find(b"ab", b"", -7)), (2, -1, 0));
        assert_eq!(
            (raw_compare(b"a", b"b"), raw_compare(b"b", b"a"), raw_compare(b"a", b"ab"), raw_compare(b"", b"")),
            (-1, 1, -1, 0)
        );
        assert_eq!((raw_byte(b"\xff", 0), raw_byte(b"", 0)), (Ok(255), Err(Trap::Bounds)));
    }
}
