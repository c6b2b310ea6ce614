//! G0309: one name twice in a pattern or a list of parameters.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0309");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "one name twice in the same place",
    explanation: "The parts of a pattern, the parameters of a function and the fields of a record have different names; otherwise it would not be\n\
                  clear which one is meant. To compare two parts, use a guard: `(a, b) if a ≡ b`.",
    failing: "fn main() {\n  let (a, a) = (1, 2)\n  print(a)\n}\n",
    fixed: "fn main() {\n  let (a, b) = (1, 2)\n  print(a + b)\n}\n",
};

/// `first` is the other place.
pub fn twice(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{name}` stands here twice"),
        span,
        "the same name again",
    )
    .label(first, "it was named here")
    .help("give one of them another name, or write `_` for a part that is not used")
}
