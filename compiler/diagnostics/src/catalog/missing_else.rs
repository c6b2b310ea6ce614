//! G0409: an `if` without `else` that is used as a value.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0409");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an `if` without `else` as a value",
    explanation: "An `if` gives the value of the branch that is taken. Without an `else` there is nothing to give when the condition is false.",
    failing: "fn main() {\n  let n = if 1 < 2 { 3 }\n  print(n)\n}\n",
    fixed: "fn main() {\n  let n = if 1 < 2 { 3 } else { 4 }\n  print(n)\n}\n",
};

/// `ty` is the type that is needed.
pub fn missing(span: Span, ty: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "this `if` has no `else`, but its value is used",
        span,
        format!("when the condition is false there is no `{ty}`"),
    )
    .help("add `else { … }`")
}
