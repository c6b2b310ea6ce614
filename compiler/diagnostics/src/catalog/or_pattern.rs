//! G0504: alternatives that bind different names.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0504");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "alternatives that bind different names",
    explanation: "Whichever alternative of `p | q` matches, the code after the arrow uses the same names, so each alternative has to bind them all.",
    failing: "type Shape {\n  Circle(Int)\n  Square(Int)\n  Dot\n}\n\nfn size(s: Shape) → Int {\n  match s {\n    Circle(n) | Dot → 0\n    Square(n) → n\n  }\n}\n\nfn main() {\n  print(size(Dot))\n}\n",
    fixed: "type Shape {\n  Circle(Int)\n  Square(Int)\n  Dot\n}\n\nfn size(s: Shape) → Int {\n  match s {\n    Circle(n) | Square(n) → n\n    Dot → 0\n  }\n}\n\nfn main() {\n  print(size(Dot))\n}\n",
};

/// `name` is bound by one alternative and not by the other.
pub fn differs(name: &str, with: Span, without: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("not every alternative binds `{name}`"),
        without,
        format!("`{name}` is not bound here"),
    )
    .label(with, "but here it is")
    .help("bind the same names in all alternatives, or make them arms of their own")
}
