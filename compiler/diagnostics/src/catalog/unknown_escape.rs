//! G0107: an escape that means nothing.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0107");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an unknown escape in a text",
    explanation: "In a text a backslash begins an escape: `\\n` a new line, `\\t` a tab, `\\r` a carriage return, `\\\\` a\n\
                  backslash, `\\\"` a quote, `\\{` and `\\}` braces, `\\u{1F34E}` any character by its number. In a raw text, r\"…\",\n\
                  a backslash is just a backslash.",
    failing: "fn main() {\n  print(\"a\\qb\")\n}\n",
    fixed: "fn main() {\n  print(\"a\\\\qb\")\n}\n",
};

/// `written` is the backslash and what follows it.
pub fn unknown(span: Span, written: &str) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("the escape `{written}` has no meaning"),
        span,
        "unknown escape",
    )
    .note("known are `\\n`, `\\t`, `\\r`, `\\\\`, `\\\"`, `\\{`, `\\}` and `\\u{…}`");
    match written {
        "\\'" => d.fix("a single quote needs no escape", span, "'"),
        "\\0" => d.fix("write the character by its number", span, "\\u{0}"),
        "\\$" => d.fix("a dollar sign needs no escape", span, "$"),
        _ => d.help("for a backslash write `\\\\`, or use a raw text: `r\"…\"`"),
    }
}

/// A `\u` that names no character.
pub fn code_point(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "this escape names no character",
        span,
        "not a character's number",
    )
    .note("between the braces stand one to six hexadecimal digits, up to 10FFFF: `\\u{1F34E}`")
}
