//! G0225: two `..` in a list pattern.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0225");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "two `..` in a list pattern",
    explanation: "A list pattern can have one `..`, which stands for all elements that the others leave. With two of them nobody could tell\n\
                  which takes how many.",
    failing: "fn f(xs: List[Int]) → Int {\n  match xs {\n    [..a, 0, ..b] → 1\n    _ → 0\n  }\n}\n",
    fixed: "fn f(xs: List[Int]) → Int {\n  match xs {\n    [0, ..] → 1\n    _ → 0\n  }\n}\n",
};

/// The second one.
pub fn two_rests(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a list pattern can have only one `..`",
        span,
        "there is another one before it",
    )
}
