//! Fused words do what the plain ones do, also when something is out of the ordinary.

mod common;

use codex_spec::trap::Trap;
use codex_vm::world::End;
use common::{Ran, TYPES, no_requests, run_every_way};

fn run(registers: &str, code: &str) -> Ran {
    let source = format!(
        "{TYPES}
        type t2 data (none, l4)
        layout l4 record t2 1 (t2, i64)
        type t3 list t2 l5
        layout l5 list t3
        entry f0
        function f0 () i64 {{ registers {registers} {code} }}
        function f1 (i64) i64 {{ registers i64 b0: r0 word return r0 }}
        names {{ file \"fused.glyph\" function \"main\" function \"same\"
          lines (1 0:1:1, 1 0:2:1, 1 0:3:1, 1 0:4:1, 1 0:5:1, 1 0:6:1, 1 0:7:1, 1 0:8:1) lines (1 0:9:1) }}"
    );
    run_every_way(&source, no_requests)
}

/// The loop `k = from; while k < limit { k += step }`, in both forms of step and of limit.
fn count(from: i64, limit: i64, step: i64, compare: &str) -> [Ran; 3] {
    let exit = "b3: r0 word, r3 word const r1, 100 rem r0, r3, r1 exit r0";
    let head = format!("b0: const r0, {from} const r3, 0 const r1, {limit} const r2, {step} jump b1");
    let entry = "r0 word, r1 word, r2 word, r3 word";
    let condition = format!("b1: {entry} {compare} r0, r1, b2, b3");
    let small = format!("b1: {entry} {compare}_imm r0, {limit}, b2, b3");
    let add = format!("b2: {entry} add_imm r3, r3, 1 add r0, r0, r2 jump b1");
    let add_imm = format!("b2: {entry} add_imm r3, r3, 1 add_imm r0, r0, {step} jump b1");
    let all = |parts: [&str; 4]| run("i64*4", &parts.join(" "));
    [
        all([&head, &condition, &add, exit]),
        all([&head, &condition, &add_imm, exit]),
        all([&head, &small, &add_imm, exit]),
    ]
}

#[test]
fn steps_and_conditions() {
    for ran in count(0, 100, 7, "jump_lt") {
        assert_eq!(ran.end, Some(End::Exit(15)));
    }
    for ran in count(2, 100, 7, "jump_le") {
        assert_eq!(ran.end, Some(End::Exit(15)));
    }
    for ran in count(i64::MAX - 20, i64::MAX, 7, "jump_lt") {
        let report = ran.collapse.unwrap();
        assert_eq!(report.reason, Trap::Overflow);
        assert_eq!(report.details, format!("the operands are {} and 7", i64::MAX - 6));
        assert_eq!(report.trace[0].place.as_ref().unwrap().1, 8, "the line of the addition");
    }
}

#[test]
fn steps_and_calls() {
    let ran =
        run("i64*3", "b0: const r0, 9223372036854775806 add_imm r1, r0, 1 call r2, f1, (r1) sub r1, r1, r2 exit r1");
    assert_eq!(ran.end, Some(End::Exit(0)));
    let ran = run("i64*3", "b0: const r0, 9223372036854775807 add_imm r1, r0, 1 call r2, f1, (r1) exit r2");
    let report = ran.collapse.unwrap();
    assert_eq!(report.details, "the operands are 9223372036854775807 and 1");
    assert_eq!(report.trace[0].place.as_ref().unwrap().1, 2);
}

