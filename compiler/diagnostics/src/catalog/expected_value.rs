//! G0421: `_` where a value is needed.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0421");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a hole where a value is needed",
    explanation: "`_` leaves something out in a pattern or a type. Where a value is needed, it says what would fit: write a value, or `todo()` for now.",
    failing: "fn main() {\n  let n: Int = _\n  print(n)\n}\n",
    fixed: "fn main() {\n  let n: Int = 3\n  print(n)\n}\n",
};

/// `ty` is the type that is needed, if it is known.
pub fn hole(span: Span, ty: Option<&str>) -> Diagnostic {
    let label = ty.map_or_else(
        || "a value is needed here".to_owned(),
        |ty| format!("{} is needed here", super::article(ty)),
    );
    Diagnostic::error(CODE, "`_` is not a value", span, label)
        .help("write the value, or `todo()` for now")
}
