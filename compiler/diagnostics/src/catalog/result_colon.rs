//! G0219: `fn f(): T`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0219");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "the type of a result after `:`",
    explanation: "The type of a function's result stands after `→` (typed `->`).",
    failing: "fn one(): Int { 1 }\n",
    fixed: "fn one() → Int { 1 }\n",
};

/// The place of the colon.
pub fn result_colon(colon: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "the type of the result stands after `→`",
        colon,
        "`:` is for parameters",
    )
    .fix("write `→` (typed `->`)", colon, " →")
}
