//! G0234: `Point { x: 1 }`.

use super::Entry;
use crate::{Code, Diagnostic, Edit, Fix, Span};

/// The code.
pub const CODE: Code = Code("G0234");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a record built with braces",
    explanation: "A record is built like a call, with parentheses: `Point(x: 1.0, y: 2.0)`. A brace begins a block.",
    failing: "type Point { x: Float, y: Float }\n\nfn origin() → Point = Point { x: 0.0, y: 0.0 }\n",
    fixed: "type Point { x: Float, y: Float }\n\nfn origin() → Point = Point(x: 0.0, y: 0.0)\n",
};

/// `close` is the place of the closing brace.
pub fn record(open: Span, close: Option<Span>, name: &str) -> Diagnostic {
    let mut d = Diagnostic::error(
        CODE,
        "a record is built with parentheses",
        open,
        "`{` begins a block",
    )
    .note(format!("for example `{name}(x: 1.0, y: 2.0)`"));
    if let Some(close) = close {
        let edit = |span, text: &str| Edit {
            span,
            text: text.into(),
        };
        d.fixes.push(Fix {
            text: "use parentheses".into(),
            edits: vec![edit(open, "("), edit(close, ")")],
        });
    }
    d
}
