//! G0801: thoughts, which come later.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0801");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "thoughts are not there yet",
    explanation: "The syntax of thoughts is part of the language and is read, but this version cannot run it.",
    failing: "fn main() {\n  let n = ⇉ 1..=3\n  print(n)\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// Where it stands.
pub fn later(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "thoughts (`⇉`, `⊢`, `⊙`) cannot be used yet",
        span,
        "reserved for a later version",
    )
    .note("the syntax is reserved, so that programs written today go on to mean the same")
}
