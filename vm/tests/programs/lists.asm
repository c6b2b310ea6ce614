; Lists of words, bytes and references. Prints one line for each part.
type t0 text
type t1 bytes
type t2 list i64 l4
type t3 list byte l5
type t4 list t0 l6
layout l4 list t2
layout l5 list t3
layout l6 list t4
constant c0 "item"
constant c1 "another item, long enough not to be copied when it is cut"
entry f0

function f0 () i64 {
    registers i64*6 t2*3 t3*2 t4*3 t0*3
  b0:
    ; words: push 300, swap, set, get
    list_new r6, t2, ()
    unique r6
    const r0, 0
    const r1, 300
    jump b1
  b1: r0 word, r1 word, r6 unique
    mul_imm r2, r0, 3
    list_push r6, r2
    loop r0, r1, b1, b2
  b2: r6 unique
    const r0, 7
    const r1, 200
    list_swap r6, r0, r1
    list_get r2, r6, r0
    call r3, f1, (r2)
    const r2, -5
    list_set r6, r0, r2
    list_get r2, r6, r0
    call r3, f1, (r2)
    list_pop r2, r6
    call r3, f1, (r2)
    list_length r2, r6
    call r3, f1, (r2)
    ; slices and appending
    const r0, 5
    const r1, 9
    list_slice r7, r6, r0, r1
    unique r7
    list_append r7, r6
    list_length r2, r7
    call r3, f1, (r2)
    const r2, 2
    list_truncate r7, r2
    list_length r2, r7
    call r3, f1, (r2)
    call r2, f2, (r6)
    call r3, f1, (r2)
    ; a shared list is copied before it is changed
    dup r8, r7
    unique r7
    const r0, 0
    const r1, 1234
    list_set r7, r0, r1
    list_get r1, r7, r0
    list_get r2, r8, r0
    sub r1, r1, r2
    call r3, f1, (r1)
    drop r6
    drop r7
    drop r8
    ; bytes
    const r0, 1
    const r1, 100
    list_repeat r9, t3, r0, r1
    unique r9
    const r0, 3
    const r1, 0
    list_set_byte r9, r0, r1
    list_get_byte r2, r9, r0
    call r3, f1, (r2)
    const r1, 255
    list_push r9, r1
    list_pop r2, r9
    call r3, f1, (r2)
    const r1, 4
    list_swap r9, r0, r1
    list_get_byte r2, r9, r0
    call r3, f1, (r2)
    drop r9
    list_new r9, t3, (r0, r1)
    list_length r2, r9
    call r3, f1, (r2)
    drop r9
    ; references
    literal r14, t0, c0
    literal r15, t0, c1
    const r1, 5
    list_repeat r11, t4, r15, r1
    unique r11
    list_push r11, r14
    const r0, 1
    list_get_ref r16, r11, r0
    raw_length r2, r16
    call r3, f1, (r2)
    list_take_ref r14, r11, r0
    const r1, 2
    const r2, 40
    text_slice r15, r14, r1, r2
    drop r14
    list_put_ref r11, r0, r15
    const r1, 4
    list_swap r11, r0, r1
    list_get_ref r16, r11, r1
    raw_length r2, r16
    call r3, f1, (r2)
    list_slice r12, r11, r0, r1
    unique r12
    list_append r12, r11
    list_pop r14, r12
    drop r14
    const r2, 3
    list_truncate r12, r2
    drop r12
    list_length r2, r11
    call r3, f1, (r2)
    literal r14, t0, c0
    literal r15, t0, c1
    list_new r12, t4, (r14, r15)
    const r2, -1
    literal r14, t0, c0
    list_repeat r13, t4, r14, r2
    unique r12
    list_append r12, r13
    unique r13
    list_append r13, r12
    list_length r2, r13
    call r3, f1, (r2)
    drop r11
    drop r12
    drop r13
    return r0
}

; print a number
function f1 (i64) i64 {
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

; a table of 8 slots with one entry in slot 3: where the probe from 2 on finds the entry's hash, plus ten times where it
; finds another (nowhere: -1)
function f2 (lent t2) i64 {
    registers t2*2 i64*4
  b0: r0 lent
    const r2, 4294967297
    const r3, 8
    list_repeat r1, t2, r2, r3
    unique r1
    const r2, 21474836481
    const r3, 3
    list_set r1, r3, r2
    const r3, 2
    probe r4, r1, r2, r3
    const r2, 8589934592
    probe r5, r1, r2, r3
    mul_imm r5, r5, 10
    add r4, r4, r5
    drop r1
    return r4
}
