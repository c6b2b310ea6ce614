//! G0310: an import that nothing uses.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0310");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an import that is not used",
    explanation: "The import can go.",
    failing: "",
    fixed: "",
};

/// A whole import.
pub fn import(span: Span) -> Diagnostic {
    Diagnostic::warning(
        CODE,
        "this import is not used",
        span,
        "nothing in this file needs it",
    )
    .fix("remove it", span, "")
}

/// One name of an import.
pub fn name(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(
        CODE,
        format!("the imported `{name}` is not used"),
        span,
        "nothing in this file needs it",
    )
}
