; Pairs of instructions that are loaded as one word.
type t0 text
type t1 bytes
type t2 data (l4)
layout l4 record t2 0 (f64, i64, f64)
type t3 list t2 l5
layout l5 list t3
type t4 list i64 l6
layout l6 list t4
entry f0

function f0 () i64 {
    registers i64*6 f64*8 t2*3 t3 t4*2
  b0:
    fconst r6, 1.5
    fconst r7, -0.25
    const r0, 9
    new r14, l4, (r6, r0, r7)
    const r1, 4
    list_repeat r17, t3, r14, r1
    unique r17
    const r2, 1
    const r3, 0
    list_repeat r18, t4, r2, r0
    unique r18
    jump b1
  b1: r0 word, r1 word, r2 word, r3 word, r6 word, r7 word, r17 unique, r18 unique
    list_get_ref r15, r17, r3
    get r8, r15, l4, 0
    fmul r9, r8, r6
    fadd r10, r9, r7
    fsub r11, r10, r8
    fadd r11, r11, r6
    fadd r12, r11, r10
    fadd r12, r12, r9
    get r13, r15, l4, 2
    fsub r13, r12, r13
    get r13, r15, l4, 2
    fmul r13, r12, r13
    list_take_ref r14, r17, r3
    unique r14
    set r14, l4, 0, r13
    list_put_ref r17, r3, r14
    list_get_ref r15, r17, r2
    dup r16, r15
    drop r16
    list_get r4, r18, r1
    list_set r18, r3, r4
    add_imm r4, r3, -2
    call r4, f1, (r4)
    list_set r18, r2, r4
    list_get r5, r18, r3
    list_set r18, r1, r5
    add r3, r3, r2
    jump_lt r3, r1, b1, b2
  b2: r0 word, r1 word, r2 word, r3 word, r6 word, r17 unique, r18 unique
    sub r0, r0, r2
    jump_le r1, r0, b2, b3
  b3: r0 word, r1 word, r2 word, r3 word, r6 word, r17 unique, r18 unique
    jump b4
  b4: r0 word, r1 word, r2 word, r3 word, r6 word, r17 unique, r18 unique
    add_imm r3, r3, 3
    jump_lt r3, r1, b4, b5
  b5: r0 word, r3 word, r17 unique, r18 unique
    drop r17
    drop r18
    exit r3
}

function f1 (i64) i64 {
    registers i64*2
  b0: r0 word
    jump_le_imm r0, 0, b1, b2
  b1: r0 word
    return r0
  b2: r0 word
    add_imm r1, r0, -1
    call r1, f1, (r1)
    return r1
}
