//! G0213: `a ? b : c`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0213");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`a ? b : c`",
    explanation: "A choice between two values is an `if`, which is an expression: `if a { b } else { c }`. After an expression, `?` hands an\n\
                  Error or None on to the caller.",
    failing: "fn sign(n: Int) → Int = n < 0 ? -1 : 1\n",
    fixed: "fn sign(n: Int) → Int = if n < 0 { -1 } else { 1 }\n",
};

/// The place of the `?`.
pub fn ternary(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a choice is written `if a { b } else { c }`",
        span,
        "`?` hands an Error or None on",
    )
    .help("write `if condition { one } else { other }`, which is an expression")
}
