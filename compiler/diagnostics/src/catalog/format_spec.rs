//! G0232: `{x:.2}` in a text.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0232");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a format in a text",
    explanation: "In a text, `{…}` holds just an expression. To say how a number is to be written, call a function in it:\n\
                  `{float.format(x, 2)}`.",
    failing: "fn main() {\n  let x = 1.5\n  print(\"{x:.2}\")\n}\n",
    fixed: "fn main() {\n  let x = 1.5\n  print(\"{x}\")\n}\n",
};

/// The place of the colon; `quoted` when a text stands before it, as in JSON.
pub fn format(span: Span, quoted: bool) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        "the braces of a text hold just an expression",
        span,
        "the expression ends here",
    );
    if quoted {
        return d.help("for braces and quotes that are just characters write `\\{` and `\\\"`, or use a raw text of several lines: `r\"\"\"`");
    }
    d.help("to say how a value is written, call a function in the braces: `{float.format(x, 2)}`")
}
