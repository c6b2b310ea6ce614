//! Native code does what the interpreter does, and stops where it stops: the same outputs, reports, fuel, and hash at every
//! tick, whatever the quantum, entered and left at any safepoint. Bugs put into the code generator are noticed.

mod common;

use std::process::Command;

use codex_vm::hash;
use codex_vm::heap::walk::walk;
use codex_vm::native::{Mode, Seed, Stats};
use codex_vm::tick::{Input, tick};
use codex_vm::world::{Settings, World};
use common::{native, program};

const PROGRAMS: [&str; 6] = [
    include_str!("programs/fused.asm"),
    include_str!("programs/lent.asm"),
    include_str!("programs/control.asm"),
    include_str!("programs/records.asm"),
    include_str!("programs/lists.asm"),
    include_str!("programs/native.asm"),
];

/// Bodies of functions that fail, called from a loop with a list of three numbers (r0) and a number that grows (r1).
const FAILURES: [&str; 8] = [
    "const r3, 9223372036854775800 add r2, r1, r3 return r2",
    "const r3, -9223372036854775800 sub r2, r3, r1 return r2",
    "add_imm r2, r1, 9223372036854775800 return r2",
    "const r3, 4611686018427387904 mul r2, r1, r3 return r2",
    "const r2, 7 sub r2, r2, r1 const r3, 1 div r2, r3, r2 return r2",
    "list_get r2, r0, r1 return r2",
    "const r2, 0 sub r2, r2, r1 list_get r2, r0, r2 return r2",
    "int_to_text r4, r1 const r2, 0 text_slice r5, r4, r2, r1 drop r4 drop r5 return r2",
];

fn failure(body: &str) -> String {
    format!(
        "type t0 text type t1 bytes type t2 list i64 l4 layout l4 list t2 entry f0
        function f0 () i64 {{ registers i64*5 t2
          b0: const r0, 0 const r1, 100 const r2, 3 list_repeat r5, t2, r0, r2 jump b1
          b1: r0 word, r1 word, r5 owned call r3, f1, (r5, r0) loop r0, r1, b1, b2
          b2: r5 owned drop r5 const r0, 0 exit r0 }}
        function f1 (lent t2, i64) i64 {{ registers t2 i64*3 t0*2 b0: r0 lent, r1 word {body} }}
        names {{ file \"x\" function \"main\" function \"body\"
          lines (1 0:1:1, 1 0:2:1, 1 0:3:1, 1 0:4:1, 1 0:5:1, 1 0:6:1, 1 0:7:1, 1 0:8:1, 1 0:9:1, 1 0:10:1)
          lines (1 0:11:1, 1 0:12:1, 1 0:13:1, 1 0:14:1, 1 0:15:1, 1 0:16:1) }}"
    )
}

/// The bugs, each of which some program must show.
const SEEDS: [(&str, Seed); 12] = [
    ("no fuel at loops", Seed::NoFuelAtLoops),
    ("fuel paid twice", Seed::FuelPaidTwice),
    ("first register lost at stops", Seed::FirstRegisterLostAtStops),
    ("no overflow check", Seed::NoOverflowCheck),
    ("bounds off by one", Seed::BoundsOffByOne),
    ("dup forgotten", Seed::DupForgotten),
    ("trap at next instruction", Seed::TrapAtNextInstruction),
    ("nan not canonical", Seed::NanNotCanonical),
    ("free list not unlinked", Seed::FreeListNotUnlinked),
    ("branches swapped", Seed::BranchesSwapped),
    ("unique not tested", Seed::UniqueNotTested),
    ("stale heap base", Seed::StaleHeapBase),
];

/// Runs assembly in both tiers, tick by tick.
fn lockstep(source: &str, quantum: u64, mode: Mode, seed: Seed) -> Stats {
    let settings = Settings { quantum, ..Settings::default() };
    let with = native(source, mode, seed);
    let mut worlds = [World::new(program(source), settings), World::new(with.clone(), settings)];
    while worlds[0].end().is_none() {
        let [plain, native] = &mut worlds;
        let reply = |(request, _, _)| Input::Reply { request, status: 0, bytes: b"a reply".to_vec() };
        let inputs: Vec<Input> = plain.requests().map(reply).collect();
        let (expected, report) = (tick(plain, &inputs), tick(native, &inputs));
        let place = format!("{mode:?}, a quantum of {quantum}, tick {}", plain.ticks());
        assert!(expected.outputs().eq(report.outputs()), "outputs: {place}\n{source}");
        assert_eq!(expected.fuel(), report.fuel(), "fuel: {place}\n{source}");
        assert!(hash::hash(plain) == hash::hash(native), "state: {place}\n{source}");
        native.each(|c| walk(c).unwrap_or_else(|e| panic!("{e}: {place}\n{source}")));
    }
    with.native_stats().expect("this host has a native tier")
}

/// All programs in all ways; the seed comes from the environment, for the test below.
#[test]
fn each_tick_is_the_interpreters() {
    let name = std::env::var("CODEX_SEED").unwrap_or_default();
    let seed = SEEDS.iter().find(|(n, _)| *n == name).map_or(Seed::None, |(_, seed)| *seed);
    let failures = FAILURES.map(failure);
    for source in PROGRAMS.into_iter().chain(failures.iter().map(String::as_str)) {
        for quantum in [1, 2, 3, 7, 50, 100_000] {
            for mode in [Mode::Eager, Mode::Mixed(1), Mode::Mixed(2), Mode::Mixed(3)] {
                let stats = lockstep(source, quantum, mode, seed);
                assert!(stats.entered > 0 && stats.refused == 0, "{stats}");
            }
        }
    }
}

/// A process of its own for each bug: it may do anything but go unnoticed.
#[test]
fn bugs_in_the_code_are_noticed() {
    let test = std::env::current_exe().expect("this test");
    for (name, _) in SEEDS {
        let run = Command::new(&test)
            .args(["--exact", "each_tick_is_the_interpreters", "--nocapture"])
            .env("CODEX_SEED", name)
            .env("RUST_BACKTRACE", "0")
            .output()
            .expect("a process");
        assert!(!run.status.success(), "nobody noticed: {name}");
    }
}
