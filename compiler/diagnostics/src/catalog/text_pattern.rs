//! G0241: an interpolation in a pattern.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0241");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a text pattern with a value in it",
    explanation: "A text pattern matches one text, character by character. To look into a text, use a name and a guard, or the functions of\n\
                  `text`.",
    failing: "fn f(t: Text) → Int {\n  match t {\n    \"a{n}\" → 1\n    _ → 0\n  }\n}\n",
    fixed: "fn f(t: Text) → Int {\n  match t {\n    \"a\" → 1\n    _ → 0\n  }\n}\n",
};

/// The text.
pub fn interpolated(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a text in a pattern cannot hold values",
        span,
        "has `{…}` in it",
    )
    .help("match a name, and look at it in a guard: `t if text.starts_with(t, \"a\") → …`")
}

/// A test's name.
pub fn test_name(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "the name of a test cannot hold values",
        span,
        "has `{…}` in it",
    )
    .help("for braces write `\\{`")
}
