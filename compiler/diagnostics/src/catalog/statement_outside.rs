//! G0231: a statement outside of any function.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0231");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a statement outside of any function",
    explanation: "At the top level of a file stand only definitions: `fn`, `type`, `let`, `import`, `test`, `container` and `rules`. What is to be\n\
                  run stands in a function; the program begins with `main`.",
    failing: "print(\"hello\")\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// Something that is run.
pub fn outside(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a statement stands outside of any function", span, "nothing would run this")
        .note("at the top level of a file stand definitions: `fn`, `type`, `let`, `import`, `test`, `container`, `rules`")
        .help("put it into a function; the program begins with `fn main() { … }`")
}

/// `test` without its name.
pub fn test(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "this test has no name",
        span,
        "a text belongs after this",
    )
    .note("a test is written `test \"what it shows\" { expect … }`")
}

/// A variable.
pub fn variable(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a `var` stands outside of any function",
        span,
        "nobody owns this",
    )
    .note("state that lives for long belongs to a container: `container Counter() { var n = 0 … }`")
    .help("if it never changes, define it with `let`")
}
