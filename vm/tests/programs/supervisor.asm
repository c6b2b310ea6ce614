; A supervisor whose child collapses: it says why, makes the child anew, and the child handles what was sent before.
; Then the child is told to collapse again; nobody handles the third collapse, of the supervisor's own doing.
type t0 text
type t1 bytes
type t2 data (l4)                          ; Sup(child i64, times i64)
type t3 data (l5)                          ; Child(boss i64, name text)
layout l4 record t2 0 (i64, i64)
layout l5 record t3 0 (i64, t0)
constant c0 " child of "
constant c1 "; "
constant c2 "a child that was sent this name"
container k0 t2 f1 (f2 i64, f3 i64) (none, none, f4, none)
container k1 t3 f5 (f6 i64, f7 i64) (f8, none, none, none)
entry f0

function f0 () i64 {                       ; main
    registers i64*6
  b0:
    spawn r0, 0, ()
    ask r1, r0, 0, 0, ()
    const r2, 20
    sleep r2
    ask r1, r0, 0, 1, ()
    exit r1
}

function f1 () t2 {                        ; Sup.init
    registers i64 t2
  b0:
    const r0, 0
    new r1, l4, (r0, r0)
    return r1
}

function f2 (t2) t2 {                      ; Go(): a child, two failures and a greeting for it
    registers t2 i64*4 t0
  b0: r0 owned
    unpack (r1, r2), r0, l4
    self r3
    literal r5, t0, c2
    spawn r1, 1, (r3, r5)
    send r1, 1, 0, ()
    send r1, 1, 1, (r2)
    send r1, 1, 0, ()
    send r1, 1, 1, (r2)
    asker r3
    reply r3, r2
    new r0, l4, (r1, r2)
    return r0
}

function f3 (t2) t2 {                      ; Times() → i64
    registers t2 i64*3
  b0: r0 owned
    unpack (r1, r2), r0, l4
    asker r3
    reply r3, r2
    new r0, l4, (r1, r2)
    return r0
}

function f4 (t2, i64, t0, t0, t0) t2 {     ; collapsed(child, code, words, trace)
    registers t2 i64 t0*3 i64*2 t0 i64
  b0: r0 owned, r1 word, r2 owned, r3 owned, r4 owned
    unpack (r5, r6), r0, l4
    const r8, 1
    output r8, r2
    literal r7, t0, c1
    output r8, r7
    drop r7
    drop r2
    drop r3
    drop r4
    restore r1                             ; it made no savepoint: as if it were restarted
    restart r1                             ; and now it runs, so this does nothing
    add_imm r6, r6, 1
    new r0, l4, (r1, r6)
    return r0
}

function f5 (i64, t0) t3 {                 ; Child.init
    registers i64 t0 t3
  b0: r0 word, r1 owned
    new r2, l5, (r0, r1)
    return r2
}

function f6 (t3) t3 {                      ; Fail()
    registers t3 i64
  b0: r0 owned
    const r1, 0
    div r1, r1, r1
    return r0
}

function f7 (t3, i64) t3 {                 ; Greet(n)
    registers t3 i64*2 t0
  b0: r0 owned, r1 word
    const r2, 1
    get_ref r3, r0, l5, 1
    output r2, r3
    literal r3, t0, c1
    output r2, r3
    drop r3
    return r0
}

function f8 (t3) t3 {                      ; started
    registers t3 i64 t0
  b0: r0 owned
    self r1
    int_to_text r2, r1
    const r1, 1
    output r1, r2
    drop r2
    literal r2, t0, c0
    output r1, r2
    drop r2
    get r1, r0, l5, 0
    int_to_text r2, r1
    const r1, 1
    output r1, r2
    drop r2
    literal r2, t0, c1
    output r1, r2
    drop r2
    return r0
}
