//! G0104: a number with something else in it.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0104");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a number that cannot be read",
    explanation: "Whole numbers are written `42`, `1_000`, `0xFF` or `0b1010`, numbers with a fraction `1.5` or `2.0e-3`.\n\
                  There are no suffixes: the type of a number follows from how it is used.",
    failing: "fn main() {\n  print(10u8)\n}\n",
    fixed: "fn main() {\n  print(10)\n}\n",
};

/// `written` is the whole word.
pub fn malformed(span: Span, written: &str) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("the number `{written}` cannot be read"),
        span,
        "this is not a number",
    );
    let lower = written.to_ascii_lowercase();
    let digits = written.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '_');
    let suffix = [
        "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "usize", "isize", "l",
        "n", "f",
    ];
    if lower.starts_with("0x") {
        return d.note("after `0x` stand hexadecimal digits: `0` to `9` and `a` to `f`");
    }
    if lower.starts_with("0b") {
        return d.note("after `0b` stand the digits `0` and `1`");
    }
    if lower.starts_with("0o") {
        return d.note("there are no octal numbers; `0x` begins a hexadecimal one");
    }
    if suffix.iter().any(|s| lower.ends_with(s)) && !digits.is_empty() {
        let number =
            lower.trim_end_matches(|c: char| c.is_ascii_alphanumeric() && !c.is_ascii_digit());
        let _ = number;
        return d.note("numbers have no suffixes: their type follows from how they are used");
    }
    d.note("a name cannot begin with a digit, and a number cannot go on with letters")
}
