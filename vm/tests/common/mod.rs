//! Runs assembly in worlds, in every way a world can be run.
#![allow(dead_code, unreachable_pub)] // each test file uses its part

use std::sync::Arc;

use codex_vm::collapse::TrapReport;
use codex_vm::container::Container;
use codex_vm::heap::walk::walk;
use codex_vm::native::{Mode, Seed};
use codex_vm::program::Program;
use codex_vm::tick::{Input, What, tick};
use codex_vm::world::{End, Settings, World};
use codex_vm::{dump, hash};

/// The types that every module begins with.
pub const TYPES: &str = "type t0 text\ntype t1 bytes\n";

/// A program from assembly.
pub fn program(source: &str) -> Arc<Program> {
    let module = codex_spec::text::assemble(source).unwrap_or_else(|e| panic!("{e}\n{source}"));
    let verified = codex_spec::verify::verify(module).unwrap_or_else(|e| panic!("{e}\n{source}"));
    Program::new(verified)
}

/// A world that is about to run assembly.
pub fn world(source: &str, settings: Settings) -> World {
    World::new(program(source), settings)
}

/// Looks at a world's first container.
pub fn first<R>(world: &World, look: impl FnOnce(&Container) -> R) -> Option<R> {
    let (mut look, mut seen) = (Some(look), None);
    world.each(|c| seen = seen.take().or_else(|| look.take().map(|look| look(c))));
    seen
}

/// What a run gave.
#[derive(Debug, Default, PartialEq)]
pub struct Ran {
    /// Standard output and error.
    pub text: String,
    /// How it ended.
    pub end: Option<End>,
    /// The report, if it collapsed.
    pub collapse: Option<TrapReport>,
    /// The last output's number.
    pub outputs: u64,
    /// The hashes of the world's containers after each tick.
    pub hashes: Vec<hash::StateHash>,
}

/// How a world is run.
#[derive(Clone, Copy, Default)]
pub struct How {
    /// Walk all heaps after each tick.
    pub walk: bool,
    /// Go on with a copy made from a dump after each tick.
    pub dump: bool,
    /// Keep the hash of each tick.
    pub hash: bool,
}

/// Runs a world to its end; `answer` replies to requests.
pub fn run_with(mut world: World, how: How, mut answer: impl FnMut(u32, &[u8]) -> (i64, Vec<u8>)) -> Ran {
    let mut ran = Ran::default();
    while world.end().is_none() {
        let reply = |(request, what, argument): (u64, u32, &[u8])| {
            let (status, bytes) = answer(what, argument);
            Input::Reply { request, status, bytes }
        };
        let inputs: Vec<Input> = world.requests().map(reply).collect();
        assert!(world.is_runnable() || !inputs.is_empty(), "nothing can go on");
        let report = tick(&mut world, &inputs);
        for output in report.outputs() {
            assert_eq!(output.number, ran.outputs + 1, "outputs are numbered without a gap");
            ran.outputs = output.number;
            match output.what {
                What::Print { text, .. } => ran.text.push_str(text),
                What::Request { .. } | What::Exit(_) => {}
                What::Collapse(report) => ran.collapse = Some(report.clone()),
            }
        }
        if how.walk {
            world.each(|c| walk(c).unwrap_or_else(|e| panic!("tick {}: {e}", world.ticks())));
        }
        if how.dump {
            let copy = dump::load(&dump::dump(&world)).unwrap_or_else(|e| panic!("tick {}: {e}", world.ticks()));
            assert_eq!(hash::hash(&copy), hash::hash(&world), "tick {}", world.ticks());
            world = copy;
        }
        if how.hash {
            ran.hashes.push(hash::hash(&world));
        }
    }
    ran.end = world.end();
    ran
}

/// A program from assembly, with a native tier.
pub fn native(source: &str, mode: Mode, seed: Seed) -> Arc<Program> {
    let program = program(source);
    program.enable_native_with(mode, seed);
    program
}

/// The ways in which native code takes part in a run.
pub const MODES: [Mode; 3] = [Mode::Eager, Mode::Mixed(1), Mode::Mixed(2)];

/// Runs assembly to its end, walking the heap after each tick; native code does the same.
pub fn run(source: &str) -> Ran {
    let all = How { walk: true, hash: true, ..How::default() };
    let mut ran = run_with(world(source, Settings::default()), all, no_requests);
    for mode in MODES {
        let program = native(source, mode, Seed::None);
        let world = World::new(program.clone(), Settings::default());
        assert_eq!(run_with(world, all, no_requests), ran, "{mode:?}");
        let refused = program.native_stats().map(|stats| stats.refused);
        assert_eq!(refused, Some(0), "native code takes every instruction\n{source}");
    }
    ran.hashes.clear();
    ran
}

/// Runs assembly with many quanta, stopping wherever it can, with dumps and without: always the same.
pub fn run_every_way(source: &str, answer: impl Fn(u32, &[u8]) -> (i64, Vec<u8>)) -> Ran {
    let settings = |quantum| Settings { quantum, ..Settings::default() };
    let plain = run_with(world(source, Settings::default()), How { walk: true, ..How::default() }, &answer);
    for quantum in [1, 2, 3, 7, 50] {
        let hashed = How { hash: true, ..How::default() };
        let stopped = run_with(world(source, settings(quantum)), hashed, &answer);
        let all = How { hash: true, walk: true, dump: true };
        let copied = run_with(world(source, settings(quantum)), all, &answer);
        assert_eq!(stopped.hashes, copied.hashes, "quantum {quantum}");
        for mode in MODES {
            let world = World::new(native(source, mode, Seed::None), settings(quantum));
            assert_eq!(run_with(world, hashed, &answer), stopped, "{mode:?}, quantum {quantum}");
        }
        for ran in [&stopped, &copied] {
            assert_eq!(ran.text, plain.text, "quantum {quantum}");
            assert_eq!((ran.end, &ran.collapse), (plain.end, &plain.collapse), "quantum {quantum}");
        }
    }
    plain
}

/// For programs that ask nothing.
pub fn no_requests(_: u32, _: &[u8]) -> (i64, Vec<u8>) {
    panic!("nothing is asked here")
}
