//! G0316: a type variable that is not declared.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0316");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an unknown type variable",
    explanation: "A lower-case name in a type is a type variable. In the types of a function's parameters and result it may stand for any type; in a\n\
                  type declaration it has to be declared after the name: `type Box[a] { … }`; inside a body it has to stand in the\n\
                  function's head.",
    failing: "type Box { value: a }\n\nfn main() {\n  print(Box(value: 1))\n}\n",
    fixed: "type Box[a] { value: a }\n\nfn main() {\n  print(Box(value: 1))\n}\n",
};

/// The name as written.
pub fn unknown(name: &str, span: Span) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("the type variable `{name}` is not declared"),
        span,
        "a lower-case name in a type is a type variable",
    );
    let plain = match name {
        "int" | "i64" | "i32" | "usize" | "number" | "integer" => "Int",
        "float" | "f64" | "double" => "Float",
        "bool" | "boolean" => "Bool",
        "string" | "str" | "text" => "Text",
        _ => return d.help(format!("declare it after the type's name: `[{name}]`")),
    };
    d.fix(format!("the type is called `{plain}`"), span, plain)
}
