//! G0507: a pattern of no numbers.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0507");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a pattern that no number matches",
    explanation: "`5..5` and `5..1` contain no numbers, so the pattern never matches. `a..b` ends before `b`, `a..=b` with it.",
    failing: "fn main() {\n  match 3 {\n    5..5 → print(\"five\")\n    _ → print(\"other\")\n  }\n}\n",
    fixed: "fn main() {\n  match 3 {\n    5..=5 → print(\"five\")\n    _ → print(\"other\")\n  }\n}\n",
};

/// The pattern.
pub fn empty(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "no number is in this range", span, "matches nothing")
        .help("the smaller number comes first; `a..b` ends before `b`, `a..=b` with it")
}
