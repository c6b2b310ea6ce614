//! Why a container ended: the stable reasons.

macro_rules! traps {
    ($($(#[doc = $doc:literal])+ $number:literal $Name:ident $code:literal $message:literal $advice:literal)*) => {
        /// A reason. Numbers and codes are forever.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub enum Trap { $($(#[doc = $doc])+ $Name = $number,)* }
        impl Trap {
            /// Every reason.
            pub const ALL: &'static [Trap] = &[$(Trap::$Name),*];
            /// The reason with this number.
            pub fn from_number(number: u32) -> Option<Trap> {
                match number { $($number => Some(Trap::$Name),)* _ => None }
            }
            /// The code shown to people, such as `R0001`.
            pub fn code(self) -> &'static str { match self { $(Trap::$Name => $code),* } }
            /// What happened.
            pub fn message(self) -> &'static str { match self { $(Trap::$Name => $message),* } }
            /// When it happens and what to do about it, for people.
            pub fn advice(self) -> &'static str { match self { $(Trap::$Name => $advice),* } }
        }
    };
}

traps! {
    /// `panic(message)`
    1 Panic "R0001" "the program panicked"
        "The program called `panic(message)`; the message stands in the report. A function whose caller can do something about a failure gives a `Result` instead."
    /// Arithmetic left the range of Int.
    2 Overflow "R0002" "the result does not fit into an Int"
        "An `Int` has 64 bits with a sign. `int.checked_add` and its relatives give an `Option`, `int.wrapping_add` and its relatives go round, and a `Float` holds larger numbers less exactly."
    /// Division or remainder by zero.
    3 DivideByZero "R0003" "division by zero"
        "The divisor of `/` or `%` was 0. Test it before, or match on `int.checked_div`."
    /// An index outside a list, text or bytes.
    4 Bounds "R0004" "the index is outside of the list"
        "The first index is 0 and the last is the length less 1. `list.get(xs, i)` gives an `Option`; `for x ∈ xs` needs no index at all."
    /// Calls nested too deep.
    5 StackOverflow "R0005" "calls are nested too deep"
        "Each call that is not the last thing that its function does keeps a frame. Give the recursion an end, pass on what is known so far so that the call comes last, or use a loop."
    /// The heap reached its limit.
    6 OutOfMemory "R0006" "the container reached its memory limit"
        "The heap of a container may grow to its limit and no further: `--max-memory` of `codexvm run` sets it. A list that only grows is the usual reason."
    /// No arm of a `match` or pattern of a `let` fits.
    7 NoMatch "R0007" "no pattern matches the value"
        "A `let` or `match` met a value that none of its patterns fits. Add an arm, or `_ → …` for the rest."
    /// An `expect` in a test was false.
    8 ExpectFailed "R0008" "the expectation does not hold"
        "An `expect` in a test was false. The report shows both sides where it is a comparison."
    /// An offset inside a character.
    9 NotACharacter "R0009" "the offset is not between two characters"
        "A builtin was given an offset in bytes that is inside of a character. The functions of `text` count characters and never do this."
    /// A number that is no Unicode scalar value.
    10 NotAScalar "R0010" "the number is not a character"
        "Characters are the numbers from 0 to 0x10FFFF without 0xD800 to 0xDFFF."
    /// A port without its permission.
    11 NotPermitted "R0011" "the program is not permitted to do this"
        "What a program may reach outside is said when it is started: `codexvm run --help` lists the permissions, such as `--allow-read DIR`."
    /// `todo()`
    12 Todo "R0012" "this part of the program is not written yet"
        "The program called `todo()`."
    /// A value that arithmetic promised never to see, such as a loop's counter above its limit.
    13 Unreachable "R0013" "the program reached a place that it declared unreachable"
        "The program called `unreachable()`, or a loop's counter passed its limit."
    /// The last ask of a circle of asks, in which everybody would wait for ever.
    14 Deadlock "R0014" "the containers wait for each other in a circle"
        "Each container of the circle waits for the next to answer. Let one of them send instead of ask, reply later, or ask with `ask_within`."
    /// A container asked another, which is gone or collapsed before it replied.
    15 Unanswered "R0015" "the container that was asked is gone"
        "It was stopped, it collapsed, or it replied to nobody before its end. `try_ask` gives a `Result` instead."
    /// A message that is larger than a whole mailbox.
    16 MessageTooLarge "R0016" "the message does not fit into a mailbox"
        "A mailbox holds a limited number of bytes. Send the parts one by one, or put what is large into a file."
    /// A child collapsed, and nobody handled that.
    17 ChildCollapsed "R0017" "a child collapsed, and no handler `collapsed` took care of it"
        "A child's collapse goes to its parent. With a handler `on collapsed(child: Link, why: Collapse)` the parent can restart it or go on without it."
}
