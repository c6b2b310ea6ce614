//! G0238: a function without a body.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0238");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a function without a body",
    explanation: "After its head, a function has a body: a block, `fn f() { … }`, or an expression, `fn f() → Int = 1`.",
    failing: "fn one() → Int\n",
    fixed: "fn one() → Int = 1\n",
};

/// `end` is where the body belongs.
pub fn missing(head: Span, end: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "this function has no body",
        end,
        "`{ … }` or `= …` belongs here",
    )
    .label(head, "the function begins here")
}
