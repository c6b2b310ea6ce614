//! G0203: a closing bracket without its partner.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0203");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a bracket that closes nothing",
    explanation: "Each `)`, `]`, `}` and `⟧` closes a bracket that was opened before. The marked one has no partner, or its partner\n\
                  was closed already.",
    failing: "fn main() {\n  print(\"hello\"))\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// `written` is the bracket.
pub fn extra(span: Span, written: &str) -> Diagnostic {
    let opener = match written {
        ")" | "|]" if written == ")" => "(",
        "]" => "[",
        "}" => "{",
        _ => "⟦",
    };
    Diagnostic::error(
        CODE,
        format!("this `{written}` closes nothing"),
        span,
        format!("no open `{opener}` belongs to it"),
    )
    .help("remove it, or open the bracket before")
}
