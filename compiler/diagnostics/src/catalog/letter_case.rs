//! G0227: a name with the wrong first letter.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0227");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a name that begins with the wrong case",
    explanation: "The names of types, variants and containers begin with an upper-case letter; those of values, functions, modules and type\n\
                  variables with a lower-case one. Scripts without case can name values, but not types.",
    failing: "type point { x: Float, y: Float }\n",
    fixed: "type Point { x: Float, y: Float }\n",
};

/// A type, variant or container.
pub fn upper(span: Span, name: &str) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        "this name begins with an upper-case letter",
        span,
        format!("`{name}` does not"),
    )
    .note("names of types, variants and containers begin with an upper-case letter");
    let mut chars = name.chars();
    match chars.next().map(|c| c.to_uppercase().collect::<String>()) {
        Some(first) if !name.starts_with(&first) => {
            d.help(format!("call it `{first}{}`", chars.as_str()))
        }
        _ => d.help(
            "put a Latin, Greek or Cyrillic capital before it: this script has no upper case",
        ),
    }
}

/// A value, function, module or type variable.
pub fn lower(span: Span, name: &str) -> Diagnostic {
    let mut chars = name.chars();
    let first = chars
        .next()
        .map(|c| c.to_lowercase().collect::<String>())
        .unwrap_or_default();
    Diagnostic::error(
        CODE,
        "this name begins with a lower-case letter",
        span,
        format!("`{name}` does not"),
    )
    .note("names of values, functions, modules and type variables begin with a lower-case letter")
    .help(format!("call it `{first}{}`", chars.as_str()))
}
