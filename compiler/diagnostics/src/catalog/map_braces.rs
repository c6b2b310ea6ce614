//! G0235: `{ "a": 1 }`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0235");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a map in braces",
    explanation: "A map stands in square brackets: `[\"a\": 1, \"b\": 2]`, and the empty one is `[:]`. A brace begins a block.",
    failing: "fn main() {\n  let m = { \"a\": 1 }\n  print(m)\n}\n",
    fixed: "fn main() {\n  let m = [\"a\": 1]\n  print(m)\n}\n",
};

/// The colon after the first key.
pub fn map_braces(colon: Span, brace: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a map stands in square brackets",
        brace,
        "`{` begins a block",
    )
    .label(colon, "this looks like an entry of a map")
    .help("write `[\"a\": 1, \"b\": 2]`; a record is `Point(x: 1.0, y: 2.0)`")
}
