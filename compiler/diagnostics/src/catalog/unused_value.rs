//! G0423: a value that is computed and lost.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0423");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a value that is not used",
    explanation: "A statement that only computes a value does nothing. Values do not change: `list.push(xs, 1)` gives a new list, and `xs` stays as it is unless\n\
                  it is told `xs ≔ list.push(xs, 1)`. To compute something only for its effect, write `let _ = …`.",
    failing: "fn main() {\n  let n = 1\n  n ≡ 2\n  print(n)\n}\n",
    fixed: "fn main() {\n  let n = 1\n  print(n ≡ 2)\n}\n",
};

/// `what` is a comparison, literal, value …
pub fn unused(what: &str, span: Span) -> Diagnostic {
    let d = Diagnostic::warning(
        CODE,
        format!("this {what} is not used"),
        span,
        "computed and lost",
    );
    if what == "comparison" {
        d.help("to change a `var`, write `≔`; to lose the value on purpose, `let _ = …`")
    } else {
        d
    }
}

/// A call that only computes; `changed` is the `var` that was probably meant, and the call as written.
pub fn lost_result(name: &str, span: Span, changed: Option<(&str, &str)>) -> Diagnostic {
    let d = Diagnostic::warning(
        CODE,
        format!("the result of `{name}` is not used"),
        span,
        "gives a new value, which is lost",
    );
    match changed {
        Some((var, call)) => d
            .note("values do not change: the function gives a new one")
            .fix(
                format!("keep it: `{var} ≔ …`"),
                span,
                format!("{var} ≔ {call}"),
            ),
        None => d.help("use it, or write `let _ = …` if only the way there matters"),
    }
}
