//! G0201: the parser met something that cannot stand there.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0201");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "something that cannot stand here",
    explanation: "The program reads well up to the marked place, but what stands there cannot come next.\n\
                  The message lists what could.",
    failing: "fn main() {\n  print(min(1, , 2))\n}\n",
    fixed: "fn main() {\n  print(min(1, 2))\n}\n",
};

/// `found` is in the reader's words ("`)`", "the end of the file"); `expected` has at most three items.
pub fn unexpected(span: Span, found: &str, expected: &[String]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("{found} cannot stand here"),
        span,
        "this was not expected",
    );
    match expected {
        [] => d,
        [one] => d.note(format!("expected here: {one}")),
        many => d.note(format!("expected here: {}", many.join(", "))),
    }
}
