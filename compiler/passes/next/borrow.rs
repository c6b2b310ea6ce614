//! Borrow inference: a parameter that a function only reads is lent by the caller instead of given.
//!
//! The greatest fixed point, as in Ullrich and de Moura, 'Counting Immutable Beans' (2019): at first every
//! reference is taken for borrowed; one that is moved, stored, returned, passed along an edge or given to a parameter that owns is not.
//! Functions of closures and targets of tail calls own all their parameters.

use codex_core::ir::{Func, Program, Term};
use codex_spec::layout::RegType;

use crate::live::for_each_term_use;
use crate::rows;

/// Decides for all functions.
pub(crate) fn run(program: &mut Program) {
    let mut borrowed: Vec<Vec<bool>> = program
        .functions
        .iter()
        .map(|f| f.params.iter().map(|&p| f.closure.is_none() && matches!(f.typ(p), RegType::Ref(_))).collect())
        .collect();
    for func in &program.functions {
        for block in &func.blocks {
            if let Term::TailCall(callee, _) = &block.term {
                borrowed[callee.index()].fill(false);
            }
        }
    }
    loop {
        let mut changed = false;
        for (n, func) in program.functions.iter().enumerate() {
            for (place, used_up) in used_up(func, &borrowed).into_iter().enumerate() {
                changed |= used_up && std::mem::replace(&mut borrowed[n][place], false);
            }
        }
        if !changed {
            break;
        }
    }
    for (func, borrowed) in program.functions.iter_mut().zip(borrowed) {
        func.borrowed = borrowed;
    }
}

/// For each parameter, whether the function uses it up.
fn used_up(func: &Func, borrowed: &[Vec<bool>]) -> Vec<bool> {
    let mut gone = vec![false; func.values.len()];
    for block in &func.blocks {
        for inst in &block.insts {
            let callee: &[bool] = inst.callee().map_or(&[], |f| &borrowed[f.index()]);
            for (i, v) in inst.args.iter().enumerate() {
                gone[v.index()] |= rows::consumes(inst.op, i, callee);
            }
        }
        match &block.term {
            Term::Switch(..) | Term::SwitchTag(..) | Term::Branch { .. } | Term::Loop { .. } | Term::Jump(_) => {
                block.term.targets().iter().flat_map(|t| &t.args).for_each(|v| gone[v.index()] = true);
            }
            term => for_each_term_use(term, |v| gone[v.index()] = true),
        }
    }
    func.params.iter().map(|p| gone[p.index()]).collect()
}
