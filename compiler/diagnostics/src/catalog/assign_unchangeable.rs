//! G0411: a change of something that is not a `var`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0411");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a change of something that cannot change",
    explanation: "`let` gives a name to a value for good; `var` declares a local that may be changed by `≔`. Parameters and constants cannot be changed: copy\n\
                  them into a `var`.",
    failing: "fn main() {\n  let n = 1\n  n ≔ 2\n  print(n)\n}\n",
    fixed: "fn main() {\n  var n = 1\n  n ≔ 2\n  print(n)\n}\n",
};

/// A `let`, a parameter or a name of a pattern.
pub fn local(
    name: &str,
    span: Span,
    declared: Span,
    keyword: Option<Span>,
    param: bool,
) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("`{name}` cannot be changed"),
        span,
        "changed here",
    )
    .label(
        declared,
        if param {
            "it is a parameter"
        } else {
            "it is bound here, not by `var`"
        },
    );
    match keyword {
        Some(keyword) => d.fix(format!("declare it with `var {name}`"), keyword, "var"),
        None => d.help(format!("copy it into a `var`: `var new_{name} = {name}`")),
    }
}

/// A function or constant.
pub fn item(name: &str, span: Span, declared: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("`{name}` cannot be changed"),
        span,
        "not a `var`",
    );
    let d = match declared {
        Some(at) => d.label(at, "declared here, for good"),
        None => d,
    };
    d.help(format!("copy it into a `var`: `var new_{name} = {name}`"))
}

/// Nothing of that name.
pub fn unknown(name: &str, span: Span, op: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("there is no `var` named `{name}`"),
        span,
        "not found",
    )
    .label(op, "this changes something that is there")
    .help(format!("declare it first: `var {name} = …`"))
}
