//! G0403: a call of something that is not a function.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0403");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a call of something that is not a function",
    explanation: "Only functions, variants with fields and function values can be called.",
    failing: "fn main() {\n  let n = 3\n  print(n(4))\n}\n",
    fixed: "fn main() {\n  let n = 3\n  print(n × 4)\n}\n",
};

/// `text` is what is called.
pub fn not_a_function(text: &str, span: Span, ty: &str) -> Diagnostic {
    let text = if text.len() > 40 || text.contains('\n') {
        "this".to_owned()
    } else {
        format!("`{text}`")
    };
    Diagnostic::error(
        CODE,
        format!("{text} is not a function"),
        span,
        format!("this is {}, which cannot be called", super::article(ty)),
    )
}