#[test]
fn products() {
    let product = |code: &str, a: &str, b: &str, c: &str| {
        let code = format!(
            "b0: fconst r1, {a} fconst r2, {b} fconst r3, {c} {code}
            fadd r5, r4, r5 float_bits r0, r5 exit r0"
        );
        match run("i64 f64*5", &code).end {
            Some(End::Exit(bits)) => f64::from_bits(bits as u64),
            end => panic!("{end:?}"),
        }
    };
    // Product and result are both there afterwards: the code adds them.
    assert_eq!(product("fmul r4, r1, r2 fadd r5, r4, r3", "2.0", "3.0", "10.0"), 22.0);
    assert_eq!(product("fmul r4, r1, r2 fadd r5, r3, r4", "2.0", "3.0", "10.0"), 22.0);
    assert_eq!(product("fmul r4, r1, r2 fsub r5, r4, r3", "2.0", "3.0", "10.0"), 2.0);
    assert_eq!(product("fmul r4, r1, r2 fsub r5, r3, r4", "2.0", "3.0", "10.0"), 10.0);
    assert_eq!(product("fmul r4, r1, r2 fmul r5, r4, r3", "2.0", "3.0", "10.0"), 66.0);
    // Three in a row are one pair and one more.
    assert_eq!(product("fmul r4, r1, r2 fmul r4, r4, r3 fadd r5, r4, r3", "2.0", "3.0", "10.0"), 130.0);
    // In its own place, and with itself.
    assert_eq!(product("fmul r4, r1, r2 fadd r4, r4, r3 copy r5, r4", "2.0", "3.0", "10.0"), 32.0);
    assert_eq!(product("fmul r4, r1, r2 fadd r5, r4, r4", "2.0", "3.0", "10.0"), 18.0);
    for code in ["fadd", "fsub", "fmul"] {
        let code = format!("fmul r1, r1, r2 {code} r5, r1, r3 copy r4, r1");
        let nan = product(&code, "0.0", "0x7ff0000000000000", "1.0");
        assert_eq!(nan.to_bits(), 0x7ff8_0000_0000_0000, "canonical");
    }
}

#[test]
fn borrowed_references_that_are_shared() {
    let ran = run(
        "i64*3 t2*4 t3",
        "b0:
        const r0, 5 new_tag r3, t2, 0 new r3, l4, (r3, r0) const r0, 6 new r3, l4, (r3, r0)
        get_ref r4, r3, l4, 0 dup r5, r4 drop r3
        list_new r7, t3, (r5) const r1, 0
        list_get_ref r4, r7, r1 dup r6, r4 drop r7
        drop r6 exit r0",
    );
    assert_eq!(ran.end, Some(End::Exit(6)));
    let ran = run(
        "i64 t2*2 t3",
        "b0: const r0, 0 list_new r3, t3, () list_get_ref r1, r3, r0 dup r2, r1 drop r3 drop r2 exit r0",
    );
    assert_eq!(ran.collapse.unwrap().reason, Trap::Bounds);
}

#[test]
fn loops_that_decide_at_their_end() {
    // Both operations, either side, each comparison: up or down to 10, or one further.
    for (step, compare, from) in [
        ("add r0, r0, r2", "jump_lt r0, r1", 0),
        ("add r0, r0, r2", "jump_le r0, r1", -1),
        ("sub r0, r0, r2", "jump_lt r1, r0", 20),
        ("sub r0, r0, r2", "jump_le r1, r0", 21),
        ("add_imm r0, r0, 1", "jump_lt r0, r1", 0),
        ("add_imm r0, r0, 1", "jump_le r0, r1", -1),
        ("add_imm r0, r0, -1", "jump_lt r1, r0", 20),
        ("add_imm r0, r0, -1", "jump_le r1, r0", 21),
    ] {
        let code = format!(
            "b0: const r0, {from} const r1, 10 const r2, 1 const r3, 0 jump b1
            b1: r0 word, r1 word, r2 word, r3 word add_imm r3, r3, 1 {step} {compare}, b1, b2
            b2: r0 word, r3 word mul_imm r3, r3, 100 add r3, r3, r0 exit r3"
        );
        let Some(End::Exit(code)) = run("i64*4", &code).end else { panic!("{step} {compare}") };
        let expected = if compare.contains("le") { (12, if from > 0 { 9 } else { 11 }) } else { (10, 10) };
        assert_eq!((code / 100, code % 100), expected, "{step} {compare}");
    }
}

