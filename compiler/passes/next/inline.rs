//! Inlining: a call of a small function becomes its body.
//!
//! Most of the standard library's functions are one builtin with a name, and a call costs more than they do. A function is small if
//! it has at most [`SMALL`] instructions and does not call itself; a caller grows by at most [`GROWTH`]. Callees are taken as
//! they were when the round began, so that two rounds reach through a wrapper of a wrapper and no
//! chain goes on for ever. An inlined call has no frame of its own: it pays no fuel, and a trace names the caller at
//! the callee's line.

use codex_core::ir::{Block, BlockId, Func, Inst, Program, Target, Term, Value};
use codex_spec::instruction::FuncId;

/// Instructions of a function that is inlined, at most.
const SMALL: usize = 24;
/// Instructions that a caller may grow by.
const GROWTH: usize = 1500;
/// Rounds.
const ROUNDS: usize = 3;

/// Inlines in all functions.
pub(crate) fn run(program: &mut Program) {
    for _ in 0..ROUNDS {
        let small: Vec<Option<Func>> =
            program.functions.iter().enumerate().map(|(n, f)| is_small(f, n).then(|| f.clone())).collect();
        let mut changed = false;
        for (n, func) in program.functions.iter_mut().enumerate() {
            changed |= function(func, n, &small);
        }
        if !changed {
            return;
        }
    }
}

fn size(func: &Func) -> usize {
    func.blocks.iter().map(|b| b.insts.len() + 1).sum()
}

fn is_small(func: &Func, number: usize) -> bool {
    let calls_itself = |i: &Inst| i.callee() == Some(FuncId(number as u32));
    func.closure.is_none()
        && size(func) <= SMALL
        && !func.blocks.iter().flat_map(|b| &b.insts).any(calls_itself)
        && !func.blocks.iter().any(|b| matches!(b.term, Term::TailCall(..) | Term::TailCallValue(..)))
}

fn function(func: &mut Func, number: usize, small: &[Option<Func>]) -> bool {
    let mut budget = GROWTH;
    let mut changed = false;
    let mut b = 0;
    // Blocks made here are behind those that are still to be looked at: the rest of a block is, its inlined body is not.
    let mut rest: Vec<usize> = (0..func.blocks.len()).collect();
    while b < rest.len() {
        let at = rest[b];
        b += 1;
        let found = func.blocks[at].insts.iter().position(|i| {
            i.callee().is_some_and(|f| f.index() != number && small[f.index()].as_ref().is_some_and(|c| size(c) <= budget))
        });
        let Some(place) = found else { continue };
        let Some(callee) = func.blocks[at].insts[place].callee().and_then(|f| small[f.index()].as_ref()) else { continue };
        budget -= size(callee);
        rest.push(splice(func, at, place, callee));
        changed = true;
    }
    changed
}

/// Replaces the call at a place of a block by the callee's body, and gives the block with what came after the call.
fn splice(func: &mut Func, at: usize, place: usize, callee: &Func) -> usize {
    let mut after = func.blocks[at].insts.split_off(place);
    let call = after.remove(0);
    let first = func.blocks.len() as u32;
    let rest = BlockId(first + callee.blocks.len() as u32);
    let map = values(func, callee, &call);
    for block in &callee.blocks {
        func.blocks.push(copy(block, &map, first, rest));
    }
    let block = &mut func.blocks[at];
    let entry = Term::Jump(Target { block: BlockId(first), args: Vec::new() });
    let term = std::mem::replace(&mut block.term, entry);
    let term_span = std::mem::replace(&mut block.term_span, call.span);
    func.blocks.push(Block { params: call.results, insts: after, term, term_span });
    rest.index()
}

/// What the callee's values are in the caller: parameters are the arguments, others are new.
fn values(func: &mut Func, callee: &Func, call: &Inst) -> Vec<Value> {
    let mut map: Vec<Option<Value>> = vec![None; callee.values.len()];
    for (p, a) in callee.params.iter().zip(&call.args) {
        map[p.index()] = Some(*a);
    }
    map.into_iter().enumerate().map(|(v, known)| known.unwrap_or_else(|| func.value(callee.values[v]))).collect()
}

fn copy(block: &Block, map: &[Value], first: u32, rest: BlockId) -> Block {
    let to = |v: &Value| map[v.index()];
    let mut copy = block.clone();
    copy.params.iter_mut().for_each(|v| *v = to(v));
    for inst in &mut copy.insts {
        inst.args.iter_mut().chain(&mut inst.results).for_each(|v| *v = to(v));
    }
    crate::walk::for_each_term_use_mut(&mut copy.term, |v| *v = to(v));
    copy.term.targets_mut().into_iter().for_each(|t| t.block = BlockId(t.block.0 + first));
    if let Term::Return(v) = copy.term {
        copy.term = Term::Jump(Target { block: rest, args: vec![v] });
    }
    copy
}
