//! G0590: a match whose tests would be too large.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0590");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a match that is too complex",
    explanation: "A match is compiled into a tree of tests. Arms that each look at other parts of a large value,\n\
                  or many alternatives inside one another, can make this tree far larger than the program itself.\n\
                  Split the match: decide on one part first, and match on the rest inside its arms.",
    failing: "",
    fixed: "",
};

/// `limit` is how many tests a match may become.
pub fn too_complex(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(CODE, "this match needs too many tests", span, format!("more than {limit} tests come from this match"))
        .note("arms that each look at other parts of the value multiply with each other")
        .help("decide on one part first, and match on the rest inside its arms")
}

/// Whether every value is covered would take too long to find out.
pub fn unchecked(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "whether this match covers every value would take too long to find out",
        span,
        "too many combinations of patterns",
    )
    .help("decide on one part first, and match on the rest inside its arms; or end with `_ → …`")
}
