//! From spans to line runs.

use codex_diagnostics::{FileId, SourceMap, Span};
use codex_spec::module::LineRun;

/// The starts of the lines of each file, found once.
pub(crate) struct Lines<'a> {
    files: Vec<(&'a str, Vec<u32>, u32)>,
}

/// The line runs of one function, as they are written.
pub(crate) struct Runs<'a> {
    lines: &'a Lines<'a>,
    runs: Vec<LineRun>,
    /// The span of the last run: neighbours often come from one place.
    last: Span,
}

impl<'a> Lines<'a> {
    /// Finds the lines of all files.
    pub(crate) fn new(sources: &'a SourceMap) -> Lines<'a> {
        let starts = |text: &str| {
            let after = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1);
            std::iter::once(0).chain(after).collect()
        };
        let files = sources.files().map(|(_, s)| (&*s.text, starts(&s.text), s.lines_before)).collect();
        Lines { files }
    }

    /// The names of all files.
    pub(crate) fn file_names(sources: &SourceMap) -> Vec<String> {
        sources.files().map(|(_, s)| s.name.clone()).collect()
    }

    /// Starts the runs of a function.
    pub(crate) fn runs(&'a self) -> Runs<'a> {
        Runs { lines: self, runs: Vec::new(), last: Span::default() }
    }

    /// Line and column where a span starts (between two characters), both from 1.
    fn place(&self, span: Span) -> (u32, u32) {
        let FileId(file) = span.file;
        self.files.get(file as usize).map_or((1, 1), |(text, starts, lines_before)| {
            let line = starts.partition_point(|&s| s <= span.start).max(1);
            let from = starts[line - 1] as usize;
            let before = text.as_bytes().get(from..(span.start as usize).min(text.len())).unwrap_or(&[]);
            // Characters start with any byte that does not continue one.
            let column = before.iter().filter(|b| **b & 0xc0 != 0x80).count() as u32 + 1;
            (line as u32 + lines_before, column)
        })
    }
}

impl Runs<'_> {
    /// Adds one instruction.
    pub(crate) fn push(&mut self, span: Span) {
        let same_place = (self.last.file, self.last.start) == (span.file, span.start);
        match self.runs.last_mut() {
            Some(run) if same_place => run.count += 1,
            _ => self.start(span),
        }
    }

    fn start(&mut self, span: Span) {
        let (line, column) = self.lines.place(span);
        self.runs.push(LineRun { count: 1, file: span.file.0, line, column });
        self.last = span;
    }

    /// All runs.
    pub(crate) fn finish(self) -> Vec<LineRun> {
        self.runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_agree_with_the_source_map() {
        let mut sources = SourceMap::default();
        let file = sources.add("a", "let x = 1\n  λ y → z\n\nend");
        let lines = Lines::new(&sources);
        for byte in [0, 4, 9, 10, 12, 14, 17, 20, 22, 23, 24, 26] {
            let span = Span::new(file, byte, byte);
            assert_eq!(lines.place(span), sources.line_column(file, byte), "{byte}");
        }
    }
}
