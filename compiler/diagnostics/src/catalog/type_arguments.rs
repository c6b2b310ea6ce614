//! G0317: the wrong number of types in brackets.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0317");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "the wrong number of type arguments",
    explanation: "A type such as `List[a]` or `Map[k, v]` needs as many types in brackets as it declares.",
    failing: "fn first(xs: List) → Int = xs[0]\n\nfn main() {\n  print(first([1]))\n}\n",
    fixed: "fn first(xs: List[Int]) → Int = xs[0]\n\nfn main() {\n  print(first([1]))\n}\n",
};

/// How many are wanted and given.
pub fn count(name: &str, span: Span, wanted: usize, given: usize) -> Diagnostic {
    let needs = match wanted {
        0 => "takes no types in brackets".to_owned(),
        1 => "needs one type in brackets".to_owned(),
        n => format!("needs {n} types in brackets"),
    };
    let d = Diagnostic::error(
        CODE,
        format!("`{name}` {needs}"),
        span,
        format!("{given} given here"),
    );
    if wanted == 0 {
        return d;
    }
    let letters: Vec<String> = (0..wanted.min(26))
        .map(|i| char::from(b'a' + i as u8).to_string())
        .collect();
    d.help(format!(
        "write `{name}[{}]`, with types for the letters",
        letters.join(", ")
    ))
}
