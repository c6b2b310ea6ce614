//! G0307: two definitions of one name.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0307");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a name that is defined twice",
    explanation: "In one module each function, constant, type and variant has its own name, and an import must not bring in another\n\
                  one. (A `let` may use a name again: it then means the new value.)",
    failing: "fn area(r: Int) → Int = r × r\n\nfn area(a: Int, b: Int) → Int = a × b\n\nfn main() {\n  print(area(2))\n}\n",
    fixed: "fn square(r: Int) → Int = r × r\n\nfn area(a: Int, b: Int) → Int = a × b\n\nfn main() {\n  print(square(2) + area(1, 2))\n}\n",
};

/// `first` is the other definition.
pub fn duplicate(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{name}` is defined twice"),
        span,
        "defined again here",
    )
    .label(first, "first defined here")
    .help("give one of them another name")
}
