//! G0233: `pair.0`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0233");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a part of a tuple by number",
    explanation: "The parts of a tuple have no names and no numbers: a pattern takes it apart, `let (a, b) = pair`.",
    failing: "fn first(pair: (Int, Int)) → Int = pair.0\n",
    fixed: "fn first(pair: (Int, Int)) → Int {\n  let (a, _) = pair\n  a\n}\n",
};

/// The number.
pub fn tuple_field(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "the parts of a tuple have no numbers",
        span,
        "not a field",
    )
    .help("take the tuple apart: `let (a, b) = pair`; an element of a list is `xs[0]`")
}
