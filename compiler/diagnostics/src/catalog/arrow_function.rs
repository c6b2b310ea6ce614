//! G0222: a function value of another language.

use super::Entry;
use crate::{Code, Diagnostic, Edit, Fix, Span};

/// The code.
pub const CODE: Code = Code("G0222");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a function value that is written differently",
    explanation: "A function value begins with `λ` (typed `\\`); its parameters are separated by spaces, and its body stands after `→`\n\
                  (typed `->`): `λ a b → a + b`.",
    failing: "fn main() {\n  print(list.map([1, 2], x => x + 1))\n}\n",
    fixed: "fn main() {\n  print(list.map([1, 2], λ x → x + 1))\n}\n",
};

const NOTE: &str = "a function value is written `λ a b → a + b` (typed `\\a b -> a + b`)";

/// `x => …`; `names` are the parameters, if they are just names.
pub fn arrow_function(params: Span, arrow: Span, names: Option<&str>) -> Diagnostic {
    let mut d = Diagnostic::error(
        CODE,
        "`⇒` sends a message, and this is not one",
        arrow,
        "sends to what stands before it",
    )
    .note(NOTE);
    match names {
        None => d.help("a message is the name of a handler, with arguments: `counter ⇒ Add(5)`"),
        Some(names) => {
            let sign = if names.is_empty() {
                "λ".to_owned()
            } else {
                format!("λ {names}")
            };
            let edits = vec![
                Edit {
                    span: params,
                    text: sign,
                },
                Edit {
                    span: arrow,
                    text: "→".into(),
                },
            ];
            d.fixes.push(Fix {
                text: "make it a function value".into(),
                edits,
            });
            d
        }
    }
}

/// `x -> …` without `λ`.
pub fn without_lambda(params: Span, arrow: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a function value begins with `λ`",
        arrow,
        "this arrow belongs to no function value",
    )
    .label(params, "`λ` (typed `\\`) belongs before this")
    .note(NOTE)
}

/// `|x| …`, `fn(x) …` and the like.
pub fn other_form(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a function value begins with `λ`",
        span,
        "this begins no value",
    )
    .note(NOTE)
}

/// `λ a, b → …`
pub fn comma(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "the parameters of a function value are separated by spaces",
        span,
        "no comma here",
    )
    .note(NOTE)
    .fix("remove the comma", span, "")
}
