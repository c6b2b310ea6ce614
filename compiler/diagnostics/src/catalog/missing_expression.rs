//! G0243: an operator or sign with nothing after it.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0243");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "something that is missing at the end",
    explanation: "After an operator, `=` or `→` an expression has to follow; after `:` a type. A line that ends with an operator goes on in\n\
                  the next one.",
    failing: "fn main() {\n  let x = 1 +\n  let y = 2\n  print(y)\n}\n",
    fixed: "fn main() {\n  let x = 1 + 1\n  let y = 2\n  print(x + y)\n}\n",
};

/// `before` is the token after which `what` is missing.
pub fn missing(before: Span, written: &str, what: &str) -> Diagnostic {
    let what_label = format!("{what} belongs here");
    Diagnostic::error(
        CODE,
        format!("{what} is missing after `{written}`"),
        before.after(),
        what_label,
    )
}
