//! G0506: the `else` of a `let` goes on.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0506");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a `let … else` that goes on",
    explanation: "After `let p = e else { … }` the names of the pattern are bound. So when it does not match, the block has to leave: by `return`, `break`,\n\
                  `continue` or `panic`.",
    failing: "fn main() {\n  let Some(n) = int.parse(\"42\") else { print(\"not a number\") }\n  print(n)\n}\n",
    fixed: "fn main() {\n  let Some(n) = int.parse(\"42\") else {\n    print(\"not a number\")\n    return\n  }\n  print(n)\n}\n",
};

/// The block.
pub fn goes_on(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "this `else` has to leave",
        span,
        "goes on to the code below, where the names have no value",
    )
    .help("end it with `return`, `break`, `continue` or `panic(…)`")
}
