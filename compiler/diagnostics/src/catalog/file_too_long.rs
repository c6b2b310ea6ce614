//! G0115: a file of more than a gigabyte.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0115");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a file that is too long",
    explanation: "A source file can be at most one gigabyte long. Data of that size belongs in a file that the program reads.",
    failing: "",
    fixed: "",
};

/// `length` is in bytes.
pub fn file_too_long(span: Span, length: usize) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "this file is too long",
        span,
        format!("{length} bytes"),
    )
    .note("a source file can be at most one gigabyte long")
}
