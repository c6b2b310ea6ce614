//! G0106: a text without its end.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0106");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a text that is not closed",
    explanation: "A text in `\"…\"` ends on the line on which it begins. For a text over several lines, put `\"\"\"` on a line\n\
                  of its own at both ends.",
    failing: "fn main() {\n  print(\"hello)\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// `multi` is true for a text over several lines.
pub fn unterminated(opener: Span, multi: bool) -> Diagnostic {
    if multi {
        return Diagnostic::error(
            CODE,
            "this text is not closed",
            opener,
            "the text begins here",
        )
        .help("put `\"\"\"` on a line of its own after the text");
    }
    Diagnostic::error(CODE, "this text is not closed", opener, "the text begins here")
        .note("a text ends on the line on which it begins")
        .help("put `\"` at the end of the text; for several lines, put `\"\"\"` on a line of its own at both ends")
}
