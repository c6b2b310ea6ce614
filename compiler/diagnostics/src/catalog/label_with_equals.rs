//! G0242: `f(x = 5)`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0242");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a label followed by `=`",
    explanation: "The label of an argument or a field is followed by a colon: `Point(x: 1.0, y: 2.0)`.",
    failing: "type Point { x: Float, y: Float }\n\nfn origin() → Point = Point(x = 0.0, y: 0.0)\n",
    fixed: "type Point { x: Float, y: Float }\n\nfn origin() → Point = Point(x: 0.0, y: 0.0)\n",
};

/// `equals` is the sign after the label.
pub fn label(equals: Span, label: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a label is followed by `:`",
        equals,
        "`=` defines a name",
    )
    .label(label, "a label")
    .fix(
        format!("write `{name}: …`"),
        Span {
            start: label.end,
            ..equals
        },
        ":",
    )
}
