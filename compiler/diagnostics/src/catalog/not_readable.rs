//! G0001: a file cannot be read as source.

use super::Entry;
use crate::{Code, Diagnostic, Span};

/// The code.
pub const CODE: Code = Code("G0001");

/// The catalogue entry.
pub const ENTRY: Entry = Entry {
    code: CODE,
    title: "a file cannot be read",
    explanation: "A source file has to exist, be readable and be smaller than 1 GiB. What is compiled is a `.glyph` file, or a folder\n\
                  with `codex.toml` in it and `src/main.glyph`.",
    failing: "",
    fixed: "",
};

/// `why` is the host's reason.
pub fn not_readable(span: Span, file: &str, why: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{file}` cannot be read"), span, "this file").note(why)
}

/// A folder that was given as a program, without a project file.
pub fn not_a_project(span: Span, folder: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{folder}` is a folder without a project"), span, "this folder")
        .note("a project is a folder with `codex.toml` in it")
        .help("name a `.glyph` file, or make a project with `codexc new`")
}

/// A compiled module that was given as a source.
pub fn is_a_module(span: Span, file: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{file}` is a compiled module, not a source"), span, "this file")
        .help(format!("`codexvm run {file}` runs it, `codexc disasm {file}` shows it"))
}
