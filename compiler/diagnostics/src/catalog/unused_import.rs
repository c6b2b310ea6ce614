//! G0310: an import that nothing uses.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0310");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an import that is not used",
    explanation: "Nothing in the file uses the module, or the name, that is imported. An import that is not needed makes a reader look for\n\
                  its use, so it is better removed. The modules of the standard library need no import at all.",
    failing: "import list\n\nfn main() {\n  print(text.length(\"glyph\"))\n}\n",
    fixed: "fn main() {\n  print(text.length(\"glyph\"))\n}\n",
};

/// A whole import.
pub fn import(span: Span) -> Diagnostic {
    Diagnostic::warning(
        CODE,
        "this import is not used",
        span,
        "nothing in this file needs it",
    )
    .fix("remove it", span, "")
}

/// One name of an import.
pub fn name(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(
        CODE,
        format!("the imported `{name}` is not used"),
        span,
        "nothing in this file needs it",
    )
}
