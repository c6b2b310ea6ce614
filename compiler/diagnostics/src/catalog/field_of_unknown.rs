//! G0405: a field of a value whose type is not known.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0405");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a field of a value of unknown type",
    explanation: "To know which field is meant, the type of the value before the dot has to be known by then. Write the type of the\n\
                  parameter.",
    failing: "type A { x: Int }\ntype B { x: Int }\n\nfn get(p) = p.x\n\nfn main() {\n  print(get(A(x: 1)) + B(x: 2).x)\n}\n",
    fixed: "type A { x: Int }\ntype B { x: Int }\n\nfn get(p: A) → Int = p.x\n\nfn main() {\n  print(get(A(x: 1)) + B(x: 2).x)\n}\n",
};

/// `base` is the value before the dot.
pub fn unknown(name: &str, span: Span, base: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("which `{name}` is meant is not known"),
        span,
        "the field of which type?",
    )
    .label(base, "the type of this is not known yet")
    .help("write its type: `(p: Point)` for a parameter, `λ (p: Point) → …` for a λ")
}
