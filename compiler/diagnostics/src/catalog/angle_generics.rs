//! G0207: `List<Int>`.

use super::Entry;
use crate::{Code, Diagnostic, Edit, Fix, Span};

/// The code.
pub const CODE: Code = Code("G0207");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "type arguments in `< >`",
    explanation: "The arguments of a type stand in square brackets: `List[Int]`, `Map[Text, Int]`. A function has no list of type variables:\n\
                  a lower-case name in its signature is one.",
    failing: "fn first(xs: List<Int>) → Int = xs[0]\n",
    fixed: "fn first(xs: List[Int]) → Int = xs[0]\n",
};

/// `edits` make square brackets of all of them, if their partners were found.
pub fn generics(open: Span, edits: Vec<Edit>) -> Diagnostic {
    let mut d = Diagnostic::error(
        CODE,
        "type arguments stand in square brackets",
        open,
        "`<` is a comparison",
    )
    .note("for example `List[Int]` and `Map[Text, Int]`");
    if !edits.is_empty() {
        d.fixes.push(Fix {
            text: "use square brackets".into(),
            edits,
        });
    }
    d
}

/// Type variables after a function's name.
pub fn on_function(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a function has no list of type variables",
        span,
        "not needed",
    )
    .note("a lower-case name in the signature is a type variable: `fn first(xs: List[a]) → a`")
    .help("remove it, and write type variables in lower case")
}
