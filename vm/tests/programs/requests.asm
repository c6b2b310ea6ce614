; Asks for lines until the end and echoes them with their number.
type t0 text
type t1 bytes
constant c0 "console"
constant c1 ": "
constant c2 "\n"
entry f0

function f0 () i64 {
    registers i64*4 t0*6 t1*2
  b0:
    const r0, 0
    literal r8, t0, c0
    jump b1
  b1: r0 word, r8 owned
    literal r10, t1, c0
    request r1, r11, 1, r10
    jump_if r1, b3, b2
  b2: r0 word, r8 owned, r11 owned
    add_imm r0, r0, 1
    bytes_to_text r2, r4, r11
    drop r11
    int_to_text r5, r0
    literal r6, t0, c1
    literal r7, t0, c2
    text_join r9, (r5, r6, r4, r7)
    drop r5
    drop r4
    drop r6
    drop r7
    const r3, 1
    output r3, r9
    drop r9
    jump b1
  b3: r8 owned, r11 owned
    drop r11
    const r3, 1
    output r3, r8
    drop r8
    return r3
}
