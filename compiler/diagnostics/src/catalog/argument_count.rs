//! G0402: the wrong number of arguments.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0402");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "the wrong number of arguments",
    explanation: "A function is called with one argument for each of its parameters. With a pipe, the value before `▷` is the first one.",
    failing: "fn add(a: Int, b: Int) → Int = a + b\n\nfn main() {\n  print(add(1))\n}\n",
    fixed: "fn add(a: Int, b: Int) → Int = a + b\n\nfn main() {\n  print(add(1, 2))\n}\n",
};

fn counted(n: usize) -> String {
    match n {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        n => format!("{n} arguments"),
    }
}

/// `signature` is the function's head; `declared` where it stands.
pub fn wrong(
    name: &str,
    span: Span,
    wanted: usize,
    given: usize,
    signature: &str,
    declared: Option<Span>,
) -> Diagnostic {
    let wanted_text = counted(wanted);
    let label = if given > wanted {
        "this one is too much".to_owned()
    } else {
        format!("{} given", counted(given))
    };
    let d = Diagnostic::error(
        CODE,
        format!("`{name}` takes {wanted_text}, but here {}", match given {
            0 => "are none".to_owned(),
            1 => "is 1".to_owned(),
            n => format!("are {n}"),
        }),
        span,
        label,
    )
    .note(format!("it is `{signature}`"));
    let d = if name == "print" && given > 1 { d.help("put all into one text: `print(\"{a} {b}\")`") } else { d };
    match declared {
        Some(at) => d.label(at, "declared here"),
        None => d,
    }
}

/// A λ with another number of parameters than it is called with.
pub fn lambda(span: Span, wanted: usize, given: usize, callee: Option<&str>) -> Diagnostic {
    let by = callee.map_or_else(|| "it is called".to_owned(), |c| format!("`{c}` calls it"));
    let parameters = if given == 1 {
        "1 parameter".to_owned()
    } else {
        format!("{given} parameters")
    };
    Diagnostic::error(
        CODE,
        format!("this λ has {parameters}, but {by} with {}", counted(wanted)),
        span,
        format!("has {parameters}"),
    )
}
