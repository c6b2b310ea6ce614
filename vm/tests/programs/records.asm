; Records, variants, reuse. Prints one line for each part.
type t0 text
type t1 bytes
type t2 data (none, l4)                 ; Tree: Leaf, Node(Tree, Tree)
type t3 data (l5, none, l6)             ; Shape: Square(Float, Bool, Text, Int), Nothing, Named(Text)
layout l4 record t2 1 (t2, t2)
layout l5 record t3 0 (f64, byte, t0, i64)
layout l6 record t3 2 (t0)
constant c0 "a name"
entry f0

function f0 () i64 {
    registers i64*6 t2*4 t3*3 t0*3 f64*2
  b0:
    const r0, 6
    call r6, f1, (r0)
    dup r7, r6
    call r1, f2, (r6)
    call r2, f3, (r1)
    call r7, f4, (r7)
    call r1, f2, (r7)
    call r2, f3, (r1)
    ; a record with fields of every width
    fconst r16, 2.5
    const r1, 1
    literal r13, t0, c0
    const r2, 77
    new r10, l5, (r16, r1, r13, r2)
    get r17, r10, l5, 0
    get_byte r3, r10, l5, 1
    get r4, r10, l5, 3
    float_to_int r5, r17
    add r3, r3, r4
    add r3, r3, r5
    call r2, f3, (r3)
    ; in place, and a copy that keeps the old
    dup r11, r10
    unique r10
    const r1, 500
    set r10, l5, 3, r1
    const r1, 0
    set_byte r10, l5, 1, r1
    get r3, r10, l5, 3
    get r4, r11, l5, 3
    sub r3, r3, r4
    call r2, f3, (r3)
    take_ref r14, r10, l5, 2
    unique r14
    const r1, 33
    text_push_char r14, r1
    put_ref r10, l5, 2, r14
    get_ref r15, r10, l5, 2
    raw_length r3, r15
    call r2, f3, (r3)
    unpack (r16, r1, r14, r2), r10, l5
    drop r14
    unpack (r16, r1, r14, r2), r11, l5
    new r12, l6, (r14)
    tag r3, r12
    call r2, f3, (r3)
    new_tag r10, t3, 1
    tag r3, r10
    call r2, f3, (r3)
    drop r10
    ; reuse: the cell of a shape with a name for another
    drop_reuse r12, r12, l6
    literal r14, t0, c0
    new_reuse r12, r12, l6, (r14)
    call r3, f5, (r12)
    call r2, f3, (r3)
    drop r12
    ; a token that is not needed
    new_tag r8, t2, 0
    new_tag r9, t2, 0
    new r8, l4, (r8, r9)
    dup r9, r8
    drop_reuse r8, r8, l4
    free_token r8
    drop_reuse r9, r9, l4
    free_token r9
    return r0
}

; a full tree of this depth
function f1 (i64) t2 {
    registers i64*2 t2*3
  b0: r0 word
    jump_if r0, b1, b2
  b1: r0 word
    add_imm r1, r0, -1
    call r2, f1, (r1)
    call r3, f1, (r1)
    new r4, l4, (r2, r3)
    return r4
  b2:
    new_tag r2, t2, 0
    return r2
}

; the number of nodes; takes the tree
function f2 (t2) i64 {
    registers t2*3 i64*3
  b0: r0 owned
    switch_tag r0, (b1, b2)
  b1: r0 owned is 0
    drop r0
    const r3, 0
    return r3
  b2: r0 owned is 1
    unpack (r1, r2), r0, l4
    call r3, f2, (r1)
    call r4, f2, (r2)
    add r3, r3, r4
    add_imm r3, r3, 1
    return r3
}

; print a number
function f3 (i64) i64 {
    registers i64*2 t0
  b0: r0 word
    int_to_text r2, r0
    const r1, 10
    unique r2
    text_push_char r2, r1
    const r1, 1
    output r1, r2
    drop r2
    return r1
}

; the mirror image, in the same cells if they are unique
function f4 (t2) t2 {
    registers t2*4
  b0: r0 owned
    switch_tag r0, (b1, b2)
  b1: r0 owned is 0
    return r0
  b2: r0 owned is 1
    unpack_reuse r0, (r1, r2), r0, l4
    call r1, f4, (r1)
    call r2, f4, (r2)
    new_reuse r3, r0, l4, (r2, r1)
    return r3
}

; a switch over three variants of a lent shape
function f5 (lent t3) i64 {
    registers t3 i64 t0
  b0: r0 lent
    switch_tag r0, (b1, b1, b2)
  b1:
    const r1, -1
    return r1
  b2: r0 lent is 2
    get_ref r2, r0, l6, 0
    raw_length r1, r2
    return r1
}
