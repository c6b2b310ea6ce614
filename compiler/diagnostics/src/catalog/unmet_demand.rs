//! G0408: a value that cannot be compared, added, shown or be a key.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0408");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a value that an operation does not take",
    explanation: "`+ - × ÷` take numbers, `++` joins lists, texts and bytes. Every value can be compared, put in order, shown and be a key, unless there is a function\n\
                  in it: two functions cannot be compared.",
    failing: "fn main() {\n  print(\"a\" + \"b\")\n}\n",
    fixed: "fn main() {\n  print(\"a\" ++ \"b\")\n}\n",
};

/// `inability` says what the type is not; `why` is what needs it.
pub fn unmet(span: Span, ty: &str, inability: &str, why: Option<Span>) -> Diagnostic {
    let ty = super::article(ty);
    let d = Diagnostic::error(
        CODE,
        format!("{ty} {inability}"),
        span,
        format!("this is {ty}"),
    );
    let d = match why {
        Some(why) => d.label(why, "needed here"),
        None => d,
    };
    if ty.starts_with("a `fn(") {
        d.note("functions can only be called, kept and passed on")
    } else {
        d
    }
}

/// `+` between texts or lists.
pub fn plus_joins(span: Span, ty: &str, op: Span, plus: &str) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("`+` adds numbers, and {} is none", super::article(ty)),
        span,
        format!("this is {}", super::article(ty)),
    );
    if plus == "+" {
        d.fix("`++` joins", op, "++")
    } else {
        d.help("`++` joins")
    }
}
