//! G0303: a variant or record that does not exist.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0303");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an unknown variant",
    explanation: "A name that begins with a capital letter is a variant or a record where a value or a pattern stands. A type's own name is\n\
                  a value only if the type is a record; of other types, one of the variants is named.",
    failing: "type Shape {\n  Circle(Float)\n  Square(Float)\n}\n\nfn main() {\n  print(Cirle(1.0))\n}\n",
    fixed: "type Shape {\n  Circle(Float)\n  Square(Float)\n}\n\nfn main() {\n  print(Circle(1.0))\n}\n",
};

/// `near` are similar names.
pub fn unknown(name: &str, span: Span, near: &[String]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("there is no variant named `{name}`"),
        span,
        "not found",
    );
    let habit = match name {
        "Just" => Some("Some"),
        "Nothing" | "Null" | "Nil" => Some("None"),
        "Err" | "Left" => Some("Error"),
        "Right" => Some("Ok"),
        "True" => Some("true"),
        "False" => Some("false"),
        "LT" => Some("Less"),
        "EQ" => Some("Equal"),
        "GT" => Some("Greater"),
        _ => None,
    };
    match (habit, near) {
        (Some(habit), _) => d.fix(format!("here it is called `{habit}`"), span, habit),
        (None, []) => d,
        (None, [one]) => d.fix(
            format!("there is a variant with a similar name: `{one}`"),
            span,
            one.clone(),
        ),
        (None, many) => d.help(format!(
            "there are variants with similar names: {}",
            super::listed(many)
        )),
    }
}

/// A variant that a module does not have.
pub fn in_module(module: &str, name: &str, span: Span, near: &[String]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("the module `{module}` has no variant named `{name}`"),
        span,
        "not found",
    );
    match near {
        [] => d,
        [one] => d.fix(
            format!("there is one with a similar name: `{one}`"),
            span,
            one.clone(),
        ),
        many => d.help(format!(
            "there are some with similar names: {}",
            super::listed(many)
        )),
    }
}

/// The name of a type where a variant is needed.
pub fn is_a_type(name: &str, span: Span, variants: &[&str]) -> Diagnostic {
    let d = Diagnostic::error(
        CODE,
        format!("`{name}` is a type, not a value"),
        span,
        "a value is needed here",
    );
    if variants.is_empty() {
        return d;
    }
    let shown: Vec<String> = variants.iter().take(3).map(|v| (*v).to_owned()).collect();
    let more = if variants.len() > 3 { " …" } else { "" };
    d.help(format!("its variants are {}{more}", super::listed(&shown)))
}
