//! G0425: a pipe into something that is not a call.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0425");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a pipe into something that is not a call",
    explanation: "`x ▷ f(y)` calls `f(x, y)`, and `x ▷ f` calls `f(x)`. So a function or a call stands on the right.",
    failing: "fn main() {\n  print(3 ▷ (4 + 5))\n}\n",
    fixed: "fn main() {\n  print(3 ▷ max(4 + 5))\n}\n",
};

/// `ty` is the type of what stands there.
pub fn not_a_call(span: Span, ty: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a pipe leads into a function",
        span,
        format!("this is {}", super::article(ty)),
    )
    .help("write a function or a call after `▷`: `x ▷ f(y)` is `f(x, y)`")
}
