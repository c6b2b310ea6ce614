//! The programs of the README, the tour and the trial: each `glyph` block compiles, its tests pass, and it prints the `output` block below it. A
//! block marked `fails` does not compile; one marked `traps` compiles and ends with a failure.

use codex_tests::run::{compiled, run_tests};
use codex_tests::{fenced_blocks, root, run_text};
use codexc::driver::{Options, build_text};

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
                let failed = failed_tests(&place, body);
                assert!(failed.is_empty(), "{place}: {failed}");
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

/// What `codexc test` says of the tests and examples that fail in a block.
fn failed_tests(name: &str, text: &str) -> String {
    let options = Options { tests: true, ..Options::default() };
    let program = compiled(build_text(name, text, &options)).unwrap_or_else(|e| panic!("{e}"));
    let (tally, report) = run_tests(&program, std::path::Path::new("."));
    if tally.failed == 0 { String::new() } else { report }
}

#[test]
fn the_tour_is_true() {
    assert!(check("docs/tour.md") >= 12);
}

#[test]
fn the_tour_has_twelve_short_chapters() {
    let text = std::fs::read_to_string(root().join("docs/tour.md")).expect("the tour");
    let chapters: Vec<&str> = text.split("\n## ").skip(1).collect();
    let numbered = chapters.iter().enumerate().all(|(i, c)| c.starts_with(&format!("{}. ", i + 1)));
    assert!(chapters.len() == 12 && numbered, "{} chapters", chapters.len());
    for chapter in chapters {
        assert!(chapter.lines().count() < 100 && chapter.contains("```glyph"), "{chapter}");
    }
}

#[test]
fn the_trial_of_first_steps_runs() {
    assert_eq!(check("docs/first-steps-trial.md"), 3);
}

#[test]
fn the_readme_is_true() {
    assert!(check("README.md") >= 1);
}
