//! G0240: `type A = B | C`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0240");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "variants after `=`",
    explanation: "After `=` stands another name for one type. The variants of a type stand in braces, without `|`.",
    failing: "type Shape = Circle(Float) | Square(Float)\n",
    fixed: "type Shape {\n  Circle(Float)\n  Square(Float)\n}\n",
};

/// The place of the first `|` or `(`.
pub fn variants(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "the variants of a type stand in braces", span, "after `=` stands just one type")
        .help("write `type Shape { Circle(Float), Square(Float) }`, with commas or each on a line of its own")
}
