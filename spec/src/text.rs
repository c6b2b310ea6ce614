//! The assembly form of a module: what `codexc disasm` shows, and what tests are written in.
//!
//! [`assemble`] reads exactly what [`disassemble`] writes: `assemble(&disassemble(&m)) == m` for every module that can be
//! decoded. Names of functions, types and codes also appear in comments (`;` to the end of the
//! line), which mean nothing. Line ends mean nothing either.
//!
//! ```text
//! type t0 text
//! type t1 bytes
//! type t2 data (none, l4)                    ; Chain
//! layout l4 record t2 1 (i64, t2)            ; Link
//! entry f0
//! function f0 () i64 {                       ; main
//!     registers i64*2 t2
//!   b0:
//!     new_tag r2, t2, 0
//!     const r0, 1
//!     new r2, l4, (r0, r2)
//!     jump b1
//!   b1: r0 word, r2 unique is 1
//!     drop r2
//!     return r0
//! }
//! ```
//!
//! A state is `word`, `owned`, `unique`, `lent`, `borrowed r1`, `token 24`, `open 1` (a field) or `open r1` (the item with
//! that index), then `is` and the number of a known variant.

mod lex;
mod parse;
mod print;
#[cfg(test)]
mod tests;

pub use parse::{AssemblyError, assemble};
pub use print::disassemble;

use crate::instruction::Role;

/// The letter before the number of an operand with this role; none for plain numbers.
fn letter(role: Role) -> Option<char> {
    match role {
        Role::Func => Some('f'),
        Role::Layout => Some('l'),
        Role::Typ => Some('t'),
        Role::Constant => Some('c'),
        Role::Global => Some('g'),
        Role::Block | Role::Blocks => Some('b'),
        _ => None,
    }
}
