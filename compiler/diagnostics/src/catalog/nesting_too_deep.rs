//! G0204: too deep.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0204");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "code that is nested too deeply",
    explanation: "Brackets can stand in each other 256 times, and an expression can have about a thousand operators in a row.\n\
                  That is far more than a reader can follow; code that needs more was made by a program, and should be a list.",
    failing: "",
    fixed: "",
};

/// Brackets within brackets.
pub fn brackets(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "brackets are nested too deeply",
        span,
        format!("this is number {}", limit + 1),
    )
    .note(format!("brackets can stand in each other {limit} times"))
    .help("give parts of this names, with `let` or as functions")
}

/// An expression with very many operators.
pub fn expression(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(CODE, "this expression is too long", span, "it ends here")
        .note(format!(
            "an expression can have about {limit} operators in a row"
        ))
        .help("put the values in a list, or give parts of the expression names")
}

/// Texts within interpolations.
pub fn texts(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "texts are nested too deeply",
        span,
        format!("this is number {}", limit + 1),
    )
    .note(format!(
        "texts can stand in the expressions of other texts {limit} times"
    ))
}
