//! Why a container ended: the stable reasons.

macro_rules! traps {
    ($($(#[doc = $doc:literal])+ $number:literal $Name:ident $code:literal $message:literal)*) => {
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
        }
    };
}

traps! {
    /// `panic(message)`
    1 Panic "R0001" "the program panicked"
    /// Arithmetic left the range of Int.
    2 Overflow "R0002" "the result does not fit into an Int"
    /// Division or remainder by zero.
    3 DivideByZero "R0003" "division by zero"
    /// An index outside a list, text or bytes.
    4 Bounds "R0004" "the index is outside of the list"
    /// Calls nested too deep.
    5 StackOverflow "R0005" "calls are nested too deep"
    /// The heap reached its limit.
    6 OutOfMemory "R0006" "the container reached its memory limit"
    /// No arm of a `match` or pattern of a `let` fits.
    7 NoMatch "R0007" "no pattern matches the value"
    /// An `expect` in a test was false.
    8 ExpectFailed "R0008" "the expectation does not hold"
    /// An offset inside a character.
    9 NotACharacter "R0009" "the offset is not between two characters"
    /// A number that is no Unicode scalar value.
    10 NotAScalar "R0010" "the number is not a character"
    /// A port without its permission.
    11 NotPermitted "R0011" "the program is not permitted to do this"
    /// `todo()`
    12 Todo "R0012" "this part of the program is not written yet"
    /// A value that arithmetic promised never to see, such as a loop's counter above its limit.
    13 Unreachable "R0013" "the program reached a place that it declared unreachable"
    /// The last ask of a circle of asks, in which everybody would wait for ever.
    14 Deadlock "R0014" "the containers wait for each other in a circle"
    /// A container asked another, which is gone or collapsed before it replied.
    15 Unanswered "R0015" "the container that was asked is gone"
    /// A message that is larger than a whole mailbox.
    16 MessageTooLarge "R0016" "the message does not fit into a mailbox"
    /// A child collapsed, and nobody handled that.
    17 ChildCollapsed "R0017" "a child collapsed, and no handler `collapsed` took care of it"
}
