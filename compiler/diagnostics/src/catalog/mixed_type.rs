//! G0224: a record and variants in one.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0224");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "fields and variants in one type",
    explanation: "A type is either a record, with named fields, or a choice of variants. A variant can have named fields of its own.",
    failing: "type Shape {\n  name: Text\n  Circle(Float)\n}\n",
    fixed: "type Shape {\n  Circle(name: Text, radius: Float)\n}\n",
};

/// `variant` is the first one.
pub fn mixed_type(span: Span, variant: Span) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "a type has either fields or variants",
        variant,
        "a variant, next to fields",
    )
    .label(span, "in this type")
    .help("put the fields into the variants: `Circle(name: Text, radius: Float)`")
}
