//! The one source of truth: what the compiler and the machine both know.
//!
//! [`glyph`] and [`instruction`] are the two tables from which lexer, formatter, codec, assembler,
//! verifier, interpreter and documentation derive. [`layout`] says what the bytes of a heap mean,
//! [`module`] what a program is, [`port`] and [`trap`] number what crosses the edge of a world.
//! [`semantics`] says what words and texts mean, [`codec`] and [`text`] are a module's two written forms,
//! [`verify`] decides whether it may run, and [`liveness`] knows what its frames hold.

pub mod builtin;
pub mod codec;
pub mod instruction;
pub mod layout;
pub mod liveness;
pub mod module;
pub mod port;
pub mod semantics;
pub mod text;
pub mod trap;
pub mod verify;

pub mod glyph;
