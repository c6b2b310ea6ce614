//! G0223: a list and a map in one.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0223");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "elements and entries in one pair of brackets",
    explanation: "In brackets stand either the elements of a list, `[1, 2]`, or the entries of a map, `[\"a\": 1, \"b\": 2]`.",
    failing: "fn main() {\n  print([\"a\": 1, 2])\n}\n",
    fixed: "fn main() {\n  print([\"a\": 1, \"b\": 2])\n}\n",
};

/// The brackets.
pub fn mixed_map(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "some of these have a key, and some do not",
        span,
        "neither a list nor a map",
    )
    .note("a list is written `[1, 2]`, a map `[\"a\": 1, \"b\": 2]`")
}
