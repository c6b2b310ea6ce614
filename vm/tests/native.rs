//! Native code does what the interpreter does, and stops where it stops: the same outputs, reports, and hash at every tick,
//! whatever the quantum, entered and left at any safepoint.

mod common;

use std::sync::Arc;

use codex_vm::native::{Mode, Seed};
use codex_vm::program::Program;
use codex_vm::world::{Settings, World};
use common::{How, Ran, native, no_requests, program, run_with};

const PROGRAMS: [&str; 5] = [
    include_str!("programs/fused.asm"),
    include_str!("programs/lent.asm"),
    include_str!("programs/control.asm"),
    include_str!("programs/records.asm"),
    include_str!("programs/lists.asm"),
];

fn run(program: Arc<Program>, quantum: u64, answer: impl FnMut(u32, &[u8]) -> (i64, Vec<u8>)) -> Ran {
    let settings = Settings { quantum, ..Settings::default() };
    run_with(World::new(program, settings), How { walk: true, dump: false, hash: true }, answer)
}

#[test]
fn each_tick_is_the_interpreters() {
    for source in PROGRAMS {
        for quantum in [1, 2, 3, 7, 50, 100_000] {
            let expected = run(program(source), quantum, no_requests);
            for mode in [Mode::Eager, Mode::Mixed(1), Mode::Mixed(2), Mode::Mixed(3)] {
                let program = native(source, mode, Seed::None);
                let ran = run(program.clone(), quantum, no_requests);
                assert_eq!(ran, expected, "{mode:?}, a quantum of {quantum}\n{source}");
                let stats = program.native_stats().expect("this host has a native tier");
                assert!(stats.entered > 0 && stats.refused == 0, "{stats}");
            }
        }
    }
}
