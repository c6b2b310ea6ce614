//! G0206: a block without braces.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0206");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a block without braces",
    explanation: "What `if`, `while`, `for` and `match` hold stands in braces, even when it is a single expression. The condition needs no\n\
                  parentheses.",
    failing: "fn sign(n: Int) → Int {\n  if (n < 0) return -1\n  1\n}\n",
    fixed: "fn sign(n: Int) → Int {\n  if n < 0 { return -1 }\n  1\n}\n",
};

/// `keyword` begins the form; `found` stands where `{` belongs.
pub fn missing(keyword: Span, word: &str, place: Span, found: &str) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("the block of this `{word}` is not in braces"),
        place,
        "`{` belongs here",
    )
    .label(keyword, format!("the `{word}` begins here"));
    match (word, found) {
        ("if", "then") => d.help("write `if condition { … } else { … }`"),
        (_, ":") => d.help("blocks stand in braces: put `{` here and `}` after the block"),
        ("if", _) => d.help("write `if condition { … }`"),
        _ => d.help(format!("write `{word} … {{ … }}`")),
    }
}
