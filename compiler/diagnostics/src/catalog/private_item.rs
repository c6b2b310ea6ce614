//! G0306: an item that other modules may not use.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0306");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a private item of another module",
    explanation: "What is not marked `pub` belongs to its module alone, so that it can be changed there without care for others.",
    failing: "",
    fixed: "",
};

/// `declared` is where it stands.
pub fn private(module: &str, name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{name}` is private to the module `{module}`"),
        span,
        "cannot be used here",
    )
    .label(declared, "it is declared without `pub`")
    .help("write `pub` before its declaration, or use something that is public")
}
