//! G0422: an update of a type with several variants.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0422");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an update of a type with several variants",
    explanation: "`Point(..p, x: 3.0)` takes the other fields from `p`. That needs a type with one variant; of a type with several, `p` could be another one.",
    failing: "type Shape {\n  Circle(x: Int, r: Int)\n  Dot(x: Int)\n}\n\nfn main() {\n  print(Circle(..Dot(x: 1), r: 2))\n}\n",
    fixed: "type Shape {\n  Circle(x: Int, r: Int)\n  Dot(x: Int)\n}\n\nfn main() {\n  print([Circle(x: 1, r: 2), Dot(x: 1)])\n}\n",
};

/// `name` is the variant.
pub fn several_variants(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{name}` cannot start from another value"),
        span,
        "its type has several variants, and this could be another one",
    )
    .help("use `match`, and give all fields")
}
