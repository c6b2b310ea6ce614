//! Uniqueness: puts `unique` before what is changed in place, unless it is known to be the only reference.
//!
//! A value is unique from its definition to its end if an instruction made it so (a new cell, the result of a change) and
//! nothing shared it in between (`dup`, lending it to a call). A block's parameter is unique if all that is
//! passed for it is: found as a greatest fixed point, so that a value which goes round a loop and is
//! changed there is unique for as long as the loop's entry gives a unique one. Where it does not, `unique` goes onto the
//! loop's entry, out of the loop.
//!
//! Keeps true: afterwards every changed operand is unique by the verifier's own rules
//! (`codex_spec::verify::{is_fresh, shares}`).

use codex_core::ir::{BlockId, Func, Inst, Term, Value};
use codex_spec::instruction::{Opcode, Role};
use codex_spec::layout::RegType;
use codex_spec::verify::{is_fresh, shares};

use crate::View;
use crate::graph::Graph;
use crate::{kinds, rows, walk};

/// Makes everything unique that is changed.
pub(crate) fn run(view: &View<'_>, func: &mut Func) {
    if func.blocks.iter().any(|b| b.insts.iter().any(|i| rows::shape(i.op).tied.is_some())) {
        hoist(func, view.signatures);
        insert(func, view.signatures);
    }
}

/// For each value whether it is unique from its definition to its end.
pub(crate) fn unique_values(func: &Func, signatures: &[Vec<bool>]) -> Vec<bool> {
    let shared = shared_values(func, signatures);
    let mut unique = defined_unique(func);
    for v in func.blocks.iter().flat_map(|b| &b.params) {
        unique[v.index()] = matches!(func.typ(*v), RegType::Ref(_));
    }
    for (u, s) in unique.iter_mut().zip(&shared) {
        *u &= !s;
    }
    settle(func, &mut unique, |_, _| false);
    unique
}

/// Values that an instruction made the only reference.
fn defined_unique(func: &Func) -> Vec<bool> {
    let mut unique = vec![false; func.values.len()];
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        if is_fresh(inst.op) {
            inst.results.iter().for_each(|r| unique[r.index()] = true);
        }
        if let Some((_, changed)) = rows::tied(inst) {
            unique[changed.index()] = true;
        }
    }
    unique
}

/// Values that get other owners while they are held.
fn shared_values(func: &Func, signatures: &[Vec<bool>]) -> Vec<bool> {
    let mut shared = vec![false; func.values.len()];
    for inst in func.blocks.iter().flat_map(|b| &b.insts).filter(|i| shares(i.op)) {
        let borrowed = kinds::borrowed_by(inst, signatures);
        for (i, v) in inst.args.iter().enumerate() {
            shared[v.index()] |= !rows::consumes(inst.op, i, borrowed);
        }
    }
    shared
}

/// Lowers parameters that are passed something not unique, until nothing changes. `repaired` tells which edges will
/// be given a `unique` of their own.
fn settle(func: &Func, unique: &mut [bool], repaired: impl Fn(BlockId, Value) -> bool) {
    let mut changed = true;
    while changed {
        changed = false;
        for (b, block) in (0..).zip(&func.blocks) {
            for_each_pass(func, &block.term, |param, arg| {
                if unique[param.index()] && !unique[arg.index()] && !repaired(BlockId(b), param) {
                    unique[param.index()] = false;
                    changed = true;
                }
            });
        }
    }
}

/// Calls `f` with each parameter that a terminator's edges set, and what they set it to.
fn for_each_pass(func: &Func, term: &Term, mut f: impl FnMut(Value, Value)) {
    for (edge, target) in term.targets().into_iter().enumerate() {
        let counted = usize::from(matches!(term, Term::Loop { .. }) && edge == 0);
        let params = func.blocks[target.block.index()].params.iter().skip(counted);
        params.zip(&target.args).for_each(|(p, a)| f(*p, *a));
    }
}

