//! Deep, long and large things, and the limits that they run into.

mod common;

use codex_spec::trap::Trap;
use codex_vm::dump::LoadError;
use codex_vm::heap::walk::walk;
use codex_vm::world::{End, Limits, Settings, World};
use codex_vm::{dump, tick};
use common::{How, TYPES, no_requests, program, run_with};

/// `f(n) = n ≤ 0 ? 0 : f(n - 1) + 1`, for this `n`.
fn recursion(depth: u64) -> String {
    format!(
        "{TYPES} entry f0
        function f0 () i64 {{ registers i64
          b0: const r0, {depth} call r0, f1, (r0) exit r0 }}
        function f1 (i64) i64 {{ registers i64*2
          b0: r0 word jump_le_imm r0, 0, b1, b2
          b1: r0 word return r0
          b2: r0 word add_imm r1, r0, -1 call r1, f1, (r1) add_imm r1, r1, 1 return r1 }}
        names {{ file \"deep.glyph\" function \"main\" function \"down\"
          lines (3 0:1:1) lines (1 0:3:5, 1 0:4:7, 2 0:5:9, 2 0:5:3) }}"
    )
}

/// Builds a chain of this many cells and drops it.
fn chain(length: u64) -> String {
    format!(
        "{TYPES}
        type t2 data (none, l4)
        layout l4 record t2 1 (i64, t2)
        entry f0
        function f0 () i64 {{
            registers i64*3 t2
          b0:
            const r0, 0
            const r1, {length}
            new_tag r3, t2, 0
            jump b1
          b1: r0 word, r1 word, r3 owned
            new r3, l4, (r0, r3)
            loop r0, r1, b1, b2
          b2: r0 word, r3 owned
            drop r3
            return r0
        }}"
    )
}

fn with(limits: Limits, source: &str) -> common::Ran {
    let settings = Settings { limits, ..Settings::default() };
    let how = How { walk: true, ..How::default() };
    run_with(World::new(program(source), settings), how, no_requests)
}

#[test]
fn a_million_calls_in_each_other() {
    let ran = with(Limits::default(), &recursion(1_000_000));
    assert_eq!(ran.end, Some(End::Exit(1_000_000)));
}

#[test]
fn a_million_cells_in_a_chain_are_dropped() {
    let ran = with(Limits::default(), &chain(1_000_000));
    assert_eq!(ran.end, Some(End::Finished));
}

#[test]
fn calls_end_at_the_limit_and_the_trace_is_cut_in_the_middle() {
    let ran = with(Limits { frames: 100, ..Limits::default() }, &recursion(1000));
    let report = ran.collapse.unwrap();
    assert_eq!(report.reason, Trap::StackOverflow);
    assert_eq!(report.omitted, 76);
    let text = report.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "error[R0005]: calls are nested too deep");
    assert_eq!(lines[1], "  100 calls are open");
    assert_eq!(lines[2], "  at down (deep.glyph:5:9)");
    assert_eq!(lines[14], "  … 76 more calls …");
    assert_eq!(*lines.last().unwrap(), "  at main (deep.glyph:1:1)");
    assert_eq!(with(Limits { frames: 1002, ..Limits::default() }, &recursion(1000)).end, Some(End::Exit(1000)));
    assert_eq!(with(Limits { frames: 1001, ..Limits::default() }, &recursion(1000)).end, Some(End::Collapsed));
}

#[test]
fn registers_end_at_the_limit() {
    let limits = |registers| Limits { registers, ..Limits::default() };
    // One register takes the first function's result; one is main's, two are each call's.
    assert_eq!(with(limits(2 + 2 * 101), &recursion(100)).end, Some(End::Exit(100)));
    assert_eq!(with(limits(1 + 2 * 101), &recursion(100)).collapse.unwrap().reason, Trap::StackOverflow);
}

#[test]
fn memory_ends_at_the_limit() {
    let limits = |memory| Limits { memory, ..Limits::default() };
    assert_eq!(with(limits(4096 + 24 * 1000), &chain(1000)).end, Some(End::Finished));
    let report = with(limits(4096 + 24 * 1000 - 8), &chain(1000)).collapse.unwrap();
    assert_eq!(report.reason, Trap::OutOfMemory);
    assert_eq!(report.details, format!("the limit is {} bytes", 4096 + 24 * 1000 - 8));
}

