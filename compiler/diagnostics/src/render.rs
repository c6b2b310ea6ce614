//! Diagnostics for people, drawn with ariadne.
//!
//! Keeps true: never panics, whatever the spans: they are mapped into the shown text first
//! ([`crate::display`]), since ariadne panics on a span inside a character and drops labels past the end. A message about
//! a file without text, such as one that is missing, has no frame.

use std::borrow::Cow;

use ariadne::{CharSet, Color, Config, IndexType, Label, LabelAttach, Report, ReportKind};
use rustc_hash::FxHashMap;

use crate::display::Shown;
use crate::{Diagnostic, FileId, Severity, SourceMap, Span};

/// How to draw.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With terminal colours.
    pub color: bool,
    /// With ASCII frames only.
    pub ascii: bool,
}

/// A place in the shown text of a file.
#[derive(Clone, Copy)]
struct ShownSpan {
    file: FileId,
    start: usize,
    end: usize,
}

impl ariadne::Span for ShownSpan {
    type SourceId = FileId;
    fn source(&self) -> &FileId {
        &self.file
    }
    fn start(&self) -> usize {
        self.start
    }
    fn end(&self) -> usize {
        self.end
    }
}

/// The shown files, drawn from once each.
struct Files<'a> {
    sources: &'a SourceMap,
    shown: FxHashMap<FileId, (Shown, ariadne::Source<String>)>,
}

impl Files<'_> {
    fn span(&self, span: Span) -> ShownSpan {
        let Some((shown, source)) = self.shown.get(&span.file) else {
            return ShownSpan { file: span.file, start: 0, end: 0 };
        };
        let before = source.text().len() - shown.text.len();
        let start = before + shown.map(span.start as usize);
        let end = (before + shown.map(span.end as usize)).max(start);
        ShownSpan { file: span.file, start, end }
    }
}

impl ariadne::Cache<FileId> for &mut Files<'_> {
    type Storage = String;
    fn fetch(&mut self, id: &FileId) -> Result<&ariadne::Source<String>, impl std::fmt::Debug> {
        self.shown.get(id).map(|f| &f.1).ok_or("no such file")
    }
    fn display<'b>(&self, id: &'b FileId) -> Option<impl std::fmt::Display + 'b> {
        self.sources.get(*id).map(|s| s.name.clone())
    }
}

/// The diagnostics as text for people, one after the other.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, style: Style) -> String {
    let mut files = show_files(diagnostics, sources);
    let mut out = Vec::new();
    for diagnostic in diagnostics {
        if files.shown.get(&diagnostic.primary.span.file).is_some_and(|(shown, _)| !shown.text.is_empty()) {
            let report = report(diagnostic, &files, style);
            // Writing to a Vec does not fail; a label that ariadne cannot place is no reason to stop.
            let _ = report.write(&mut files, &mut out);
        } else {
            out.extend(format!("[{}] {}: {}\n", diagnostic.code.0, severity(diagnostic), diagnostic.headline).bytes());
            diagnostic.notes.iter().for_each(|n| out.extend(format!("  note: {n}\n").bytes()));
            diagnostic.helps.iter().for_each(|n| out.extend(format!("  help: {n}\n").bytes()));
        }
    }
    let text = String::from_utf8_lossy(&out);
    // ariadne pads lines with spaces; nobody wants them in a file.
    let mut clean: String = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    if !clean.is_empty() {
        clean.push('\n');
    }
    clean
}

fn show_files<'a>(diagnostics: &[Diagnostic], sources: &'a SourceMap) -> Files<'a> {
    let mut marks: FxHashMap<FileId, Vec<Span>> = FxHashMap::default();
    for d in diagnostics {
        for label in std::iter::once(&d.primary).chain(&d.secondary) {
            marks.entry(label.span.file).or_default().push(label.span);
        }
    }
    let shown = marks.into_iter().filter_map(|(file, marks)| {
        let source = sources.get(file)?;
        let shown = Shown::new(&source.text, &marks);
        // The lines before a part of a file stand empty, so that its own have their numbers.
        let source = ariadne::Source::from("\n".repeat(source.lines_before as usize) + &shown.text);
        Some((file, (shown, source)))
    });
    Files { sources, shown: shown.collect() }
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
    }
}

fn report<'a>(d: &Diagnostic, files: &Files<'_>, style: Style) -> Report<'a, ShownSpan> {
    let (kind, color) = match d.severity {
        Severity::Error => (ReportKind::Error, Color::Red),
        Severity::Warning => (ReportKind::Warning, Color::Yellow),
    };
    let config = Config::default()
        .with_index_type(IndexType::Byte)
        .with_color(style.color)
        .with_label_attach(LabelAttach::Start)
        .with_char_set(if style.ascii { CharSet::Ascii } else { CharSet::Unicode });
    let primary = Label::new(files.span(d.primary.span))
        .with_message(clipped(&d.primary.text))
        .with_color(color)
        .with_priority(1);
    let mut labels = vec![(d.primary.span, primary)];
    for label in &d.secondary {
        let drawn = Label::new(files.span(label.span)).with_message(clipped(&label.text)).with_color(Color::Blue);
        labels.push((label.span, drawn));
    }
    // In the order of the file, which is that of the primary label first: ariadne begins a new frame at every step back.
    labels.sort_by_key(|(span, _)| (span.file != d.primary.span.file, *span));
    let mut report = Report::build(kind, files.span(d.primary.span))
        .with_config(config)
        .with_code(d.code.0)
        .with_message(clipped(&d.headline))
        .with_labels(labels.into_iter().map(|(_, label)| label));
    d.notes.iter().for_each(|note| report.add_note(clipped(note)));
    d.helps.iter().for_each(|help| report.add_help(clipped(help)));
    for fix in &d.fixes {
        report.add_help(format!("{} [fix available]", clipped(&fix.text)));
    }
    report.finish()
}

