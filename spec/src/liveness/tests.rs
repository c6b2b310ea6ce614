use super::*;
use crate::module::State;
use crate::text::assemble;
use crate::verify::verify;

const SOURCE: &str = "
type t0 text
type t1 bytes
type t2 list t0 l4
layout l4 list t2
function f0 (lent t0, i64) i64 {
    registers t0 i64
  b0: r0 lent, r1 word
    return r1
}
function f1 (t2, i64, i64) i64 {
    registers t2 i64*3 t0*2 i64
  b0: r0 owned, r1 word, r2 word
    const r3, 0
    const r6, 7
    jump b1
  b1: r0 owned, r1 word, r2 word, r3 word, r6 word
    list_get_ref r4, r0, r3
    call r6, f0, (r4, r6)
    raw_length r2, r4
    loop r3, r1, b1, b2
  b2: r0 owned, r2 word, r3 word
    unique r0
    list_take_ref r5, r0, r3
    const r6, 0
    call r6, f0, (r5, r2)
    drop r5
    trap 7
}
";

fn safepoints(check: impl FnOnce(Safepoints<'_>)) {
    let module = assemble(SOURCE).unwrap_or_else(|e| panic!("{e}"));
    let verified = verify(module).unwrap_or_else(|e| panic!("{e}"));
    check(Safepoints::of(&verified, FuncId(1)).expect("f1 exists"));
    assert!(Safepoints::of(&verified, FuncId(2)).is_none());
}

fn held(list: &[(u16, Hold)]) -> Vec<(Reg, State)> {
    list.iter().map(|&(r, hold)| (Reg(r), State::of(hold))).collect()
}

#[test]
fn a_machine_can_stop_at_entries_and_loop_heads() {
    safepoints(|points| {
        // r2 is written before it is read; the owned list is listed in any case.
        assert_eq!(points.entering(BlockId(0)), Some(&held(&[(0, Hold::Owned), (1, Hold::Word)])[..]));
        let head = held(&[(0, Hold::Owned), (1, Hold::Word), (3, Hold::Word), (6, Hold::Word)]);
        assert_eq!(points.entering(BlockId(1)), Some(&head[..]));
        assert_eq!(points.entering(BlockId(2)), None);
        assert_eq!(points.entering(BlockId(9)), None);
    });
}

#[test]
fn a_waiting_frame_has_given_its_arguments_and_not_got_its_result() {
    safepoints(|points| {
        // The borrowed element is read after the call; the result is not there yet.
        let call = held(&[(0, Hold::Owned), (1, Hold::Word), (3, Hold::Word), (4, Hold::Borrowed(Reg(0)))]);
        assert_eq!(points.waiting(BlockId(1), 1), Some(&call[..]));
        assert_eq!(points.waiting(BlockId(1), 0), None);
        assert_eq!(points.waiting(BlockId(1), 99), None);
    });
}

#[test]
fn the_index_of_a_missing_element_is_kept() {
    safepoints(|points| {
        let open = held(&[(0, Hold::OpenItem(Reg(3))), (3, Hold::Word), (5, Hold::Owned)]);
        assert_eq!(points.waiting(BlockId(2), 3), Some(&open[..]));
    });
}
