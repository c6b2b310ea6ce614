//! Functions that nothing calls any more are left out, and the others numbered anew.
//!
//! A closure's layout names its function, and layouts stay: so the function of a closure that nobody makes stays too, with an
//! empty body.

use codex_core::ir::{Block, Imm, Program, Term};
use codex_jobs::Jobs;
use codex_spec::instruction::{FuncId, Opcode};
use codex_spec::layout::{LayoutDef, builtin_layout};
use codex_spec::trap::Trap;

/// Leaves out what is dead.
pub(crate) fn run(program: &mut Program, _: Jobs) {
    let alive = alive(program);
    let mut number = vec![FuncId(0); alive.len()];
    let mut kept = 0;
    for (n, func) in program.functions.iter_mut().enumerate() {
        if !alive[n] && func.closure.is_some() {
            empty(func);
        }
        if alive[n] || func.closure.is_some() {
            number[n] = FuncId(kept);
            kept += 1;
        }
    }
    let mut n = 0..;
    program.functions.retain(|f| n.next().is_some_and(|n: usize| alive[n]) || f.closure.is_some());
    for func in &mut program.functions {
        for inst in func.blocks.iter_mut().flat_map(|b| &mut b.insts).filter(|i| i.op == Opcode::Call) {
            inst.imm[0] = Some(Imm::Index(number[inst.index(0) as usize].0));
        }
    }
    for layout in &mut program.layouts {
        if let LayoutDef::Closure { function, .. } = layout {
            *function = number[function.index()];
        }
    }
    program.roots_mut().for_each(|f| *f = number[f.index()]);
}

fn alive(program: &Program) -> Vec<bool> {
    let mut alive = vec![false; program.functions.len()];
    let entries = program.entry.iter().copied().chain(program.tests.iter().map(|(_, f)| *f));
    let mut work: Vec<FuncId> = entries.chain(program.container_functions()).collect();
    while let Some(f) = work.pop() {
        if std::mem::replace(&mut alive[f.index()], true) {
            continue;
        }
        for inst in program.functions[f.index()].blocks.iter().flat_map(|b| &b.insts) {
            work.extend(inst.callee());
            if inst.op == Opcode::Closure {
                let own = inst.index(0).checked_sub(builtin_layout::FIRST);
                if let Some(LayoutDef::Closure { function, .. }) = own.and_then(|n| program.layouts.get(n as usize)) {
                    work.push(*function);
                }
            }
        }
    }
    alive
}

/// A body that is never run; it still begins as every function of a closure does.
fn empty(func: &mut codex_core::ir::Func) {
    let mut first = func.blocks.swap_remove(0);
    first.insts.truncate(1);
    first.term = Term::Trap(Trap::Unreachable);
    func.blocks = vec![Block { ..first }];
}
