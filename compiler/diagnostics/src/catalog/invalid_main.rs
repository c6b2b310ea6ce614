//! G0315: `main` with parameters or a result.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0315");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a `main` that cannot be started",
    explanation: "The program starts at `fn main()`: it is given nothing and gives nothing. Arguments of the command line are in\n\
                  `console.args()`; `console.exit(code)` ends the program with a code.",
    failing: "fn main(args: List[Text]) {\n  print(args)\n}\n",
    fixed: "fn main() {\n  print(console.args())\n}\n",
};

/// It has parameters.
pub fn params(name: Span, params: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "`main` has no parameters",
        params,
        "nothing is given to it",
    )
    .label(name, "the program starts here")
    .help("the arguments of the command line are in `console.args()`")
}

/// It has a result.
pub fn result(name: Span, result: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "`main` gives no value",
        result,
        "nothing would receive it",
    )
    .label(name, "the program starts here")
    .help("leave the result out; `console.exit(code)` ends the program with a code")
}

/// It is a constant.
pub fn not_a_function(span: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "`main` has to be a function",
        span,
        "the program starts here",
    )
    .help("write `fn main() { … }`")
}

/// There is none in the file of this name.
pub fn missing(file: Span, name: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` has no `main`"), file, "it is not defined here")
        .note("a program starts at `fn main()`")
        .help("add `fn main() { … }`")
}
