//! G0503: a pattern that may not match where it must.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0503");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a pattern that may not match",
    explanation: "`let`, `for` and the parameters of a λ have no way to go on when a pattern does not match, so there it has to match every value. Use\n\
                  `let … else { … }`, `if let` or `match` for the rest.",
    failing: "fn main() {\n  let Some(n) = int.parse(\"42\")\n  print(n)\n}\n",
    fixed: "fn main() {\n  let Some(n) = int.parse(\"42\") else { return }\n  print(n)\n}\n",
};

/// `case` is a value that it does not match, `place` where it stands.
pub fn refutable(span: Span, place: &str, case: &str) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("a pattern of {place} has to match every value"),
        span,
        format!("does not match `{case}`"),
    );
    if place == "a `let`" {
        d.help("say what happens otherwise: `let … = … else { … }`, or use `match`")
    } else {
        d.help("bind a name, and use `match` for the cases")
    }
}
