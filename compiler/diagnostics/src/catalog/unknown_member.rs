//! G0305: a module has no such item.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0305");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a module has no such item",
    explanation: "The module is there, but nothing in it has this name.",
    failing: "fn main() {\n  print(list.lenght([1, 2]))\n}\n",
    fixed: "fn main() {\n  print(list.length([1, 2]))\n}\n",
};

/// `near` are similar names.
pub fn unknown(module: &str, name: &str, span: Span, near: &[String]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("the module `{module}` has nothing named `{name}`"),
        span,
        "not found in the module",
    );
    match near {
        [] => d,
        [one] => d.fix(
            format!("it has something with a similar name: `{one}`"),
            span,
            one.clone(),
        ),
        many => d.help(format!(
            "it has something with a similar name: {}",
            super::listed(many)
        )),
    }
}

/// It is there under another name, `here`.
pub fn renamed(module: &str, name: &str, span: Span, whole: Option<Span>, here: &str) -> Diagnostic {
    let d = unknown(module, name, span, &[]);
    match whole {
        Some(whole) => d.fix(format!("here it is called `{here}`"), whole, here),
        None => d.help(format!("here it is called `{here}`")),
    }
}
