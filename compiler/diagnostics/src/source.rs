//! Source files and places in them.

use std::sync::Arc;

/// A source file of one compilation, by its place in the [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}..{}", self.file.0, self.start, self.end)
    }
}

impl Span {
    /// The range `start..end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Span { file, start, end }
    }
    /// The smallest span that covers both; both lie in one file.
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
    /// The empty span just past this one.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }
}

/// One source file: how it is named in messages, and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path or name shown to the reader.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
    /// The lines of the file before this text: not 0 for a part of a file, such as a documentation example.
    pub lines_before: u32,
}

/// All files of one compilation.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<Source>,
}

impl SourceMap {
    /// Adds a file and gives its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.add_part(name, text, 0)
    }
    /// Adds a part of a file, which has so many lines before it, and gives its id.
    pub fn add_part(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>, lines_before: u32) -> FileId {
        self.files.push(Source { name: name.into(), text: text.into(), lines_before });
        FileId(self.files.len() as u32 - 1)
    }
    /// The file with this id, if it is of this map.
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }
    /// All files in order of their ids.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(i, s)| (FileId(i as u32), s))
    }
    /// The 1-based line (of the whole file) and column (in characters) of a byte; clamped to the file.
    pub fn line_column(&self, file: FileId, byte: u32) -> (u32, u32) {
        let Some(source) = self.get(file) else { return (1, 1) };
        let mut at = (byte as usize).min(source.text.len());
        while !source.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &source.text[..at];
        let line = before.bytes().filter(|&b| b == b'\n').count() as u32 + 1;
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        (line + source.lines_before, before[start..].chars().count() as u32 + 1)
    }
}
