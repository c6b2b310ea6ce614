; Prints six lines, each with what the outside said; sends numbers to a container meanwhile, and makes a savepoint after every third.
type t0 text
type t1 bytes
type t2 data (l4)                          ; Keeper(sum i64)
layout l4 record t2 0 (i64)
constant c0 "x"
constant c1 " "
constant c2 "\n"
container k0 t2 f1 (f2 i64) (none, none, none, none)
entry f0

function f0 () i64 {                       ; main
    registers i64*7 t0*5 t1*2
  b0:
    const r0, 0
    const r1, 6
    spawn r2, 0, ()
    jump b1
  b1: r0 word, r1 word, r2 word
    literal r12, t1, c0
    request r3, r13, 3, r12
    bytes_to_text r4, r7, r13
    drop r13
    int_to_text r8, r0
    literal r9, t0, c1
    literal r10, t0, c2
    text_join r11, (r8, r9, r7, r10)
    drop r8
    drop r9
    drop r7
    drop r10
    const r5, 1
    output r5, r11
    drop r11
    send r2, 0, 0, (r0)
    send r2, 0, 0, (r1)
    const r6, 3
    rem r6, r0, r6
    jump_if r6, b3, b2
  b2: r0 word, r1 word, r2 word
    const r6, 77                           ; dead at the savepoint
    literal r12, t1, c0
    request r3, r13, 9, r12
    drop r13
    jump b3
  b3: r0 word, r1 word, r2 word
    loop r0, r1, b1, b4
  b4:
    const r0, 0
    exit r0
}

function f1 () t2 {                        ; Keeper.init
    registers i64 t2
  b0:
    const r0, 0
    new r1, l4, (r0)
    return r1
}

function f2 (t2, i64) t2 {                 ; Keeper.Add
    registers t2 i64*2
  b0: r0 owned, r1 word
    unpack (r2), r0, l4
    add r2, r2, r1
    new r0, l4, (r2)
    return r0
}
