//! G0318: a type alias that contains itself.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0318");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an alias that contains itself",
    explanation: "`type A = …` only gives another name to a type, so it cannot contain itself: the name would never end. A type with variants or\n\
                  fields may.",
    failing: "type Tree = List[Tree]\n\nfn size(t: Tree) → Int = list.length(t)\n\nfn main() {\n  print(size([]))\n}\n",
    fixed: "type Tree { children: List[Tree] }\n\nfn size(t: Tree) → Int = list.length(t.children)\n\nfn main() {\n  print(size(Tree(children: [])))\n}\n",
};

/// The alias.
pub fn recursive(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("the alias `{name}` contains itself"),
        span,
        "another name for a type that would never end",
    )
    .help(format!(
        "declare a type with fields or variants: `type {name} {{ … }}`"
    ))
}
