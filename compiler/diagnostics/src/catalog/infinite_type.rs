//! G0416: a type that would contain itself.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0416");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a type that would contain itself",
    explanation: "The types fit only if one of them contained itself without end. Often a list is put into itself, or a function is given itself.",
    failing: "fn main() {\n  var xs = []\n  xs ≔ [xs]\n  print(1)\n}\n",
    fixed: "fn main() {\n  var xs = []\n  xs ≔ [1]\n  print(xs)\n}\n",
};

/// Where they meet.
pub fn infinite(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "the type of this would contain itself",
        span,
        "has no end",
    )
}
