//! A part that is put back and taken out again at once stays out.
//!
//! `xs[i].x += a; xs[i].y += b` puts the element back between the two, where nobody else looks. Within
//! a block, a take from the result of a put at the same place, when the only other uses of that result are loads
//! from the same place in between, is undone together with the put; the loads give the part itself.
//! Without this the second change would find the part shared with nobody but still ask, and the list's slot would be
//! written twice.

use codex_core::ir::{Func, Inst, Value};
use codex_spec::instruction::Opcode;

use crate::View;
use crate::forward::{looks_at, reopens};
use crate::walk::{Renames, use_counts};

/// Undoes such pairs in all functions.
pub(crate) fn run(_: &View<'_>, func: &mut Func) {
    let takes = |i: &Inst| matches!(i.op, Opcode::ListTakeRef | Opcode::TakeRef);
    if func.blocks.iter().any(|b| b.insts.iter().filter(|i| takes(i)).count() > 1) {
        function(func);
    }
}

fn function(func: &mut Func) {
    let mut uses = use_counts(func);
    let mut renames = Renames::new(func.values.len());
    for block in &mut func.blocks {
        let mut gone = vec![false; block.insts.len()];
        for take in 0..block.insts.len() {
            block.insts[take].args.iter_mut().for_each(|v| *v = renames.get(*v));
            let Some((put, loads)) = pair(&block.insts[..=take], &gone, &uses) else { continue };
            let part = *block.insts[put].args.last().unwrap_or(&Value(0));
            let open = block.insts[put].args[0];
            for &load in &loads {
                renames.set(block.insts[load].results[0], part);
                uses[part.index()] += uses[block.insts[load].results[0].index()];
            }
            let results = block.insts[take].results.clone();
            uses[part.index()] += uses[results[0].index()];
            uses[open.index()] = uses[results[1].index()];
            renames.set(results[0], part);
            renames.set(results[1], open);
            for i in loads.into_iter().chain([put, take]) {
                gone[i] = true;
            }
        }
        let mut at = 0..;
        block.insts.retain(|_| !at.next().is_some_and(|i| gone[i]));
    }
    renames.apply(func);
}

/// For the last instruction, if it is a take: the put it undoes, and the loads in between.
fn pair(insts: &[Inst], gone: &[bool], uses: &[u32]) -> Option<(usize, Vec<usize>)> {
    let (take, before) = insts.split_last()?;
    let whole = *take.args.first()?;
    let put = before.iter().rposition(|i| i.results.first() == Some(&whole))?;
    if gone[put] || !reopens(take, &before[put]) {
        return None;
    }
    let is_load =
        |i: &usize| !gone[*i] && before[*i].args.first() == Some(&whole) && looks_at(&before[*i], &before[put]);
    let loads: Vec<usize> = (put + 1..before.len()).filter(is_load).collect();
    (uses[whole.index()] as usize == loads.len() + 1).then_some((put, loads))
}
