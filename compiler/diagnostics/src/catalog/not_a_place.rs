//! G0216: a change of something that is not a place.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0216");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a change of something that cannot be changed",
    explanation: "What can be changed is a `var`, and the fields and elements of its value: `n`, `p.x`, `grid[i][j]`. The result of a call is a\n\
                  value of its own, which nobody would see change.",
    failing: "fn one() → Int = 1\n\nfn main() {\n  one() ≔ 2\n}\n",
    fixed: "fn one() → Int = 1\n\nfn main() {\n  var n = one()\n  n ≔ 2\n  print(n)\n}\n",
};

/// `place` stands before the operator.
pub fn not_a_place(place: Span, operator: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "only a `var` and what is in it can be changed",
        place,
        "this is a value, not a place",
    )
    .label(operator, "this gives a new value")
    .note("a place is the name of a `var`, with fields and indices: `n`, `p.x`, `grid[i][j]`")
}
