//! Every target over its corpus and changes of it, within the budget of CI.
//!
//! `CODEX_FUZZ_SECONDS=N` gives each target N seconds instead, `CODEX_FUZZ_SEED=S` another seed. A failure prints the seed, the
//! number of the execution and the input.

use std::time::Duration;

use codex_fuzz::drive::{Budget, drive};
use codex_fuzz::targets::{self, Judged};
use codex_fuzz::{Random, number_from};

/// Runs a target for so many executions, or as the environment says.
fn run(name: &str, usual: u64) {
    let target = targets::ALL.iter().find(|t| t.name == name).expect("a target");
    let budget = match number_from("CODEX_FUZZ_SECONDS", 0) {
        0 => Budget::Executions(usual),
        seconds => Budget::Time(Duration::from_secs(seconds)),
    };
    let done = drive(target, number_from("CODEX_FUZZ_SEED", 0), budget);
    println!("{name}: {} executions in {:.1?}", done.executions, done.took);
    assert!(done.executions > 0);
}

#[test]
fn parse() {
    run("parse", 20_000);
}

#[test]
fn format() {
    run("format", 3000);
}

#[test]
fn module() {
    run("module", 20_000);
}

#[test]
fn machine() {
    run("machine", 12_000);
}

#[test]
fn program() {
    run("program", 20);
}

#[test]
fn save() {
    run("save", 4000);
}

#[test]
fn image() {
    run("image", 1500);
}

#[test]
fn vault() {
    run("vault", 250);
}

/// Inputs that once were findings: the target, and what it was given.
const FOUND: &[(&str, &[u8])] =
    &[("parse", "type Point { x: Float, yfn origin() → Point = Point(x: 0.0, y: 0.0)\n.0, y: 0.0)\n".as_bytes())];

#[test]
fn what_was_found_stays_fixed() {
    for (name, input) in FOUND {
        let target = targets::ALL.iter().find(|t| t.name == *name).expect("a target");
        (target.run)(input);
    }
}

/// Most grown modules verify and do something: a generator that gives nothing would test nothing.
#[test]
fn grown_modules_run() {
    let sound = |seed| usize::from(targets::harmless(targets::grown(seed), &mut Random::new(seed)));
    let sound: usize = (0..60).map(sound).sum();
    println!("{sound} of 60 grown modules are sound");
    assert!(sound > 30, "only {sound} of 60");
}

/// One token wrong: an error, near the change, soon.
#[test]
fn mutate() {
    let count = number_from("CODEX_FUZZ_SECONDS", 0) * 15;
    let mut random = Random::new(number_from("CODEX_FUZZ_SEED", 0));
    let all: Vec<Judged> = (0..count.max(400)).map(|_| targets::one(&mut random)).collect();
    let wrong: Vec<&Judged> = all.iter().filter(|j| j.errors > 0).collect();
    let near = wrong.iter().filter(|j| j.near).count();
    let few = wrong.iter().filter(|j| j.errors <= 3).count();
    let mut times: Vec<Duration> = wrong.iter().map(|j| j.took).collect();
    times.sort();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    println!("{} changes, {} with errors: {near} near, {few} with at most three", all.len(), wrong.len());
    println!("median {median:.1?}, slowest {slowest:.1?}");
    assert!(wrong.len() * 2 > all.len(), "only {} of {} are wrong", wrong.len(), all.len());
    assert!(near * 100 >= wrong.len() * 90, "{near} of {} are near", wrong.len());
    assert!(few * 100 >= wrong.len() * 90, "{few} of {} have at most three errors", wrong.len());
    assert!(median < Duration::from_millis(50), "{median:?}");
}
