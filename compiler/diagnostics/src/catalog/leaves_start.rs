//! G0615: a way out of a container's beginning.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0615");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a way out of a container's beginning",
    explanation: "When a container is made, all its members get a value. So there is no `return` and no `?` there.",
    failing: "container Counter(start: Text) {\n  var n = int.parse(start)?\n  on Get() → Int {\n    n += 1\n    n\n  }\n}\n\nfn main() {\n  let c = ⊞ Counter(\"5\")\n  print(c ⇔ Get())\n}\n",
    fixed: "container Counter(start: Text) {\n  var n = option.unwrap_or(int.parse(start), 0)\n  on Get() → Int {\n    n += 1\n    n\n  }\n}\n\nfn main() {\n  let c = ⊞ Counter(\"5\")\n  print(c ⇔ Get())\n}\n",
};

/// `what` is the way out.
pub fn leaves(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{what}` cannot stand where a container begins"), span, "every member needs a value")
        .help("say what the member is then: with `match`, `option.unwrap_or` or `panic`")
}
