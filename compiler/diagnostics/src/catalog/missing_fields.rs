//! G0406: a record without all of its fields.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0406");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "missing fields",
    explanation: "A value has all of its fields from the start. To take the others from another value, write `Point(..p, x: 3.0)`.",
    failing: "type Point { x: Float, y: Float }\n\nfn main() {\n  print(Point(x: 1.0))\n}\n",
    fixed: "type Point { x: Float, y: Float }\n\nfn main() {\n  print(Point(x: 1.0, y: 0.0))\n}\n",
};

/// `missing` are the labels.
pub fn missing(name: &str, span: Span, missing: &[String], declared: Option<Span>) -> Diagnostic {
    let what = if missing.len() == 1 {
        "field is"
    } else {
        "fields are"
    };
    let shown: Vec<String> = missing.iter().take(3).cloned().collect();
    let more = if missing.len() > 3 { " …" } else { "" };
    let d = Diagnostic::error(
        CODE,
        format!("a {what} missing from `{name}`").replace("a fields", "some fields"),
        span,
        format!("without {}{more}", super::listed(&shown)),
    )
    .help(format!(
        "give it a value: `{}: …`",
        missing.first().map_or("field", |m| m)
    ));
    match declared {
        Some(at) => d.label(at, "declared here"),
        None => d,
    }
}
