//! The native tier's compiler: functions of a verified module become machine code.
//!
//! It knows the bytecode and, through [`Machine`], where things are in the machine that runs it; it does not know the
//! machine itself. What it makes is a [`Unit`]: code that is written once and then only executed, with its entries. What the
//! code may do, and how it stops, is in spec/tiers.md. In short:
//!
//! - Fuel and room are arguments; fuel is part of the result, and a negative one says that the callee did not return
//!   but stopped. Then each caller writes its live registers into an *exit record* and stops in turn.
//! - A record's last word is the number of a [`Point`], which says which registers it has and where they go on.
//! - What is not worth inline code is done by the interpreter's own handlers, one instruction at a time.
//! - A trap ends native code with the operands of the instruction that failed; nothing else is needed of it.
//!
//! From the ground up: [`activation`] (what code and machine share while code runs), [`point`], [`way`] (how each
//! instruction is compiled), `ranges` (which checks cannot fail), `region` (the blocks of a loop), `translate` (a function becomes Cranelift's IR), `inline`, `compile` (a unit becomes code), `memory`.

pub mod activation;
mod compile;
mod inline;
mod machine;
mod memory;
pub mod point;
mod ranges;
mod region;
mod translate;
pub mod way;

pub use activation::Activation;
pub use compile::{Compiler, Failure, Host, Made, Unit, Want};
pub use machine::{Helpers, Machine, Seed};
pub use point::{Place, Point};
pub use region::loop_blocks;
