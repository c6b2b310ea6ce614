//! G0215: a doc comment at the wrong place.

use super::Entry;
use crate::{Code, Diagnostic, Edit, Fix, Span};

/// The code.
pub const CODE: Code = Code("G0215");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a doc comment where there is nothing to document",
    explanation: "A comment that begins with `///` describes the item, field or handler that follows it, and one that begins with `////`\n\
                  the module, at the head of the file. Elsewhere comments begin with `//`.",
    failing: "fn main() {\n  /// greets\n  print(\"hello\")\n}\n",
    fixed: "fn main() {\n  // greets\n  print(\"hello\")\n}\n",
};

/// `slashes` is how many slashes it begins with; `markers` are their places.
pub fn misplaced(span: Span, slashes: usize, markers: &[Span]) -> Diagnostic {
    let (headline, note) = match slashes {
        4 => (
            "a comment about the module stands at the head of the file",
            "`////` describes the module",
        ),
        _ => (
            "nothing that can be documented follows this comment",
            "`///` describes the item, field or handler that follows it",
        ),
    };
    let mut d = Diagnostic::error(CODE, headline, span, "a doc comment").note(note);
    let edits = markers
        .iter()
        .map(|&span| Edit {
            span,
            text: "//".into(),
        })
        .collect();
    d.fixes.push(Fix {
        text: "make it a plain comment".into(),
        edits,
    });
    d
}
