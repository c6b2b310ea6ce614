//! G0491: generic code would be compiled too many times.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0491");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "too many versions of generic functions",
    explanation: "A generic function is compiled once for each combination of types it is used with. This program\n\
                  needs more versions than the limit. A few functions with several type variables, each used\n\
                  with many types, are the usual reason.",
    failing: "",
    fixed: "",
};

/// `name` is the function whose version was one too many.
pub fn too_many(span: Span, name: &str, limit: usize) -> Diagnostic {
    Diagnostic::error(CODE, format!("the program needs more than {limit} versions of its functions"), span, format!("`{name}` was the next"))
        .note("a generic function is compiled once for each combination of types it is used with")
        .help("use fewer types with it, or give it fewer type variables")
}
