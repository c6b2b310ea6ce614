//! G0228: two expressions side by side.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0228");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "two expressions side by side",
    explanation: "A function is called with its arguments in parentheses: `f(x, y)`. Two expressions on one line need an operator between\n\
                  them, or `;` when they are two statements.",
    failing: "fn main() {\n  print \"hello\"\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// A name and something that could be its argument.
pub fn call(function: Span, name: &str, argument: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "the arguments of a call stand in parentheses",
        argument,
        "not part of what stands before it",
    )
    .label(function, "a name")
    .help(format!("to call it, write `{name}(…)`"))
}

/// Two values.
pub fn side_by_side(before: Span, after: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "two expressions stand side by side",
        after,
        "this begins a new one",
    )
    .label(before, "this is complete")
    .help("put an operator between them, or a line break (or `;`) if these are two statements")
}

/// A letter where a sign was meant: `a x b`, `a v b`.
pub fn letter(span: Span, letter: &str, sign: &str, typed: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{letter}` is a name, not the operator `{sign}`"),
        span,
        "two expressions stand side by side",
    )
    .fix(format!("write `{sign}` (typed `{typed}`)"), span, sign)
}
