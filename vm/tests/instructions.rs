//! Each instruction at least once, with what it gives or why it traps.

mod common;

use codex_spec::trap::Trap;
use codex_vm::world::End;
use common::{TYPES, run};

/// The text of `r0` after code that may use i64 registers r0 to r4, f64 registers r5 to r7, texts r8 to r10, bytes r11 and
/// r12, and leaves no reference behind.
fn word(code: &str) -> Result<String, Trap> {
    give(code, "int_to_text r13, r0")
}

/// The same for the float in `r5`.
fn float(code: &str) -> Result<String, Trap> {
    give(code, "float_to_text r13, r5")
}

/// The same for the text in `r8`.
fn text(code: &str) -> Result<String, Trap> {
    give(code, "move r13, r8")
}

fn give(code: &str, show: &str) -> Result<String, Trap> {
    let source = format!(
        "{TYPES}
        constant c0 \"héllo\"
        constant c1 \"a text that is longer than any slice that would be copied\"
        constant c2 \"lo\"
        constant c3 \"\"
        constant c4 \"-42\"
        constant c5 \"\\xff\"
        entry f0
        function f0 () i64 {{
            registers i64*5 f64*3 t0*3 t1*2 t0
          b0:
            {code}
            {show}
            const r0, 1
            output r0, r13
            drop r13
            return r0
        }}"
    );
    let ran = run(&source);
    match ran.collapse {
        None => Ok(ran.text),
        Some(report) => Err(report.reason),
    }
}

/// Operands in r1 and r2, the result in r0.
fn binary(name: &str, a: i64, b: i64) -> Result<i64, Trap> {
    word(&format!("const r1, {a}\n const r2, {b}\n {name} r0, r1, r2")).map(|t| t.parse().unwrap())
}

fn unary(name: &str, a: i64) -> Result<i64, Trap> {
    word(&format!("const r1, {a}\n {name} r0, r1")).map(|t| t.parse().unwrap())
}

const MAX: i64 = i64::MAX;
const MIN: i64 = i64::MIN;

#[test]
fn integers() {
    for (name, a, b, expected) in [
        ("add", 7, 5, Ok(12)),
        ("add", MAX, 1, Err(Trap::Overflow)),
        ("sub", 7, 5, Ok(2)),
        ("sub", MIN, 1, Err(Trap::Overflow)),
        ("mul", 7, -5, Ok(-35)),
        ("mul", MAX, 2, Err(Trap::Overflow)),
        ("div", -7, 2, Ok(-3)),
        ("div", 7, 0, Err(Trap::DivideByZero)),
        ("div", MIN, -1, Err(Trap::Overflow)),
        ("rem", -7, 2, Ok(-1)),
        ("rem", 7, 0, Err(Trap::DivideByZero)),
        ("rem", MIN, -1, Ok(0)),
        ("wrapping_add", MAX, 1, Ok(MIN)),
        ("wrapping_sub", MIN, 1, Ok(MAX)),
        ("wrapping_mul", MAX, 2, Ok(-2)),
        ("mul_high", -1, -1, Ok(-2)),
        ("and", 12, 10, Ok(8)),
        ("or", 12, 10, Ok(14)),
        ("xor", 12, 10, Ok(6)),
        ("shl", 3, 2, Ok(12)),
        ("shl", 3, 64, Ok(0)),
        ("shr", -8, 1, Ok(-4)),
        ("shr", -8, 99, Ok(-1)),
        ("shr_logical", -1, 63, Ok(1)),
        ("shr_logical", -1, -1, Ok(0)),
        ("eq", 3, 3, Ok(1)),
        ("ne", 3, 3, Ok(0)),
        ("lt", -1, 0, Ok(1)),
        ("le", 1, 0, Ok(0)),
    ] {
        assert_eq!(binary(name, a, b), expected, "{name} {a}, {b}");
    }
    for (name, a, expected) in [
        ("neg", 5, Ok(-5)),
        ("neg", MIN, Err(Trap::Overflow)),
        ("count_ones", 255, Ok(8)),
        ("leading_zeros", 0, Ok(64)),
        ("trailing_zeros", 8, Ok(3)),
        ("not", 0, Ok(1)),
        ("copy", 9, Ok(9)),
    ] {
        assert_eq!(unary(name, a), expected, "{name} {a}");
    }
    assert_eq!(word("const r1, 5\n add_imm r0, r1, -7"), Ok("-2".into()));
    assert_eq!(word(&format!("const r1, {MAX}\n add_imm r0, r1, 1")), Err(Trap::Overflow));
    assert_eq!(word("const r1, 5\n mul_imm r0, r1, 3"), Ok("15".into()));
}

