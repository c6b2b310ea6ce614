//! Reuse: the cell of a record that is taken apart becomes the next record of its size.
//!
//! An `unpack` whose cell fits a `new` that it dominates keeps the cell as a token (Perceus, §2.4; Lorenzen and Leijen,
//! 'Reference Counting with Frame-Limited Reuse', 2022). A token is used at most once on each path, so two `new`s take one token
//! only if neither can follow the other; a `new` in a loop that the `unpack` is not in takes none. Where a
//! path makes nothing, counting puts `free_token`.

use codex_core::ir::{BlockId, Func, Program, Value};
use codex_spec::instruction::Opcode;

use crate::View;
use crate::emit::cell_size;
use crate::graph::{Dominators, Graph, Loops};

/// Pairs in all functions.
pub(crate) fn run(view: &View<'_>, func: &mut Func) {
    if func.blocks.iter().any(|b| b.insts.iter().any(|i| i.op == Opcode::Unpack)) {
        function(view.program, func);
    }
}

/// A place in the code: block and number of the instruction.
type Place = (BlockId, usize);

fn function(program: &Program, func: &mut Func) {
    let graph = Graph::new(func);
    let dominators = Dominators::new(&graph);
    let loops = Loops::new(&graph, &dominators);
    // Inner records first: the nearest `new` goes to the latest `unpack`.
    for &b in graph.order.iter().rev() {
        for at in (0..func.blocks[b.index()].insts.len()).rev() {
            if func.blocks[b.index()].insts[at].op != Opcode::Unpack {
                continue;
            }
            let takers = takers(program, func, &graph, &dominators, &loops, (b, at));
            if !takers.is_empty() {
                pair(func, (b, at), &takers);
            }
        }
    }
}

/// The `new`s that can have the cell of an `unpack`: the first on each way through what it dominates.
fn takers(
    program: &Program,
    func: &Func,
    graph: &Graph,
    dominators: &Dominators,
    loops: &Loops,
    unpack: Place,
) -> Vec<Place> {
    let (block, at) = unpack;
    let layout = func.blocks[block.index()].insts[at].index(0);
    let size = cell_size(program, layout);
    let fits = |b: BlockId, from: usize| {
        let insts = &func.blocks[b.index()].insts[from..];
        let same_size = |i: &&codex_core::ir::Inst| i.op == Opcode::New && cell_size(program, i.index(0)) == size;
        insts.iter().position(|i| same_size(&i)).map(|n| (b, from + n))
    };
    if let Some(here) = fits(block, at + 1) {
        return vec![here];
    }
    let mut found: Vec<Place> = Vec::new();
    let mut work: Vec<BlockId> = dominators.children[block.index()].iter().rev().copied().collect();
    while let Some(b) = work.pop() {
        if loops.of[b.index()] != loops.of[block.index()] {
            continue;
        }
        match fits(b, 0) {
            Some(place) if !found.iter().any(|f| follows(func, graph, f.0, b)) => found.push(place),
            Some(_) => {}
            None => work.extend(dominators.children[b.index()].iter().rev()),
        }
    }
    found
}

/// Whether control can come from one block to another without a new turn of a loop.
fn follows(func: &Func, graph: &Graph, from: BlockId, to: BlockId) -> bool {
    let mut seen = vec![from];
    let mut work = vec![from];
    while let Some(b) = work.pop() {
        for target in func.blocks[b.index()].term.targets() {
            let next = target.block;
            if next == to {
                return true;
            }
            if !graph.is_back(b, next) && graph.place[next.index()] < graph.place[to.index()] && !seen.contains(&next) {
                seen.push(next);
                work.push(next);
            }
        }
    }
    false
}

fn pair(func: &mut Func, unpack: Place, takers: &[Place]) {
    let inst = &func.blocks[unpack.0.index()].insts[unpack.1];
    let typ = func.typ(inst.args[0]);
    let token: Value = func.value(typ);
    let inst = &mut func.blocks[unpack.0.index()].insts[unpack.1];
    inst.op = Opcode::UnpackReuse;
    inst.results.insert(0, token);
    for &(b, at) in takers {
        let new = &mut func.blocks[b.index()].insts[at];
        new.op = Opcode::NewReuse;
        new.args.insert(0, token);
    }
}
