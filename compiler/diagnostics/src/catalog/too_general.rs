//! G0417: a type variable that is not any type.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0417");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a type variable that is not any type after all",
    explanation: "A lower-case name in a function's head says: this works for every type, the caller chooses. Here the body needs one certain type, so the\n\
                  head promises too much.",
    failing: "fn same(x: a) → a = 1\n\nfn main() {\n  print(same(2))\n}\n",
    fixed: "fn same(x: a) → a = x\n\nfn main() {\n  print(same(2))\n}\n",
};

/// `name` is the type variable.
pub fn too_general(span: Span, found: &str, wanted: &str, name: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{name}` stands for any type here"),
        span,
        format!(
            "this is {}, but {} is needed",
            super::article(found),
            super::article(wanted)
        ),
    )
    .note(format!("the caller chooses what `{name}` is"))
    .help(format!("write the type that is meant instead of `{name}`"))
}
