//! G0226: a keyword where a name belongs.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0226");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a keyword used as a name",
    explanation: "Keywords cannot be names, except after a dot and as labels.",
    failing: "fn main() {\n  let type = 1\n  print(1)\n}\n",
    fixed: "fn main() {\n  let kind = 1\n  print(kind)\n}\n",
};

/// `word` is the keyword.
pub fn keyword(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{word}` is a keyword, and cannot be a name"),
        span,
        "a name belongs here",
    )
    .help(format!("take another name, such as `{word}_`"))
}
