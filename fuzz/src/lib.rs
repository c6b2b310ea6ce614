//! Random programs and modules, and what must hold of them.
//!
//! - [`random`]: choices, from a seed or from a fuzzer's bytes.
//! - [`program`]: whole programs, well typed and sure to end; [`constructs`] says what of the language is in one.
//! - [`differential`]: a program in all ways in which it can run: they must agree. [`sabotage`] seeds bugs that it must see.
//! - [`shrink`]: a smaller program that still fails.
//!
//! Keeps true: everything follows from the seed or the bytes; a failure's message holds what reproduces it.

pub mod constructs;
pub mod differential;
pub mod program;
pub mod random;
pub mod sabotage;
pub mod shrink;

pub use random::Random;

/// A number from the environment: how much to try.
pub fn number_from(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}
