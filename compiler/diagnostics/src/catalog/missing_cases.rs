//! G0501: a match that does not cover everything.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0501");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a match that does not cover every value",
    explanation: "A `match` gives a value for every value that it may meet, so its patterns have to cover all of them. The message lists what is\n\
                  missing, ready to be pasted. `_` covers all that is left.",
    failing: "type Light {\n  Red\n  Yellow\n  Green\n}\n\nfn go(light: Light) → Bool {\n  match light {\n    Red → false\n    Green → true\n  }\n}\n\nfn main() {\n  print(go(Yellow))\n}\n",
    fixed: "type Light {\n  Red\n  Yellow\n  Green\n}\n\nfn go(light: Light) → Bool {\n  match light {\n    Red | Yellow → false\n    Green → true\n  }\n}\n\nfn main() {\n  print(go(Yellow))\n}\n",
};

/// Where arms can be added.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The brace that closes the match.
    pub brace: Span,
    /// The column of the arms.
    pub column: u32,
    /// The match stands in one line.
    pub one_line: bool,
}

/// `cases` are patterns as code.
pub fn missing(value: Span, ty: &str, cases: &[String], place: Option<Place>) -> Diagnostic {
    let what = if cases.len() == 1 {
        "one case is"
    } else {
        "some cases are"
    };
    let mut d = Diagnostic::error(
        CODE,
        format!("{what} missing in this match"),
        value,
        format!("not every `{ty}` is covered"),
    );
    let arms: Vec<String> = cases.iter().map(|c| format!("{c} → todo()")).collect();
    d.helps.push(format!("add:\n{}", arms.join("\n")));
    let Some(place) = place else { return d };
    let start = Span {
        end: place.brace.start,
        ..place.brace
    };
    let outer = " ".repeat(place.column.saturating_sub(2) as usize);
    let text = if place.one_line {
        format!("; {} ", arms.join("; "))
    } else {
        let lines: Vec<String> = arms.iter().map(|a| format!("  {a}\n{outer}")).collect();
        lines.concat()
    };
    d.fixes.push(crate::Fix {
        text: "add the missing arms, to be filled in".to_owned(),
        edits: vec![crate::Edit { span: start, text }],
    });
    d
}
