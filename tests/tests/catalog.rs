//! `codexc explain`: every failing program gives exactly its code, every fixed program compiles, every
//! certain fix compiles.

use codex_diagnostics::{Diagnostic, Severity, catalog};
use codexc::driver::{Options, Outcome, build_text};

fn compile(text: &str) -> Outcome {
    let text = if text.contains("fn main") { text.to_owned() } else { format!("{text}\nfn main() {{ }}\n") };
    build_text("explain.glyph", &text, &Options { tests: true, ..Options::default() })
}

fn errors(outcome: &Outcome) -> Vec<&'static str> {
    outcome.diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| d.code.0).collect()
}

/// What a failing program of the catalogue must give: its code as the only error, or, for a lint, as a warning.
#[test]
fn failing_programs_fail_with_their_code_alone() {
    let mut wrong = Vec::new();
    for entry in catalog::all().into_iter().filter(|e| !e.failing.is_empty()) {
        let outcome = compile(entry.failing);
        let found = errors(&outcome);
        let warned = found.is_empty() && outcome.diagnostics.iter().any(|d| d.code == entry.code);
        if !warned && found != [entry.code.0] {
            wrong.push(format!("{}: {found:?} for\n{}", entry.code.0, entry.failing));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn fixed_programs_compile() {
    let mut wrong = Vec::new();
    for entry in catalog::all().into_iter().filter(|e| !e.fixed.is_empty()) {
        let outcome = compile(entry.fixed);
        if outcome.failed() || outcome.diagnostics.iter().any(|d| d.code == entry.code) {
            wrong.push(format!("{}: {:?} for\n{}", entry.code.0, outcome.diagnostics, entry.fixed));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn certain_fixes_compile() {
    let mut applied = 0;
    for entry in catalog::all() {
        let outcome = compile(entry.failing);
        for d in outcome.diagnostics.iter().filter(|d| d.code == entry.code && !d.fixes.is_empty()) {
            let text = apply(d, entry.failing);
            let again = compile(&text);
            let still = again.diagnostics.iter().any(|d| d.code == entry.code);
            assert!(!still, "{}: the fix leaves the mistake in\n{text}", entry.code.0);
            applied += 1;
        }
    }
    assert!(applied > 0, "no fix was tried");
    println!("{applied} fixes applied");
}

fn apply(diagnostic: &Diagnostic, text: &str) -> String {
    let mut edits = diagnostic.fixes[0].edits.clone();
    edits.sort_by_key(|e| std::cmp::Reverse(e.span.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}

#[test]
fn entries_are_complete_and_plain() {
    for entry in catalog::all() {
        assert!(!entry.title.is_empty() && entry.explanation.len() > 40, "{} explains too little", entry.code.0);
        for word in ["illegal", "unify", "unification", "!"] {
            assert!(!entry.explanation.contains(word) || word == "!", "{} says `{word}`", entry.code.0);
        }
    }
}
