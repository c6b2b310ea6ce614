//! A counted loop counts in one register, which is past the limit when the loop is done. So the value of its last turn has to be
//! in another one where it is wanted behind the loop.
//!
//! The core is built so. But simplification may find that some value is the counter (`last ≔ i + 0`, a field that was stored and
//! is read again), and then use the counter there. This puts a copy back, at the start of each turn.
//!
//! Keeps true: a counter is used only in blocks that are reached within its turn; what the edges of its loop pass on is not it.

use codex_core::ir::{BlockId, Func, Term, Value};
use codex_spec::instruction::Opcode;

use crate::walk::{self, for_each_term_use_mut};

/// Puts the copies into a function.
pub(crate) fn keep(func: &mut Func) {
    for b in 0..func.blocks.len() {
        let Term::Loop { counter, body, done, .. } = &func.blocks[b].term else { continue };
        let (counter, body, done) = (*counter, body.block, done.block);
        let passed = func.blocks[b].term.targets().iter().any(|t| t.args.contains(&counter));
        let behind = behind(func, done, body);
        if !passed && !behind.iter().any(|&b| uses(func, b, counter)) {
            continue;
        }
        let copy = func.value(func.typ(counter));
        let rename = |v: &mut Value| {
            if *v == counter {
                *v = copy;
            }
        };
        func.blocks[b].term.targets_mut().into_iter().flat_map(|t| &mut t.args).for_each(rename);
        for b in behind {
            let block = &mut func.blocks[b.index()];
            block.insts.iter_mut().flat_map(|i| &mut i.args).for_each(rename);
            for_each_term_use_mut(&mut block.term, rename);
        }
        let start = &mut func.blocks[body.index()];
        let span = start.insts.first().map_or(start.term_span, |i| i.span);
        start.insts.insert(0, walk::inst(Opcode::Copy, vec![counter], vec![copy], span));
    }
}

/// The blocks that are reached from `done` without another turn.
fn behind(func: &Func, done: BlockId, body: BlockId) -> Vec<BlockId> {
    let mut seen = vec![false; func.blocks.len()];
    let (mut found, mut waiting) = (Vec::new(), vec![done]);
    while let Some(b) = waiting.pop() {
        if b != body && !std::mem::replace(&mut seen[b.index()], true) {
            found.push(b);
            waiting.extend(func.blocks[b.index()].term.targets().iter().map(|t| t.block));
        }
    }
    found
}

fn uses(func: &Func, b: BlockId, v: Value) -> bool {
    let block = &func.blocks[b.index()];
    let passed = block.term.targets().into_iter().any(|t| t.args.contains(&v));
    passed || block.term.operands().contains(&v) || block.insts.iter().any(|i| i.args.contains(&v))
}
