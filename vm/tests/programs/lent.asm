; Counts the nodes of trees that are lent: a part stays borrowed when nothing reads its holder any more.
type t0 text
type t1 bytes
type t2 data (none, l4)
layout l4 record t2 1 (t2, t2)
entry f0
function f0 () i64 {
    registers i64*5 t2
  b0:
    const r0, 0
    const r1, 2
    const r2, 0
    jump b1
  b1: r0 word, r1 word, r2 word
    const r3, 5
    call r5, f1, (r3)
    call r4, f2, (r5)
    drop r5
    add r2, r2, r4
    loop r0, r1, b1, b2
  b2: r2 word
    const r0, 101
    rem r0, r2, r0
    exit r0
}
function f1 (i64) t2 {
    registers i64*2 t2*3
  b0: r0 word
    jump_le_imm r0, 0, b2, b1
  b1: r0 word
    add_imm r1, r0, -1
    call r2, f1, (r1)
    add_imm r1, r0, -1
    call r3, f1, (r1)
    new r4, l4, (r2, r3)
    return r4
  b2:
    new_tag r2, t2, 0
    return r2
}
function f2 (lent t2) i64 {
    registers t2*3 i64*3
  b0: r0 lent
    switch_tag r0, (b1, b2)
  b1:
    const r3, 0
    return r3
  b2: r0 lent is 1
    get_ref r1, r0, l4, 0
    call r3, f2, (r1)
    get_ref r2, r0, l4, 1
    call r4, f2, (r2)
    add r3, r3, r4
    add_imm r3, r3, 1
    return r3
}
