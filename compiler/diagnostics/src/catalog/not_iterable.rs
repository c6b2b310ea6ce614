//! G0420: a `for` over something that is not a collection.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0420");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a walk over something that is not a collection",
    explanation: "`for x ∈ xs` walks a list, a range, a map or a set, and `x ∈ xs` asks one of them or a text.",
    failing: "fn main() {\n  for c ∈ \"abc\" { print(c) }\n}\n",
    fixed: "fn main() {\n  for c ∈ text.graphemes(\"abc\") { print(c) }\n}\n",
};

/// In a `for`.
pub fn not_iterable(span: Span, ty: &str, help: Option<String>) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("`for` cannot walk {}", super::article(ty)),
        span,
        "not a list, range, map or set",
    );
    match help {
        Some(help) => d.help(help),
        None => d,
    }
}

/// After `∈`.
pub fn not_a_collection(span: Span, op: Span, ty: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("{} has no members", super::article(ty)),
        span,
        "not a list, range, map, set or text",
    )
    .label(op, "this asks for a member")
}
