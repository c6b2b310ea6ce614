//! G0607: two handlers of one name.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0607");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "two handlers of one name",
    explanation: "A container has one handler for each message.",
    failing: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += k }\n  on Add(k: Int) { n -= k }\n  on Get() → Int { n }\n}\n\nfn main() {\n  let c = ⊞ Counter(0)\n  c ⇒ Add(5)\n  print(c ⇔ Get())\n}\n",
    fixed: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += k }\n  on Subtract(k: Int) { n -= k }\n  on Get() → Int { n }\n}\n\nfn main() {\n  let c = ⊞ Counter(0)\n  c ⇒ Add(5)\n  c ⇒ Subtract(5)\n  print(c ⇔ Get())\n}\n",
};

/// `first` is the handler before.
pub fn twice(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("there are two handlers of `{name}`"), span, "the second one")
        .label(first, "the first one")
}
