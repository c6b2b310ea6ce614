//! G0308: modules that import each other.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0308");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "modules that import each other",
    explanation: "A module is checked after those that it imports, so imports must not lead back. Move what both need into a module of its\n\
                  own.",
    failing: "",
    fixed: "",
};

/// The modules of the cycle in order.
pub fn cycle(names: &[&str], span: Span) -> Diagnostic {
    let mut way: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    way.extend(way.first().cloned());
    Diagnostic::error(
        CODE,
        "these modules import each other",
        span,
        "this import is part of a cycle",
    )
    .note(format!("the cycle: {}", way.join(" → ")))
    .help("move what both need into a module of its own")
}
