//! G0217: `null`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0217");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`null`",
    explanation: "There is no null. A value that may be absent is an `Option`: `Some(x)` or `None`, and `match` or `?` takes it apart.",
    failing: "fn find(n: Int) → Option[Int] = if n > 0 { Some(n) } else { null }\n",
    fixed: "fn find(n: Int) → Option[Int] = if n > 0 { Some(n) } else { None }\n",
};

/// `written` is the word.
pub fn null_value(span: Span, written: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("there is no `{written}`"),
        span,
        "not a value",
    )
    .note("a value that may be absent is an Option: `Some(x)` or `None`")
    .fix("write `None`", span, "None")
}
