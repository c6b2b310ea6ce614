//! G0418: a method call.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0418");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a method call",
    explanation: "There are no methods: a dot leads to a field or into a module. What would be a method is a function of a module, with the value as its\n\
                  first argument. A pipe reads the same way: `xs ▷ list.map(f)`.",
    failing: "fn main() {\n  let xs = [1, 2]\n  print(xs.length())\n}\n",
    fixed: "fn main() {\n  let xs = [1, 2]\n  print(list.length(xs))\n}\n",
};

/// `call` is the function that is meant; `source` the value as written.
pub fn method(name: &str, span: Span, ty: &str, call: &str, source: &str) -> Diagnostic {
    let source = if source.len() > 30 || source.contains('\n') {
        "…"
    } else {
        source
    };
    Diagnostic::error(
        CODE,
        format!("there are no methods: `{name}` is a function"),
        span,
        format!("not a field of {}", super::article(ty)),
    )
    .help(format!(
        "write `{source} ▷ {call}(…)` or `{call}({source}, …)`"
    ))
}

/// `before` is the empty span before the value, `between` all from its end through the parenthesis.
pub fn with_fix(
    mut diagnostic: Diagnostic,
    before: Span,
    between: Span,
    call: &str,
    no_args: bool,
) -> Diagnostic {
    let comma = if no_args { "" } else { ", " };
    let edits = vec![
        crate::Edit {
            span: before,
            text: format!("{call}("),
        },
        crate::Edit {
            span: between,
            text: comma.to_owned(),
        },
    ];
    diagnostic.fixes.push(crate::Fix {
        text: format!("call `{call}`"),
        edits,
    });
    diagnostic
}
