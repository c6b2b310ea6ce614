//! G0245: a call with `!`, as of a macro.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0245");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a call with `!`",
    explanation: "There are no macros: a function is called by its name alone. `print` prints any value and ends the line, `panic` ends the\n\
                  program, `expect` stands in tests, and a list is written `[1, 2, 3]`.",
    failing: "fn main() {\n  print!(\"hello\")\n}\n",
    fixed: "fn main() {\n  print(\"hello\")\n}\n",
};

/// `name` stands before the `!` at `bang`; `whole` is both.
pub fn call(name: &str, bang: Span, whole: Span) -> Diagnostic {
    let d = Diagnostic::error(CODE, format!("there are no macros such as `{name}!`"), bang, "not part of a call");
    match name {
        "println" | "eprintln" | "printf" => d.note("`print` ends the line, too").fix("write `print`", whole, "print"),
        "vec" => d.note("a list is written `[1, 2, 3]`").fix("write the list alone", whole, ""),
        "format" => d.help("a text with values in it is written `\"{a} and {b}\"`"),
        "assert" | "assert_eq" => d.help("in a test, write `expect a ≡ b`"),
        "write" | "writeln" => d.help("`write(value)` prints without ending the line"),
        _ => d.fix("remove the `!`", bang, ""),
    }
}
