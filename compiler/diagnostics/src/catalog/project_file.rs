//! G0002: the project file does not say what it should.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0002");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "`codex.toml` is not valid",
    explanation: "A project's `codex.toml` holds `name`, and if you like `version` and `style` (\"glyph\" or \"ascii\", \
                  which is how the formatter spells):\n\n    name = \"orders\"\n    version = \"1.0.0\"\n    style = \"glyph\"",
    failing: "",
    fixed: "",
};

/// `why` comes from the TOML reader.
pub fn invalid(span: Span, why: &str) -> Diagnostic {
    Diagnostic::error(CODE, "the project file is not valid", span, "here")
        .note(why.trim_end())
        .help("it holds `name`, and optionally `version` and `style`")
}
