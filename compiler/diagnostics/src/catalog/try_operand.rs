//! G0413: `?` after something that cannot fail.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0413");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`?` after a value that is always there",
    explanation: "`e?` takes the value out of `Some(x)` or `Ok(x)`, and leaves the function with `None` or `Error(e)` otherwise. So `e` is an Option or\n\
                  a Result.",
    failing: "fn next(n: Int) → Option[Int] {\n  let m = n?\n  Some(m + 1)\n}\n\nfn main() {\n  print(next(1))\n}\n",
    fixed: "fn next(n: Int) → Option[Int] {\n  Some(n + 1)\n}\n\nfn main() {\n  print(next(1))\n}\n",
};

/// `question` is the sign.
pub fn try_operand(span: Span, question: Span, ty: &str) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "`?` is for an Option or a Result",
        span,
        format!("this is {}", super::article(ty)),
    )
    .fix("leave out the `?`", question, "")
}
