//! G0208: `=>` for `→`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0208");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a `=>` where `→` belongs",
    explanation: "The arms of a `match` and function values are written with `→` (typed `->`). The sign `⇒` (typed `=>`) sends a message\n\
                  to a container.",
    failing: "fn name(n: Int) → Text {\n  match n {\n    0 => \"none\"\n    _ → \"some\"\n  }\n}\n",
    fixed: "fn name(n: Int) → Text {\n  match n {\n    0 → \"none\"\n    _ → \"some\"\n  }\n}\n",
};

/// `place` is "an arm of `match`" or "a function value".
pub fn fat_arrow(span: Span, written: &str, place: &str) -> Diagnostic {
    let meant = if written.is_ascii() { "->" } else { "→" };
    Diagnostic::error(
        CODE,
        format!("{place} is written with `{meant}`"),
        span,
        format!("`{written}` sends a message"),
    )
    .fix(format!("write `{meant}`"), span, meant)
}
