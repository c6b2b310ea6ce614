//! G0230: an item in a block.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0230");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a definition that belongs at the top of a file",
    explanation: "Functions with names, types, tests, containers and imports stand at the top level of a file, not in a block. In a block, a\n\
                  function is a value: `let add = λ a b → a + b`.",
    failing: "fn main() {\n  fn one() → Int { 1 }\n  print(one())\n}\n",
    fixed: "fn one() → Int { 1 }\n\nfn main() {\n  print(one())\n}\n",
};

/// `word` begins the item.
pub fn nested(span: Span, word: &str) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("`{word}` stands at the top level of a file"),
        span,
        "this is within a block",
    );
    match word {
        "fn" => d.help("move it out of the block, or make it a value: `let f = λ x → …`"),
        _ => d.help("move it out of the block"),
    }
}
