; A counter that is sent numbers and texts, asked for its sum, and answers a deferred ask; and one that is gone.
type t0 text
type t1 bytes
type t2 data (l4)                          ; State(sum i64, log text)
type t3 data (l5, l6)                      ; Outcome(i64) or reason(byte)
type t4 data (l7)                          ; Pair(text, text)
layout l4 record t2 0 (i64, t0)
layout l5 record t3 0 (i64)
layout l6 record t3 1 (byte)
layout l7 record t4 0 (t0, t0)
constant c0 "begun "
constant c1 "one two three four five six seven eight"
constant c2 "\n"
container k0 t2 f1 (f2 i64, f3 i64, f4 t4, f5 i64) (f6, none, none, f7)
entry f0

function f0 () i64 {                       ; main
    registers i64*8 t0*3 t3 t4
  b0:
    const r0, 5
    spawn r1, 0, (r0)
    literal r8, t0, c1
    const r2, 4
    const r3, 23
    text_slice r9, r8, r2, r3
    drop r8
    const r4, 37
    dup r10, r9
    send r1, 0, 0, (r4, r9)
    const r5, 0
    ask r6, r1, 0, 1, ()
    int_to_text r9, r6
    const r2, 1
    output r2, r9
    drop r9
    ask r12, r1, 0, 2, (r10)
    get_ref r9, r12, l7, 0
    output r2, r9
    get_ref r9, r12, l7, 1
    output r2, r9
    drop r12
    const r7, -1
    try_ask r11, r1, 0, 1, r7, ()
    switch_tag r11, (b1, b2)
  b1: r1 word, r2 word, r11 owned is 0
    unpack (r0), r11, l5
    int_to_text r9, r0
    output r2, r9
    drop r9
    stop r1
    const r7, 50
    sleep r7
    try_ask r11, r1, 0, 1, r7, ()
    switch_tag r11, (b3, b4)
  b2: r11 owned is 1
    drop r11
    const r0, 1
    exit r0
  b3: r11 owned is 0
    drop r11
    const r0, 2
    exit r0
  b4: r2 word, r11 owned is 1
    unpack (r0), r11, l6
    int_to_text r9, r0
    output r2, r9
    drop r9
    const r0, 0
    return r0
}

function f1 (i64) t2 {                     ; init
    registers i64 t0 t2
  b0: r0 word
    literal r1, t0, c0
    new r2, l4, (r0, r1)
    return r2
}

function f2 (t2, i64, t0) t2 {             ; Add(k, word)
    registers t2 i64 t0*2 i64*2
  b0: r0 owned, r1 word, r2 owned
    unpack (r4, r3), r0, l4
    add r4, r4, r1
    unique r3
    raw_append r3, r2
    drop r2
    new r0, l4, (r4, r3)
    asker r5
    const r4, 0
    reply r5, r4
    return r0
}

function f3 (t2) t2 {                      ; Sum() → i64
    registers t2 i64*2
  b0: r0 owned
    asker r1
    unique r0
    jump b1
  b1: r0 unique, r1 word
    get r2, r0, l4, 0
    reply r1, r2
    return r0
}

function f4 (t2, t0) t2 {                  ; Both(text) → Pair(log, text)
    registers t2 t0*2 i64 t4 t0
  b0: r0 owned, r1 owned
    asker r3
    get_ref r5, r0, l4, 1
    dup r2, r5
    new r4, l7, (r2, r1)
    reply r3, r4
    return r0
}

function f5 (t2, i64) t2 {                 ; Later(asker)
    registers t2 i64
  b0: r0 owned, r1 word
    reply r1, r1
    return r0
}

function f6 (t2) t2 {                      ; started
    registers t2 i64
  b0: r0 owned
    return r0
}

function f7 (t2) t2 {                      ; stopping
    registers t2 i64 t0
  b0: r0 owned
    const r1, 1
    literal r2, t0, c2
    output r1, r2
    drop r2
    return r0
}
