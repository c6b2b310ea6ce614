//! Mistakes that people make, each with what is said about it: `tests/mistakes/*.txt`.
//!
//! A file holds cases: a line `=== title`, the source, a line `---`, and what is said, as plain
//! content (how it is drawn is tested where it is drawn). `BLESS=1 cargo test` writes the last part.

mod common;

use std::fmt::Write;

use codex_diagnostics::{Diagnostic, FileId, Span};
use common::{cases, files};

fn place(source: &str, span: Span) -> String {
    let (start, end) = (span.start as usize, span.end as usize);
    let line = source[..start].matches('\n').count() + 1;
    let column = source[..start].rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let shown: String = source[start..end].chars().take(40).collect();
    format!("{line}:{column} ‹{}›", shown.escape_debug().to_string().replace("\\\"", "\""))
}

fn said(source: &str, d: &Diagnostic) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} {}", d.code.0, d.headline);
    let _ = writeln!(out, "  at {}: {}", place(source, d.primary.span), d.primary.text);
    for label in &d.secondary {
        let _ = writeln!(out, "  at {}: {}", place(source, label.span), label.text);
    }
    for note in &d.notes {
        let _ = writeln!(out, "  note: {note}");
    }
    for help in &d.helps {
        let _ = writeln!(out, "  help: {help}");
    }
    for fix in &d.fixes {
        let edits: Vec<String> =
            fix.edits.iter().map(|e| format!("{} → ‹{}›", place(source, e.span), e.text)).collect();
        let _ = writeln!(out, "  fix: {} [{}]", fix.text, edits.join(", "));
    }
    out
}

fn answer(source: &str) -> String {
    let parsed = codex_syntax::parse(FileId(0), source);
    match parsed.diagnostics.as_slice() {
        [] => "nothing\n".to_owned(),
        all => all.iter().map(|d| said(source, d)).collect(),
    }
}

/// The file with all answers as they are now.
fn rewritten(text: &str) -> String {
    let mut out = String::new();
    for (title, source) in cases(text) {
        let _ = write!(out, "=== {title}\n{source}---\n{}\n", answer(source));
    }
    out
}

#[test]
fn what_is_said_is_what_was_blessed() {
    let bless = std::env::var_os("BLESS").is_some();
    for file in files("tests/mistakes") {
        let text = std::fs::read_to_string(&file).unwrap();
        let now = rewritten(&text);
        if bless {
            std::fs::write(&file, now).unwrap();
        } else {
            assert_eq!(now, text, "{} (BLESS=1 accepts the change)", file.display());
        }
    }
}

#[test]
fn nothing_is_said_about_no_mistake_and_much_about_none() {
    for file in files("tests/mistakes") {
        let text = std::fs::read_to_string(&file).unwrap();
        for (_, source) in cases(&text) {
            let count = codex_syntax::parse(FileId(0), source).diagnostics.len();
            assert!((1..=4).contains(&count), "{count} diagnostics for\n{source}");
        }
    }
}
