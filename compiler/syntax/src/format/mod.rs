//! The formatter: one layout for every program, and either spelling of the glyphs.
//!
//! It works on tokens, not on the tree: the newline pass has already found the statements and
//! balanced the brackets, so what is left is a nest of bracket groups whose items are runs of
//! tokens. [`nest`] builds it, [`printer`] lays it out, [`spacing`] knows which tokens touch,
//! [`respell`] writes the glyphs in ASCII.
//!
//! Keeps true: the tokens stay the same, but for `;`, and commas before closing brackets and
//! between the lines of a type; comments stay in order and next to what they were next to; the
//! result parses to the same tree; formatting twice changes nothing; respelling there and back
//! gives the same bytes.

mod nest;
mod printer;
mod respell;
mod spacing;

use codex_diagnostics::{Diagnostic, FileId};

use crate::{Parsed, newlines, parse, report, tokens, words};

/// How glyphs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Spelling {
    /// `λ x → x ≥ 1`
    #[default]
    Glyph,
    /// `\x -> x >= 1`
    Ascii,
}

/// The program in its one layout.
///
/// # Errors
/// When the program does not parse; nothing is changed then.
pub fn format(text: &str, spelling: Spelling) -> Result<String, Vec<Diagnostic>> {
    let Parsed { diagnostics, .. } = parse(FileId(0), text);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let out = lay_out(text);
    match spelling {
        Spelling::Glyph => Ok(out),
        Spelling::Ascii => Ok(ascii(&out)),
    }
}

fn lay_out(text: &str) -> String {
    let mut report = report::Report::default();
    let mut lexed = crate::lexer::lex(FileId(0), text, &mut report);
    words::resolve(&mut lexed.tokens, text);
    let tokens = newlines::layout(FileId(0), text, &lexed.tokens, &mut report);
    let text = nest::Text::new(text, &tokens, &lexed.comments);
    let nest = nest::build(&text);
    printer::Printer::new(&text).module(&nest)
}

fn ascii(text: &str) -> String {
    let before = tokens(FileId(0), text);
    let out = respell::to_ascii(text, &before, false);
    let after = tokens(FileId(0), &out);
    if before.iter().map(|t| t.kind).eq(after.iter().map(|t| t.kind)) {
        return out;
    }
    // A word would be read as a name where the glyph is an operator: keep those glyphs.
    respell::to_ascii(text, &before, true)
}
