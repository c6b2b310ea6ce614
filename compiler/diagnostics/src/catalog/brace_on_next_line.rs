//! G0220: `{` on a line of its own.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0220");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a `{` on a line of its own",
    explanation: "A line's end ends a statement, so the `{` of a block stands on the same line as what it belongs to.",
    failing: "fn main()\n{\n  print(\"hello\")\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// `gap` is what stands between the line before and the brace, unless that is a comment.
pub fn brace(brace: Span, gap: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        "the `{` stands on a line of its own",
        brace,
        "this begins a new statement",
    )
    .note("a line's end ends a statement");
    match gap {
        None => d.help("put `{` at the end of the line before"),
        Some(gap) => d.fix("put it at the end of the line before", gap, " "),
    }
}
