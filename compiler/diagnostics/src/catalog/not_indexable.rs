//! G0419: `[]` after something without positions.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0419");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`[]` after something without positions",
    explanation: "`xs[i]` is for lists, bytes and maps. A text has no positions that are characters: use the functions of `text`, or `text.graphemes`\n\
                  for a list of characters.",
    failing: "fn main() {\n  let word = \"hello\"\n  print(word[0])\n}\n",
    fixed: "fn main() {\n  let word = \"hello\"\n  print(text.graphemes(word)[0])\n}\n",
};

/// `is_text`: it is a Text.
pub fn not_indexable(span: Span, ty: &str, is_text: bool) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("{} has no positions", super::article(ty)),
        span,
        "`[…]` is for lists, maps and bytes",
    );
    if is_text {
        d.help("`text.graphemes` gives the list of its characters")
    } else {
        d
    }
}
