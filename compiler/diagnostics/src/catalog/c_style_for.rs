//! G0229: `for (i = 0; …)`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0229");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a `for` of another language",
    explanation: "A `for` walks the elements of a list, map, set or range: `for i ∈ 0..10 { … }`. For anything else there is `while`.",
    failing: "fn main() {\n  for (i = 0; i < 10; i += 1) { print(i) }\n}\n",
    fixed: "fn main() {\n  for i ∈ 0..10 { print(i) }\n}\n",
};

/// The head of the loop.
pub fn c_style(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a `for` walks the elements of something", span, "a loop of another language")
        .help("to count, write `for i ∈ 0..10 { … }` (typed `for i in 0..10`); for other conditions, `while condition { … }`")
}

/// `for x of xs`, `for x = …`
pub fn no_in(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a `for` walks the elements of something",
        span,
        "`∈` (typed `in`) belongs here",
    )
    .help("write `for x ∈ xs { … }`")
}

/// `for (const x of xs)`
pub fn of_all(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a `for` has no parentheses, and defines its name itself", span, "a loop of another language")
        .help("write `for x ∈ xs { … }` (typed `for x in xs`)")
}
