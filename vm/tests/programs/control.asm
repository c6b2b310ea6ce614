; Jumps, loops, switches, calls of every kind. Prints one line for each part.
type t0 text
type t1 bytes
type t2 function (i64, i64) i64
layout l4 closure t2 f5 (i64, t0)
constant c0 "captured"
entry f0

function f0 () i64 {
    registers i64*8 t0*2 t2*2 f64*2
  b0:
    const r0, 10
    call r1, f1, (r0)
    call r2, f2, (r1)
    ; 100 iterations of a while loop and of a counted loop
    const r0, 0
    const r1, 0
    jump b1
  b1: r0 word, r1 word
    jump_lt_imm r0, 100, b2, b3
  b2: r0 word, r1 word
    add r1, r1, r0
    add_imm r0, r0, 1
    jump b1
  b3: r1 word
    call r2, f2, (r1)
    const r0, 0
    const r1, 0
    const r3, 100
    jump b4
  b4: r0 word, r1 word, r3 word
    add r1, r1, r0
    loop r0, r3, b4, b5
  b5: r1 word
    call r2, f2, (r1)
    const r0, 3
    call r1, f3, (r0)
    call r2, f2, (r1)
    const r0, 9
    call r1, f3, (r0)
    call r2, f2, (r1)
    ; a tail call in a loop of 100
    const r0, 100
    const r1, 0
    call r1, f4, (r0, r1)
    call r2, f2, (r1)
    ; function values
    literal r8, t0, c0
    const r0, 7
    closure r10, l4, (r0, r8)
    dup r11, r10
    const r1, 1
    const r2, 2
    call_value r3, r10, (r1, r2)
    call r2, f2, (r3)
    call r3, f6, (r11)
    call r2, f2, (r3)
    ; comparisons
    fconst r12, 1.5
    fconst r13, 2.5
    const r0, 4
    const r1, 5
    jump_eq r0, r1, b9, b6
  b6: r0 word, r1 word, r12 word, r13 word
    jump_le r0, r1, b7, b9
  b7: r0 word, r1 word, r12 word, r13 word
    jump_eq_imm r0, 4, b8, b9
  b8: r0 word, r1 word, r12 word, r13 word
    jump_le_imm r0, 4611686018427387904, b10, b9
  b9:
    trap 13
  b10: r0 word, r1 word, r12 word, r13 word
    jump_feq r12, r13, b9, b11
  b11: r0 word, r1 word, r12 word, r13 word
    jump_flt r12, r13, b12, b9
  b12: r0 word, r1 word, r12 word, r13 word
    jump_fle r13, r12, b9, b13
  b13: r0 word, r1 word
    call r2, f7, (r0, r1, r0, r1, r0, r1, r0, r1, r0, r1)
    call r2, f2, (r2)
    call r3, f8, (r0, r1, r2)
    call r2, f2, (r3)
    call r3, f9, ()
    call r2, f2, (r3)
    ; a loop whose condition is at its end
    const r0, 5
    jump b14
  b14: r0 word
    add_imm r0, r0, -1
    jump_if r0, b14, b15
  b15:
    const r0, 0
    jump b16
  b16: r0 word
    add_imm r0, r0, 1
    const r1, 6
    jump_lt r0, r1, b16, b17
  b17: r0 word
    call r2, f2, (r0)
    return r0
}

; fib
function f1 (i64) i64 {
    registers i64*4
  b0: r0 word
    jump_lt_imm r0, 2, b1, b2
  b1: r0 word
    return r0
  b2: r0 word
    add_imm r1, r0, -1
    call r2, f1, (r1)
    add_imm r1, r0, -2
    call r3, f1, (r1)
    add r2, r2, r3
    return r2
}

; print a number
function f2 (i64) i64 {
    registers i64*2 t0*3
  b0: r0 word
    int_to_text r2, r0
    const r1, 10
    literal r4, t0, c0
    raw_length r0, r4
    drop r4
    unique r2
    text_push_char r2, r1
    const r1, 1
    output r1, r2
    drop r2
    return r1
}

; switch: 3 -> 30, else -1
function f3 (i64) i64 {
    registers i64
  b0: r0 word
    switch r0, (b1, b1, b1, b2, b1), b1
  b1:
    const r0, -1
    return r0
  b2:
    const r0, 30
    return r0
}

; sum of 1..=r0, by tail calls
function f4 (i64, i64) i64 {
    registers i64*2
  b0: r0 word, r1 word
    jump_if r0, b1, b2
  b1: r0 word, r1 word
    add r1, r1, r0
    add_imm r0, r0, -1
    tail_call f4, (r0, r1)
  b2: r1 word
    return r1
}

; the function of the closure: captured number + length of captured text + both arguments
function f5 (t2, i64, i64) i64 closure l4 {
    registers t2 i64*4 t0
  b0: r0 owned, r1 word, r2 word
    unpack_closure (r3, r5), r0, l4
    raw_length r4, r5
    drop r5
    add r1, r1, r2
    add r1, r1, r3
    add r1, r1, r4
    return r1
}

; calls a function value in tail position
function f6 (t2) i64 {
    registers t2 i64*2
  b0: r0 owned
    const r1, 100
    const r2, 200
    tail_call_value r0, (r1, r2)
}

; ten parameters
function f7 (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64) i64 {
    registers i64*10
  b0: r0 word, r1 word, r2 word, r3 word, r4 word, r5 word, r6 word, r7 word, r8 word, r9 word
    sub r0, r0, r1
    mul r0, r0, r2
    sub r0, r0, r9
    return r0
}

function f8 (i64, i64, i64) i64 {
    registers i64*3
  b0: r0 word, r1 word, r2 word
    mul r0, r0, r1
    sub r0, r0, r2
    return r0
}

function f9 () i64 {
    registers i64
  b0:
    const r0, 9223372036854775807
    return r0
}
