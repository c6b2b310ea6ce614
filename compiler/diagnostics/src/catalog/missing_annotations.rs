//! G0313: a public function without written types.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0313");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a public function without written types",
    explanation: "Inside a module types are found out. What other modules use should say its types itself: they are its documentation, and a\n\
                  mistake in the body then stays in the body.",
    failing: "pub fn double(n) = 2 × n\n\nfn main() {\n  print(double(2))\n}\n",
    fixed: "pub fn double(n: Int) → Int = 2 × n\n\nfn main() {\n  print(double(2))\n}\n",
};

/// `edits` write the types that were found; empty when they are not certain.
pub fn missing(name: &str, span: Span, edits: Vec<(Span, String)>) -> Diagnostic {
    let mut d = Diagnostic::warning(
        CODE,
        format!("the public function `{name}` does not say its types"),
        span,
        "types are missing here",
    );
    if edits.is_empty() {
        return d.help("write the types of its parameters and its result");
    }
    let edits = edits
        .into_iter()
        .map(|(span, text)| crate::Edit { span, text })
        .collect();
    d.fixes.push(crate::Fix {
        text: "write the types that were found".to_owned(),
        edits,
    });
    d
}
