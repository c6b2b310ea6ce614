//! G0492: a type with more variants than a machine word's tag can tell apart.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0492");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "too many variants",
    explanation: "A type may have 256 variants. Group those that belong together into types of their own.",
    failing: "",
    fixed: "",
};

/// `name` is the type.
pub fn too_many(span: Span, name: &str, count: usize, limit: usize) -> Diagnostic {
    Diagnostic::error(CODE, format!("the type `{name}` has {count} variants"), span, format!("`{name}` is used here"))
        .note(format!("a type may have {limit} variants"))
        .help("group variants that belong together into a type of their own")
}
