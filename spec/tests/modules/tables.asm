; Tables and helpers for the verifier's tests: each test adds one function, f4.
type t0 text
type t1 bytes
type t2 data (none, l4)                    ; Chain: Nil, Link(i64, Chain)
type t3 list i64 l5
type t4 list t0 l6
type t5 function (i64) i64
type t6 data (l7)                          ; Pair(Text, Chain, f64, byte)
type t7 list byte l9
type t8 list f64 l10
type t9 data (none)                        ; Unit
type t10 list t10 l11                      ; a list of lists of itself
layout l4 record t2 1 (i64, t2)
layout l5 list t3
layout l6 list t4
layout l7 record t6 0 (t0, t2, f64, byte)
layout l8 closure t5 f1 (i64, t0)
layout l9 list t7
layout l10 list t8
layout l11 list t10
constant c0 "hello\n"
constant c1 "\xff"
global g0 t4
global g1 i64
entry f0

function f0 () i64 {
    registers i64
  b0:
    const r0, 0
    return r0
}

function f1 (t5, i64) i64 closure l8 {     ; adds what it captured
    registers t5 i64*2 t0
  b0: r0 owned, r1 word
    unpack_closure (r2, r3), r0, l8
    drop r3
    add r1, r1, r2
    return r1
}

function f2 (lent t2, i64) i64 {           ; the sum of a chain, borrowed
    registers t2 i64*3
  b0: r0 lent, r1 word
    switch_tag r0, (b1, b2)
  b1: r1 word
    return r1
  b2: r0 lent is 1, r1 word
    get r2, r0, l4, 0
    add r1, r1, r2
    get_ref r0, r0, l4, 1
    tail_call f2, (r0, r1)
}

function f3 (t2) i64 {                     ; its length, taken apart
    registers t2 i64*2 t2
  b0: r0 owned
    const r1, 0
    jump b1
  b1: r0 owned, r1 word
    switch_tag r0, (b2, b3)
  b2: r1 word
    return r1
  b3: r0 owned is 1, r1 word
    unpack (r2, r3), r0, l4
    add_imm r1, r1, 1
    move r0, r3
    jump b1
}
