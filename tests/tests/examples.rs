//! Every example prints what it must, whole and interrupted.
//!
//! The *every-point test*: a run whose every tick ends after k fuel and goes on with a copy made from its dump has the same
//! outputs, and the same hash at every tick, as the same run without copies; and the same outputs as the run that was not interrupted. Some
//! points are also crossed into a fresh process.

use std::path::Path;
use std::process::Command;

use codex_tests::examples::{all as examples, example};
use codex_tests::{Setup, binary, compile, root, run};

#[test]
fn examples_print_what_they_must() {
    let scratch = tempfile::tempdir().expect("a folder");
    let all = examples(scratch.path());
    assert!(all.len() >= 12, "only {} examples", all.len());
    for example in all {
        let program = compile(&example.folder.join("main.glyph")).unwrap_or_else(|e| panic!("{}: {e}", example.name));
        let done = run(&program, &Setup { watch: false, ..example.setup.clone() });
        assert_eq!(done.trap, None, "{}: {}", example.name, done.report);
        assert_eq!(done.output, example.expected, "{}", example.name);
    }
}

/// How many interruptions an example gets.
fn points() -> u64 {
    std::env::var("CODEX_POINTS").ok().and_then(|p| p.parse().ok()).unwrap_or(40)
}

#[test]
fn every_point() {
    let scratch = tempfile::tempdir().expect("a folder");
    let mut crossed = 0;
    for example in examples(scratch.path()) {
        let program = compile(&example.folder.join("main.glyph")).unwrap_or_else(|e| panic!("{}: {e}", example.name));
        let whole = run(&program, &example.setup);
        let fine = Setup { quantum: 1, max_ticks: points(), watch: true, ..example.setup.clone() };
        let coarse = Setup { quantum: whole.fuel / points() + 1, watch: true, ..example.setup.clone() };
        for setup in [fine, coarse] {
            let plain = run(&program, &setup);
            let copied = run(&program, &Setup { reload: true, ..setup.clone() });
            assert_eq!(plain.hashes, copied.hashes, "{}: hashes at a quantum of {}", example.name, setup.quantum);
            assert!(plain == copied, "{}: a quantum of {}", example.name, setup.quantum);
            crossed += copied.ticks;
            if setup.max_ticks == u64::MAX {
                assert_eq!(copied.output, whole.output, "{}", example.name);
            }
        }
    }
    println!("{crossed} points crossed");
    assert!(crossed > 500);
}

/// Stops a run at some ticks, writes the world to a file, and lets a fresh process go on with it.
#[test]
fn a_fresh_process_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let module = folder.path().join("m.codex");
    for name in ["queens", "life", "lisp"] {
        let example = example(root().join("examples").join(name), folder.path());
        let built = Command::new(binary("codexc"))
            .arg("build")
            .arg(example.folder.join("main.glyph"))
            .arg("-o")
            .arg(&module)
            .status();
        assert!(built.expect("codexc").success());
        let stdin = example.folder.join("stdin.txt");
        let machine = |verb: &str, file: &Path| {
            let mut command = Command::new(binary("codexvm"));
            command.arg(verb).arg(file).args(["--hash", "--quantum", "5000"]);
            match std::fs::File::open(&stdin) {
                Ok(file) => command.stdin(file),
                Err(_) => command.stdin(std::process::Stdio::null()),
            };
            command
        };
        let whole = machine("run", &module).args(["--seed", "7"]).output().expect("codexvm");
        assert_eq!(String::from_utf8_lossy(&whole.stdout), example.expected, "{name}");
        if stdin.is_file() {
            continue; // what was read from a pipe is gone for the second process
        }
        for tick in ["1", "2", "7"] {
            let world = folder.path().join("world");
            let first = machine("run", &module)
                .args(["--seed", "7", "--dump-at", tick, "--dump-to"])
                .arg(&world)
                .output()
                .expect("codexvm");
            assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
            let second = machine("load", &world).output().expect("codexvm");
            let both = [first.stdout, second.stdout].concat();
            assert_eq!(String::from_utf8_lossy(&both), example.expected, "{name} cut at tick {tick}");
        }
    }
}
