//! G0414: `?` in a function with another result.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0414");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`?` in a function that cannot give the failure on",
    explanation: "When there is no value, `e?` leaves the function with what went wrong. So the function gives an Option if `e` is one, and a Result\n\
                  with the same error type if `e` is a Result.",
    failing: "fn double(text: Text) → Int {\n  2 × int.parse(text)?\n}\n\nfn main() {\n  print(double(\"2\"))\n}\n",
    fixed: "fn double(text: Text) → Option[Int] {\n  Some(2 × int.parse(text)?)\n}\n\nfn main() {\n  print(double(\"2\"))\n}\n",
};

/// `result` is the function's type; `why` where it is written.
pub fn try_outside(question: Span, found: &str, result: &str, why: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!(
            "`?` would leave with a failure, but the function gives {}",
            super::article(result)
        ),
        question,
        format!("{} comes before this", super::article(found)),
    );
    let d = match why {
        Some(why) => d.label(why, "the function's result"),
        None => d,
    };
    d.help("change the function's result, or use `match` or `unwrap_or` here")
}
