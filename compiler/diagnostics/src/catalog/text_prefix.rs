//! G0244: letters before a text, as in `f"…"`.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0244");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "letters before a text",
    explanation: "Every text may hold values: `\"{name} is {age}\"`, without an `f` before it. A raw text, in which `{` and `\\` mean themselves,\n\
                  is `r\"…\"`; bytes come from `bytes.from_text`.",
    failing: "fn main() {\n  let n = 3\n  print(f\"{n} pears\")\n}\n",
    fixed: "fn main() {\n  let n = 3\n  print(\"{n} pears\")\n}\n",
};

/// The letters before the quote.
pub fn prefix(span: Span, letters: &str) -> Diagnostic {
    let d = Diagnostic::error(CODE, format!("a text needs no `{letters}` before it"), span, "letters before a text");
    match letters {
        "b" | "B" => d.help("bytes come from a text: `bytes.from_text(\"…\")`"),
        _ => d.note("`{…}` holds a value in every text").fix("remove it", span, ""),
    }
}
