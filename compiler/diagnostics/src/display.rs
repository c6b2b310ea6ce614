//! A source as it is shown: the same text, but that bidirectional controls and other invisible
//! characters are spelled out (`⟨U+202E⟩`), joined emoji are too (terminals disagree on their
//! width), and of a very long line only the surroundings of what is marked remain.
//!
//! Keeps true: [`Shown::map`] takes any byte offset of the source, also one inside a character or
//! past the end, to a character boundary of the shown text.

use crate::Span;

/// Lines longer than this many bytes are cut.
const LONG_LINE: usize = 400;
/// How many bytes of a cut line stay on either side of a mark.
const MARGIN: usize = 60;

/// The shown text, and where the bytes of the source went.
pub(crate) struct Shown {
    pub(crate) text: String,
    /// (first byte in the source, first byte in the shown text, copied as it is), in order.
    pieces: Vec<(usize, usize, bool)>,
}

impl Shown {
    /// The text of a file, given what will be marked in it.
    pub(crate) fn new(source: &str, marks: &[Span]) -> Shown {
        let mut shown = Shown { text: String::with_capacity(source.len()), pieces: Vec::new() };
        let mut start = 0;
        for line in source.split_inclusive('\n') {
            let end = start + line.len();
            if line.len() <= LONG_LINE {
                shown.copy(source, start, end);
            } else {
                shown.cut(source, start, end, marks);
            }
            start = end;
        }
        shown.pieces.push((source.len(), shown.text.len(), true));
        shown
    }

    /// Where a byte of the source is shown.
    pub(crate) fn map(&self, byte: usize) -> usize {
        let i = self.pieces.partition_point(|p| p.0 <= byte).saturating_sub(1);
        let Some(&(from, to, copied)) = self.pieces.get(i) else { return 0 };
        let limit = self.pieces.get(i + 1).map_or(self.text.len(), |p| p.1);
        let mut at = if copied { (to + (byte - from)).min(limit) } else { to };
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// Copies `source[start..end]`, spelling out what cannot be seen.
    fn copy(&mut self, source: &str, start: usize, end: usize) {
        let mut from = start;
        for (i, c) in source[start..end].char_indices() {
            if !is_invisible(c) {
                continue;
            }
            let at = start + i;
            self.piece(source, from, at);
            self.pieces.push((at, self.text.len(), false));
            self.text.push_str(&format!("⟨U+{:04X}⟩", c as u32));
            from = at + c.len_utf8();
        }
        self.piece(source, from, end);
    }

    fn piece(&mut self, source: &str, start: usize, end: usize) {
        if start < end {
            self.pieces.push((start, self.text.len(), true));
            self.text.push_str(&source[start..end]);
        }
    }

    /// Copies a long line's marked surroundings.
    fn cut(&mut self, source: &str, start: usize, end: usize, marks: &[Span]) {
        let mut windows: Vec<(usize, usize)> = vec![(start, start + MARGIN)];
        for mark in marks {
            for at in [mark.start as usize, mark.end as usize] {
                if (start..=end).contains(&at) {
                    windows.push((at.saturating_sub(MARGIN).max(start), (at + MARGIN).min(end)));
                }
            }
        }
        windows.sort_unstable();
        let newline = end - usize::from(source[..end].ends_with('\n'));
        let mut at = start;
        for (from, to) in windows {
            let (from, to) = (boundary(source, from.max(at)), boundary(source, to.min(newline)));
            if from > at {
                self.ellipsis(at);
            }
            if to > from {
                self.copy(source, from, to);
                at = to;
            }
        }
        if at < newline {
            self.ellipsis(at);
        }
        self.piece(source, newline, end);
    }

    fn ellipsis(&mut self, at: usize) {
        self.pieces.push((at, self.text.len(), false));
        self.text.push('…');
    }
}

fn boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Characters that a terminal hides, reorders or joins.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        | '\u{061C}' | '\u{00AD}' | '\u{180E}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0000}'..='\u{E007F}'
        | '\u{0000}'..='\u{0008}' | '\u{000B}'..='\u{000C}' | '\u{000E}'..='\u{001F}' | '\u{007F}'
        | '\u{0085}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FileId;

    #[test]
    fn invisible_characters_are_spelled_out_and_offsets_follow() {
        let source = "a\u{202E}b\nc";
        let shown = Shown::new(source, &[]);
        assert_eq!(shown.text, "a⟨U+202E⟩b\nc");
        assert_eq!(&shown.text[shown.map(4)..], "b\nc");
        assert_eq!(&shown.text[shown.map(1)..shown.map(4)], "⟨U+202E⟩");
        assert_eq!(shown.map(2), shown.map(1), "inside the character");
        assert_eq!(shown.map(999), shown.text.len());
    }

    #[test]
    fn a_long_line_keeps_its_head_and_its_marks() {
        let source = format!("{}X{}\nnext", "a".repeat(5_000_000), "b".repeat(5_000_000));
        let mark = Span::new(FileId(0), 5_000_000, 5_000_001);
        let shown = Shown::new(&source, &[mark]);
        assert!(shown.text.len() < 1000);
        assert_eq!(&shown.text[shown.map(5_000_000)..shown.map(5_000_001)], "X");
        assert!(shown.text.ends_with("\nnext"));
    }

    #[test]
    fn every_offset_lands_on_a_boundary() {
        let source = format!("λ{}\u{200B}é→{}", "日".repeat(300), "🍎".repeat(200));
        let marks = [Span::new(FileId(0), 500, 700)];
        let shown = Shown::new(&source, &marks);
        let mut last = 0;
        for byte in 0..source.len() + 5 {
            let at = shown.map(byte);
            assert!(shown.text.is_char_boundary(at) && at >= last);
            last = at;
        }
    }
}
