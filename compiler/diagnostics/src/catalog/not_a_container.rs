//! G0604: `⊞` before what is no container.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0604");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`⊞` before what is no container",
    explanation: "`⊞` (typed `spawn`) makes a new container. What stands behind it is the name of a `container` with its arguments.",
    failing: "type Point { x: Int, y: Int }\n\nfn main() {\n  let p = ⊞ Point(x: 1, y: 2)\n  print(p)\n}\n",
    fixed: "type Point { x: Int, y: Int }\n\nfn main() {\n  let p = Point(x: 1, y: 2)\n  print(p)\n}\n",
};

/// The name is that of another type.
pub fn a_type(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` is a type, not a container"), span, "only a container can be spawned")
        .help(format!("a value is made without `⊞`: `{name}(…)`"))
}

/// Nothing has this name; `near` are containers with similar names.
pub fn unknown(name: &str, span: Span, near: &[String]) -> Diagnostic {
    let d = Diagnostic::error(CODE, format!("there is no container named `{name}`"), span, "not found in this module");
    match near {
        [] => d,
        [one] => d.fix(format!("there is a container with a similar name: `{one}`"), span, one.clone()),
        many => d.help(format!("there are containers with similar names: {}", super::listed(many))),
    }
}
