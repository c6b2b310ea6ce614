//! G0218: two things without a comma.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0218");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a comma that is missing",
    explanation: "The arguments of a call, the elements of a list and the fields of a record are separated by commas.",
    failing: "fn main() {\n  print([1 2])\n}\n",
    fixed: "fn main() {\n  print([1, 2])\n}\n",
};

/// `before` and `after` are the two things.
pub fn missing_comma(before: Span, after: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a comma is missing",
        after,
        "this begins something new",
    )
    .label(before, "this is complete")
    .help("put `,` between the two")
}
