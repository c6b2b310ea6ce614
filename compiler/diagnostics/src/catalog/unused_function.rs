//! G0312: a private item that nothing uses.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0312");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "something private that is not used",
    explanation: "Neither `main`, nor a test, nor anything that other modules can see needs it. Use it, mark it `pub`, or remove it. A name\n\
                  that begins with `_` says that it need not be used.",
    failing: "fn double(n: Int) → Int = 2 × n\n\nfn main() {\n  print(4)\n}\n",
    fixed: "fn double(n: Int) → Int = 2 × n\n\nfn main() {\n  print(double(2))\n}\n",
};

/// `what` is `function`, `constant`, `container` or `message`.
pub fn unused(what: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(
        CODE,
        format!("the {what} `{name}` is not used"),
        span,
        "nothing in the program needs it",
    )
}