#[test]
fn ways_back_of_every_kind() {
    for (condition, expected) in [
        ("jump_if r0, b1, b2", 0),
        ("jump_lt_imm r1, r0, b1, b2", 0),
        ("jump_eq_imm r0, 3, b2, b1", 3),
        ("jump_lt r0, r1, b2, b1", 4),
        ("jump_le r0, r1, b2, b1", 5),
        ("jump_eq r0, r1, b2, b1", 5),
    ] {
        let condition = condition.replace("jump_lt_imm r1, r0", "sub r2, r1, r0 jump_lt_imm r2, 5");
        let code = format!(
            "b0: const r0, 9 const r1, 5 jump b1
            b1: r0 word, r1 word add_imm r3, r0, -1 copy r0, r3 {condition}
            b2: r0 word jump b3
            b3: r0 word jump b4
            b4: r0 word exit r0"
        );
        assert_eq!(run("i64*4", &code).end, Some(End::Exit(expected)), "{condition}");
    }
}

#[test]
fn fields_of_elements() {
    let source = format!(
        "{TYPES}
        type t2 data (l4)
        layout l4 record t2 0 (f64, i64)
        type t3 list t2 l5
        layout l5 list t3
        type t4 list i64 l6
        layout l6 list t4
        entry f0
        function f0 () i64 {{
            registers i64*5 f64*4 t2*2 t3*2 t4
          b0:
            fconst r5, 1.5
            const r0, 40
            new r9, l4, (r5, r0)
            const r1, 3
            list_repeat r11, t3, r9, r1
            unique r11
            const r2, 1
            ; shared, so that taking it out copies it; then unique
            list_take_ref r9, r11, r2
            unique r9
            const r0, 2
            set r9, l4, 1, r0
            list_put_ref r11, r2, r9
            list_take_ref r9, r11, r2
            unique r9
            fconst r5, 4.0
            set r9, l4, 0, r5
            list_put_ref r11, r2, r9
            list_get_ref r10, r11, r2
            get r6, r10, l4, 0
            fadd r7, r6, r5
            get r6, r10, l4, 0
            fmul r7, r6, r7
            get r6, r10, l4, 0
            fsub r7, r7, r6
            get r6, r10, l4, 0
            fsub r7, r6, r7
            fsub r8, r7, r5
            fadd r8, r8, r5
            fadd r7, r5, r8
            fadd r7, r7, r5
            float_to_int r3, r7
            get r0, r10, l4, 1
            const r2, 2
            list_get_ref r10, r11, r2
            get r1, r10, l4, 1
            mul r3, r3, r1
            add r3, r3, r0
            drop r11
            list_new r13, t4, (r3, r0, r1)
            unique r13
            const r0, 0
            const r2, 2
            list_get r4, r13, r0
            list_set r13, r2, r4
            list_get r0, r13, r2
            drop r13
            exit r0
        }}"
    );
    // 4 - (8 × 4 - 4) + 4 + 4 is -16; times 40 is -640, plus 2.
    assert_eq!(run_every_way(&source, no_requests).end, Some(End::Exit(-638)));
}

#[test]
fn an_element_that_is_not_there() {
    for code in [
        "list_get_ref r6, r7, r0 get r1, r6, l4, 1",
        "list_take_ref r5, r7, r0 unique r5 list_put_ref r7, r0, r5",
        "list_new r8, t4, (r0, r1) unique r8 list_get r2, r8, r0 list_set r8, r1, r2",
        "list_new r8, t4, (r0, r1) unique r8 const r0, 0 list_get r2, r8, r0 list_set r8, r1, r2",
    ] {
        let source = format!(
            "{TYPES}
            type t2 data (l4) layout l4 record t2 0 (f64, i64)
            type t3 list t2 l5 layout l5 list t3
            type t4 list i64 l6 layout l6 list t4
            entry f0
            function f0 () i64 {{ registers i64*4 f64 t2*2 t3 t4
              b0: const r0, 7 const r1, 9 list_new r7, t3, () unique r7 {code} trap 13 }}"
        );
        assert_eq!(run_every_way(&source, no_requests).collapse.unwrap().reason, Trap::Bounds, "{code}");
    }
}

#[test]
fn a_loop_head_that_is_only_a_jump() {
    let ran = run(
        "i64*4",
        "b0: const r0, 0 jump b1
        b1: r0 word jump b2
        b2: r0 word add_imm r0, r0, 1 jump_eq_imm r0, 9, b4, b3
        b3: r0 word jump b1
        b4: r0 word exit r0",
    );
    assert_eq!(ran.end, Some(End::Exit(9)));
}
