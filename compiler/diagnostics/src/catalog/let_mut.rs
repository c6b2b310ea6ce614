//! G0211: `let mut`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0211");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`let mut`",
    explanation: "A local that may change is defined with `var`, and changed with `≔` (typed `:=`).",
    failing: "fn main() {\n  let mut n = 1\n  n ≔ 2\n  print(n)\n}\n",
    fixed: "fn main() {\n  var n = 1\n  n ≔ 2\n  print(n)\n}\n",
};

/// The place of both words.
pub fn let_mut(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a local that may change is defined with `var`",
        span,
        "`mut` is not a keyword",
    )
    .fix("write `var`", span, "var")
}
