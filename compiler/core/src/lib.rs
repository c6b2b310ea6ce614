//! The core IR: build it from the typed tree, print it, check it, run it slowly.

pub mod analysis;
pub mod build;
pub mod check;
pub mod evaluate;
pub mod ir;
pub mod print;

pub use build::{Options, build};