#[test]
fn floats() {
    for (code, expected) in [
        ("fadd r5, r6, r7", "9.25"),
        ("fsub r5, r6, r7", "4.25"),
        ("fmul r5, r6, r7", "16.875"),
        ("fdiv r5, r6, r7", "2.7"),
        ("fneg r5, r6", "-6.75"),
        ("fabs r5, r6", "6.75"),
        ("fsqrt r5, r6", "2.598076211353316"),
        ("ffloor r5, r6", "6.0"),
        ("fceil r5, r6", "7.0"),
        ("fround r5, r7", "3.0"),
        ("ftrunc r5, r6", "6.0"),
        ("math2 r5, 4, r6, r7", "1.75"),
    ] {
        let code = format!("fconst r6, 6.75\n fconst r7, 2.5\n {code}");
        assert_eq!(float(&code).as_deref(), Ok(expected), "{code}");
    }
    let one = "fconst r6, 1.0\n fconst r7, 1.0\n math r5, 6, r6\n fsub r5, r5, r5";
    assert_eq!(float(one).as_deref(), Ok("0.0"));
    for (code, expected) in [
        ("feq r0, r6, r7", "0"),
        ("flt r0, r7, r6", "1"),
        ("fle r0, r6, r7", "0"),
        ("fcompare r0, r6, r7", "1"),
        ("float_to_int r0, r6", "6"),
        ("float_bits r0, r7", "4612811918334230528"),
        ("float_bits r0, r6\n float_from_bits r5, r0\n float_to_int r0, r5", "6"),
        ("const r1, 3\n int_to_float r5, r1\n float_to_int r0, r5", "3"),
        ("fsub r5, r6, r6\n fdiv r5, r5, r5\n fneg r5, r5\n float_bits r0, r5", "9221120237041090560"),
    ] {
        let code = format!("fconst r6, 6.75\n fconst r7, 2.5\n {code}");
        assert_eq!(word(&code).as_deref(), Ok(expected), "{code}");
    }
}

#[test]
fn texts() {
    for (code, expected) in [
        ("literal r9, t0, c0\n raw_length r0, r9\n drop r9", Ok("6")),
        ("literal r9, t0, c0\n literal r10, t0, c0\n raw_eq r0, r9, r10\n drop r9\n drop r10", Ok("1")),
        ("literal r9, t0, c0\n literal r10, t0, c2\n raw_compare r0, r9, r10\n drop r9\n drop r10", Ok("-1")),
        ("literal r9, t0, c0\n const r1, 1\n raw_byte r0, r9, r1\n drop r9", Ok("195")),
        ("literal r9, t0, c0\n const r1, 6\n raw_byte r0, r9, r1\n drop r9", Err(Trap::Bounds)),
        (
            "literal r9, t0, c0\n literal r10, t0, c2\n const r1, 0\n raw_find r0, r9, r10, r1\n drop r9\n drop r10",
            Ok("4"),
        ),
        ("literal r9, t0, c0\n const r1, 1\n text_char_at r0, r9, r1\n drop r9", Ok("233")),
        ("literal r9, t0, c0\n const r1, 2\n text_char_at r0, r9, r1\n drop r9", Err(Trap::NotACharacter)),
        ("literal r9, t0, c0\n const r1, 1\n text_grapheme r0, r9, r1\n drop r9", Ok("3")),
        ("const r1, 65\n char_is r0, 4, r1", Ok("1")),
        ("literal r9, t0, c4\n text_to_int r1, r0, r9\n drop r9", Ok("-42")),
        ("literal r9, t0, c0\n text_to_int r0, r1, r9\n drop r9", Ok("0")),
        ("literal r9, t0, c4\n text_to_float r1, r5, r9\n float_to_int r0, r5\n drop r9", Ok("-42")),
        ("literal r11, t1, c5\n bytes_to_text r0, r9, r11\n drop r9\n drop r11", Ok("0")),
    ] {
        assert_eq!(word(code).as_deref(), expected.as_ref().map(|s| *s), "{code}");
    }
    let long = "a text that is longer than any slice that would be copied";
    for (code, expected) in [
        ("literal r8, t0, c0\n unique r8\n literal r9, t0, c2\n raw_append r8, r9\n drop r9", Ok("héllolo")),
        (
            "literal r9, t0, c0\n literal r10, t0, c2\n text_join r8, (r10, r9, r10)\n drop r9\n drop r10",
            Ok("lohéllolo"),
        ),
        ("text_join r8, ()", Ok("")),
        ("literal r9, t0, c0\n const r1, 1\n const r2, 3\n text_slice r8, r9, r1, r2\n drop r9", Ok("é")),
        (
            "literal r9, t0, c0\n const r1, 0\n const r2, 2\n text_slice r8, r9, r1, r2\n drop r9",
            Err(Trap::NotACharacter),
        ),
        ("literal r9, t0, c0\n const r1, 0\n const r2, 7\n text_slice r8, r9, r1, r2\n drop r9", Err(Trap::Bounds)),
        ("literal r9, t0, c1\n const r1, 0\n const r2, 57\n text_slice r8, r9, r1, r2\n drop r9", Ok(long)),
        ("literal r9, t0, c1\n const r1, 2\n const r2, 57\n text_slice r8, r9, r1, r2\n drop r9", Ok(&long[2..])),
        ("literal r8, t0, c3\n unique r8\n const r1, 8364\n text_push_char r8, r1", Ok("€")),
        ("literal r8, t0, c3\n unique r8\n const r1, 55296\n text_push_char r8, r1", Err(Trap::NotAScalar)),
        ("literal r9, t0, c0\n text_upper r8, r9\n drop r9", Ok("HÉLLO")),
        ("literal r9, t0, c0\n text_lower r8, r9\n drop r9", Ok("héllo")),
        ("literal r9, t0, c1\n text_to_bytes r11, r9\n drop r9\n bytes_to_text r0, r8, r11\n drop r11", Ok(long)),
        ("literal r11, t1, c0\n bytes_to_text r0, r8, r11\n drop r11", Ok("héllo")),
        (
            "literal r11, t1, c0\n const r1, 3\n const r2, 99\n bytes_slice r12, r11, r1, r2\n drop r11\n bytes_to_text r0, r8, r12\n drop r12",
            Ok("llo"),
        ),
        (
            "literal r11, t1, c3\n unique r11\n const r1, 72\n bytes_push r11, r1\n bytes_to_text r0, r8, r11\n drop r11",
            Ok("H"),
        ),
        ("const r1, -7\n int_to_text r8, r1", Ok("-7")),
        ("fconst r5, 0.1\n float_to_text r8, r5", Ok("0.1")),
        ("fconst r5, 2.5\n const r1, 0\n float_to_fixed r8, r5, r1", Ok("2")),
    ] {
        assert_eq!(text(code).as_deref(), expected.as_ref().map(|s| *s), "{code}");
    }
}

