//! Native code does what the interpreter does, in every example and every script: the same outputs, traps, fuel, and hash at
//! every tick, compiled whole, and left and entered at random.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_tests::{Run, Setup, again, compile, examples, root, run, scripts};
use codex_vm::native::Mode;
use codex_vm::program::Program;

/// The quanta at which a run is stopped, for what it takes in all.
fn quanta(fuel: u64) -> [u64; 3] {
    [fuel / 7 + 1, fuel / 40 + 1, 3]
}

/// Ticks of a run that are compared.
const TICKS: u64 = 60;

/// Runs a program in each tier and says what differs.
fn compare(program: &Arc<Program>, setup: &Setup, seed: u64) -> Result<u64, String> {
    let whole = run(program, setup);
    let stopped = quanta(whole.fuel).map(|quantum| Setup { quantum, watch: true, max_ticks: TICKS, ..setup.clone() });
    let expected = stopped.each_ref().map(|setup| run(program, setup));
    let mut compared = 0;
    for mode in [Mode::Eager, Mode::Mixed(seed), Mode::Mixed(seed + 1)] {
        let native = again(program);
        native.enable_native(mode);
        if mode == Mode::Eager {
            same(&whole, &run(&native, setup), "eager, not interrupted")?;
        }
        for (setup, expected) in stopped.iter().zip(&expected) {
            let ran = run(&native, setup);
            same(expected, &ran, &format!("{mode:?}, a quantum of {}", setup.quantum))?;
            compared += ran.ticks;
        }
    }
    Ok(compared)
}

fn same(expected: &Run, ran: &Run, how: &str) -> Result<(), String> {
    if expected == ran {
        return Ok(());
    }
    let tick = expected.hashes.iter().zip(&ran.hashes).position(|(a, b)| a != b);
    Err(format!("{how}: it differs, first at tick {tick:?}\n{}\n{}\n{}", expected.report, ran.report, ran.output))
}

fn check(all: impl IntoIterator<Item = (PathBuf, Setup)>) -> u64 {
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for (seed, (path, setup)) in (0..).step_by(2).zip(all) {
        // A script whose compilation must fail is not run.
        let Ok(program) = compile(&path) else { continue };
        match compare(&program, &setup, seed) {
            Ok(ticks) => compared += ticks,
            Err(why) => wrong.push(format!("── {}\n{why}", path.display())),
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    compared
}

#[test]
fn examples_are_the_same_in_each_tier() {
    let scratch = tempfile::tempdir().expect("a folder");
    let all = examples::all(scratch.path());
    assert!(all.len() >= 12, "only {} examples", all.len());
    let compared = check(all.into_iter().map(|e| (e.folder.join("main.glyph"), e.setup)));
    assert!(compared > 1000, "{compared} ticks were compared");
}

#[test]
fn scripts_are_the_same_in_each_tier() {
    let all = ["tests/language", "tests/regressions"].map(|folder| scripts::all(Path::new(&root().join(folder))));
    let compared = check(all.concat().into_iter().map(|path| (path, Setup::default())));
    assert!(compared > 2000, "{compared} ticks were compared");
}
