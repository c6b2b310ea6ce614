; What native code has to get right: references live at every stop, a heap that moves while a caller waits, NaNs in cells,
; sharing, tail calls of itself and of another.
type t0 text
type t1 bytes
type t2 list i64 l4
type t3 list f64 l5
type t4 list t2 l6
layout l4 list t2
layout l5 list t3
layout l6 list t4
entry f0

function f0 () i64 {
    registers i64*6 t2*3 t3 t4 f64*2
  b0:
    ; lists that grow in a callee while another is live here, and are kept
    const r0, 0
    const r1, 6
    const r5, 7
    list_repeat r6, t2, r5, r1
    list_new r10, t4, ()
    unique r10
    const r4, 0
    jump b1
  b1: r0 word, r1 word, r4 word, r6 owned, r10 unique
    const r2, 600
    list_new r7, t2, ()
    call r7, f1, (r7, r2)
    list_get r3, r6, r0
    add r4, r4, r3
    list_push r10, r7
    loop r0, r1, b1, b2
  b2: r4 word, r6 owned, r10 unique
    ; a shared list is copied before it is changed
    dup r8, r6
    unique r8
    const r0, 3
    const r1, 1000
    list_set r8, r0, r1
    list_get r2, r6, r0
    list_get r3, r8, r0
    add r4, r4, r2
    add r4, r4, r3
    drop r8
    drop r6
    ; a NaN in a list
    fconst r11, 0.0
    fdiv r12, r11, r11
    fneg r12, r12
    list_new r9, t3, (r12, r11)
    unique r9
    const r0, 1
    fadd r12, r12, r12
    list_set r9, r0, r12
    fconst r12, -1.0
    fsqrt r12, r12
    jump b3
  b3: r4 word, r9 unique, r10 unique, r12 word
    list_push r9, r12
    float_bits r0, r12
    const r1, 1000
    rem r0, r0, r1
    add r4, r4, r0
    list_length r0, r9
    jump_lt_imm r0, 20, b3, b4
  b4: r4 word, r9 unique, r10 unique
    drop r9
    ; tail calls
    const r0, 50
    const r1, 1
    call r0, f2, (r0, r1)
    add r4, r4, r0
    list_length r0, r10
    add r4, r4, r0
    drop r10
    ; a heap that grows so much that it moves, while this frame waits
    list_new r6, t2, (r4, r4)
    const r0, 400000
    call r8, f5, (r0)
    const r1, 0
    list_get r2, r6, r1
    sub r2, r2, r4
    add r4, r4, r2
    list_get r2, r8, r1
    add r4, r4, r2
    drop r6
    drop r8
    const r0, 250
    rem r4, r4, r0
    exit r4
}

; Fills a list, which is lent to another function on the way.
function f1 (t2, i64) t2 {
    registers t2 i64*4
  b0: r0 owned, r1 word
    const r2, 0
    unique r0
    jump b1
  b1: r0 unique, r1 word, r2 word
    list_push r0, r2
    call r3, f4, (r0, r2)
    list_length r4, r0
    sub r3, r4, r3
    unique r0
    loop r2, r1, b1, b2
  b2: r0 unique
    return r0
}

function f2 (i64, i64) i64 {
    registers i64*3
  b0: r0 word, r1 word
    jump_le_imm r0, 0, b2, b1
  b1: r0 word, r1 word
    add_imm r0, r0, -1
    add_imm r2, r1, 3
    tail_call f3, (r2, r0)
  b2: r1 word
    return r1
}

function f3 (i64, i64) i64 {
    registers i64*3
  b0: r0 word, r1 word
    const r2, 2
    rem r2, r0, r2
    jump_if r2, b1, b2
  b1: r0 word, r1 word
    add_imm r0, r0, 1
    tail_call f3, (r0, r1)
  b2: r0 word, r1 word
    tail_call f2, (r1, r0)
}

function f4 (lent t2, i64) i64 {
    registers t2 i64*2
  b0: r0 lent, r1 word
    list_get r2, r0, r1
    return r2
}
function f5 (i64) t2 {
    registers i64*2 t2
  b0: r0 word
    const r1, 3
    list_repeat r2, t2, r1, r0
    return r2
}
names { file "native.glyph" function "main" function "fill" function "down" function "even" function "item" function "many" }
