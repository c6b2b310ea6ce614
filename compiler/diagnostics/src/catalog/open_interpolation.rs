//! G0114: `{` in a text.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0114");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a `{` in a text that begins no value",
    explanation: "In a text, `{…}` holds an expression whose value becomes part of the text. It ends on the line on which it\n\
                  begins. For a brace that is just a character write `\\{`, or use a raw text: r\"…\".",
    failing: "fn main() {\n  print(\"{\")\n}\n",
    fixed: "fn main() {\n  print(\"\\{\")\n}\n",
};

/// The brace is not closed on its line.
pub fn open(brace: Span, text: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "the `{` in this text is not closed",
        brace,
        "begins an expression",
    )
    .label(text, "in this text")
    .note("in a text, `{…}` holds an expression whose value becomes part of the text")
    .help("for a brace that is just a character write `\\{`")
}

/// Nothing stands between the braces.
pub fn empty(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "there is no expression between these braces",
        span,
        "empty",
    )
    .note("in a text, `{…}` holds an expression whose value becomes part of the text")
    .fix("for braces that are just characters", span, "\\{\\}")
}
