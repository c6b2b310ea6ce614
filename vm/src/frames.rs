//! Frames as anyone outside of the interpreter sees them: where each one is, by block and instruction, and what its
//! registers hold there, by `spec::liveness`.
//!
//! Between ticks every frame is at a safepoint: the one on top at the start of a function or loop head, or at an
//! instruction that waits (`Inst::waits`); the others at a call.

use codex_spec::instruction::{BlockId, FuncId, Reg};
use codex_spec::layout::RegType;
use codex_spec::liveness::Safepoints;
use codex_spec::module::{Function, State};

use crate::collapse::position;
use crate::container::Container;

/// One frame at its safepoint.
pub(crate) struct View<'a> {
    pub(crate) id: FuncId,
    pub(crate) function: &'a Function,
    pub(crate) block: u32,
    /// The call or request; 0 at the start of a block.
    pub(crate) index: u32,
    /// What is live, in order of registers.
    pub(crate) live: &'a [(Reg, State)],
    pub(crate) registers: &'a [u64],
}

impl View<'_> {
    /// A register's value.
    pub(crate) fn value(&self, r: Reg) -> u64 {
        self.registers[r.0 as usize]
    }

    /// A register's type.
    pub(crate) fn typ(&self, r: Reg) -> RegType {
        self.function.registers[r.0 as usize]
    }
}

/// The live registers of a function at a place; `None` if nothing can stop there.
pub(crate) fn live_at(c: &Container, function: FuncId, block: u32, index: u32, waits: bool) -> Option<&[(Reg, State)]> {
    let safepoints = Safepoints::of(c.program.verified(), function)?;
    match waits {
        true => safepoints.waiting(BlockId(block), index as usize),
        false if index == 0 => safepoints.entering(BlockId(block)),
        false => None,
    }
}

/// Whether a frame waits at an instruction, rather than being about to run a block.
pub(crate) fn waits(c: &Container, number: usize, depth: usize) -> bool {
    number < depth || c.waits
}

/// A frame by its number, from 1 (the first that ran) to the stack's depth.
pub(crate) fn view(c: &Container, number: usize) -> Option<View<'_>> {
    let depth = c.stack.depth();
    let (id, instruction) = position(c, number);
    let (block, index) = c.program.loaded(id).portable(instruction);
    let function = &c.program.module().functions[id.index()];
    let frame = c.stack.frame(number);
    Some(View {
        id,
        function,
        block,
        index,
        live: live_at(c, id, block, index, waits(c, number, depth))?,
        registers: c.stack.registers(frame.base, function.registers.len()),
    })
}
