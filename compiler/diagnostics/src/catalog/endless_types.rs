//! G0490: the program needs types without end, or deeper than the limit.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0490");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "types nested without end",
    explanation: "A generic function or type is compiled once for each type it is used with. Here each use asks for\n\
                  a larger type than the one before, such as `(a, a)` inside the definition of `a`, so there would\n\
                  be no last one. Types may be nested 64 deep.\n\
                  Use the type itself where it is repeated, or wrap the growing part in a type with variants.",
    failing: "type Nest[a] {\n  End\n  More(a, Nest[(a, a)])\n}\n\nfn main() {\n  print(More(1, End))\n}\n",
    fixed: "type Chain[a] {\n  End\n  More(a, Chain[a])\n}\n\nfn main() {\n  print(More(1, End))\n}\n",
};

/// `name` is the function that was being compiled when the limit was reached.
pub fn endless(span: Span, name: &str, limit: u32) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` needs types nested more than {limit} deep"), span, "the types grow without end from here")
        .note("a generic function or type is compiled once for each type it is used with")
        .help("repeat the type itself instead of a larger one made from it")
}
