//! G0701: quoted trees and rules, which come later.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0701");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "trees are not there yet",
    explanation: "The syntax of trees is part of the language and is read, but this version cannot run it.",
    failing: "rules simplify {\n  ⟦ $x + 0 ⟧ ↦ ⟦ $x ⟧\n}\n\nfn main() {\n  print(\"hello\")\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// Where it stands.
pub fn later(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("{what} cannot be used yet"),
        span,
        "reserved for a later version",
    )
    .note("the syntax is reserved, so that programs written today go on to mean the same")
}
