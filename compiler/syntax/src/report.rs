//! Where the phases of this room put what they have to say.
//!
//! Keeps true: bounded memory on hostile input (a file of a million strange characters gives
//! a hundred diagnostics, and twenty of them leave the room).

use codex_diagnostics::{Diagnostic, Label};

/// How many diagnostics a file may have.
pub(crate) const SHOWN: usize = 20;
const KEPT: usize = 100;

/// Habits that a writer of another language shows all over a file.
const HABITS: &[&str] = &["G0111", "G0113", "G0208", "G0221"];

/// Says the same habit once: the first place is shown, and its fix changes all places.
fn joined(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut out: Vec<Diagnostic> = Vec::new();
    for d in diagnostics {
        let same = |o: &&mut Diagnostic| {
            HABITS.contains(&d.code.0) && o.code == d.code && o.headline == d.headline && o.fixes.len() == d.fixes.len()
        };
        let Some(first) = out.iter_mut().find(same) else {
            out.push(d);
            continue;
        };
        if first.secondary.len() < 3 {
            first.secondary.push(Label { span: d.primary.span, text: "here too".into() });
        }
        for (fix, more) in first.fixes.iter_mut().zip(d.fixes) {
            fix.edits.extend(more.edits);
        }
    }
    out
}

/// Collects diagnostics.
#[derive(Default)]
pub(crate) struct Report {
    diagnostics: Vec<Diagnostic>,
    /// The parser must not run: the tree would be too deep, or most of the file is not text.
    pub(crate) fatal: bool,
}

impl Report {
    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < KEPT {
            self.diagnostics.push(diagnostic);
        }
    }
    pub(crate) fn is_full(&self) -> bool {
        self.diagnostics.len() >= KEPT
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }
    pub(crate) fn all(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
    /// In order of their places, at most [`SHOWN`].
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(|d| (d.primary.span.start, d.code));
        self.diagnostics.dedup();
        self.diagnostics = joined(self.diagnostics);
        self.diagnostics.truncate(SHOWN);
        self.diagnostics
    }
}
