//! The core IR: build it from the typed tree, print it, check it, run it slowly.

pub mod build;
pub mod ir;

pub use build::{Options, build};
