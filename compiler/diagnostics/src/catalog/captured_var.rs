//! G0412: a λ that uses a `var` of the outside.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0412");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a λ that uses a `var`",
    explanation: "A λ is a value: it may be kept and called later, when the `var` has changed or is gone. So a λ can only use what does not change. Copy\n\
                  the value of now into a `let`.",
    failing: "fn main() {\n  var n = 1\n  n += 1\n  let add = λ x → x + n\n  print(add(1))\n}\n",
    fixed: "fn main() {\n  var n = 1\n  n += 1\n  let n_now = n\n  let add = λ x → x + n_now\n  print(add(1))\n}\n",
};

/// `declared` is the `var`.
pub fn captured(name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        format!("a λ cannot use the `var` `{name}`"),
        span,
        "used inside of a λ",
    )
    .label(declared, "this may change after the λ is made")
    .note("a λ keeps values, and a `var` is a place")
}

/// What to do when the λ only reads it.
pub fn copy(name: &str) -> String {
    format!("copy the value first: `let {name}_now = {name}`")
}

/// The λ changes it.
pub fn changed(name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("a λ cannot change the `var` `{name}`"), span, "changed inside of a λ")
        .label(declared, "this belongs to the function around the λ")
        .help("change it in a loop: `for x ∈ xs { … }`; or make the value with `list.fold`")
}
