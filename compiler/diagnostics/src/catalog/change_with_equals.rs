//! G0214: `x = 5` for a change.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0214");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a change written with `=`",
    explanation: "`=` defines a name, once. A `var` is given a new value with `≔` (typed `:=`), and two values are compared with `≡`\n\
                  (typed `==`).",
    failing: "fn main() {\n  var n = 1\n  n = 2\n  print(n)\n}\n",
    fixed: "fn main() {\n  var n = 1\n  n ≔ 2\n  print(n)\n}\n",
};

/// `equals` is the sign, `place` what stands before it.
pub fn change(equals: Span, place: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a new value is given with `≔`",
        equals,
        "`=` defines a name",
    )
    .label(place, "this is to be changed")
    .note("a new name is defined with `let` or `var`")
    .fix("write `≔` (typed `:=`)", equals, "≔")
}

/// A comparison in a condition.
pub fn comparison(equals: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "values are compared with `≡`",
        equals,
        "`=` defines a name",
    )
    .fix("write `≡` (typed `==`)", equals, "≡")
}
