//! Source text to syntax tree, and back.
//!
//! `text → lexer (logos) → newlines (one pass) → parser (chumsky) → [`ast::Module`]`, and
//! `text → tokens + tree → formatter → text`.
//!
//! Keeps true: never panics on any input; work and depth are bounded (nesting is limited in
//! the newline pass); a glyph and its ASCII spelling are one token, so nothing after the lexer
//! sees a difference.

pub mod ast;
mod characters;
mod format;
mod habits;
mod lexer;
mod newlines;
mod number;
mod parser;
mod report;
pub mod symbol;
mod text;
mod token;
mod words;

use codex_diagnostics::{Diagnostic, FileId};

pub use format::{Spelling, format};
pub use lexer::decode;
pub use symbol::Symbol;
pub use token::{Kind, Token};

/// A file's tree and what there is to say about it.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The tree; places that did not parse are `Error` nodes.
    pub module: ast::Module,
    /// Errors in order of their places, at most twenty. Empty: the tree has no `Error` node.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a file.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut report = report::Report::default();
    let tokens = laid_out(file, text, &mut report);
    if report.fatal {
        return Parsed { module: ast::Module::default(), diagnostics: report.finish() };
    }
    let outcome = parser::parse(text, &tokens);
    habits::explain(text, &tokens, &outcome, &mut report);
    Parsed { module: outcome.module, diagnostics: report.finish() }
}

/// The tokens of a file, as written: without the separators that the newline pass adds. For
/// highlighting; mistakes in them are reported by [`parse`].
pub fn tokens(file: FileId, text: &str) -> Vec<Token> {
    let mut lexed = lexer::lex(file, text, &mut report::Report::default());
    words::resolve(&mut lexed.tokens, text);
    lexed.tokens
}

fn laid_out(file: FileId, text: &str, report: &mut report::Report) -> Vec<Token> {
    let mut lexed = lexer::lex(file, text, report);
    words::resolve(&mut lexed.tokens, text);
    newlines::layout(file, text, &lexed.tokens, report)
}
