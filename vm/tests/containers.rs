//! Containers: what they say to each other does not depend on where anybody is stopped, on copies, or on threads.

mod common;

use codex_vm::hash;
use codex_vm::native::Seed;
use codex_vm::tick::{Input, What, tick};
use codex_vm::world::{End, Settings, World};
use codex_vm::{dump, heap::walk::walk};
use common::{MODES, native, world};

/// Runs a world that waits for nothing but its clock, which goes on whenever nothing else can.
fn settle(mut world: World, copies: bool) -> (String, Option<End>, Vec<hash::StateHash>) {
    let (mut text, mut hashes) = (String::new(), Vec::new());
    while world.end().is_none() {
        let inputs = match (world.is_runnable(), world.next_timer()) {
            (false, Some(due)) => vec![Input::Clock(due)],
            _ => Vec::new(),
        };
        let report = tick(&mut world, &inputs);
        for output in report.outputs() {
            match output.what {
                What::Print { text: t, .. } => text.push_str(t),
                What::Collapse(report) => text.push_str(&report.to_string()),
                What::Request { .. } | What::Exit(_) => {}
            }
        }
        world.each(|c| walk(c).unwrap_or_else(|e| panic!("tick {}: {e}", world.ticks())));
        if copies {
            let bytes = dump::dump(&world);
            let copy = dump::load(&bytes).unwrap_or_else(|e| panic!("tick {}: {e}", world.ticks()));
            assert_eq!(dump::dump(&copy), bytes);
            world = copy;
        }
        hashes.push(hash::hash(&world));
        assert!(world.ticks() < 100_000, "the world goes on for ever: {text}");
    }
    (text, world.end(), hashes)
}

/// Runs assembly in every way.
fn every_way(source: &str) -> (String, Option<End>) {
    let plain = settle(world(source, Settings::default()), false);
    for quantum in [1, 2, 3, 5, 17, 100_000] {
        for width in [1, 3, 1024] {
            let settings = Settings { quantum, width, ..Settings::default() };
            let stopped = settle(world(source, settings), false);
            assert_eq!((&stopped.0, stopped.1), (&plain.0, plain.1), "quantum {quantum}, width {width}");
            let copied = settle(world(source, settings), true);
            assert!(copied == stopped, "copies at a quantum of {quantum}, width {width}");
            let mut threads = world(source, settings);
            threads.set_threads(8);
            assert!(settle(threads, false) == stopped, "threads at a quantum of {quantum}, width {width}");
            for mode in MODES {
                let mut world = World::new(native(source, mode, Seed::None), settings);
                world.set_threads(1 + quantum as usize % 4);
                assert!(settle(world, false) == stopped, "{mode:?} at a quantum of {quantum}, width {width}");
            }
        }
    }
    (plain.0, plain.1)
}

#[test]
fn a_counter_is_sent_asked_and_stopped() {
    let (text, end) = every_way(include_str!("programs/counter.asm"));
    let expected = "42begun two three four fivetwo three four five42\n0";
    assert_eq!((text.as_str(), end), (expected, Some(End::Finished)));
}

#[test]
fn a_supervisor_restarts_its_child() {
    let (text, end) = every_way(include_str!("programs/supervisor.asm"));
    let child = "3 child of 2; ";
    let greeting = "a child that was sent this name; ";
    let expected = format!("{child}R0003; {child}{greeting}R0003; {child}{greeting}");
    assert_eq!((text, end), (expected, Some(End::Exit(2))));
}
