//! G0205: `a < b < c`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0205");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "comparisons in a row",
    explanation: "A comparison gives a Bool, so `a < b < c` would compare a Bool with a number. Compare twice, and join with `∧`\n\
                  (or `and`).",
    failing: "fn within(n: Int) → Bool = 0 < n < 10\n",
    fixed: "fn within(n: Int) → Bool = 0 < n ∧ n < 10\n",
};

/// `first` and `second` are the operators, `middle` is what stands between them.
pub fn chain(first: Span, second: Span, middle: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "comparisons cannot be chained",
        second,
        "a second comparison",
    )
    .label(first, "the first one gives a Bool")
    .fix(
        format!("compare twice, and join with `∧` (typed `and`): `… {middle} ∧ {middle} …`"),
        Span {
            end: second.start,
            ..second
        },
        format!("∧ {middle} "),
    )
}
