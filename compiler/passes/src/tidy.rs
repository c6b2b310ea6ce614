//! Tidying the graph: what cannot be reached is emptied, a block with one way in joins the one before it, and an
//! instruction whose result nobody uses is left out if nobody sees the difference.

use codex_core::ir::{BlockId, Func, Term, Value};

use crate::graph::Graph;
use crate::rows::{Effect, effect};
use crate::walk::{Renames, use_counts};

/// Tidies a function; whether anything changed that may let another round do more.
pub(crate) fn function(func: &mut Func) -> bool {
    empty_unreachable(func);
    let joined = join(func);
    let same = same_argument(func);
    leave_out(func);
    joined || same
}

/// Takes blocks out that nothing reaches, and numbers the others anew.
pub(crate) fn compact(func: &mut Func) {
    let graph = Graph::new(func);
    if graph.order.len() == func.blocks.len() {
        return;
    }
    let mut number = vec![BlockId(0); func.blocks.len()];
    let mut kept = 0;
    for (b, number) in (0..).zip(&mut number) {
        if graph.reached(BlockId(b)) {
            *number = BlockId(kept);
            kept += 1;
        }
    }
    let mut b = 0..;
    func.blocks.retain(|_| b.next().is_some_and(|b| graph.reached(BlockId(b))));
    for target in func.blocks.iter_mut().flat_map(|b| b.term.targets_mut()) {
        target.block = number[target.block.index()];
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
fn join(func: &mut Func) -> bool {
    let graph = Graph::new(func);
    let mut renames = Renames::new(func.values.len());
    let mut joined = false;
    let bodies = loop_bodies(func);
    for &b in &graph.order {
        while let Term::Jump(target) = &func.blocks[b.index()].term {
            let to = target.block;
            if to == b || to.0 == 0 || graph.preds[to.index()].len() != 1 || bodies[to.index()] {
                break;
            }
            let args = target.args.clone();
            let params = std::mem::take(&mut func.blocks[to.index()].params);
            for (p, a) in params.into_iter().zip(args) {
                renames.set(p, a);
            }
            let insts = std::mem::take(&mut func.blocks[to.index()].insts);
            let term =
                std::mem::replace(&mut func.blocks[to.index()].term, Term::Trap(codex_spec::trap::Trap::Unreachable));
            let span = func.blocks[to.index()].term_span;
            let block = &mut func.blocks[b.index()];
            block.insts.extend(insts);
            block.term = term;
            block.term_span = span;
            joined = true;
        }
    }
    renames.apply(func);
    joined
}

/// Whether each block is the body of a counted loop, whose first parameter is the counter itself.
fn loop_bodies(func: &Func) -> Vec<bool> {
    let mut bodies = vec![false; func.blocks.len()];
    for block in &func.blocks {
        if let Term::Loop { body, .. } = &block.term {
            bodies[body.block.index()] = true;
        }
    }
    bodies
}

/// A parameter that is the same value on every edge is that value.
fn same_argument(func: &mut Func) -> bool {
    let graph = Graph::new(func);
    let mut renames = Renames::new(func.values.len());
    let bodies = loop_bodies(func);
    for &b in &graph.order {
        if b.0 == 0 {
            continue;
        }
        // The counter is passed by the loop itself, which counts it up.
        let counted = usize::from(bodies[b.index()]);
        let mut preds = graph.preds[b.index()].clone();
        preds.sort_unstable();
        preds.dedup();
        for place in (counted..func.blocks[b.index()].params.len()).rev() {
            let param = func.blocks[b.index()].params[place];
            if let Some(v) = only_argument(func, &preds, b, place, &renames) {
                renames.set(param, v);
                func.blocks[b.index()].params.remove(place);
                for pred in &preds {
                    let shift = counter_shift(&func.blocks[pred.index()].term, b);
                    let targets = func.blocks[pred.index()].term.targets_mut();
                    targets.into_iter().filter(|t| t.block == b).for_each(|t| {
                        t.args.remove(place - shift);
                    });
                }
            }
        }
    }
    renames.apply(func);
    renames.any
}

/// The one value, other than the parameter itself, that all edges pass to a parameter.
fn only_argument(func: &Func, preds: &[BlockId], b: BlockId, place: usize, renames: &Renames) -> Option<Value> {
    let param = func.blocks[b.index()].params[place];
    let mut only = None;
    for pred in preds {
        let shift = counter_shift(&func.blocks[pred.index()].term, b);
        for target in func.blocks[pred.index()].term.targets().into_iter().filter(|t| t.block == b) {
            let v = renames.get(target.args[place - shift]);
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

/// How many parameters of a block a terminator passes by itself: the counter of a loop whose body it is.
fn counter_shift(term: &Term, to: BlockId) -> usize {
    usize::from(matches!(term, Term::Loop { body, .. } if body.block == to))
}

/// Leaves out what is not used and not seen, users before what they use.
pub(crate) fn leave_out(func: &mut Func) {
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
