//! G0001: a file cannot be read as source.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0001");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a file cannot be read",
    explanation: "A source file has to exist, be readable, be smaller than 1 GiB, and hold UTF-8 text.\n\
                  If an editor saved it in another encoding, save it again as UTF-8.",
    failing: "",
    fixed: "",
};

/// `why` is the host's reason.
pub fn not_readable(span: Span, file: &str, why: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{file}` cannot be read"), span, "this file").note(why)
}

/// `offset` is the first byte that is not UTF-8.
pub fn not_utf8(span: Span, offset: usize) -> Diagnostic {
    Diagnostic::error(CODE, "the file is not UTF-8 text", span, "the first byte that is not part of a character")
        .note(format!("it is byte {offset} of the file, counted from 0"))
        .help("save the file as UTF-8")
}
