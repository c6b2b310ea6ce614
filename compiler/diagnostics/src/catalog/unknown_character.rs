//! G0101: a character that begins nothing.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0101");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a character that has no meaning here",
    explanation: "Outside texts and comments, a program is made of names, numbers, operators and brackets.\n\
                  The marked character is none of them. Put it in a text, or leave it out.",
    failing: "fn main() {\n  print(1 ¶ 2)\n}\n",
    fixed: "fn main() {\n  print(1 + 2)\n}\n",
};

/// `first` is the first character of the run.
pub fn unknown(span: Span, first: char) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("the character `{first}` has no meaning here"),
        span,
        "this begins nothing",
    )
    .note(format!(
        "it is U+{:04X}; outside texts and comments only names, numbers and operators may stand",
        u32::from(first)
    ))
}
