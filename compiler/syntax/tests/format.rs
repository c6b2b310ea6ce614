//! The formatter's promises, on every program there is: the same tree, the same comments, the
//! same bytes the second time and after respelling there and back. `tests/layout/*.txt` shows what
//! it does (`BLESS=1 cargo test` writes the second part of each case).

mod common;

use codex_diagnostics::FileId;
use codex_syntax::{Spelling, format, parse};
use common::{cases, files, good_programs};

fn glyph(text: &str) -> String {
    format(text, Spelling::Glyph).unwrap_or_else(|d| panic!("{:?} in\n{text}", d[0]))
}

fn ascii(text: &str) -> String {
    format(text, Spelling::Ascii).unwrap_or_else(|d| panic!("{:?} in\n{text}", d[0]))
}

/// The tree without places.
fn tree(text: &str) -> String {
    let parsed = parse(FileId(0), text);
    assert!(parsed.diagnostics.is_empty(), "{:?} in\n{text}", parsed.diagnostics[0]);
    let shown = format!("{:?}", parsed.module);
    let mut out = String::new();
    let mut rest = shown.as_str();
    while let Some(at) = rest.find(" 0:") {
        out.push_str(&rest[..at]);
        rest = rest[at + 3..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    }
    out + rest
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|l| l.find("// ").map(|at| l[at..].trim_end())).collect()
}

fn check(text: &str) {
    let once = glyph(text);
    assert_eq!(tree(text), tree(&once), "another tree:\n{text}\n-----\n{once}");
    assert_eq!(glyph(&once), once, "not idempotent");
    assert_eq!(comments(text).len(), comments(&once).len(), "comments of\n{text}\n-----\n{once}");
    let typed = ascii(&once);
    assert_eq!(tree(&once), tree(&typed), "another tree in ASCII:\n{typed}");
    assert_eq!(ascii(&typed), typed, "not idempotent in ASCII");
    assert_eq!(glyph(&typed), once, "not the same there and back:\n{typed}");
}

#[test]
fn the_promises_hold_for_good_programs() {
    for (name, text) in good_programs() {
        println!("{name}");
        check(&text);
    }
}

#[test]
fn good_programs_are_formatted_already() {
    for (name, text) in good_programs() {
        if name.ends_with("language.glyph") {
            assert_eq!(glyph(&text), text);
        }
    }
}

#[test]
fn the_promises_hold_for_programs_on_one_line_and_with_tokens_apart() {
    for (_, text) in good_programs() {
        // The same program with other line breaks where brackets allow them.
        for (from, to) in [("(", "(\n"), (", ", ",\n"), (" ▷", "\n\n  ▷"), (" {", "  {"), ("\n", "\n\n\n")] {
            if text.contains("\"\"\"") && to.contains('\n') {
                continue;
            }
            let other = text.replace(from, to);
            if parse(FileId(0), &other).diagnostics.is_empty() {
                check(&other);
            }
        }
    }
}

#[test]
fn layouts() {
    for file in files("tests/layout") {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut now = String::new();
        for (title, source) in cases(&text) {
            check(source);
            now += &format!("=== {title}\n{source}---\n{}\n", glyph(source));
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, now).unwrap();
        } else {
            assert_eq!(now, text, "{} (BLESS=1 accepts the change)", file.display());
        }
    }
}

#[test]
fn what_does_not_parse_is_not_touched() {
    assert!(format("fn main( {", Spelling::Glyph).is_err());
}
