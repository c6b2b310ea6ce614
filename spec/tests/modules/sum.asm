type t0 text                               ; Text
type t1 bytes                              ; Bytes
type t2 data (none, l4)                    ; Chain
type t3 list f64 l5                        ; List[Float]
type t4 function (t0, i64) f64             ; (Text, Int) → Float
layout l4 record t2 1 (i64, t2, byte, f64) ; Link(value, next, seen, weight)
layout l5 list t3
layout l6 closure t4 f2 (t0)               ; scale(unit)
constant c0 "héllo, \"world\"\n"
constant c1 "\xff\x00"
global g0 t3                               ; List[Float]
entry f0
test "it runs" f0

function f0 () i64 {                       ; main
    registers i64*2 t2*2 t0 f64*2
  b0:
    new_tag r2, t2, 0
    const r0, -1
    fconst r5, 1e-7
    fconst r6, 0x7ff0000000000000
    math r5, 6, r5                         ; sin
    new r3, l4, (r0, r2, r0, r5)           ; Link(value, next, seen, weight)
    jump b1
  b1: r0 word, r3 unique is 1
    call r0, f1, (r3, r0)                  ; sum
    literal r4, t0, c0                     ; "héllo, \"world\"\n"
    output r0, r4
    drop r4
    drop r3
    return r0
}

function f1 (lent t2, i64) i64 {           ; sum
    registers t2 i64*2
  b0: r0 lent, r1 word
    switch_tag r0, (b1, b2)
  b1: r1 word
    return r1
  b2: r0 lent is 1, r1 word
    get r2, r0, l4, 0
    add r1, r1, r2
    get_ref r0, r0, l4, 1
    tail_call f1, (r0, r1)                 ; sum
}

function f2 (t4, t0, i64) f64 closure l6 { ; main.scale
    registers t4 t0 i64 t0 f64
  b0: r0 owned, r1 owned, r2 word
    drop r1
    unpack_closure (r3), r0, l6
    drop r3
    int_to_float r4, r2
    return r4
}

names {
    file "sum.glyph"
    function "main"
    function "sum"
    function "main.scale"
    type "Text"
    type "Bytes"
    type "Chain"
    type "List[Float]"
    type "(Text, Int) → Float"
    layout "Link" ("value", "next", "seen", "weight")
    layout "" ()
    layout "scale" ("unit")
    lines (3 0:1:1, 10 0:2:5)
    lines (9 0:5:1)
    lines ()
}
