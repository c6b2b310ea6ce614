//! Tidying the graph: what cannot be reached is emptied, a block with one way in joins the one before it, and an
//! instruction whose result nobody uses is left out if nobody sees the difference.

use codex_core::ir::{BlockId, Func, Program, Term, Value};

use crate::graph::Graph;
use crate::rows::{Effect, effect};
use crate::walk::{Renames, use_counts};

/// Tidies all functions.
pub(crate) fn run(program: &mut Program) {
    for func in &mut program.functions {
        empty_unreachable(func);
        join(func);
        same_argument(func);
        leave_out(func);
    }
}

fn empty_unreachable(func: &mut Func) {
    let graph = Graph::new(func);
    for b in 0..func.blocks.len() {
        if !graph.reached(BlockId(b as u32)) {
            let block = &mut func.blocks[b];
            block.insts.clear();
            block.params.clear();
            block.term = Term::Trap(codex_spec::trap::Trap::Unreachable);
        }
    }
}

/// Joins blocks to their only predecessor where that goes nowhere else.
fn join(func: &mut Func) {
    let graph = Graph::new(func);
    let mut renames = Renames::new(func.values.len());
    for &b in &graph.order {
        while let Term::Jump(target) = &func.blocks[b.index()].term {
            let to = target.block;
            if to == b || to.0 == 0 || graph.preds[to.index()].len() != 1 || is_loop_body(func, to) {
                break;
            }
            let args = target.args.clone();
            let params = std::mem::take(&mut func.blocks[to.index()].params);
            for (p, a) in params.into_iter().zip(args) {
                renames.set(p, a);
            }
            let insts = std::mem::take(&mut func.blocks[to.index()].insts);
            let term = std::mem::replace(&mut func.blocks[to.index()].term, Term::Trap(codex_spec::trap::Trap::Unreachable));
            let span = func.blocks[to.index()].term_span;
            let block = &mut func.blocks[b.index()];
            block.insts.extend(insts);
            block.term = term;
            block.term_span = span;
        }
    }
    if renames.any {
        renames.apply(func);
    }
}

/// Whether a block is the body of a counted loop, whose first parameter is the counter itself.
fn is_loop_body(func: &Func, b: BlockId) -> bool {
    func.blocks.iter().any(|block| matches!(&block.term, Term::Loop { body, .. } if body.block == b))
}

/// A parameter that is the same value on every edge is that value.
fn same_argument(func: &mut Func) {
    let graph = Graph::new(func);
    let mut renames = Renames::new(func.values.len());
    for &b in &graph.order {
        if b.0 == 0 || is_loop_body(func, b) {
            continue;
        }
        let mut preds = graph.preds[b.index()].clone();
        preds.sort_unstable();
        preds.dedup();
        for place in (0..func.blocks[b.index()].params.len()).rev() {
            let param = func.blocks[b.index()].params[place];
            if let Some(v) = only_argument(func, &preds, b, place, &renames) {
                renames.set(param, v);
                func.blocks[b.index()].params.remove(place);
                for pred in &preds {
                    let targets = func.blocks[pred.index()].term.targets_mut();
                    targets.into_iter().filter(|t| t.block == b).for_each(|t| drop(t.args.remove(place)));
                }
            }
        }
    }
    if renames.any {
        renames.apply(func);
    }
}

/// The one value, other than the parameter itself, that all edges pass to a parameter.
fn only_argument(func: &Func, preds: &[BlockId], b: BlockId, place: usize, renames: &Renames) -> Option<Value> {
    let param = func.blocks[b.index()].params[place];
    let mut only = None;
    for pred in preds {
        for target in func.blocks[pred.index()].term.targets().into_iter().filter(|t| t.block == b) {
            let v = renames.get(target.args[place]);
            if v == param {
                continue;
            }
            if only.is_some_and(|o| o != v) {
                return None;
            }
            only = Some(v);
        }
    }
    only
}

/// Leaves out what is not used and not seen, users before what they use.
fn leave_out(func: &mut Func) {
    let mut uses = use_counts(func);
    for b in (0..func.blocks.len()).rev() {
        let mut insts = std::mem::take(&mut func.blocks[b].insts);
        let mut kept = Vec::with_capacity(insts.len());
        while let Some(inst) = insts.pop() {
            let unused = inst.results.iter().all(|r| uses[r.index()] == 0);
            if unused && matches!(effect(inst.op), Effect::Pure | Effect::Reads) {
                inst.args.iter().for_each(|a| uses[a.index()] -= 1);
            } else {
                kept.push(inst);
            }
        }
        kept.reverse();
        func.blocks[b].insts = kept;
    }
}
