//! From spans to line runs.

use codex_diagnostics::{FileId, SourceMap, Span};
use codex_spec::module::LineRun;

/// The starts of the lines of each file, found once.
pub(crate) struct Lines<'a> {
    files: Vec<(&'a str, Vec<u32>, u32)>,
    /// The last answer: neighbours often come from one place.
    last: Option<(Span, (u32, u32))>,
}

impl<'a> Lines<'a> {
    /// Finds the lines of all files.
    pub(crate) fn new(sources: &'a SourceMap) -> Lines<'a> {
        let starts = |text: &str| {
            let after = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1);
            std::iter::once(0).chain(after).collect()
        };
        let files = sources.files().map(|(_, s)| (&*s.text, starts(&s.text), s.lines_before)).collect();
        Lines { files, last: None }
    }

    /// The names of all files.
    pub(crate) fn file_names(sources: &SourceMap) -> Vec<String> {
        sources.files().map(|(_, s)| s.name.clone()).collect()
    }

    /// Line and column where a span starts (between two characters), both from 1.
    fn place(&mut self, span: Span) -> (u32, u32) {
        if let Some((last, place)) = self.last
            && (last.file, last.start) == (span.file, span.start)
        {
            return place;
        }
        let FileId(file) = span.file;
        let place = self.files.get(file as usize).map_or((1, 1), |(text, starts, lines_before)| {
            let line = starts.partition_point(|&s| s <= span.start).max(1);
            let from = starts[line - 1] as usize;
            let before = text.as_bytes().get(from..(span.start as usize).min(text.len())).unwrap_or(&[]);
            // Characters start with any byte that does not continue one.
            let column = before.iter().filter(|b| **b & 0xc0 != 0x80).count() as u32 + 1;
            (line as u32 + lines_before, column)
        });
        self.last = Some((span, place));
        place
    }

    /// Adds one instruction to a function's runs.
    pub(crate) fn push(&mut self, runs: &mut Vec<LineRun>, span: Span) {
        let (line, column) = self.place(span);
        let file = span.file.0;
        match runs.last_mut() {
            Some(run) if (run.file, run.line, run.column) == (file, line, column) => run.count += 1,
            _ => runs.push(LineRun { count: 1, file, line, column }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_agree_with_the_source_map() {
        let mut sources = SourceMap::default();
        let file = sources.add("a", "let x = 1\n  λ y → z\n\nend");
        let mut lines = Lines::new(&sources);
        for byte in [0, 4, 9, 10, 12, 14, 17, 20, 22, 23, 24, 26] {
            let span = Span::new(file, byte, byte);
            assert_eq!(lines.place(span), sources.line_column(file, byte), "{byte}");
        }
    }
}
