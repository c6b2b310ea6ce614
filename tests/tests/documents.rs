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

/// Every flag that the operator's page names is one of `codexvm run`, `resume` or `save`.
#[test]
fn the_operators_page_names_flags_that_there_are() {
    let page = std::fs::read_to_string(codex_tests::root().join("docs/operations.md")).expect("the page");
    let help = ["run", "resume", "save", "inspect"].map(|command| {
        let shown = std::process::Command::new(codex_tests::binary("codexvm")).args([command, "--help"]).output();
        String::from_utf8_lossy(&shown.expect("codexvm").stdout).into_owned()
    });
    let words = page.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let flags: std::collections::BTreeSet<&str> =
        words.filter(|w| w.starts_with("--") && w.len() > 3 && !["--features", "--now"].contains(w)).collect();
    assert!(flags.len() > 10, "{flags:?}");
    for flag in flags {
        assert!(help.iter().any(|help| help.contains(flag)), "{flag} is no flag");
    }
}

/// systemd has nothing to say against the unit, where it is here to be asked.
#[cfg(target_os = "linux")]
#[test]
fn the_unit_is_sound() {
    let unit = std::fs::read_to_string(codex_tests::root().join("docs/deploy/codexvm@.service")).expect("the unit");
    assert!(unit.contains("ExecStart=/usr/local/bin/codexvm run --vault vault"));
    let folder = tempfile::tempdir().expect("a folder");
    let here = codex_tests::binary("codexvm").display().to_string();
    let path = folder.path().join("codexvm@.service");
    std::fs::write(&path, unit.replace("/usr/local/bin/codexvm", &here)).expect("a file");
    match std::process::Command::new("systemd-analyze").arg("verify").arg(&path).output() {
        Err(_) => println!("there is no systemd-analyze"),
        Ok(said) => assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr)),
    }
}
