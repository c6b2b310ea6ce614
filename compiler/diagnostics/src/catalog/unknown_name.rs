//! G0301: a name that means nothing here.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0301");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an unknown name",
    explanation: "A name has to be defined before it is used: by `let`, as a parameter, as a function of the module, or by an import.\n\
                  Functions of the standard library are written with their module, such as `list.map`; only a few, such as `print`,\n\
                  need none.",
    failing: "fn main() {\n  let total = 3\n  print(totl + total)\n}\n",
    fixed: "fn main() {\n  let total = 3\n  print(total + total)\n}\n",
};

/// `near` are similar names.
pub fn unknown(name: &str, span: Span, near: &[String]) -> Diagnostic {
    unknown_but(name, span, near, &[])
}

/// `near` are similar names in scope, `elsewhere` the same name in standard modules.
pub fn unknown_but(name: &str, span: Span, near: &[String], elsewhere: &[String]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("there is nothing named `{name}` here"),
        span,
        "not found",
    );
    let d = match near {
        [] => d,
        [one] if elsewhere.is_empty() => d.fix(
            format!("there is something with a similar name: `{one}`"),
            span,
            one.clone(),
        ),
        many => d.help(format!(
            "there is something with a similar name: {}",
            super::listed(many)
        )),
    };
    match elsewhere {
        [] => d,
        many => d.help(format!("a standard module has it: {}", super::listed(many))),
    }
}

/// A module where a value is needed.
pub fn module_as_value(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("`{name}` is a module, not a value"),
        span,
        "a value is needed here",
    )
    .help(format!("name one of its functions: `{name}.…`"))
}

/// A name that other languages know; `help` says what to write.
pub fn foreign(name: &str, span: Span, help: &str) -> Diagnostic {
    unknown(name, span, &[]).help(help)
}
