//! G0314: constants that need themselves.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0314");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a constant that needs itself",
    explanation: "A constant is computed when it is first used. If that needs the constant itself, there is no value to begin with.",
    failing: "let a = b + 1\nlet b = a + 1\n\nfn main() {\n  print(a)\n}\n",
    fixed: "let a = 1\nlet b = a + 1\n\nfn main() {\n  print(b)\n}\n",
};

/// The names on the way round, the constant first.
pub fn cycle(names: &[&str], span: Span) -> Diagnostic {
    let name = names.first().copied().unwrap_or("it");
    let d = Diagnostic::error(
        CODE,
        format!("the value of `{name}` needs itself"),
        span,
        "this constant",
    );
    if names.len() < 2 {
        return d;
    }
    let mut way: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    way.push(format!("`{name}`"));
    d.note(format!("the way round: {}", way.join(" → ")))
}
