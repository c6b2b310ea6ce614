//! The fuzz targets: plain functions from bytes, which panic when something is wrong.
//!
//! Stable tests drive them with a corpus and a seeded generator ([`crate::drive`]); `fuzz/libfuzzer` hands the same functions to
//! libFuzzer. A target takes any bytes.

mod format;
mod image;
mod machine;
mod module;
mod mutate;
mod parse;
mod vault;

pub use format::format;
pub use image::{files, image, open, save, store, tamper};
pub use machine::{grown, harmless, machine};
pub use module::module;
pub use mutate::{Judged, mutate, one};
pub use parse::parse;
pub use vault::{tried, vault};

use crate::Random;
use crate::differential::compare;

/// A target.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// What it does with bytes.
    pub run: fn(&[u8]),
    /// What it is given to begin with.
    pub corpus: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const ALL: &[Target] = &[
    Target { name: "parse", run: parse, corpus: crate::corpus::sources },
    Target { name: "format", run: format, corpus: crate::corpus::sources },
    Target { name: "mutate", run: mutate, corpus: nothing },
    Target { name: "module", run: module, corpus: crate::corpus::modules },
    Target { name: "machine", run: machine, corpus: crate::corpus::small_modules },
    Target { name: "program", run: program, corpus: nothing },
    Target { name: "save", run: save, corpus: files },
    Target { name: "image", run: image, corpus: nothing },
    Target { name: "vault", run: vault, corpus: nothing },
];

fn nothing() -> Vec<Vec<u8>> {
    Vec::new()
}

/// The bytes choose a program, which must run alike in all ways.
pub fn program(bytes: &[u8]) {
    let text = crate::program::generate(Random::from_bytes(bytes));
    if let Err(finding) = compare(&text) {
        panic!("{finding}\n{text}");
    }
}
