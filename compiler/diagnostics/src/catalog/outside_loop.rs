//! G0415: `break` or `continue` outside of a loop.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0415");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`break` or `continue` outside of a loop",
    explanation: "`break` leaves the innermost loop and `continue` goes to its next turn. A λ is a function of its own: it cannot leave a loop around it.",
    failing: "fn main() {\n  print(\"hello\")\n  break\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// `word` is `break` or `continue`.
pub fn outside(word: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{word}` stands outside of a loop"),
        span,
        "there is no loop to leave here",
    )
    .help("to leave a function, write `return`")
}
