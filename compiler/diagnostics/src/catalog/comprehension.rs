//! G0236: `[f(x) for x in xs]`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0236");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a list made with `for`",
    explanation: "A `for` gives no value. Lists are made from others with the functions of `list`: `xs ▷ list.map(λ x → x + 1)`.",
    failing: "fn main() {\n  let xs = [1, 2]\n  print([x + 1 for x in xs])\n}\n",
    fixed: "fn main() {\n  let xs = [1, 2]\n  print(xs ▷ list.map(λ x → x + 1))\n}\n",
};

/// The place of the `for`.
pub fn comprehension(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a list is not made with `for`",
        span,
        "a `for` is a loop, and gives no value",
    )
    .help("write `xs ▷ list.map(λ x → …)`, or `list.filter` and others")
}
