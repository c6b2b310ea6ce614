//! Seeded bugs: what a wrong compiler would have made.
//!
//! The positive controls of the differential test. A bug is put into the module that the compiler emitted, as if a
//! pass or the emitter had made it; so nothing in the compiler or the machine has to know of it.

use codex_spec::instruction::{Inst, Opcode};
use codex_spec::module::Module;

/// A seeded bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// A constant is folded to one more than it is.
    WrongFold,
    /// Two arms of a `match` change places.
    WrongArms,
    /// A `dup` is forgotten: its source is moved.
    MissingDup,
    /// A `drop` is forgotten.
    MissingDrop,
    /// A change in place does not ask first whether the value is shared.
    MissingUnique,
    /// Arithmetic wraps instead of trapping.
    NoOverflow,
    /// A trap has another reason.
    WrongTrap,
    /// The condition of a branch is the other way round.
    WrongBranch,
    /// A difference is taken the other way round.
    WrongOperands,
    /// Two fields of a record change places when it is made.
    WrongFields,
}

impl Sabotage {
    /// All of them.
    pub const ALL: &'static [Sabotage] = &[
        Sabotage::WrongFold,
        Sabotage::WrongArms,
        Sabotage::MissingDup,
        Sabotage::MissingDrop,
        Sabotage::MissingUnique,
        Sabotage::NoOverflow,
        Sabotage::WrongTrap,
        Sabotage::WrongBranch,
        Sabotage::WrongOperands,
        Sabotage::WrongFields,
    ];

    /// Puts the bug everywhere it fits.
    pub fn apply(self, module: &mut Module) {
        for function in &mut module.functions {
            let registers = function.registers.clone();
            for block in &mut function.blocks {
                block.code.retain(|inst| {
                    !matches!(
                        (self, inst.opcode()),
                        (Sabotage::MissingDrop, Opcode::Drop) | (Sabotage::MissingUnique, Opcode::MakeUnique)
                    )
                });
                for inst in &mut block.code {
                    self.change(inst, &registers);
                }
            }
        }
    }

    fn change(self, inst: &mut Inst, registers: &[codex_spec::layout::RegType]) {
        match (self, &mut *inst) {
            (Sabotage::WrongFold, Inst::ConstI64 { value, .. }) if *value > 5 => *value = value.wrapping_add(1),
            (Sabotage::WrongArms, Inst::SwitchTag { to, .. }) if to.len() > 2 => to.swap(1, 2),
            (Sabotage::MissingDup, Inst::Dup { dst, src }) => *inst = Inst::Move { dst: *dst, src: *src },
            (Sabotage::NoOverflow, Inst::Add { dst, a, b }) => *inst = Inst::WrappingAdd { dst: *dst, a: *a, b: *b },
            (Sabotage::NoOverflow, Inst::Sub { dst, a, b }) => *inst = Inst::WrappingSub { dst: *dst, a: *a, b: *b },
            (Sabotage::NoOverflow, Inst::Mul { dst, a, b }) => *inst = Inst::WrappingMul { dst: *dst, a: *a, b: *b },
            (Sabotage::WrongTrap, Inst::TrapCode { reason }) => *reason = if *reason == 7 { 13 } else { 7 },
            (Sabotage::WrongBranch, Inst::JumpLt { yes, no, .. }) => std::mem::swap(yes, no),
            (Sabotage::WrongOperands, Inst::Sub { a, b, .. }) => std::mem::swap(a, b),
            (Sabotage::WrongFields, Inst::New { fields, .. }) if fields.len() > 1 => {
                let of = |n: usize| registers[usize::from(fields[n].0)];
                if let Some(n) = (1..fields.len()).find(|&n| of(n - 1) == of(n)) {
                    fields.swap(n - 1, n);
                }
            }
            _ => {}
        }
    }
}
