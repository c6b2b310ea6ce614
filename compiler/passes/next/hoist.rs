//! Constants out of loops: a number that a loop needs is made once, at the function's start, and equal ones once.

use codex_core::ir::{BlockId, Func, Inst, Program};
use codex_spec::instruction::Opcode;
use rustc_hash::FxHashMap;

use crate::graph::{Dominators, Graph, Loops};
use crate::walk::Renames;

/// Hoists in all functions.
pub(crate) fn run(program: &mut Program) {
    program.functions.iter_mut().for_each(function);
}

fn function(func: &mut Func) {
    let graph = Graph::new(func);
    let loops = Loops::new(&graph, &Dominators::new(&graph));
    if loops.all.is_empty() {
        return;
    }
    let mut renames = Renames::new(func.values.len());
    let mut first: FxHashMap<_, codex_core::ir::Value> = FxHashMap::default();
    let mut hoisted: Vec<Inst> = Vec::new();
    for b in 0..func.blocks.len() {
        if !graph.reached(BlockId(b as u32)) || loops.depth(BlockId(b as u32)) == 0 {
            continue;
        }
        let insts = std::mem::take(&mut func.blocks[b].insts);
        for inst in insts {
            if !matches!(inst.op, Opcode::ConstI64 | Opcode::ConstF64) {
                func.blocks[b].insts.push(inst);
                continue;
            }
            match first.get(&inst.imm) {
                Some(&same) => renames.set(inst.results[0], same),
                None => {
                    first.insert(inst.imm, inst.results[0]);
                    hoisted.push(inst);
                }
            }
        }
    }
    func.blocks[0].insts.splice(0..0, hoisted);
    if renames.any {
        renames.apply(func);
    }
}