/// Puts `unique` on the entries of loops whose parameter is then unique all the way round.
fn hoist(func: &mut Func, signatures: &[Vec<bool>]) {
    let graph = Graph::new(func);
    let heads: Vec<BlockId> = graph.order.iter().copied().filter(|&b| is_head(&graph, b)).collect();
    if heads.is_empty() {
        return;
    }
    let shared = shared_values(func, signatures);
    let wanted = wanted(func);
    let mut unique = defined_unique(func);
    let mut head_of = vec![None; func.values.len()];
    for (b, block) in (0..).zip(&func.blocks) {
        for v in &block.params {
            unique[v.index()] = wanted[v.index()];
            head_of[v.index()] = Some(BlockId(b)).filter(|b| graph.reached(*b) && is_head(&graph, *b));
        }
    }
    for (u, s) in unique.iter_mut().zip(&shared) {
        *u &= !s;
    }
    let enters = |from: BlockId, param: Value| {
        head_of[param.index()].is_some_and(|head| graph.reached(from) && !graph.is_back(from, head))
    };
    settle(func, &mut unique, enters);
    for b in graph.order.clone() {
        repair_edges(func, b, &unique, &enters);
    }
}

fn is_head(graph: &Graph, b: BlockId) -> bool {
    graph.preds[b.index()].iter().any(|&p| graph.is_back(p, b))
}

/// References that reach a change in place, directly or through parameters of blocks.
fn wanted(func: &Func) -> Vec<bool> {
    let mut wanted = vec![false; func.values.len()];
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        if let Some((v, _)) = changed_in_place(inst) {
            wanted[v.index()] = true;
        }
    }
    let mut changed = true;
    while changed {
        changed = false;
        for block in func.blocks.iter().rev() {
            for_each_pass(func, &block.term, |param, arg| {
                if wanted[param.index()] && !wanted[arg.index()] {
                    wanted[arg.index()] = true;
                    changed = true;
                }
            });
        }
    }
    wanted
}

/// The operand that must be unique, and what it becomes.
fn changed_in_place(inst: &Inst) -> Option<(Value, Value)> {
    let place = rows::shape(inst.op).tied?;
    matches!(rows::role(inst.op, place), Role::Edit | Role::Open).then(|| rows::tied(inst))?
}

fn repair_edges(func: &mut Func, b: BlockId, unique: &[bool], enters: &impl Fn(BlockId, Value) -> bool) {
    let edges = func.blocks[b.index()].term.targets().len();
    for edge in 0..edges {
        let term = &func.blocks[b.index()].term;
        let target = term.targets()[edge].clone();
        let counted = usize::from(matches!(term, Term::Loop { .. }) && edge == 0);
        let params: Vec<Value> = func.blocks[target.block.index()].params.iter().skip(counted).copied().collect();
        let bad = |(p, a): (&Value, &Value)| unique[p.index()] && !unique[a.index()] && enters(b, *p);
        if !params.iter().zip(&target.args).any(bad) {
            continue;
        }
        let jumps = matches!(term, Term::Jump(_));
        let at = if jumps { b } else { walk::split_edge(func, b, edge) };
        let span = func.blocks[b.index()].term_span;
        let Term::Jump(mut to) = func.blocks[at.index()].term.clone() else { continue };
        // The arguments come after the counter where a counted loop was taken apart.
        let skip = to.args.len() - target.args.len();
        for (i, (param, &arg)) in params.iter().zip(&target.args).enumerate() {
            if bad((param, &arg)) {
                let alone = func.value(func.typ(arg));
                func.blocks[at.index()].insts.push(walk::inst(Opcode::MakeUnique, vec![arg], vec![alone], span));
                to.args[skip + i] = alone;
            }
        }
        func.blocks[at.index()].term = Term::Jump(to);
    }
}

/// Puts `unique` before each change of something that is not unique.
fn insert(func: &mut Func, signatures: &[Vec<bool>]) {
    let unique = unique_values(func, signatures);
    for b in 0..func.blocks.len() {
        let bad = |i: &Inst| changed_in_place(i).is_some_and(|(v, _)| !unique[v.index()]);
        if !func.blocks[b].insts.iter().any(bad) {
            continue;
        }
        let insts = std::mem::take(&mut func.blocks[b].insts);
        let mut out = Vec::with_capacity(insts.len() + 2);
        for mut inst in insts {
            if bad(&inst) {
                let place = rows::shape(inst.op).tied.unwrap_or(0);
                let alone = func.value(func.typ(inst.args[place]));
                out.push(walk::inst(Opcode::MakeUnique, vec![inst.args[place]], vec![alone], inst.span));
                inst.args[place] = alone;
            }
            out.push(inst);
        }
        func.blocks[b].insts = out;
    }
}
