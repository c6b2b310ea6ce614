//! What the verifier accepts, runs well.
//!
//! Random programs are grown ([`super::grow`]), with branches and loops; and accepted programs are changed at random and
//! kept if they still pass. Each is then run on a model machine
//! ([`machine`]) whose heap counts references by the book and whose every step checks the promises: no dead cell is touched, no
//! shared cell changed, no hole seen, and at the end nothing is left. One program a rule is in tests/verifier.rs.

mod machine;

use super::grow::{GROWN, Ground, Random, change, grow};
use super::verify;
use crate::codec::{decode, encode};
use crate::instruction::{BlockId, FuncId};
use crate::liveness::Safepoints;
use crate::module::Module;
use crate::text::{assemble, disassemble};
use machine::Machine;

/// How many programs a test grows: `CODEX_PROGRAMS` times as many as usual.
fn programs(usual: u64) -> std::ops::Range<u64> {
    let times = std::env::var("CODEX_PROGRAMS").ok().and_then(|v| v.parse().ok()).unwrap_or(1);
    0..usual * times
}

/// Runs a verified module's grown function, on several arguments.
fn run(module: &Module) -> machine::Tally {
    let mut tally = machine::Tally::default();
    for argument in 0..3 {
        Machine::new(module).run_grown(GROWN, argument, &mut tally);
    }
    tally
}

#[test]
fn grown_programs_keep_the_promises() {
    let ground = Ground::new();
    let mut tally = machine::Tally::default();
    for seed in programs(400) {
        let module = grow(&ground, &mut Random::new(seed));
        let text = disassemble(&module);
        let verified = verify(module).unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"));
        assert_eq!(assemble(&text).as_ref(), Ok(verified.module()), "seed {seed}");
        assert_eq!(decode(&encode(&verified)).as_ref(), Ok(verified.module()), "seed {seed}");
        let found = std::panic::catch_unwind(|| run(verified.module()));
        let found = found.unwrap_or_else(|_| panic!("seed {seed} breaks a promise:\n{text}"));
        tally.add(&found);
    }
    // The programs do something: most instructions run, most ways out are taken.
    assert!(tally.steps > 10_000 && tally.returned > 200, "{tally:?}");
}

#[test]
fn changed_programs_keep_the_promises_or_are_refused() {
    let ground = Ground::new();
    let (mut accepted, mut refused) = (0, 0);
    for seed in programs(150) {
        let mut random = Random::new(seed);
        let module = grow(&ground, &mut random);
        for _ in 0..20 {
            let mut changed = module.clone();
            change(&mut changed, &mut random);
            let text = disassemble(&changed);
            let Ok(verified) = verify(changed) else {
                refused += 1;
                continue;
            };
            accepted += 1;
            let found = std::panic::catch_unwind(|| run(verified.module()));
            assert!(found.is_ok(), "seed {seed} breaks a promise:\n{text}");
        }
    }
    assert!(accepted > 100 && refused > 1000, "{accepted} accepted, {refused} refused");
}

#[test]
fn changed_bytes_are_read_safely() {
    let ground = Ground::new();
    let (mut read, mut passed) = (0, 0);
    for seed in programs(60) {
        let mut random = Random::new(seed);
        let bytes = encode(&grow(&ground, &mut random));
        for _ in 0..50 {
            let mut bytes = bytes.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(bytes.len());
                match random.below(4) {
                    0 => bytes[at] = random.below(256) as u8,
                    1 => bytes[at] ^= 1 << random.below(8),
                    2 => bytes.truncate(at.max(1)),
                    _ => bytes.insert(at, random.below(256) as u8),
                }
            }
            let Ok(module) = decode(&bytes) else { continue };
            read += 1;
            // There is one form: what was read is what is written.
            assert_eq!(encode(&module), bytes, "seed {seed}");
            assert_eq!(assemble(&disassemble(&module)).as_ref(), Ok(&module), "seed {seed}");
            let Ok(verified) = verify(module) else {
                continue;
            };
            passed += 1;
            for n in 0..verified.functions.len() {
                let points = Safepoints::of(&verified, FuncId(n as u32)).expect("it exists");
                assert!(points.entering(BlockId(0)).is_some());
            }
        }
    }
    assert!(read > 200 && passed > 20, "{read} read, {passed} passed");
}
