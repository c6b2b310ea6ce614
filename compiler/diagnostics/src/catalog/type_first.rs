//! G0239: `int x = 5`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0239");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a definition that begins with its type",
    explanation: "A definition begins with `let`, or with `var` if the value may change. A type, if it is written at all, stands after the name:\n\
                  `let x: Int = 5`.",
    failing: "fn main() {\n  Int x = 5\n  print(1)\n}\n",
    fixed: "fn main() {\n  let x: Int = 5\n  print(x)\n}\n",
};

/// `ty` stands before `name`.
pub fn type_first(ty: Span, name: Span, type_text: &str, name_text: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a definition begins with `let` or `var`",
        ty,
        "a type cannot stand here",
    )
    .label(name, "this is to be defined")
    .help(format!(
        "write `let {name_text}: {type_text} = …`, or `var` if it changes"
    ))
}
