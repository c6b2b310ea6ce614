//! G0209: `elif`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0209");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`elif`",
    explanation: "Further conditions are written `else if`.",
    failing: "fn sign(n: Int) → Int {\n  if n < 0 { -1 } elif n > 0 { 1 } else { 0 }\n}\n",
    fixed: "fn sign(n: Int) → Int {\n  if n < 0 { -1 } else if n > 0 { 1 } else { 0 }\n}\n",
};

/// `written` is the word.
pub fn elif(span: Span, written: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{written}` is written `else if`"),
        span,
        "a word of another language",
    )
    .fix("write `else if`", span, "else if")
}
