//! G0608: a function in a container that uses its state.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0608");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a function in a container that uses its state",
    explanation: "Only handlers see the members of a container. A function in it is an ordinary function: it gets what it needs as arguments and gives back what comes out.",
    failing: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += step(k) }\n  on Get() → Int { n }\n  fn step(k: Int) → Int = k × n\n}\n\nfn main() {\n  let c = ⊞ Counter(1)\n  c ⇒ Add(5)\n  print(c ⇔ Get())\n}\n",
    fixed: "container Counter(start: Int) {\n  var n = start\n  on Add(k: Int) { n += step(k, n) }\n  on Get() → Int { n }\n  fn step(k: Int, n: Int) → Int = k × n\n}\n\nfn main() {\n  let c = ⊞ Counter(1)\n  c ⇒ Add(5)\n  print(c ⇔ Get())\n}\n",
};

/// `declared` is the member.
pub fn used(name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("a function in a container cannot use its `{name}`"), span, "only handlers see this")
        .label(declared, "a member of the container")
        .help(format!("pass it as an argument: `{name}`"))
}