#[test]
fn hashing_and_the_world() {
    assert_eq!(word("hash_seed r0"), Ok("0".into()));
    assert_ne!(binary("hash_word", 1, 2), binary("hash_word", 1, 3));
    let raw = |c| word(&format!("const r1, 1\n literal r9, t0, {c}\n hash_raw r0, r1, r9\n drop r9"));
    assert_ne!(raw("c0"), raw("c1"));
    assert_eq!(word("clock r0"), Ok("0".into()));
    assert_ne!(word("ambient r0"), word("ambient r1\n ambient r0"));
}

#[test]
fn constants_are_filled_once() {
    let source = format!(
        "{TYPES}
        constant c0 \"a constant\"
        global g0 t0
        global g1 i64
        entry f0
        function f0 () i64 {{
            registers i64*2 t0*2
          b0:
            global_ready r0, g0
            jump_if r0, b2, b1
          b1:
            literal r2, t0, c0
            global_set g0, r2
            const r0, 5
            global_set g1, r0
            jump b3
          b2:
            trap 13
          b3:
            global_ready r1, g0
            global_get r3, g0
            output r1, r3
            drop r3
            global_get r0, g1
            exit r0
        }}"
    );
    let ran = run(&source);
    assert_eq!((ran.text.as_str(), ran.end), ("a constant", Some(End::Exit(5))));
}

#[test]
fn the_end() {
    let ends = |code: &str| {
        let source = format!(
            "{TYPES} constant c0 \"words\"
            entry f0 function f0 () i64 {{ registers i64 t0 b0: {code} }}"
        );
        run(&source)
    };
    assert_eq!(ends("const r0, 3 exit r0").end, Some(End::Exit(3)));
    assert_eq!(ends("const r0, 3 return r0").end, Some(End::Finished));
    let report = ends("literal r1, t0, c0 panic r1").collapse.unwrap();
    assert_eq!((report.reason, report.details.as_str()), (Trap::Panic, "words"));
    assert_eq!(ends("trap 12").collapse.unwrap().reason, Trap::Todo);
}

#[test]
fn every_instruction_is_run_by_some_test() {
    let sources = [
        include_str!("instructions.rs"),
        include_str!("programs/lists.asm"),
        include_str!("programs/records.asm"),
        include_str!("programs/control.asm"),
        include_str!("programs/requests.asm"),
        include_str!("programs/counter.asm"),
        include_str!("programs/supervisor.asm"),
    ];
    let words: std::collections::HashSet<&str> =
        sources.iter().flat_map(|s| s.split(|c: char| !(c.is_alphanumeric() || c == '_'))).collect();
    for opcode in codex_spec::instruction::Opcode::ALL {
        assert!(words.contains(opcode.name()), "{} is run by no test", opcode.name());
    }
}
