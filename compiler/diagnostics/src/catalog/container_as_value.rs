//! G0611: a container used as a value.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0611");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a container used as a value",
    explanation: "A container is no value and no function. `⊞ Counter(0)` (typed `spawn Counter(0)`) makes one and gives its link, which is a value.",
    failing: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += k }\n  on Get() → Int { n }\n}\n\nfn main() {\n  let c = Counter(0)\n  c ⇒ Add(5)\n  print(c ⇔ Get())\n}\n",
    fixed: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += k }\n  on Get() → Int { n }\n}\n\nfn main() {\n  let c = ⊞ Counter(0)\n  c ⇒ Add(5)\n  print(c ⇔ Get())\n}\n",
};

/// Its name.
pub fn value(name: &str, span: Span) -> Diagnostic {
    let before = Span { end: span.start, ..span };
    let d = Diagnostic::error(CODE, format!("`{name}` is a container, not a value"), span, "this must be spawned");
    d.fix(format!("make a new one: `⊞ {name}(…)`"), before, "⊞ ")
}
