//! G0111: `# …`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0111");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a comment that begins with `#`",
    explanation: "A comment begins with `//` and ends at the end of its line.",
    failing: "# adds\nfn add(a: Int, b: Int) → Int = a + b\n",
    fixed: "// adds\nfn add(a: Int, b: Int) → Int = a + b\n",
};

/// The place of the `#`.
pub fn hash_comment(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "comments begin with `//`", span, "`#` has no meaning").fix(
        "write `//`",
        span,
        "//",
    )
}
