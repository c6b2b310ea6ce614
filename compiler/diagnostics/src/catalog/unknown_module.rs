//! G0304: a module that does not exist.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0304");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an unknown module",
    explanation: "`import a.b` reads the file `a/b.glyph` below the folder of the main file. Modules of the standard library, such as\n\
                  `list`, need no import: `list.map(xs, f)`.",
    failing: "import nowhere\n\nfn main() {\n  print(nowhere.answer)\n}\n",
    fixed: "let answer = 42\n\nfn main() {\n  print(answer)\n}\n",
};

/// `near` are similar names.
pub fn unknown(name: &str, span: Span, near: &[String]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("there is no module named `{name}`"),
        span,
        "not found",
    );
    match near {
        [] => d.note("`import a.b` reads `a/b.glyph`; standard modules need no import"),
        [one] => d.fix(
            format!("there is a module with a similar name: `{one}`"),
            span,
            one.clone(),
        ),
        many => d.help(format!(
            "there are modules with similar names: {}",
            super::listed(many)
        )),
    }
}
