//! Random programs and modules, and what must hold of them.
//!
//! - [`random`]: choices, from a seed or from a fuzzer's bytes.
//! - [`program`]: whole programs, well typed and sure to end; [`constructs`] says what of the language is in one.
//! - [`differential`]: a program in all ways in which it can run: they must agree. [`sabotage`] seeds bugs that it must see.
//! - [`shrink`]: a smaller program that still fails.
//! - [`worlds`]: images and vaults to be changed, on a [`disk`] in memory.
//! - [`targets`]: the fuzz targets, functions from bytes; [`corpus`] is what they begin with, [`drive`] runs them without a fuzzer.
//!
//! Keeps true: everything follows from the seed or the bytes; a failure's message holds what reproduces it.

pub mod constructs;
pub mod corpus;
pub mod differential;
pub mod disk;
pub mod drive;
pub mod program;
pub mod random;
pub mod sabotage;
pub mod shrink;
pub mod targets;
pub mod worlds;

pub use random::Random;

/// A number from the environment: how much to try.
pub fn number_from(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}
