//! Syntax trees to a typed program: modules and names, type inference, pattern checks.
//!
//! `modules → collect (names) → reach (what is needed) → declare (data types) → infer, group by
//! group → zonk (finished types)`, and lints on the way. A group is a set of functions that use each
//! other; groups of different modules run side by side.
//!
//! Keeps true: never panics on any tree; the result does not depend on threads; of the standard
//! library only what the program needs is checked.

mod annotate;
mod arena;
mod check;
mod collect;
mod constraint;
mod contract;
mod declare;
mod exhaustive;
pub mod foreign;
mod graph;
mod infer;
mod intern;
mod lints;
mod modules;
mod reach;
mod scheme;
mod show;
mod signature;
mod similar;
pub mod typed;
mod walk;
mod world;
mod zonk;

pub use check::{Checked, ModuleSource, Options, check};
pub use modules::{STANDARD_MODULES, dependencies};
