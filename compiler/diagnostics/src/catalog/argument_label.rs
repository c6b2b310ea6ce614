//! G0407: a label or spread that does not belong there.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0407");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a label that does not belong there",
    explanation: "Arguments may be labelled with the names of fields or parameters, in any order; those without a label come first. `..value` starts from\n\
                  another record and is only for records.",
    failing: "type Point { x: Float, y: Float }\n\nfn main() {\n  print(Point(x: 1.0, z: 2.0))\n}\n",
    fixed: "type Point { x: Float, y: Float }\n\nfn main() {\n  print(Point(x: 1.0, y: 2.0))\n}\n",
};

/// A label that nothing has.
pub fn unknown(label: &str, span: Span, of: &str, near: &[String], known: &[&str]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("`{of}` has nothing named `{label}`"),
        span,
        "no such label",
    );
    let labels: Vec<String> = known
        .iter()
        .filter(|l| !l.is_empty())
        .take(3)
        .map(|l| (*l).to_owned())
        .collect();
    match (near, &labels[..]) {
        ([one], _) => d.fix(
            format!("there is a similar one: `{one}`"),
            span,
            one.clone(),
        ),
        (_, []) => d.help("leave the label out: its fields have no names"),
        (_, some) => d.help(format!(
            "it has {}{}",
            super::listed(some),
            if known.len() > 3 { " …" } else { "" }
        )),
    }
}

/// The same argument twice.
pub fn twice(label: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{label}` is given twice"),
        span,
        "given again here",
    )
    .label(first, "given here already")
}

/// A plain argument after a labelled one.
pub fn positional_after(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "an argument without a label after one with a label",
        span,
        "which one is this?",
    )
    .help("give it a label too, or put it before the labelled ones")
}

/// A label in the call of a function value.
pub fn of_value(label: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("the label `{label}` does not belong here"),
        span,
        "a function value has no labels",
    )
    .help("give the arguments in their order, without labels")
}

/// `..base` in a call of a function.
pub fn spread(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "`..` does not belong here",
        span,
        "only a record can start from another one",
    )
    .help("give the arguments one by one")
}

/// A plain argument in a record update.
pub fn unlabelled_update(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "which field this changes is not said",
        span,
        "after `..` each value needs a label",
    )
    .help("write the field's name before it: `x: …`")
}
