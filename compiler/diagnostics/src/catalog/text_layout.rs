//! G0108: the lines of a text over several lines.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0108");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "the lines of a text do not line up",
    explanation: "A text over several lines begins on the line after `\"\"\"` and ends on the line before the closing `\"\"\"`.\n\
                  The space before the closing `\"\"\"` is taken away from each line, so each line has to begin with it.",
    failing: "fn main() {\n  print(\"\"\"\n    one\n  two\n    \"\"\")\n}\n",
    fixed: "fn main() {\n  print(\"\"\"\n    one\n    two\n    \"\"\")\n}\n",
};

/// Something stands after the opening `"""`.
pub fn opening(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a text over several lines begins on the line after `\"\"\"`",
        span,
        "this stands on the same line",
    )
    .help("put a line break after `\"\"\"`; for a text of one line use `\"…\"`")
}

/// Something stands before the closing `"""`.
pub fn closing(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "the closing `\"\"\"` stands on a line of its own",
        span,
        "text stands before it on this line",
    )
    .help("put a line break before `\"\"\"`; the break does not become part of the text")
}

/// A line begins with less space than the closing delimiter.
pub fn indentation(span: Span, wanted: usize) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "this line of the text is indented less than its end",
        span,
        "too little space",
    )
    .note(format!(
        "the {wanted} characters of space before the closing `\"\"\"` are taken away from each line"
    ))
    .help("indent the line, or move the closing `\"\"\"` to the left")
}
