//! Crowds of containers that do at random what containers can do to each other (`topologies/crowd.glyph`): one thread or eight, the
//! short way of a container that runs alone or the general one, copies or none, the same state after each tick.
//!
//! `CODEX_CROWDS=N` tries so many seeds (24 by default), `CODEX_SEED` is the first. The seed is that of the world, and chooses quantum, width
//! and the size of mailboxes.

use codex_spec::module::Module;
use codex_tests::root;
use codexc::driver::{Options, build};

#[allow(dead_code, unreachable_pub, reason = "each machine uses its part")]
mod usual {
    include!("../topologies/run.rs");
}
#[allow(dead_code, unreachable_pub, reason = "each machine uses its part")]
mod tiny {
    use codex_vm_tiny as codex_vm;

    include!("../topologies/run.rs");
}

/// Ticks of a crowd at most.
const TICKS: u64 = 200;

fn module() -> Module {
    let outcome = build(&root().join("tests/topologies/crowd.glyph"), &Options::default());
    outcome.module.expect("the crowd compiles")
}

fn verified() -> codex_spec::verify::Verified {
    codex_spec::verify::verify(module()).unwrap_or_else(|e| panic!("a program is verified: {e}"))
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn seeds(count: u64) -> std::ops::Range<u64> {
    let first = number("CODEX_SEED", 1);
    first..first + number("CODEX_CROWDS", count)
}

/// All ways that must give the same, on one machine. Defines a function that gives the first difference of a seed.
macro_rules! ways {
    ($machine:ident, $name:ident) => {
        fn $name(program: &std::sync::Arc<$machine::Program>, seed: u64) -> Result<$machine::Became, String> {
            use $machine::{How, Way, run};
            let usual = Way::Usual;
            let first = run(program, seed, How { way: usual, threads: 1, copies: 0 }, TICKS)?;
            for how in [
                How { way: Way::General, threads: 1, copies: 0 },
                How { way: Way::General, threads: 8, copies: 0 },
                How { way: usual, threads: 8, copies: 0 },
                How { way: usual, threads: 3, copies: 2 },
            ] {
                let other = run(program, seed, how, TICKS)?;
                if other != first {
                    let tick = other.hashes.iter().zip(&first.hashes).position(|(a, b)| a != b);
                    return Err(format!("{how:?}: another state after tick {tick:?}"));
                }
            }
            Ok(first)
        }
    };
}

ways!(usual, usual_ways);
ways!(tiny, tiny_ways);

#[test]
fn every_way_leads_to_the_same_state() {
    let usual = usual::Program::new(verified());
    let tiny = tiny::Program::new(verified());
    let (mut ticks, mut ended, mut words) = (0, 0, String::new());
    for seed in seeds(24) {
        let became = usual_ways(&usual, seed).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        ticks += became.hashes.len();
        ended += became.end.is_some() as u64;
        words.push_str(&became.text);
        let other = tiny_ways(&tiny, seed).unwrap_or_else(|e| panic!("seed {seed}, tiny: {e}"));
        assert_eq!((other.text, other.hashes.len()), (became.text, became.hashes.len()), "seed {seed}");
    }
    println!("{ticks} ticks, {ended} crowds ended");
    for happened in ["tired of", "after a flood", "were counted", "no answer", "stops with", "after a rest"] {
        assert!(words.contains(happened), "nothing about {happened:?} came about");
    }
}

#[test]
fn bugs_of_the_tick_are_noticed() {
    let tiny = tiny::Program::new(verified());
    for bug in [
        tiny::Way::IdleTooSoon,
        tiny::Way::SelfAtOnce,
        tiny::Way::PastTheLog,
        tiny::Way::NoBound,
        tiny::Way::NumbersLost,
    ] {
        let run = |seed, way| tiny::run(&tiny, seed, tiny::How { way, threads: 1, copies: 0 }, TICKS);
        let noticed = (1..60).find(|&seed| run(seed, bug) != run(seed, tiny::Way::General));
        let seed = noticed.unwrap_or_else(|| panic!("{bug:?} is not noticed"));
        println!("{bug:?}: seed {seed}");
    }
}
