//! G0237: a definition without a value.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0237");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a definition without a value",
    explanation: "`let` and `var` give a name to a value, so there has to be one. What is not known yet can be an `Option`, or be defined later,\n\
                  where it is known.",
    failing: "fn main() {\n  let n\n  print(1)\n}\n",
    fixed: "fn main() {\n  let n = 1\n  print(n)\n}\n",
};

/// `end` is where `=` belongs.
pub fn missing(keyword: Span, word: &str, end: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("this `{word}` has no value"),
        end,
        "`= …` belongs here",
    )
    .label(keyword, "the definition begins here")
}
