//! G0404: a field that the value does not have.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0404");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an unknown field",
    explanation: "A dot leads to a field of a record: a type with one variant whose fields have names. A type with several variants is taken apart\n\
                  with `match`.",
    failing: "type Point { x: Float, y: Float }\n\nfn main() {\n  let p = Point(x: 1.0, y: 2.0)\n  print(p.z)\n}\n",
    fixed: "type Point { x: Float, y: Float }\n\nfn main() {\n  let p = Point(x: 1.0, y: 2.0)\n  print(p.y)\n}\n",
};

/// `labels` are the fields that there are.
pub fn unknown(ty: &str, name: &str, span: Span, near: &[String], labels: &[&str]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("{} has no field `{name}`", super::article(ty)),
        span,
        "not a field of it",
    );
    match (near, labels) {
        ([one], _) => d.fix(
            format!("there is a field with a similar name: `{one}`"),
            span,
            one.clone(),
        ),
        (_, []) => d,
        (_, some) => {
            let shown: Vec<String> = some.iter().take(3).map(|l| (*l).to_owned()).collect();
            let more = if some.len() > 3 { " …" } else { "" };
            d.help(format!("its fields are {}{more}", super::listed(&shown)))
        }
    }
}

/// `call` is what may be meant: a function, or an index.
pub fn not_a_record(ty: &str, name: &str, span: Span, call: &str) -> Diagnostic {
    unknown(ty, name, span, &[], &[]).help(format!("write `{call}`"))
}

/// A field of a type with several variants.
pub fn several_variants(ty: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{name}` cannot be taken from {}", super::article(ty)),
        span,
        "the type has several variants",
    )
    .help("use `match` to see which variant it is")
}
