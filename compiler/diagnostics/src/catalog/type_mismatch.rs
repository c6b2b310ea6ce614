//! G0401: a value of another type than is needed.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0401");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a value of the wrong type",
    explanation: "Each place needs one type: an argument that of its parameter, a branch that of the other branches, a change of a `var` that of its first\n\
                  value. There are no hidden conversions: an Int becomes a Float by `int.to_float(n)`, and any value becomes text by `\"{value}\"`.",
    failing: "fn main() {\n  var total = 0\n  total ≔ \"three\"\n  print(total)\n}\n",
    fixed: "fn main() {\n  var total = 0\n  total ≔ 3\n  print(total)\n}\n",
};

/// `found` and `wanted` are types as source.
pub fn mismatch(headline: String, span: Span, found: &str, wanted: &str) -> Diagnostic {
    let (found, wanted) = (super::article(found), super::article(wanted));
    Diagnostic::error(
        CODE,
        headline,
        span,
        format!("this is {found}, but {wanted} is needed"),
    )
}

/// A pattern of another type than the value.
pub fn pattern(span: Span, found: &str, value: &str) -> Diagnostic {
    let (found, value) = (super::article(found), super::article(value));
    Diagnostic::error(
        CODE,
        "this pattern does not fit the value",
        span,
        format!("matches {found}, but the value is {value}"),
    )
}
