//! G0302: a type that does not exist.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0302");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an unknown type",
    explanation: "Types are Int, Float, Bool, Text, Bytes, List, those of the prelude such as Option and Result, and those that are\n\
                  declared with `type` or imported.",
    failing: "fn double(n: Itn) → Int = 2\n\nfn main() {\n  print(double(1))\n}\n",
    fixed: "fn double(n: Int) → Int = 2 × n\n\nfn main() {\n  print(double(1))\n}\n",
};

/// `near` are similar names.
pub fn unknown(name: &str, span: Span, near: &[String]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("there is no type named `{name}`"),
        span,
        "not found",
    );
    let habit = match name {
        "String" | "Str" | "Char" => Some("Text"),
        "Integer" | "I64" | "I32" | "U64" | "Usize" | "Number" => Some("Int"),
        "Double" | "F64" | "F32" => Some("Float"),
        "Boolean" => Some("Bool"),
        "Vec" | "Array" | "Seq" => Some("List"),
        "Dict" | "HashMap" | "Dictionary" => Some("Map"),
        "HashSet" => Some("Set"),
        "Maybe" | "Optional" => Some("Option"),
        "Either" => Some("Result"),
        "Unit" | "Void" | "None" => Some("()"),
        _ => None,
    };
    match (habit, near) {
        (Some(habit), _) => d.fix(format!("here it is called `{habit}`"), span, habit),
        (None, []) => d.help("declare it with `type`, or import it"),
        (None, [one]) => d.fix(
            format!("there is a type with a similar name: `{one}`"),
            span,
            one.clone(),
        ),
        (None, many) => d.help(format!(
            "there are types with similar names: {}",
            super::listed(many)
        )),
    }
}
