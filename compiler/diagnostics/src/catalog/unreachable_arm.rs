//! G0502: an arm that is never reached.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0502");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "an arm that is never reached",
    explanation: "Arms are tried from top to bottom. This one matches only what earlier ones have matched already. Often a name was written where a\n\
                  variant was meant: a lower-case name matches everything.",
    failing: "fn name(n: Int) → Text {\n  match n {\n    0 → \"none\"\n    _ → \"some\"\n    1 → \"one\"\n  }\n}\n\nfn main() {\n  print(name(1))\n}\n",
    fixed: "fn name(n: Int) → Text {\n  match n {\n    0 → \"none\"\n    1 → \"one\"\n    _ → \"some\"\n  }\n}\n\nfn main() {\n  print(name(1))\n}\n",
};

/// `earlier` matches all of it, if one alone does.
pub fn unreachable(span: Span, earlier: Option<Span>) -> Diagnostic {
    let d = Diagnostic::warning(
        CODE,
        "this arm is never reached",
        span,
        "everything it matches was matched before",
    );
    match earlier {
        Some(earlier) => d.label(earlier, "this matches it already"),
        None => d,
    }
}
