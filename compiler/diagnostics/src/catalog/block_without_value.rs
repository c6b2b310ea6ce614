//! G0410: a block that ends without a value.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0410");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a block without a value where one is needed",
    explanation: "The value of a block is that of its last expression. A block that ends with `let`, a change or a loop, or is empty, gives `()`.",
    failing: "fn double(n: Int) → Int {\n  let twice = 2 × n\n}\n\nfn main() {\n  print(double(2))\n}\n",
    fixed: "fn double(n: Int) → Int {\n  let twice = 2 × n\n  twice\n}\n\nfn main() {\n  print(double(2))\n}\n",
};

/// `last` is its last statement; `why` where the type is said.
pub fn block(span: Span, last: Option<Span>, ty: &str, why: Option<Span>) -> Diagnostic {
    let label = match last {
        Some(_) => "the block ends with this, which gives no value",
        None => "this block is empty",
    };
    let d = Diagnostic::error(
        CODE,
        format!(
            "{} is needed, but this block gives no value",
            super::article(ty)
        ),
        last.unwrap_or(span),
        label,
    )
    .help("end the block with the value");
    match why {
        Some(why) => d.label(why, format!("`{ty}` is said here")),
        None => d,
    }
}

/// `return` alone.
pub fn empty_return(span: Span, ty: &str, why: Option<Span>) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!(
            "this `return` gives no value, but {} is needed",
            super::article(ty)
        ),
        span,
        "without a value",
    )
    .help("write the value after `return`");
    match why {
        Some(why) => d.label(why, format!("`{ty}` is said here")),
        None => d,
    }
}
