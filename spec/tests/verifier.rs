//! One program for each rule of the verifier: `ACCEPTED` keeps it, `REFUSED` breaks it and names the error.
//!
//! A case is the register list and the blocks of a function `f4 () i64` (or a whole function) over the
//! tables of modules/tables.asm.

use codex_spec::codec::{decode, encode};
use codex_spec::module::Module;
use codex_spec::text::{assemble, disassemble};
use codex_spec::verify::verify;

const TABLES: &str = include_str!("modules/tables.asm");

/// The module of a case.
fn module(case: &str) -> Module {
    let function = if case.trim_start().starts_with("function") {
        case.to_owned()
    } else {
        format!("function f4 () i64 {{ registers {case} }}")
    };
    assemble(&format!("{TABLES}\n{function}")).unwrap_or_else(|e| panic!("{e}\n{case}"))
}

#[test]
fn what_keeps_the_rules_is_accepted() {
    for (rule, case) in ACCEPTED {
        let module = module(case);
        if let Err(error) = verify(module.clone()) {
            panic!("{rule}: {error}\n{case}");
        }
        assert_eq!(decode(&encode(&module)).as_ref(), Ok(&module), "{rule}");
        assert_eq!(assemble(&disassemble(&module)).as_ref(), Ok(&module), "{rule}");
    }
}

