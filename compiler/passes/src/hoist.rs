//! Out of loops: what gives the same in each turn is computed before the first one.
//!
//! An instruction moves to the end of the block before its loop if its operands are from outside, if it gives a word
//! or lends a field or an element of something from outside, and if nobody sees that it is computed although the loop
//! may not come to it: it cannot trap, or it stands in the loop's head before anything that can be
//! seen. Loops are visited from the outside in, and what moves goes as far out as it can. Constants go to the
//! function's start, equal ones once.
//!
//! Not moved: what makes a cell (each turn has its own).

use codex_core::ir::{BlockId, Func, Imm, Inst, Term, Value};
use codex_spec::instruction::Opcode;
use codex_spec::layout::TypeDef;
use rustc_hash::FxHashMap;

use crate::View;
use crate::graph::{Dominators, Graph, Loops};
use crate::kinds::variants;
use crate::live::definitions;
use crate::rows::{Effect, effect, repeats};
use crate::walk::{self, Renames};

/// Hoists in all functions.
pub(crate) fn run(view: &View<'_>, func: &mut Func) {
    function(func, &view.program.types);
}

fn function(func: &mut Func, types: &[TypeDef]) {
    let graph = Graph::new(func);
    let loops = Loops::new(&graph, &Dominators::new(&graph));
    if loops.all.is_empty() {
        return;
    }
    constants(func, &graph, &loops);
    let mut hoister = Hoister { defs: definitions(func), types, func, graph, loops };
    for index in 0..hoister.loops.all.len() as u32 {
        hoister.one_loop(index);
    }
}

/// Constants of loops, to the function's start.
fn constants(func: &mut Func, graph: &Graph, loops: &Loops) {
    let mut renames = Renames::new(func.values.len());
    let mut first: FxHashMap<[Option<Imm>; 2], Value> = FxHashMap::default();
    let mut hoisted: Vec<Inst> = Vec::new();
    for &b in graph.order.iter().filter(|b| loops.depth(**b) > 0) {
        func.blocks[b.index()].insts.retain_mut(|inst| {
            if !matches!(inst.op, Opcode::ConstI64 | Opcode::ConstF64) {
                return true;
            }
            match first.get(&inst.imm) {
                Some(&same) => renames.set(inst.results[0], same),
                None => {
                    first.insert(inst.imm, inst.results[0]);
                    hoisted.push(inst.clone());
                }
            }
            false
        });
    }
    // The function of a closure begins with `unpack_closure`.
    let start = usize::from(func.blocks[0].insts.first().is_some_and(|i| i.op == Opcode::UnpackClosure));
    func.blocks[0].insts.splice(start..start, hoisted);
    renames.apply(func);
}

struct Hoister<'a> {
    func: &'a mut Func,
    types: &'a [TypeDef],
    graph: Graph,
    loops: Loops,
    /// The block that defines each value. Blocks made here are in no loop that is still to come.
    defs: Vec<u32>,
}

impl Hoister<'_> {
    fn is_inside(&self, index: u32, b: u32) -> bool {
        (b as usize) < self.loops.of.len() && self.loops.contains(index, BlockId(b))
    }

    fn one_loop(&mut self, index: u32) {
        let head = self.loops.all[index as usize].head;
        let mut moved: Vec<Inst> = Vec::new();
        for b in self.graph.order.clone() {
            if self.is_inside(index, b.0) {
                self.take_out(index, b, b == head, &mut moved);
            }
        }
        if moved.is_empty() {
            return;
        }
        let (from, edge) = match self.entrance(index, head) {
            Some(entrance) => entrance,
            None => return self.put_back(head, moved),
        };
        let jumps = matches!(self.func.blocks[from.index()].term, Term::Jump(_));
        let to = if jumps { from } else { walk::split_edge(self.func, from, edge) };
        self.defs.resize(self.func.values.len(), 0);
        for inst in &moved {
            inst.results.iter().for_each(|r| self.defs[r.index()] = to.0);
        }
        self.func.blocks[to.index()].insts.extend(moved);
    }

    /// Takes what can move out of a block. `always` holds in the block that every turn runs first.
    fn take_out(&mut self, index: u32, b: BlockId, always: bool, moved: &mut Vec<Inst>) {
        let insts = std::mem::take(&mut self.func.blocks[b.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        let mut unseen = always;
        for inst in insts {
            let effect = effect(inst.op);
            let may = effect == Effect::Pure || (effect == Effect::Traps && unseen);
            let outside = |v: &Value| !self.is_inside(index, self.defs[v.index()]);
            if may && repeats(inst.op) && inst.args.iter().all(outside) && self.is_fit(&inst) {
                // Outside already, for what rests on it.
                inst.results.iter().for_each(|r| self.defs[r.index()] = u32::MAX);
                moved.push(inst);
            } else {
                unseen &= effect == Effect::Pure;
                kept.push(inst);
            }
        }
        self.func.blocks[b.index()].insts = kept;
    }

    /// Whether an instruction is right wherever its operands are: a field is there only in its variant, which may be known
    /// inside of the loop alone.
    fn is_fit(&self, inst: &Inst) -> bool {
        use Opcode::{GetByte, GetRef, GetWord};
        !matches!(inst.op, GetByte | GetRef | GetWord) || variants(self.types, self.func.typ(inst.args[0])).len() == 1
    }

    /// The only edge into a loop's head from outside.
    fn entrance(&self, index: u32, head: BlockId) -> Option<(BlockId, usize)> {
        let mut outside = self.graph.preds[head.index()].iter().filter(|b| !self.is_inside(index, b.0));
        let (from, None) = (*outside.next()?, outside.next()) else { return None };
        let edge = self.func.blocks[from.index()].term.targets().into_iter().position(|t| t.block == head)?;
        Some((from, edge))
    }

    fn put_back(&mut self, head: BlockId, moved: Vec<Inst>) {
        for inst in &moved {
            inst.results.iter().for_each(|r| self.defs[r.index()] = head.0);
        }
        self.func.blocks[head.index()].insts.splice(0..0, moved);
    }
}
