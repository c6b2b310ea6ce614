//! Borrow inference: a parameter that a function only reads is lent by the caller instead of given.
//!
//! The greatest fixed point, as in Ullrich and de Moura, 'Counting Immutable Beans' (2019): at first every
//! reference is taken for borrowed; one that is moved, stored, returned, passed along an edge or given to a parameter
//! that owns is not. Nor is one whose parts are changed or given away, or whose cell could be used again: an
//! owner moves the parts out, a borrower would share them first. Functions of closures and containers own all their parameters, and so does
//! the target of a tail call, except for what the caller was lent itself: the rest would be gone with the frame.

use codex_core::ir::{Func, Program, Term};
use codex_jobs::Jobs;
use codex_spec::layout::RegType;

use crate::destructure;
use crate::live::for_each_term_use;
use crate::rows;

/// Decides for all functions.
pub(crate) fn run(program: &mut Program, _: Jobs) {
    let mut borrowed: Vec<Vec<bool>> = program
        .functions
        .iter()
        .map(|f| f.params.iter().map(|&p| f.closure.is_none() && matches!(f.typ(p), RegType::Ref(_))).collect())
        .collect();
    // The machine gives what it passes to a container's functions.
    for id in program.container_functions() {
        borrowed[id.index()].fill(false);
    }
    // A function is looked at again when one that it calls has changed.
    let callers = callers(program);
    let mut waiting = vec![true; program.functions.len()];
    let mut work: Vec<usize> = (0..program.functions.len()).collect();
    while let Some(n) = work.pop() {
        waiting[n] = false;
        let func = &program.functions[n];
        for callee in give_to_tail_calls(func, n, &mut borrowed) {
            for &caller in callers[callee].iter().chain([&callee]) {
                if !std::mem::replace(&mut waiting[caller], true) {
                    work.push(caller);
                }
            }
        }
        if !borrowed[n].contains(&true) {
            continue;
        }
        let wanted = destructure::wants_parameters(func, &program.layouts, &borrowed);
        let used_up = used_up(func, &borrowed);
        let mut changed = false;
        for place in 0..borrowed[n].len() {
            changed |= (wanted[place] || used_up[place]) && std::mem::replace(&mut borrowed[n][place], false);
        }
        if changed {
            for &caller in callers[n].iter().chain([&n]) {
                if !std::mem::replace(&mut waiting[caller], true) {
                    work.push(caller);
                }
            }
        }
    }
    for (func, borrowed) in program.functions.iter_mut().zip(borrowed) {
        func.borrowed = borrowed;
    }
}

/// Parameters of tail calls' targets that are passed what this function does not only borrow itself become owned; gives
/// the targets that changed.
fn give_to_tail_calls(func: &Func, number: usize, borrowed: &mut [Vec<bool>]) -> Vec<usize> {
    let mut changed = Vec::new();
    let mut lent: Option<Vec<bool>> = None;
    for block in &func.blocks {
        let Term::TailCall(callee, args) = &block.term else { continue };
        let lent = lent.get_or_insert_with(|| lent_values(func, &borrowed[number]));
        for (place, v) in args.iter().enumerate() {
            if !lent[v.index()] && std::mem::replace(&mut borrowed[callee.index()][place], false) {
                changed.push(callee.index());
            }
        }
    }
    changed
}

/// For each value whether it is lent by the caller: a borrowed parameter, or a part of one.
fn lent_values(func: &Func, borrowed: &[bool]) -> Vec<bool> {
    let mut lent = vec![false; func.values.len()];
    for (p, borrowed) in func.params.iter().zip(borrowed) {
        lent[p.index()] = *borrowed;
    }
    // A part is read in a block behind its holder's in some order, not in that of the list.
    let mut changed = true;
    while changed {
        changed = false;
        for inst in func.blocks.iter().flat_map(|b| &b.insts) {
            if let Some((part, holder)) = rows::lent(inst)
                && lent[holder.index()]
            {
                changed |= !std::mem::replace(&mut lent[part.index()], true);
            }
        }
    }
    lent
}

/// For each function those that call it.
fn callers(program: &Program) -> Vec<Vec<usize>> {
    let mut callers = vec![Vec::new(); program.functions.len()];
    for (n, func) in program.functions.iter().enumerate() {
        for callee in func.blocks.iter().flat_map(|b| &b.insts).filter_map(|i| i.callee()) {
            callers[callee.index()].push(n);
        }
        for block in &func.blocks {
            if let Term::TailCall(callee, _) = &block.term {
                callers[callee.index()].push(n);
            }
        }
    }
    callers
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
            Term::TailCall(callee, args) => {
                let given = args.iter().zip(&borrowed[callee.index()]).filter(|(_, borrowed)| !**borrowed);
                given.for_each(|(v, _)| gone[v.index()] = true);
            }
            term => for_each_term_use(term, |v| gone[v.index()] = true),
        }
    }
    func.params.iter().map(|p| gone[p.index()]).collect()
}
