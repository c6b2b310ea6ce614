//! G0901: savepoints, which come later.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0901");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "savepoints are not there yet",
    explanation: "The syntax of savepoints is part of the language and is read, but this version cannot run it.",
    failing: "fn main() {\n  ◈ \"start\"\n  print(\"hello\")\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// Where it stands.
pub fn later(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "savepoints (`◈`) cannot be used yet",
        span,
        "reserved for a later version",
    )
    .note("the syntax is reserved, so that programs written today go on to mean the same")
}
