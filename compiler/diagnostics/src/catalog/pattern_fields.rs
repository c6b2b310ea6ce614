//! G0505: a pattern with the wrong fields.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0505");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a pattern with the wrong fields",
    explanation: "A pattern names all fields of a variant, by position or by label; `..` at the end stands for those that do not matter.",
    failing: "type Point { x: Int, y: Int }\n\nfn main() {\n  let Point(x:) = Point(x: 1, y: 2)\n  print(x)\n}\n",
    fixed: "type Point { x: Int, y: Int }\n\nfn main() {\n  let Point(x:, ..) = Point(x: 1, y: 2)\n  print(x)\n}\n",
};

/// The wrong number of fields; `names` are those that there are.
pub fn count(of: &str, span: Span, wanted: usize, given: usize, names: &[String]) -> Diagnostic {
    let fields = if wanted == 1 {
        "1 field".to_owned()
    } else {
        format!("{wanted} fields")
    };
    let d = Diagnostic::error(
        CODE,
        format!("`{of}` has {fields}, but this pattern names {given}"),
        span,
        "not all fields are named",
    );
    if wanted == 0 {
        return d.help(format!("write `{of}`"));
    }
    d.help(format!(
        "write `{of}({})`; `..` at the end leaves the others out",
        names.join(", ")
    ))
}

/// A label that the variant does not have.
pub fn label(of: &str, label: &str, span: Span, near: &[String], labels: &[&str]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("`{of}` has no field named `{label}`"),
        span,
        "not a field of it",
    );
    match (near, labels) {
        ([one], _) => d.help(format!("there is a field with a similar name: `{one}`")),
        (_, []) => d.help("its fields have no names: write the patterns in their order"),
        (_, some) => {
            let shown: Vec<String> = some.iter().take(3).map(|l| (*l).to_owned()).collect();
            let more = if some.len() > 3 { " …" } else { "" };
            d.help(format!("its fields are {}{more}", super::listed(&shown)))
        }
    }
}

/// The same field twice.
pub fn twice(of: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("a field of `{of}` is named twice"),
        span,
        "named again here",
    )
}
