//! G0610: a message or container without parentheses.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0610");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a message or container without parentheses",
    explanation: "A message is written like a call, `c ⇒ Reset()`, also when there is nothing to say with it; and so is a new container, `⊞ Counter()`.",
    failing: "container Counter() {\n  var n = 0\n  on Count() → Int {\n    n += 1\n    n\n  }\n}\n\nfn main() {\n  let c = ⊞ Counter()\n  print(c ⇔ Count)\n}\n",
    fixed: "container Counter() {\n  var n = 0\n  on Count() → Int {\n    n += 1\n    n\n  }\n}\n\nfn main() {\n  let c = ⊞ Counter()\n  print(c ⇔ Count())\n}\n",
};

/// `params` are the names of its parameters.
pub fn missing(name: &str, span: Span, params: &[&str]) -> Diagnostic {
    let d = Diagnostic::error(CODE, format!("`{name}` needs parentheses"), span, "nothing is passed along");
    match params {
        [] => d.fix("write them", span.after(), "()"),
        params => d.help(format!("write `{name}({})`", params.join(", "))),
    }
}
