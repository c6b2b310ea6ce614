//! G0221: a comma after an arm.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0221");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a comma after an arm of `match`",
    explanation: "The arms of a `match` stand on lines of their own, without commas. Several on one line are separated by `;`.",
    failing: "fn name(n: Int) → Text {\n  match n {\n    0 → \"none\",\n    _ → \"some\"\n  }\n}\n",
    fixed: "fn name(n: Int) → Text {\n  match n {\n    0 → \"none\"\n    _ → \"some\"\n  }\n}\n",
};

/// `joined` is true when the next arm stands on the same line.
pub fn arm_comma(span: Span, joined: bool) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        "the arms of `match` are not separated by commas",
        span,
        "not needed",
    );
    if joined {
        d.fix("write `;` between arms on one line", span, ";")
    } else {
        d.fix("remove the comma", span, "")
    }
}
