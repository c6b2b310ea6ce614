//! G0202: an opening bracket without its partner.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0202");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a bracket that is not closed",
    explanation: "Each `(`, `[`, `{` and `⟦` has a partner that closes it. The marked one has none before the place where what it\n\
                  belongs to must end.",
    failing: "fn main() {\n  print(\"hello\"\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// `written` is the bracket.
pub fn unclosed(span: Span, written: &str) -> Diagnostic {
    let closer = match written {
        "(" => ")",
        "[" => "]",
        "{" => "}",
        _ => "⟧",
    };
    Diagnostic::error(
        CODE,
        format!("this `{written}` is not closed"),
        span,
        format!("no `{closer}` belongs to it"),
    )
    .help(format!("put `{closer}` where it should end"))
}
