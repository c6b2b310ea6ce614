//! G0105: a number outside of its type.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0105");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a number that is too large",
    explanation: "An `Int` is a whole number from -9223372036854775808 to 9223372036854775807, and a `Float` is at most\n\
                  about 1.8e308. The marked number is larger.",
    failing: "fn main() {\n  print(9223372036854775808)\n}\n",
    fixed: "fn main() {\n  print(9223372036854775807)\n}\n",
};

/// A whole number.
pub fn int(span: Span, written: &str) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        "this number is too large for an Int",
        span,
        "does not fit",
    )
    .note("the largest Int is 9223372036854775807");
    match written
        .strip_prefix("0x")
        .map(|digits| u64::from_str_radix(&digits.replace('_', ""), 16))
    {
        Some(Ok(bits)) => d.help(format!("the Int with the same 64 bits is {}", bits as i64)),
        _ => d.help("for larger numbers use a Float, or split the number"),
    }
}

/// A number with a fraction.
pub fn float(span: Span, written: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "this number is too large for a Float",
        span,
        "does not fit",
    )
    .note(format!(
        "the largest Float is about 1.8e308, and `{written}` is larger"
    ))
}
