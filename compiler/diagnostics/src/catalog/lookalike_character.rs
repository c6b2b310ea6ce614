//! G0102: a character that looks like another one.

use super::Entry;
use crate::{Code, Diagnostic, Edit, Fix, Span};

/// The code.
pub const CODE: Code = Code("G0102");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a character that looks like a sign of the language",
    explanation: "Some characters look like one of the signs of the language but are different ones: they come from\n\
                  word processors, input methods and other alphabets. The message says which one was probably meant.",
    failing: "fn main() {\n  print(1 − 2)\n}\n",
    fixed: "fn main() {\n  print(1 - 2)\n}\n",
};

/// `c` stands where `meant` was probably meant.
pub fn lookalike(span: Span, c: char, meant: &str) -> Diagnostic {
    let shown = if meant == " " { "a space" } else { meant };
    let headline = match c.is_whitespace() {
        true => format!("the character U+{:04X} looks like a space", u32::from(c)),
        false => format!("the character `{c}` looks like `{shown}`"),
    };
    Diagnostic::error(
        CODE,
        headline,
        span,
        format!("this is U+{:04X}", u32::from(c)),
    )
    .fix(
        format!(
            "write {}",
            if meant == " " {
                "a space".into()
            } else {
                format!("`{meant}`")
            }
        ),
        span,
        meant,
    )
}

/// A text in curly quotes; `close` is where it ends, if it does on its line.
pub fn quotes(open: Span, close: Option<Span>, c: char) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("the quote `{c}` does not begin a text"),
        open,
        format!("this is U+{:04X}", u32::from(c)),
    )
    .note("texts stand between straight quotes: `\"…\"`");
    match close {
        None => d.help("write `\"` at both ends"),
        Some(close) => {
            let edit = |span| Edit {
                span,
                text: "\"".into(),
            };
            let mut d = d;
            d.fixes.push(Fix {
                text: "use straight quotes".into(),
                edits: vec![edit(open), edit(close)],
            });
            d
        }
    }
}
