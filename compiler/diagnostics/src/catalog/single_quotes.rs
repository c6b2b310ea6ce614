//! G0112: `'text'`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0112");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "single quotes",
    explanation: "Texts stand between double quotes. There is no type for a single character: it is a text of length one.",
    failing: "fn main() {\n  print('hello')\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// `inner` is what stands between the quotes.
pub fn single_quotes(span: Span, inner: &str) -> Diagnostic {
    let inner = inner
        .replace("\\'", "'")
        .replace('"', "\\\"")
        .replace('{', "\\{");
    Diagnostic::error(
        CODE,
        "texts stand between double quotes",
        span,
        "this text has single quotes",
    )
    .fix("use double quotes", span, format!("\"{inner}\""))
}

/// A quote without its partner.
pub fn lone_quote(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a single quote has no meaning here",
        span,
        "this begins nothing",
    )
    .note("texts stand between double quotes: `\"…\"`")
}
