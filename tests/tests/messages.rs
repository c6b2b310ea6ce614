//! What people see: `tests/messages/*.txt` hold programs with mistakes and the messages as they are drawn. And the rules
//! that hold for all messages of a file together.
//!
//! `BLESS=1` writes the messages anew.

use std::path::PathBuf;

use codex_diagnostics::{Severity, Style, render};
use codex_tests::root;
use codexc::driver::{Options, Outcome, build_text};

fn compiled(name: &str, source: &str) -> Outcome {
    build_text(name, source, &Options::default())
}

fn files() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(root().join("tests/messages")).expect("the folder");
    let mut files: Vec<PathBuf> = folder.flatten().map(|e| e.path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "txt"));
    files.sort();
    files
}

#[test]
fn messages_are_drawn_as_they_were_read() {
    let mut changed = Vec::new();
    for file in files() {
        let text = std::fs::read_to_string(&file).expect("UTF-8");
        let (source, drawn) = text.split_once("\n---\n").map(|(s, d)| (format!("{s}\n"), d)).expect("a line `---`");
        let outcome = compiled("try.glyph", &source);
        assert!(outcome.failed(), "{} has no mistake", file.display());
        let now = render(&outcome.diagnostics, &outcome.sources, Style::default());
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, format!("{source}---\n{now}")).expect("it can be written");
        } else if now != drawn {
            changed.push(format!("{}:\n{now}", file.display()));
        }
    }
    assert!(changed.is_empty(), "read these, and accept them with BLESS=1:\n{}", changed.join("\n"));
}

/// Each row of the trial's table says what the message in the file it names says.
#[test]
fn the_trial_of_first_steps_is_true() {
    let trial = std::fs::read_to_string(root().join("docs/first-steps-trial.md")).expect("the trial");
    let mut rows = 0;
    for row in trial.lines().filter(|l| l.starts_with("| [")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let file = cells[0].split_once("](").and_then(|(_, rest)| rest.split_once(')')).expect("a link").0;
        let text = std::fs::read_to_string(root().join("docs").join(file)).expect("the file that the row names");
        let (code, headline) = cells[2].split_once(' ').expect("a code and a headline");
        assert!(text.contains(&format!("[{code}] Error: {}", headline.replace("\\|", "|"))), "{row}\n{text}");
        rows += 1;
    }
    assert!(rows >= 30, "only {rows} mistakes");
}

#[test]
fn a_file_has_at_most_twenty_errors() {
    let lines: String = (0..50).map(|i| format!("  print(missing{i})\n")).collect();
    let outcome = compiled("many.glyph", &format!("fn main() {{\n{lines}}}\n"));
    let errors = outcome.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    assert_eq!(errors, 20);
    let first = outcome.diagnostics.first().expect("an error");
    assert!(first.headline.contains("missing0"), "the first ones are shown: {}", first.headline);
}

/// One mistake, one error: what follows from it is silent.
#[test]
fn what_follows_from_a_mistake_is_not_told() {
    for (source, code) in [
        ("fn main() {\n  let a = missing\n  let b = a + 1\n  let c = [b, \"x\"]\n  print(c[a].name)\n}\n", "G0301"),
        ("fn f(x: Nothing) → Int = x.y + 1\n\nfn main() { print(f(1) + f(\"a\")) }\n", "G0302"),
        ("fn main() {\n  let n: Int = \"x\"\n  print(n + 1)\n}\n", "G0401"),
        ("fn main() {\n  let p = { name: \"Ada\" }\n  print(p.name)\n}\n", "G0235"),
        ("fn f() { }\nbogus thing\nfn main() { f() }\n", "G0231"),
        ("import nothing\n\nfn main() { print(nothing.at(1) + nothing.all) }\n", "G0304"),
        ("fn main() {\n  match wrong(1) {\n    Some(x) → print(x)\n    None → print(0)\n  }\n}\n", "G0301"),
    ] {
        let outcome = compiled("one.glyph", source);
        let codes: Vec<&str> = outcome.diagnostics.iter().map(|d| d.code.0).collect();
        assert_eq!(codes, [code], "{source}");
    }
}

/// The names that other languages have lead to functions that are there.
#[test]
fn foreign_names_lead_to_functions() {
    let mut seen = 0;
    for (module, there, here) in codex_types::foreign::members() {
        let text = format!("fn main() {{ let _ = {here} }}\n");
        let outcome = compiled("here.glyph", &text);
        let unknown = outcome.diagnostics.iter().find(|d| ["G0301", "G0304", "G0305"].contains(&d.code.0));
        assert!(unknown.is_none(), "{module}.{there} → {here}: {unknown:?}");
        let outcome = compiled("there.glyph", &format!("fn main() {{ let _ = {module}.{there} }}\n"));
        let said = outcome.diagnostics.iter().find(|d| d.code.0 == "G0305");
        assert!(said.is_some(), "{module}.{there} is there: the table does not need it");
        seen += 1;
    }
    assert!(seen > 50);
}