#[test]
fn huge_lists_and_texts_end_at_the_limit() {
    for (code, registers) in [
        ("const r0, 1 const r1, 9223372036854775807 list_repeat r2, t2, r0, r1 drop r2", "t2"),
        ("const r0, 1 const r1, 2000000 list_repeat r2, t2, r0, r1 drop r2", "t2"),
    ] {
        let source = format!(
            "{TYPES} type t2 list i64 l4 layout l4 list t2 entry f0
            function f0 () i64 {{ registers i64*2 {registers} b0: {code} return r0 }}"
        );
        let limits = Limits { memory: 1 << 20, ..Limits::default() };
        assert_eq!(with(limits, &source).collapse.unwrap().reason, Trap::OutOfMemory);
    }
}

#[test]
fn bulk_work_pays_and_the_debt_is_worked_off() {
    let source = format!(
        "{TYPES} type t2 list i64 l4 layout l4 list t2 entry f0
        function f0 () i64 {{ registers i64*2 t2
          b0: const r0, 1 const r1, 409600 list_repeat r2, t2, r0, r1 drop r2 call r0, f1, () exit r0 }}
        function f1 () i64 {{ registers i64 b0: const r0, 0 return r0 }}"
    );
    let mut world = World::new(program(&source), Settings { quantum: 10, ..Settings::default() });
    tick(&mut world, &[]);
    assert_eq!(common::first(&world, |c| c.used()), Some(100 + 1));
    let mut ticks = 1;
    while world.end().is_none() {
        tick(&mut world, &[]);
        ticks += 1;
    }
    assert_eq!(ticks, 11, "101 units of fuel, 10 in each tick");
}

/// Positive controls: what the walk is there to find, it finds.
#[test]
fn the_walk_notices_a_count_that_is_off_by_one() {
    let mut world = World::new(program(&chain(1000)), Settings { quantum: 500, ..Settings::default() });
    tick(&mut world, &[]);
    assert_eq!(common::first(&world, walk), Some(Ok(())));
    let sound = dump::dump(&world);
    assert!(dump::load(&sound).is_ok());
    let cells = common::first(&world, |c| c.heap().size() - 4096).expect("it runs");
    // Behind the cells stands a word: nothing is kept of it.
    let first_cell = sound.len() - 8 - cells as usize;
    for (at, change, what) in [
        (first_cell, 2, "the count is not that of the references"),
        (first_cell + 16, 1, "the word is no value of its type"),
        (first_cell + 20, 1, "padding or slack is not zero"),
        (first_cell + 4, 9, "there is no such layout"),
    ] {
        let mut changed = sound.clone();
        changed[at] = change;
        match dump::load(&changed) {
            Err(LoadError::Heap(error)) => assert_eq!(error.what, what),
            other => panic!("{what}: {:?}", other.map(|_| ())),
        }
    }
}

#[test]
fn a_trap_says_what_the_values_were() {
    let report = |code: &str| {
        let source = format!(
            "{TYPES} type t2 list i64 l4 layout l4 list t2 entry f0
            function f0 () i64 {{ registers i64*3 t2 b0: const r0, 7 const r1, 8 list_new r3, t2, (r0, r1, r0) unique r3
            {code} drop r3 return r0 }}"
        );
        let report = with(Limits::default(), &source).collapse.unwrap();
        (report.reason, report.details)
    };
    let bounds = |details: &str| (Trap::Bounds, details.to_owned());
    assert_eq!(report("list_get r2, r3, r0"), bounds("the index is 7, the length is 3"));
    assert_eq!(report("list_set r3, r1, r0"), bounds("the index is 8, the length is 3"));
    assert_eq!(report("list_swap r3, r0, r1"), bounds("the indices are 7 and 8, the length is 3"));
    let empty = "const r0, 0 list_truncate r3, r0 list_pop r0, r3";
    assert_eq!(report(empty), bounds("the list is empty"));
    let overflow = (Trap::Overflow, "the operands are 9223372036854775807 and 8".to_owned());
    assert_eq!(report("const r0, 9223372036854775807 add r0, r0, r1"), overflow);
    let divide = (Trap::DivideByZero, "the operands are 8 and 0".to_owned());
    assert_eq!(report("const r0, 0 div r0, r1, r0"), divide);
}
