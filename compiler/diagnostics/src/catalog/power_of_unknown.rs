//! G0426: `^` of any number.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0426");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a power of a number of unknown kind",
    explanation: "`^` works differently for Int and Float, so it has to be known which one it is: a type variable will not do.",
    failing: "fn square(x: a) → a = x ^ x\n\nfn main() {\n  print(square(2))\n}\n",
    fixed: "fn square(x: Int) → Int = x ^ x\n\nfn main() {\n  print(square(2))\n}\n",
};

/// The whole power.
pub fn unknown(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "`^` needs to know whether this is an Int or a Float",
        span,
        "could be either",
    )
    .help("write Int or Float instead of the type variable")
}
