//! Each code of this room: its failing program gives that code and no other error, and its fixed program
//! checks; a certain fix, applied, does too.

mod common;

use codex_diagnostics::catalog::{self, Entry};
use codex_diagnostics::{Fix, Severity};

fn entries() -> Vec<&'static Entry> {
    let mine = |e: &&Entry| {
        let code = e.code.0;
        ("G0301".."G1000").contains(&code) && !matches!(code, "G0490" | "G0491" | "G0492" | "G0590")
    };
    catalog::all().into_iter().filter(mine).collect()
}

#[test]
fn failing_programs_give_their_code() {
    let mut wrong = Vec::new();
    for entry in entries().iter().filter(|e| !e.failing.is_empty()) {
        let run = common::run(entry.failing);
        if run.codes() != [entry.code.0] {
            wrong.push(format!("{}: {:#?}", entry.code.0, run.lines()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn fixed_programs_check() {
    let mut wrong = Vec::new();
    for entry in entries() {
        let run = common::run(entry.fixed);
        if !entry.fixed.is_empty() && !run.lines().is_empty() {
            wrong.push(format!("{}: {:#?}", entry.code.0, run.lines()));
        }
        if run.errors().is_empty() {
            let unsound = common::verify::verify(&run.checked.program);
            wrong.extend(unsound.iter().map(|l| format!("{}: {l}", entry.code.0)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The text with a fix applied.
fn apply(text: &str, fix: &Fix) -> String {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|e| std::cmp::Reverse(e.span.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}

#[test]
fn certain_fixes_compile() {
    let mut wrong = Vec::new();
    let mut applied = 0;
    for entry in entries().iter().filter(|e| !e.failing.is_empty()) {
        let run = common::run(entry.failing);
        for diagnostic in &run.checked.diagnostics {
            for fix in &diagnostic.fixes {
                applied += 1;
                let fixed = apply(entry.failing, fix);
                let again = common::run(&fixed);
                if again.checked.diagnostics.iter().any(|d| d.severity == Severity::Error) || !again.errors().is_empty()
                {
                    wrong.push(format!("{}: {fixed}\n{:#?}", entry.code.0, again.lines()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(applied > 10);
}
