//! The places where native code stops, and what an exit record holds at each.
//!
//! A record is the words of [`Point::registers`], then the point's number. Innermost calls come first.

use codex_spec::instruction::{FuncId, Reg};
use codex_spec::trap::Trap;

/// What a machine does with the frame of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the start of a block: a safepoint, or with fuel left, behind a compiled loop.
    Entering,
    /// Waits at a call, while what it called is stopped.
    Waiting,
    /// Just before an instruction: the interpreter goes on with it.
    Before,
    /// The instruction failed with this; the registers are its operands.
    Trap(Trap),
    /// The same, with the reason in the activation; the operands are in the scratch registers.
    TrapOutOfLine,
}

/// A place where native code stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it means.
    pub place: Place,
    /// The function of the frame.
    pub function: FuncId,
    /// Its block.
    pub block: u32,
    /// The instruction in the block.
    pub index: u32,
    /// The registers whose words the record has, in order; for `TrapOutOfLine` those of the scratch registers.
    pub registers: Box<[Reg]>,
}
