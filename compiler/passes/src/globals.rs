//! Top-level constants that are a number: known everywhere, without a slot.
//!
//! A constant's slot is filled on first use by whoever comes first: a branch on `global_ready`, and behind it a block that
//! computes and sets. Where every such block does nothing but set the slot to the same number, the slot is never needed:
//! the constant is that number, and always ready. One may rest on another (`4.0 × pi × pi`), so there are rounds.

use codex_core::ir::{Func, Imm, Inst, Program};
use codex_jobs::Jobs;
use codex_spec::instruction::Opcode;

use crate::fold::Known;
use crate::rows::{Effect, effect};
use crate::{counters, simplify};

/// How deep constants may rest on each other.
const ROUNDS: usize = 8;

/// What is known of a slot.
#[derive(Clone, Copy, PartialEq)]
enum Slot {
    /// No block that fills it was seen.
    Unseen,
    /// It is filled with this number.
    Number(Known),
    /// It has to be computed.
    Other,
}

/// Replaces what is known in all functions.
pub(crate) fn run(program: &mut Program, jobs: Jobs) {
    let mut done = vec![false; program.globals.len()];
    for _ in 0..ROUNDS {
        let mut slots = vec![Slot::Unseen; program.globals.len()];
        program.functions.iter().for_each(|f| look(f, &mut slots));
        let known = |n: usize| match slots[n] {
            Slot::Number(known) if !done[n] => Some(known),
            _ => None,
        };
        let numbers: Vec<Option<Known>> = (0..slots.len()).map(known).collect();
        if numbers.iter().all(Option::is_none) {
            return;
        }
        for (done, number) in done.iter_mut().zip(&numbers) {
            *done |= number.is_some();
        }
        crate::each(program, jobs, |program, batch| {
            for func in batch {
                if replace(func, &numbers) {
                    simplify::function(func, &program.layouts);
                    counters::keep(func);
                }
            }
        });
    }
}

/// Sees how a function fills slots.
fn look(func: &Func, slots: &mut [Slot]) {
    for block in &func.blocks {
        for set in block.insts.iter().filter(|i| i.op == Opcode::GlobalSet) {
            let slot = &mut slots[set.index(0) as usize];
            let idle = |i: &Inst| i.op == Opcode::GlobalSet || effect(i.op) == Effect::Pure;
            let number = block.insts.iter().all(idle).then(|| number(func, set)).flatten();
            *slot = match (number, *slot) {
                (Some(n), Slot::Unseen) => Slot::Number(n),
                (Some(n), Slot::Number(m)) if n.made_by() == m.made_by() => Slot::Number(n),
                _ => Slot::Other,
            };
        }
    }
}

/// The number that a slot is set to, if a constant of the function makes it.
fn number(func: &Func, set: &Inst) -> Option<Known> {
    let mut insts = func.blocks.iter().flat_map(|b| &b.insts);
    let maker = insts.find(|i| i.results.first() == Some(&set.args[0]))?;
    match (maker.op, maker.imm[0]) {
        (Opcode::ConstI64, Some(Imm::I64(v))) => Some(Known::Int(v)),
        (Opcode::ConstF64, Some(Imm::F64(v))) => Some(Known::Float(f64::from_bits(v))),
        _ => None,
    }
}

fn replace(func: &mut Func, numbers: &[Option<Known>]) -> bool {
    let mut any = false;
    for inst in func.blocks.iter_mut().flat_map(|b| &mut b.insts) {
        let Some(global) = inst.global() else { continue };
        let Some(number) = numbers[global.index()] else { continue };
        let (op, imm) = match inst.op {
            Opcode::GlobalReady => Known::Int(1).made_by(),
            Opcode::GlobalGet => number.made_by(),
            _ => continue,
        };
        (inst.op, inst.imm, any) = (op, [Some(imm), None], true);
    }
    any
}
