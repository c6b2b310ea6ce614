//! G0109: bytes that are not text.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0109");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a file that is not UTF-8",
    explanation: "Source files are UTF-8. The file holds bytes that cannot be read as such: it was written in another\n\
                  encoding, or it is not a text at all. Most editors can save a file as UTF-8.",
    failing: "",
    fixed: "",
};

/// `offset` is that of the first wrong byte.
pub fn not_utf8(span: Span, offset: usize, byte: u8) -> Diagnostic {
    Diagnostic::error(
        CODE,
        "this file is not UTF-8",
        span,
        format!("byte {offset} (0x{byte:02X}) cannot be read"),
    )
    .help("save the file as UTF-8")
}