#[test]
fn what_breaks_a_rule_is_refused() {
    let mut wrong = Vec::new();
    for (expected, case) in REFUSED {
        let module = module(case);
        match verify(module.clone()) {
            Ok(_) => wrong.push(format!("accepted, though: {expected}\n{case}")),
            Err(e) if !e.to_string().contains(expected) => wrong.push(format!("{e}\ninstead of: {expected}\n{case}")),
            Err(_) => {}
        }
        // What is refused still has a stored form and a text.
        assert_eq!(decode(&encode(&module)).as_ref(), Ok(&module), "{case}");
        assert_eq!(assemble(&disassemble(&module)).as_ref(), Ok(&module), "{case}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn tables_must_agree() {
    let mut wrong = Vec::new();
    for (expected, from, to) in TABLE_FAULTS {
        assert!(TABLES.contains(from), "`{from}` is not in the tables");
        let module = assemble(&TABLES.replacen(from, to, 1)).unwrap_or_else(|e| panic!("{e}: {to}"));
        match verify(module) {
            Ok(_) => wrong.push(format!("accepted, though: {expected}: {to}")),
            Err(e) if !e.to_string().contains(expected) => wrong.push(format!("{e}\ninstead of: {expected}: {to}")),
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

const ACCEPTED: &[(&str, &str)] = &[
    ("the tables alone", "i64 b0: const r0, 1 return r0"),
    (
        "a borrow of a borrow is of the root, and may replace what it was borrowed from",
        "function f4 (t2) i64 { registers t2*2 i64
           b0: r0 owned
             const r2, 0
             switch_tag r0, (b1, b2)
           b1: r2 word
             return r2
           b2: r0 owned is 1, r2 word
             get_ref r1, r0, l4, 1
             jump b3
           b3: r0 owned is 1, r1 borrowed r0, r2 word
             switch_tag r1, (b4, b5)
           b4: r0 owned is 1, r2 word
             drop r0
             return r2
           b5: r0 owned, r1 borrowed r0 is 1, r2 word
             get_ref r1, r1, l4, 1
             jump b6
           b6: r0 owned, r1 borrowed r0, r2 word
             drop r0
             return r2 }",
    ),
    (
        "a claim of a borrow may name any register on the way to the root",
        "function f4 (t6) i64 { registers t6 t2*2 i64
           b0: r0 owned
             get_ref r1, r0, l7, 1
             const r3, 0
             switch_tag r1, (b1, b2)
           b1: r0 owned, r3 word
             drop r0
             return r3
           b2: r0 owned, r1 borrowed r0 is 1, r3 word
             get_ref r2, r1, l4, 1
             jump b3
           b3: r0 owned, r1 borrowed r0, r2 borrowed r1, r3 word
             tag r3, r2
             drop r0
             return r3 }",
    ),
    (
        "what is lent can be claimed as borrowed from a lent one",
        "function f4 (lent t6) t2 { registers t6 t2*2
           b0: r0 lent
             get_ref r1, r0, l7, 1
             jump b1
           b1: r0 lent, r1 borrowed r0
             dup r2, r1
             return r2 }",
    ),
    ("a variant without fields need not be given up", "t2 i64 b0: new_tag r0, t2, 0 const r1, 0 return r1"),
    ("nor a type whose only variant has none", "t9 i64 b0: new_tag r0, t9, 0 const r1, 0 return r1"),
    (
        "unique may be forgotten, and a variant",
        "t2*2 i64 b0: new_tag r1, t2, 0 const r2, 1 new r0, l4, (r2, r1) jump b1
           b1: r0 owned, r2 word drop r0 return r2",
    ),
    (
        "a unique record is changed in place",
        "t2*2 i64 b0: new_tag r1, t2, 0 const r2, 1 new r0, l4, (r2, r1) set r0, l4, 0, r2 drop r0 return r2",
    ),
    (
        "a field is taken out and put back",
        "t2*3 i64 b0: new_tag r1, t2, 0 const r3, 1 new r0, l4, (r3, r1)
             take_ref r2, r0, l4, 1
             put_ref r0, l4, 1, r2
             set r0, l4, 0, r3
             drop r0 return r3",
    ),
    (
        "a holder can be open across an edge",
        "t4 t0 i64 t0 b0: list_new r0, t4, () const r2, 0 list_take_ref r1, r0, r2 jump b1
           b1: r0 open r2, r1 owned, r2 word
             literal r3, t0, c0 unique r1 raw_append r1, r3 drop r3
             list_put_ref r0, r2, r1 drop r0 return r2",
    ),
    (
        "a cell is used again",
        "t2*3 i64 b0: new_tag r1, t2, 0 const r3, 1 new r0, l4, (r3, r1)
             unpack_reuse r2, (r3, r1), r0, l4 jump b1
           b1: r1 owned, r2 token 24, r3 word
             new_reuse r0, r2, l4, (r3, r1) drop_reuse r2, r0, l4 free_token r2 return r3",
    ),
    (
        "a closure is made and called; captures and arguments move",
        "t5 i64 t0 b0: const r1, 4 literal r2, t0, c0 closure r0, l8, (r1, r2) call_value r1, r0, (r1) return r1",
    ),
    (
        "a parameter that is lent is read by the callee only",
        "t2 i64 b0: new_tag r0, t2, 0 const r1, 0 call r1, f2, (r0, r1) drop r0 return r1",
    ),
    (
        "a list of everything is used in every way",
        "t3*2 i64*3 b0: const r2, 3 list_repeat r0, t3, r2, r2 list_new r1, t3, (r2, r2)
             list_push r0, r2 list_append r0, r1 list_swap r0, r2, r2 list_truncate r0, r2 list_pop r3, r0
             list_length r3, r0 list_get r3, r0, r2 list_set r0, r2, r3 probe r4, r0, r2, r3
             drop r1 list_slice r1, r0, r2, r3 list_push r1, r2 drop r0 drop r1 return r4",
    ),
    (
        "texts and bytes",
        "t0*2 t1*2 i64*3 b0: literal r0, t0, c0 literal r2, t1, c1 raw_length r4, r0 raw_eq r5, r0, r0
             raw_compare r5, r2, r2 raw_find r5, r0, r0, r4 raw_byte r5, r2, r4 text_char_at r5, r0, r4
             text_grapheme r5, r0, r4 char_is r5, 1, r4 text_slice r1, r0, r4, r5 unique r0 raw_append r0, r1
             text_push_char r0, r5 text_to_bytes r3, r0 unique r2 bytes_push r2, r5 drop r3 drop r1
             bytes_to_text r6, r1, r2 bytes_slice r3, r2, r4, r5 drop r1 drop r2 drop r3
             text_upper r1, r0 text_push_char r1, r4 drop r1 text_lower r1, r0 text_to_int r4, r5, r1
             drop r1 text_join r1, (r0, r0) raw_append r1, r0 output r4, r1 hash_raw r4, r5, r1
             drop r0 drop r1 return r4",
    ),
    ("a container that ends leaves everything behind", "t0 i64 b0: literal r0, t0, c0 trap 7"),
    (
        "a loop counts",
        "i64*2 b0: const r0, 0 const r1, 9 jump b1 b1: r0 word, r1 word loop r0, r1, b1, b2 b2: r0 word return r0",
    ),
    (
        "one block for several cases",
        "i64 b0: const r0, 2 switch r0, (b1, b1, b2, b1), b2 b1: r0 word return r0 b2: r0 word exit r0",
    ),
    (
        "a constant is made once",
        "t4 i64 b0: global_ready r1, g0 jump_if r1, b2, b1
           b1: list_new r0, t4, () global_set g0, r0 jump b2
           b2: global_get r0, g0 list_length r1, r0 drop r0 return r1",
    ),
    ("a request gives status and bytes", "i64 t1*2 b0: literal r1, t1, c1 request r0, r2, 5, r1 drop r2 return r0"),
];

/// (part of the error, case)
const REFUSED: &[(&str, &str)] = &[
    // ── Shape ──
    ("has no blocks", "function f4 () i64 { }"),
    ("has no instructions", "i64 b0:"),
    ("last instruction does not end it", "i64 b0: const r0, 1"),
    ("but others follow", "i64 b0: jump b1 const r0, 1 return r0 b1: trap 7"),
    ("no block 7", "i64 b0: jump b7"),
    ("leads to block 0", "i64 b0: jump b1 b1: jump b0"),
    ("there is no r1", "i64 b0: copy r0, r1 return r0"),
    ("there is no r1", "i64 b0: jump b1 b1: r1 word trap 7"),
    ("out of order", "i64*2 b0: trap 7 b1: r1 word, r0 word trap 7"),
    ("out of order", "i64*2 b0: trap 7 b1: r0 word, r0 word trap 7"),
    ("not those of the parameters", "i64 b0: r0 word return r0"),
    ("not those of the parameters", "function f4 (t2) i64 { registers t2 b0: r0 unique trap 7 }"),
    ("not those of the parameters", "function f4 (lent t2) i64 { registers t2 b0: r0 owned trap 7 }"),
    ("the first registers do not have", "function f4 (t2) i64 { registers i64 b0: r0 word trap 7 }"),
    ("the first registers do not have", "function f4 (t2) i64 { b0: trap 7 }"),
    ("a word is borrowed", "function f4 (lent i64) i64 { registers i64 b0: r0 lent trap 7 }"),
    ("not the function of its closure layout", "function f4 (t5, i64) i64 closure l8 { registers t5 i64 b0: r0 owned, r1 word trap 7 }"),
    ("type that does not exist", "function f4 () t99 { b0: trap 7 }"),
    // ── States that cannot be ──
    ("cannot be held", "i64 b0: trap 7 b1: r0 owned trap 7"),
    ("cannot be held", "t2 b0: trap 7 b1: r0 word trap 7"),
    ("cannot be held", "i64 b0: trap 7 b1: r0 word is 0 trap 7"),
    ("cannot be held", "t2 b0: trap 7 b1: r0 owned is 2 trap 7"),
    ("cannot be held", "t3 b0: trap 7 b1: r0 owned is 0 trap 7"),
    ("cannot be held", "t2 b0: trap 7 b1: r0 borrowed r0 trap 7"),
    ("cannot be held", "t2*2 b0: trap 7 b1: r0 borrowed r1 trap 7"),
    ("cannot be held", "t2 i64 b0: trap 7 b1: r0 borrowed r1, r1 word trap 7"),
    ("cannot be held", "t2*2 b0: trap 7 b1: r0 borrowed r1, r1 open 1 is 1 trap 7"),
    ("round in a circle", "t2*3 b0: trap 7 b1: r0 borrowed r1, r1 borrowed r2, r2 borrowed r0 trap 7"),
    ("cannot be held", "t2 b0: trap 7 b1: r0 token 12 trap 7"),
    ("cannot be held", "t2 b0: trap 7 b1: r0 open 1 trap 7"),
    ("cannot be held", "t2 b0: trap 7 b1: r0 open 0 is 1 trap 7"),
    ("cannot be held", "t4 i64 b0: trap 7 b1: r0 open r1 trap 7"),
    ("cannot be held", "t3 i64 b0: trap 7 b1: r0 open r1, r1 word trap 7"),
    ("cannot be held", "t4 f64 b0: trap 7 b1: r0 open r1, r1 word trap 7"),
    // ── Reading ──
    ("r0 is empty", "i64 b0: return r0"),
    ("r1 is empty", "i64*2 b0: const r0, 1 add r0, r0, r1 return r0"),
    ("r0 is empty", "t0 i64 b0: literal r0, t0, c0 drop r0 raw_length r1, r0 return r1"),
    ("r0 is empty", "t0 b0: literal r0, t0, c0 drop r0 drop r0 trap 7"),
    ("r0 is empty", "t2 t6 i64 t0 f64 b0: new_tag r0, t2, 0 const r2, 1 literal r3, t0, c0 fconst r4, 1.0 new r1, l7, (r3, r0, r4, r2) drop r0 trap 7"),
    ("r1 was borrowed from r0", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 list_get_ref r1, r0, r2 drop r0 raw_length r2, r1 return r2"),
    ("r2 was borrowed from r0", "t4*2 t0 i64 b0: list_new r0, t4, () const r3, 0 list_get_ref r2, r0, r3 move r1, r0 raw_length r3, r2 return r3"),
    ("r2 was borrowed from r0", "t4 t2 t0 i64 b0: list_new r0, t4, () const r3, 0 list_get_ref r2, r0, r3 unique r0 raw_length r3, r2 return r3"),
    ("r2 was borrowed from r0", "t4 t0*2 i64 b0: list_new r0, t4, () const r3, 0 list_get_ref r2, r0, r3 list_swap r0, r3, r3 raw_length r3, r2 return r3"),
    ("r2 was borrowed from r0", "t4 t0*2 i64 b0: list_new r0, t4, () const r3, 0 list_get_ref r2, r0, r3 list_take_ref r1, r0, r3 raw_length r3, r2 return r3"),
    ("r1 was borrowed from r0", "t6 t2*2 i64 t0 f64 b0: new_tag r1, t2, 0 const r3, 1 literal r4, t0, c0 fconst r5, 1.0 new r0, l7, (r4, r1, r5, r3)
        get_ref r1, r0, l7, 1 drop r0
        literal r4, t0, c0 new_tag r2, t2, 0 new r0, l7, (r4, r2, r5, r3) tag r3, r1 return r3"),
    ("wants r1, which is empty", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 list_get_ref r1, r0, r2 list_truncate r0, r2 jump b1 b1: r0 owned, r1 borrowed r0 trap 7"),
    ("is open: a part of it is missing", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 list_take_ref r1, r0, r2 list_length r2, r0 trap 7"),
    ("is open: a part of it is missing", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 list_take_ref r1, r0, r2 drop r0 trap 7"),
    ("is open: a part of it is missing", "t4*2 t0 i64 b0: list_new r0, t4, () const r3, 0 list_take_ref r2, r0, r3 dup r1, r0 trap 7"),
    ("holds a token, not a value", "t2*2 i64 b0: new_tag r0, t2, 0 const r2, 0 new r1, l4, (r2, r0) drop_reuse r0, r1, l4 tag r2, r0 trap 7"),
    // ── Owning ──
    ("r0 still holds something", "t0 i64 b0: literal r0, t0, c0 literal r0, t0, c0 trap 7"),
    ("r1 still holds something", "t2*2 i64 b0: new_tag r0, t2, 0 const r2, 0 new r1, l4, (r2, r0) new_tag r1, t2, 0 trap 7"),
    ("lost with the frame", "t0 i64 b0: literal r0, t0, c0 const r1, 0 return r1"),
    ("lost with the frame", "t0 i64 t2 b0: literal r0, t0, c0 const r1, 0 new_tag r2, t2, 0 tail_call f3, (r2)"),
    ("r0 still holds something, which would be lost on the way", "t0 b0: literal r0, t0, c0 jump b1 b1: trap 7"),
    ("would be lost on the way to block 2", "function f4 (t2) i64 { registers t2 b0: r0 owned switch_tag r0, (b1, b2) b1: trap 7 b2: trap 7 }"),
    ("would be lost on the way to block 1", "function f4 (t2) i64 { registers t2*2 i64 b0: r0 owned const r2, 1 new r1, l4, (r2, r0) drop_reuse r0, r1, l4 jump b1 b1: trap 7 }"),
    ("is not owned", "function f4 (lent t2) i64 { registers t2 b0: r0 lent drop r0 trap 7 }"),
    ("is not owned", "function f4 (lent t2) t2 { registers t2 b0: r0 lent return r0 }"),
    ("is not owned", "function f4 (lent t2) i64 { registers t2 b0: r0 lent unique r0 trap 7 }"),
    ("is not owned", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 list_get_ref r1, r0, r2 drop r1 trap 7"),
    ("is not owned", "function f4 (lent t2) i64 { registers t2 b0: r0 lent tail_call f3, (r0) }"),
    ("r1 is empty", "t4 t0 b0: literal r1, t0, c0 list_new r0, t4, (r1, r1) trap 7"),
    ("is written twice", "i64*2 t0 b0: literal r2, t0, c0 text_to_int r0, r0, r2 trap 7"),
    ("still holds something", "t6 t2 i64*2 t0*2 f64 b0: new_tag r1, t2, 0 const r2, 1 literal r4, t0, c0 fconst r6, 1.0 new r0, l7, (r4, r1, r6, r2) literal r4, t0, c0 unpack (r4, r1, r6, r2), r0, l7 trap 7"),
    // ── Read and given away at once ──
    ("both read and given away", "t10 b0: list_new r0, t10, () list_append r0, r0 trap 7"),
    ("both read and given away", "t10*2 i64 b0: list_new r0, t10, () const r2, 0 list_get_ref r1, r0, r2 list_append r0, r1 trap 7"),
    ("both read and given away", "t0 b0: literal r0, t0, c0 unique r0 raw_append r0, r0 trap 7"),
    ("r0 is empty", "t10 b0: list_new r0, t10, () list_push r0, r0 trap 7"),
    ("is open", "t10 i64 t10 b0: list_new r0, t10, () const r1, 0 list_take_ref r2, r0, r1 list_put_ref r0, r1, r0 trap 7"),
    // ── Unique ──
    ("is not unique", "t0 b0: literal r0, t0, c0 raw_append r0, r0 trap 7"),
    ("is not unique", "t3*2 i64 b0: list_new r0, t3, () const r2, 1 dup r1, r0 list_push r0, r2 trap 7"),
    ("is not unique", "t3*2 i64 b0: list_new r0, t3, () const r2, 1 dup r1, r0 list_push r1, r2 trap 7"),
    ("is not unique", "t4 t0 i64 b0: literal r1, t0, c0 list_new r0, t4, (r1) const r2, 0 list_pop r1, r0 text_push_char r1, r2 trap 7"),
    ("is not unique", "t3 i64 b0: call r1, f0, () const r1, 0 list_new r0, t3, () jump b1 b1: r0 owned, r1 word list_push r0, r1 trap 7"),
    ("is not unique", "t4 i64 b0: global_get r0, g0 const r1, 0 list_truncate r0, r1 trap 7"),
    ("is not unique", "t2*2 i64 b0: new_tag r1, t2, 0 const r2, 1 new r0, l4, (r2, r1) call r2, f2, (r0, r2) set r0, l4, 0, r2 trap 7"),
    ("is not unique", "t0*2 i64 b0: text_join r0, () const r2, 0 text_slice r1, r0, r2, r2 text_push_char r0, r2 trap 7"),
    ("is not unique", "t0*2 i64 b0: text_join r0, () const r2, 0 text_slice r1, r0, r2, r2 text_push_char r1, r2 trap 7"),
    ("is not unique", "t0 t1 i64 b0: text_join r0, () text_to_bytes r1, r0 const r2, 0 text_push_char r0, r2 trap 7"),
    ("is not unique", "t4*2 i64 t4 b0: list_new r0, t4, () const r2, 0 move r1, r0 dup r3, r1 list_truncate r1, r2 trap 7"),
    ("wants r0 held in another way", "t2*2 i64 b0: new_tag r1, t2, 0 const r2, 1 new r0, l4, (r2, r1) dup r1, r0 jump b1 b1: r0 unique, r1 owned, r2 word trap 7"),
    ("is not unique", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 jump b1 b1: r0 owned, r2 word list_take_ref r1, r0, r2 trap 7"),
    // ── Open ──
    ("is not open at this place", "t4 t0 i64*2 b0: list_new r0, t4, () const r2, 0 const r3, 0 list_take_ref r1, r0, r2 list_put_ref r0, r3, r1 trap 7"),
    ("is not open at this place", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 literal r1, t0, c0 list_put_ref r0, r2, r1 trap 7"),
    ("is the index of a list's missing element", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 list_take_ref r1, r0, r2 const r2, 1 trap 7"),
    ("is the index of a list's missing element", "t4 t0 i64*2 b0: list_new r0, t4, () const r2, 0 const r3, 9 list_take_ref r1, r0, r2 loop r2, r3, b1, b1 b1: trap 7"),
    ("is the index of a list's missing element", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 list_take_ref r1, r0, r2 jump b1 b1: r0 open r2, r1 owned, r2 word const r2, 1 trap 7"),
    ("lost with the frame", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 list_take_ref r1, r0, r2 drop r1 return r2"),
    ("held in another way", "t4 t0 i64*2 b0: list_new r0, t4, () const r2, 0 const r3, 0 list_take_ref r1, r0, r2 jump b1 b1: r0 open r3, r1 owned, r2 word, r3 word trap 7"),
    ("is open", "t4 t0*2 i64 b0: list_new r0, t4, () const r3, 0 list_take_ref r1, r0, r3 list_take_ref r2, r0, r3 trap 7"),
    // ── Tokens ──
    ("a token of 24 bytes for a cell of 32", "t2*3 t6 i64 t0 f64 b0: new_tag r0, t2, 0 new_tag r2, t2, 0 const r4, 1 literal r5, t0, c0 fconst r6, 0.5 new r1, l4, (r4, r0)
        drop_reuse r0, r1, l4 new_reuse r3, r0, l7, (r5, r2, r6, r4) trap 7"),
    ("is no token", "t2*2 i64 b0: new_tag r0, t2, 0 const r2, 1 new_reuse r1, r0, l4, (r2, r0) trap 7"),
    ("is no token", "t0 b0: literal r0, t0, c0 free_token r0 trap 7"),
    ("held in another way", "t2*2 i64 b0: new_tag r0, t2, 0 const r2, 1 new r1, l4, (r2, r0) drop_reuse r0, r1, l4 jump b1 b1: r0 token 32 trap 7"),
    ("is not of class none", "t2*2 i64 b0: new_tag r0, t2, 0 const r2, 1 new r1, l4, (r2, r0) drop_reuse r2, r1, l4 trap 7"),
    // ── Variants ──
    ("is not known to be variant 1", "function f4 (t2) i64 { registers t2 i64 b0: r0 owned get r1, r0, l4, 0 trap 7 }"),
    ("is not known to be variant 1", "t2 i64 b0: new_tag r0, t2, 0 get r1, r0, l4, 0 trap 7"),
    ("is not known to be variant 1", "function f4 (t2) i64 { registers t2*2 i64 b0: r0 owned unpack (r2, r1), r0, l4 trap 7 }"),
    ("is not known to be variant 1", "function f4 (t2) i64 { registers t2*2 i64 b0: r0 owned drop_reuse r1, r0, l4 trap 7 }"),
    ("not known to be", "function f4 (t2) i64 { registers t2 b0: r0 owned jump b1 b1: r0 owned is 1 trap 7 }"),
    ("not known to be", "function f4 (t2) i64 { registers t2 b0: r0 owned switch_tag r0, (b1, b1) b1: r0 owned is 1 trap 7 }"),
    ("1 edges for 2 variants", "function f4 (t2) i64 { registers t2 b0: r0 owned switch_tag r0, (b1) b1: r0 owned trap 7 }"),
    ("does not exist or has fields", "t2 b0: new_tag r0, t2, 1 trap 7"),
    ("does not exist or has fields", "t2 b0: new_tag r0, t2, 2 trap 7"),
    // ── Edges ──
    ("wants r0, which is empty", "i64 b0: jump b1 b1: r0 word trap 7"),
    ("held in another way", "function f4 (lent t2) i64 { registers t2 b0: r0 lent jump b1 b1: r0 owned trap 7 }"),
    ("held in another way", "function f4 (t2) i64 { registers t2 b0: r0 owned jump b1 b1: r0 lent trap 7 }"),
    ("held in another way", "function f4 (t2) i64 { registers t2 b0: r0 owned jump b1 b1: r0 unique trap 7 }"),
    ("held in another way", "t4*2 t0 i64 b0: list_new r0, t4, () list_new r1, t4, () const r3, 0 list_get_ref r2, r0, r3 jump b1
        b1: r0 owned, r1 owned, r2 borrowed r1 trap 7"),
    ("wants r0 held in another way", "t4 t0 i64 b0: list_new r0, t4, () const r2, 0 list_take_ref r1, r0, r2 jump b1 b1: r0 owned, r1 owned trap 7"),
    ("is both read", "t0 i64*2 b0: literal r0, t0, c0 unique r0 raw_append r0, r0 trap 7"),
    // ── Calls ──
    ("1 registers where 2 belong", "t2 i64 b0: new_tag r0, t2, 0 call r1, f2, (r0) trap 7"),
    ("is of type i64, not t2", "t2 i64 b0: const r1, 0 call r1, f2, (r1, r1) trap 7"),
    ("there is no function 99", "i64 b0: call r0, f99, () trap 7"),
    ("only called as a value", "t5 i64 b0: const r1, 1 call r1, f1, (r0, r1) trap 7"),
    ("is of type f64, not i64", "f64 b0: call r0, f0, () trap 7"),
    ("the result has another type", "function f4 () f64 { b0: tail_call f0, () }"),
    ("is borrowed from the frame", "t4 t6 t2 i64 t0 f64 b0: new_tag r2, t2, 0 const r3, 1 literal r4, t0, c0 fconst r5, 1.0 new r1, l7, (r4, r2, r5, r3) get_ref r2, r1, l7, 1 tail_call f2, (r2, r3)"),
    ("is borrowed from the frame", "t2 i64 b0: new_tag r0, t2, 0 const r1, 0 tail_call f2, (r0, r1)"),
    ("is of type f64, not i64", "f64 b0: fconst r0, 1.0 return r0"),
    ("is of type f64, not i64", "t5 f64 i64 b0: fconst r1, 1.0 call_value r2, r0, (r1) trap 7"),
    ("the result has another type", "function f4 (t5) f64 { registers t5 i64 b0: r0 owned const r1, 1 tail_call_value r0, (r1) }"),
    // ── Types, ids, codes ──
    ("is not of class i64", "f64 b0: const r0, 1 trap 7"),
    ("is not of class f64", "i64 b0: fconst r0, 1.0 trap 7"),
    ("is not of class word", "t0*2 b0: literal r0, t0, c0 copy r1, r0 trap 7"),
    ("is not of class refs", "i64*2 b0: const r0, 1 dup r1, r0 trap 7"),
    ("is not of class list", "t0 i64 b0: literal r0, t0, c0 list_length r1, r0 trap 7"),
    ("is not of class text", "t1 i64 b0: literal r0, t1, c0 output r1, r0 trap 7"),
    ("is of type i64, not f64", "i64 f64 b0: fconst r1, 1.0 copy r0, r1 trap 7"),
    ("not the canonical one", "f64 b0: fconst r0, 0x7ff8000000000001 trap 7"),
    ("there is no function of one float 99", "f64 b0: fconst r0, 1.0 math r0, 99, r0 trap 7"),
    ("there is no function of two floats 99", "f64 b0: fconst r0, 1.0 math2 r0, 99, r0, r0 trap 7"),
    ("there is no class of characters 99", "i64 b0: const r0, 1 char_is r0, 99, r0 trap 7"),
    ("there is no trap 99", "i64 b0: trap 99"),
    ("there is no request 99", "i64 t1*2 b0: literal r1, t1, c0 request r0, r2, 99, r1 trap 7"),
    ("there is no constant 9", "t0 b0: literal r0, t0, c9 trap 7"),
    ("is not UTF-8", "t0 b0: literal r0, t0, c1 trap 7"),
    ("is of type t0, not t1", "t0 b0: literal r0, t1, c1 trap 7"),
    ("is not of class raw", "t2 b0: literal r0, t2, c0 trap 7"),
    ("there is no global 9", "i64 b0: global_get r0, g9 trap 7"),
    ("is of type i64, not t4", "i64 b0: global_get r0, g0 trap 7"),
    ("is of type t4, not i64", "t4 b0: list_new r0, t4, () global_set g1, r0 trap 7"),
    ("l5 is no record layout", "t2 i64 b0: new r0, l5, () trap 7"),
    ("l99 is no record layout", "t2 i64 b0: new r0, l99, () trap 7"),
    ("l0 is no record layout", "t2 i64 b0: new r0, l0, () trap 7"),
    ("is of type t2, not t6", "t2 i64 b0: new r0, l7, () trap 7"),
    ("0 registers where 2 belong", "t2 i64 b0: new r0, l4, () trap 7"),
    ("l4 has no field 2", "t2*2 i64 b0: new_tag r1, t2, 0 const r2, 1 new r0, l4, (r2, r1) get r2, r0, l4, 2 trap 7"),
    ("does not hold a word", "t2*2 i64 b0: new_tag r1, t2, 0 const r2, 1 new r0, l4, (r2, r1) get r2, r0, l4, 1 trap 7"),
    ("does not hold a reference", "t2*2 i64 b0: new_tag r1, t2, 0 const r2, 1 new r0, l4, (r2, r1) get_ref r1, r0, l4, 0 trap 7"),
    ("does not hold a byte", "t2*2 i64 b0: new_tag r1, t2, 0 const r2, 1 new r0, l4, (r2, r1) set_byte r0, l4, 0, r2 trap 7"),
    ("is of type i64, not f64", "t8 i64 b0: list_new r0, t8, () const r1, 0 list_get r1, r0, r1 trap 7"),
    ("does not hold a word", "t7 i64 b0: list_new r0, t7, () const r1, 0 list_get r1, r0, r1 trap 7"),
    ("does not hold a byte", "t3 i64 b0: list_new r0, t3, () const r1, 0 list_set_byte r0, r1, r1 trap 7"),
    ("does not hold a reference", "t3 i64 t0 b0: list_new r0, t3, () const r1, 0 list_get_ref r2, r0, r1 trap 7"),
    ("is of type t1, not t0", "t4 t1 b0: list_new r0, t4, () literal r1, t1, c0 list_push r0, r1 trap 7"),
    ("is of type t3, not t7", "t3 t7 b0: list_new r0, t3, () list_new r1, t7, () list_append r0, r1 trap 7"),
    ("is not a list of words", "t8 i64 b0: list_new r0, t8, () const r1, 1 probe r1, r0, r1, r1 trap 7"),
    ("is of type t0, not t1", "t0 t1 i64 b0: literal r0, t0, c0 literal r1, t1, c0 raw_eq r2, r0, r1 trap 7"),
    ("is of type t0, not t1", "t0 t1 i64 b0: literal r0, t0, c0 literal r1, t1, c0 unique r0 raw_append r0, r1 trap 7"),
    ("l4 is no closure layout", "t5 b0: closure r0, l4, () trap 7"),
    ("1 registers where 2 belong", "t5 i64 b0: const r1, 1 closure r0, l8, (r1) trap 7"),
    ("not the closure layout of this function", "function f4 (t5) i64 { registers t5 i64 t0 b0: r0 owned unpack_closure (r1, r2), r0, l8 trap 7 }"),
];

/// (part of the error, text in the tables, what stands there instead)
const TABLE_FAULTS: &[(&str, &str, &str)] = &[
    ("types 0 and 1", "type t0 text", "type t0 bytes"),
    ("a second Text or Bytes", "type t9 data (none)", "type t9 text"),
    ("variants; there can be", "type t9 data (none)", "type t9 data ()"),
    ("layout of variant 1 is not", "data (none, l4)", "data (none, l7)"),
    ("layout of variant 0 is not", "data (none, l4)", "data (l4, none)"),
    ("does not have it as that variant", "data (none, l4)", "data (none, none)"),
    ("layout of variant 1 is not", "record t2 1", "record t2 0"),
    ("layout of variant 1 is not", "record t2 1", "record t6 1"),
    ("names a type or layout that does not exist", "data (none, l4)", "data (none, l1)"),
    ("names a type or layout that does not exist", "data (none, l4)", "data (none, l77)"),
    ("names a type or function that does not exist", "(i64, t2)", "(i64, t77)"),
    ("names a type or function that does not exist", "closure t5 f1", "closure t5 f77"),
    ("its layout is not that of this list", "list i64 l5", "list i64 l6"),
    ("names a type or layout that does not exist", "list i64 l5", "list t77 l5"),
    ("its type is not a function type", "closure t5 f1", "closure t6 f1"),
    ("its function does not belong to it", "closure t5 f1", "closure t5 f0"),
    ("its function does not belong to it", "i64 closure l8", "i64"),
    ("has another signature", "type t5 function (i64) i64", "type t5 function (f64) i64"),
    ("has another signature", "type t5 function (i64) i64", "type t5 function (i64) f64"),
    ("has another signature", "type t5 function (i64) i64", "type t5 function () i64"),
    ("its type does not exist", "global g1 i64", "global g1 t77"),
    ("the entry function does not exist", "entry f0", "entry f77"),
    ("the entry function takes parameters", "entry f0", "entry f3"),
    ("the test function does not exist", "entry f0", "entry f0 test \"t\" f77"),
    ("the test function takes parameters", "entry f0", "entry f0 test \"t\" f3"),
    ("type that does not exist", "function f0 () i64", "function f0 () t77"),
    // A write to register 0 anywhere in a closure's function, outside of the first block.
    (
        "not surely the function value",
        "unpack_closure (r2, r3), r0, l8\n    drop r3",
        "jump b1 b1: r0 owned, r1 word unpack_closure (r2, r3), r0, l8 closure r0, l8, (r2, r3) trap 7 b2: r1 word, r2 word",
    ),
    (
        "not surely the function value",
        "unpack_closure (r2, r3), r0, l8",
        "const r2, 1 drop r0 literal r3, t0, c0 closure r0, l8, (r2, r3) unpack_closure (r2, r3), r0, l8",
    ),
];
