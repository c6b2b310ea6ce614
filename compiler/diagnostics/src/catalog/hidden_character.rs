//! G0103: a character that cannot be seen.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0103");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a hidden character",
    explanation: "Some characters are not drawn, and some turn the direction of the text that follows them. In a program\n\
                  they would make the code read differently than it runs, so they are not allowed, not even in texts and\n\
                  comments. In a text, write such a character as an escape: `\\u{202E}`.",
    failing: "fn main() {\n  print(\"a\u{202E}b\")\n}\n",
    fixed: "fn main() {\n  print(\"a\\u{202E}b\")\n}\n",
};

fn hidden(span: Span, c: char, place: &str, headline: String, why: &str) -> Diagnostic {
    let code = u32::from(c);
    let d = Diagnostic::error(CODE, headline, span, format!("U+{code:04X} stands here")).note(why);
    match place {
        "text" => d.fix("write it as an escape", span, format!("\\u{{{code:04X}}}")),
        _ => d.fix("remove it", span, ""),
    }
}

/// `place` is `program`, `text` or `comment`.
pub fn bidi(span: Span, c: char, place: &str) -> Diagnostic {
    let why = "it changes the order in which the following characters are shown, so the code reads differently than it runs";
    hidden(
        span,
        c,
        place,
        format!("a control for the direction of writing in a {place}"),
        why,
    )
}

/// A character without width.
pub fn invisible(span: Span, c: char, place: &str) -> Diagnostic {
    hidden(
        span,
        c,
        place,
        format!("an invisible character in a {place}"),
        "it takes no space on the screen, so nobody can see that it is there",
    )
}

/// A control character.
pub fn control(span: Span, c: char, place: &str) -> Diagnostic {
    hidden(
        span,
        c,
        place,
        format!("a control character in a {place}"),
        "tools disagree about what it means; some end a line here",
    )
}
