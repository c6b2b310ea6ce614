//! G0212: `x++`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0212");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`x++`",
    explanation: "A `var` is increased with `x += 1`. The sign `++` joins lists and texts.",
    failing: "fn main() {\n  var n = 1\n  n++\n  print(n)\n}\n",
    fixed: "fn main() {\n  var n = 1\n  n += 1\n  print(n)\n}\n",
};

/// `written` is `++` or `--`; `place` is what is changed.
pub fn increment(span: Span, written: &str, place: &str) -> Diagnostic {
    let sign = if written == "++" { "+=" } else { "-=" };
    Diagnostic::error(
        CODE,
        format!("`{written}` does not change a value"),
        span,
        "an operator of another language",
    )
    .fix(
        format!("write `{place} {sign} 1`"),
        span,
        format!(" {sign} 1"),
    )
}