/// A message without the middle, if it is so long that it must quote something endless, such as a name of a million letters.
fn clipped(text: &str) -> Cow<'_, str> {
    const MOST: usize = 2000;
    const END: usize = 200;
    let length = text.chars().count();
    if length <= MOST {
        return Cow::Borrowed(text);
    }
    let start: String = text.chars().take(MOST - END).collect();
    let end: String = text.chars().skip(length - END).collect();
    Cow::Owned(format!("{start} … {end}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    fn sources(text: &str) -> (SourceMap, FileId) {
        let mut map = SourceMap::default();
        let id = map.add("shop.glyph", text);
        (map, id)
    }

    #[test]
    fn it_draws_source_and_message() {
        let (map, file) = sources("let price = \"full\"\n");
        let d = Diagnostic::error(Code("G0401"), "this is a Text", Span::new(file, 12, 18), "a Text")
            .label(Span::new(file, 4, 9), "needed here")
            .note("because")
            .help("do this");
        let text = render(&[d], &map, Style::default());
        assert!(text.contains("[G0401] Error: this is a Text"), "{text}");
        assert!(text.contains("shop.glyph:1:13"), "{text}");
        assert!(text.contains("let price = \"full\"") && text.contains("a Text") && text.contains("because"), "{text}");
        assert!(!text.contains('\u{1b}'), "no colours unless asked for");
    }

    #[test]
    fn a_place_before_the_mistake_stands_in_the_same_frame() {
        let (map, file) = sources("let total = 0\ntotal = 1\n");
        let d = Diagnostic::error(Code("G0411"), "no", Span::new(file, 14, 19), "changed here")
            .label(Span::new(file, 4, 9), "bound here");
        let text = render(&[d], &map, Style::default());
        assert_eq!(text.matches("shop.glyph:").count(), 1, "{text}");
        assert!(text.find("bound here") < text.find("changed here") && text.contains("shop.glyph:2:1"), "{text}");
    }

    #[test]
    fn a_part_of_a_file_has_the_lines_of_the_file() {
        let mut map = SourceMap::default();
        let file = map.add_part("shop.glyph", "first\nsecond\n", 40);
        let d = Diagnostic::error(Code("G0301"), "no", Span::new(file, 6, 12), "here");
        let text = render(&[d], &map, Style::default());
        assert!(text.contains("shop.glyph:42:1") && text.contains("42 │ second"), "{text}");
        assert_eq!(map.line_column(file, 6), (42, 1));
    }

    #[test]
    fn carets_stand_under_wide_characters() {
        let (map, file) = sources("日本 x\n");
        let d = Diagnostic::error(Code("G0301"), "no x", Span::new(file, 7, 8), "here");
        let text = render(&[d], &map, Style { ascii: true, ..Style::default() });
        let lines: Vec<&str> = text.lines().collect();
        let code = lines.iter().position(|l| l.contains("日本 x")).expect("the line is shown");
        let column = |l: &str, c: char| unicode_width::UnicodeWidthStr::width(&l[..l.find(c).expect("there")]);
        assert_eq!(column(lines[code], 'x'), column(lines[code + 1], '|').max(column(lines[code], 'x')), "{text}");
    }

    #[test]
    fn an_endless_name_is_clipped() {
        let name = "é".repeat(1_000_000);
        let (map, file) = sources(&name);
        let d = Diagnostic::error(Code("G0301"), format!("there is no {name}"), Span::new(file, 0, 2_000_000), "here");
        let text = render(&[d], &map, Style::default());
        assert!(text.contains("there is no é") && text.len() < 20_000, "{} bytes", text.len());
    }

    #[test]
    fn no_span_panics() {
        let (map, file) = sources("λ → é🍎\n");
        for start in 0..20 {
            for end in 0..20 {
                let d = Diagnostic::warning(Code("G0101"), "x", Span::new(file, start, end), "y")
                    .label(Span::new(file, end, start), "z")
                    .label(Span::new(FileId(7), 1, 2), "elsewhere");
                render(&[d], &map, Style::default());
            }
        }
        let nowhere = Diagnostic::error(Code("G0001"), "no file", Span::new(FileId(9), 0, 0), "");
        assert!(render(&[nowhere], &map, Style::default()).contains("no file"));
    }
}
