//! What each scalar and text instruction computes: pure functions, one home for their meaning.
//!
//! The interpreter, the constant folder and the reference evaluator call these; a tier that computes a result in
//! another way (native code) is tested against them. What holds for all of them:
//!
//! - The result depends on the operands alone: no host, no locale, no clock, no order of evaluation.
//! - A float result that is NaN has the bits of [`CANONICAL_NAN`]; products and sums are never contracted.
//! - A failure is a [`Trap`](crate::trap::Trap), never a panic.
//!
//! A change to any result is a change of [`VERSION`]: images and journals name it, because a replay under other
//! semantics would be another run.

mod float;
mod hash;
mod text;
mod word;

pub use float::*;
pub use hash::*;
pub use text::*;
pub use word::*;

/// The version of all meanings in this module. Part of the VM-semantics id.
pub const VERSION: u32 = 1;

/// Enumerations whose numbers stand in stored code: number, variant, name, meaning.
macro_rules! numbered {
    ($(#[doc = $about:literal])+ $Type:ident { $($(#[doc = $doc:literal])+ $number:literal $Name:ident $name:literal)* }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub enum $Type { $($(#[doc = $doc])+ $Name = $number,)* }
        impl $Type {
            /// Every one, in order of numbers.
            pub const ALL: &'static [$Type] = &[$($Type::$Name),*];
            /// The one with this number.
            #[inline]
            pub fn from_number(number: u32) -> Option<$Type> {
                match number { $($number => Some($Type::$Name),)* _ => None }
            }
            /// The one with this name.
            pub fn from_name(name: &str) -> Option<$Type> {
                match name { $($name => Some($Type::$Name),)* _ => None }
            }
            /// Its number in code.
            #[inline]
            pub fn number(self) -> u32 { self as u32 }
            /// Its name.
            pub fn name(self) -> &'static str { match self { $($Type::$Name => $name),* } }
        }
    };
}
pub(crate) use numbered;
