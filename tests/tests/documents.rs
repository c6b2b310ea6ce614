//! The README's and the tour's programs: each `glyph` block compiles, and prints the `output` block below it. A block marked
//! `fails` does not compile; one marked `traps` compiles and ends with a failure.

use codex_tests::{fenced_blocks, root, run_text};

fn check(document: &str) -> usize {
    let text = std::fs::read_to_string(root().join(document)).expect("the document");
    let blocks = fenced_blocks(&text);
    let mut programs = 0;
    for (i, (info, body, line)) in blocks.iter().enumerate() {
        let place = format!("{document}:{line}");
        match info.as_str() {
            "glyph" => {
                let run = run_text(&place, body).unwrap_or_else(|e| panic!("{place} does not compile:\n{e}"));
                assert_eq!(run.trap, None, "{place} failed");
                if let Some((_, expected, _)) = blocks.get(i + 1).filter(|b| b.0 == "output") {
                    assert_eq!(&run.output, expected, "{place}");
                }
            }
            "glyph fails" => assert!(run_text(&place, body).is_err(), "{place} should not compile"),
            "glyph traps" => {
                let run = run_text(&place, body).unwrap_or_else(|e| panic!("{place} does not compile:\n{e}"));
                assert!(run.trap.is_some(), "{place} should end with a failure");
            }
            _ => continue,
        }
        programs += 1;
    }
    programs
}

#[test]
fn the_tour_is_true() {
    assert!(check("docs/tour.md") >= 12);
}

#[test]
fn the_readme_is_true() {
    assert!(check("README.md") >= 1);
}
