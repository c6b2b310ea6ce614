//! The promises of the catalogue, for the codes of this room: the failing program gives exactly
//! its code, the fixed one parses, and a certain fix leads to a program that parses.

use codex_diagnostics::{Diagnostic, Edit, FileId, catalog};
use codex_syntax::parse;

fn ours() -> impl Iterator<Item = &'static catalog::Entry> {
    catalog::all().into_iter().filter(|e| e.code.0.starts_with("G01") || e.code.0.starts_with("G02"))
}

fn diagnostics(text: &str) -> Vec<Diagnostic> {
    parse(FileId(0), text).diagnostics
}

/// The text with all certain fixes applied, from the back.
fn apply(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut edits: Vec<&Edit> = diagnostics.iter().filter_map(|d| d.fixes.first()).flat_map(|f| &f.edits).collect();
    edits.sort_by_key(|e| std::cmp::Reverse((e.span.start, e.span.end)));
    let mut out = text.to_owned();
    for edit in edits {
        out.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    out
}

#[test]
fn each_failing_program_gives_exactly_its_code() {
    let mut wrong = Vec::new();
    for entry in ours().filter(|e| !e.failing.is_empty()) {
        let codes: Vec<&str> = diagnostics(entry.failing).iter().map(|d| d.code.0).collect();
        if codes != [entry.code.0] {
            wrong.push(format!("{} gives {codes:?}:\n{}", entry.code.0, entry.failing));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_fixed_program_parses() {
    let mut wrong = Vec::new();
    for entry in ours() {
        let found = diagnostics(entry.fixed);
        if !found.is_empty() {
            wrong.push(format!("{}: {:?}\n{}", entry.code.0, found[0].headline, entry.fixed));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn certain_fixes_lead_to_programs_that_parse() {
    let mut wrong = Vec::new();
    for entry in ours() {
        let found = diagnostics(entry.failing);
        if found.is_empty() || found.iter().any(|d| d.fixes.is_empty()) {
            continue;
        }
        let fixed = apply(entry.failing, &found);
        let left = diagnostics(&fixed);
        if !left.is_empty() {
            wrong.push(format!("{}: {:?} in\n{fixed}", entry.code.0, left[0].headline));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_limits_and_encodings_are_without_a_program() {
    let without: Vec<&str> = ours().filter(|e| e.failing.is_empty()).map(|e| e.code.0).collect();
    assert_eq!(without, ["G0109", "G0115", "G0204"]);
}
