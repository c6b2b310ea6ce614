//! G0113: an operator of another language.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0113");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an operator that is written differently here",
    explanation: "Other languages write some operators differently: `&&` is `∧` (or `and`), `||` is `∨` (or `or`), `!x` is `¬x`\n\
                  (or `not x`), `===` is `≡` (or `==`), `**` is `^`.",
    failing: "fn both(a: Bool, b: Bool) → Bool = a && b\n",
    fixed: "fn both(a: Bool, b: Bool) → Bool = a ∧ b\n",
};

/// `written` stands for what is `meant` here.
pub fn foreign(span: Span, written: &str, meant: &str) -> Diagnostic {
    let typed = match meant {
        "∧" => " (typed `and`)",
        "∨" => " (typed `or`)",
        "¬" => " (typed `not`)",
        "≡" => " (typed `==`)",
        "≠" => " (typed `!=`)",
        _ => "",
    };
    Diagnostic::error(
        CODE,
        format!("`{written}` is written `{meant}`"),
        span,
        "an operator of another language",
    )
    .fix(format!("write `{meant}`{typed}"), span, meant)
}

/// A sign without any meaning.
pub fn meaningless(span: Span, written: &str) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("`{written}` has no meaning here"),
        span,
        "not an operator",
    );
    match written {
        "&" => d.note("there are no references: every value is passed as itself; for logic there is `∧`, for bits `int.bit_and`"),
        "~" => d.note("for the bits of a number there is `int.bit_not`"),
        _ => d.note("texts stand between double quotes, and `{…}` in them puts values in"),
    }
}
