//! A run does not depend on where it is stopped, nor on whether the world goes on or a copy of it does.

mod common;

use codex_spec::port::{STATUS_END, STATUS_OK};
use codex_vm::world::{Settings, World};
use codex_vm::{dump, hash, tick};
use common::{first, no_requests, program, run_every_way};

const PROGRAMS: [(&str, &str); 5] = [
    (include_str!("programs/fused.asm"), ""),
    (include_str!("programs/lent.asm"), ""),
    (include_str!("programs/control.asm"), "55\n4950\n4950\n30\n-1\n5050\n18\n315\n-9\n19\n9223372036854775807\n6\n"),
    (include_str!("programs/records.asm"), "63\n63\n80\n423\n7\n2\n1\n6\n"),
    (include_str!("programs/lists.asm"), "600\n-5\n897\n299\n303\n2\n-7\n1219\n0\n255\n1\n2\n57\n38\n6\n2\n"),
];

#[test]
fn programs_print_the_same_wherever_they_are_stopped() {
    for (source, expected) in PROGRAMS {
        let ran = run_every_way(source, no_requests);
        assert_eq!((ran.text.as_str(), ran.collapse), (expected, None));
    }
}

#[test]
fn requests_wait_and_go_on_in_a_copy_too() {
    let source = include_str!("programs/requests.asm");
    let count = std::cell::Cell::new(0);
    let answer = |request, argument: &[u8]| {
        assert_eq!((request, argument), (1, &b"console"[..]));
        count.set((count.get() + 1) % 4);
        match count.get() {
            0 => (STATUS_END, Vec::new()),
            n => (STATUS_OK, format!("line {n} that was read").into_bytes()),
        }
    };
    let ran = run_every_way(source, answer);
    assert_eq!(ran.text, "1: line 1 that was read\n2: line 2 that was read\n3: line 3 that was read\nconsole");
}

#[test]
fn the_same_fuel_leads_to_the_same_state() {
    // A quantum of 1 passes every point at which one of 7 stops; there both are in the same state.
    let mut met = 0;
    for (source, _) in PROGRAMS {
        let start = |quantum| World::new(program(source), Settings { quantum, ..Settings::default() });
        let (mut fine, mut coarse) = (start(1), start(7));
        while coarse.end().is_none() {
            tick(&mut coarse, &[]);
            let Some(used) = first(&coarse, |c| c.used()) else { break };
            while first(&fine, |c| c.used()).is_some_and(|u| u < used) {
                tick(&mut fine, &[]);
            }
            if first(&fine, |c| c.used()) == Some(used) {
                assert_eq!(first(&fine, hash::alone), first(&coarse, hash::alone));
                met += 1;
            }
        }
    }
    assert!(met > 100, "{met} points were compared");
}

#[test]
fn a_dump_that_misses_or_changes_anything_is_noticed() {
    let source = PROGRAMS[3].0;
    let mut world = World::new(program(source), Settings { quantum: 40, ..Settings::default() });
    for _ in 0..4 {
        tick(&mut world, &[]);
    }
    let sound = dump::dump(&world);
    assert_eq!(world.end(), None);
    let state = hash::hash(&world);
    assert_eq!(hash::hash(&dump::load(&sound).unwrap()), state);
    // Each byte behind the module changes the state or is refused; none is ignored, and none panics.
    let module = u64::from_le_bytes(sound[8..16].try_into().unwrap()) as usize;
    let mut refused = 0;
    for at in 16 + module..sound.len() {
        let mut changed = sound.clone();
        changed[at] ^= 1 << (at % 8);
        match dump::load(&changed) {
            Err(_) => refused += 1,
            Ok(other) => assert_ne!(hash::hash(&other), state, "byte {at} of the dump means nothing"),
        }
    }
    assert!(refused > 1000, "{refused}");
    for length in (0..sound.len()).step_by(7) {
        assert!(dump::load(&sound[..length]).is_err());
    }
}
