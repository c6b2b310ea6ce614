//! G0311: a local name that nothing uses.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0311");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a name that is not used",
    explanation: "A value that gets a name and is never read is often a mistake: another name was meant, or a change that has no effect. A name\n\
                  that begins with `_` says that it need not be used.",
    failing: "fn main() {\n  let answer = 42\n  print(\"hello\")\n}\n",
    fixed: "fn main() {\n  let answer = 42\n  print(answer)\n}\n",
};

/// `rename`: writing `_` before it is all that is needed.
pub fn unused(name: &str, span: Span, mutable: bool, rename: bool) -> Diagnostic {
    let what = if mutable {
        "is changed at most, but never read"
    } else {
        "is not used"
    };
    let d = Diagnostic::warning(CODE, format!("`{name}` {what}"), span, "never read");
    if rename && !mutable {
        d.fix(
            format!("if that is meant, write `_{name}`"),
            span,
            format!("_{name}"),
        )
    } else {
        d
    }
}
