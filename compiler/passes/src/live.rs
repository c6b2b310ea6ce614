//! Liveness of values: for each block the values that live at its start.
//!
//! Path exploration by use (Boissinot, Brandner, Darte, de Dinechin, Rastello, 'A Non-Iterative Data-Flow Algorithm
//! for Computing Liveness Sets in Strict SSA Programs', 2011): from each use up to the definition. Time and space
//! are in proportion to the sets themselves.
//!
//! Arguments of an edge are used at the end of the block it leaves; a block's parameters do not live at its
//! start. A use of a borrowed value is also a use of what it is borrowed from, if the caller says so.

use codex_core::ir::{BlockId, Func, Value};

use crate::graph::{Graph, NONE};

/// Values at the start of each block, in ascending order.
#[derive(Debug)]
pub(crate) struct Live {
    into: Vec<Vec<Value>>,
}

/// Where each value is defined: its block. The entry for parameters; [`NONE`] for none.
pub(crate) fn definitions(func: &Func) -> Vec<u32> {
    let mut defs = vec![NONE; func.values.len()];
    for v in &func.params {
        defs[v.index()] = 0;
    }
    for (b, block) in func.blocks.iter().enumerate() {
        for v in block.params.iter().chain(block.insts.iter().flat_map(|i| &i.results)) {
            defs[v.index()] = b as u32;
        }
    }
    defs
}

/// Calls `f` with each value that a terminator reads, arguments of its edges included.
pub(crate) fn for_each_term_use(term: &codex_core::ir::Term, mut f: impl FnMut(Value)) {
    use codex_core::ir::Term::*;
    match term {
        Branch { args, .. } | TailCall(_, args) => args.iter().copied().for_each(&mut f),
        Loop { counter, limit, .. } => [*counter, *limit].into_iter().for_each(&mut f),
        Switch(v, ..) | SwitchTag(v, _) | Return(v) | Panic(v) | Exit(v) => f(*v),
        TailCallValue(v, args) => {
            f(*v);
            args.iter().copied().for_each(&mut f);
        }
        None | Jump(_) | Trap(_) => {}
    }
    let mut edge = |t: &codex_core::ir::Target| t.args.iter().copied().for_each(&mut f);
    match term {
        Jump(t) => edge(t),
        Branch { yes: a, no: b, .. } | Loop { body: a, done: b, .. } => {
            edge(a);
            edge(b);
        }
        Switch(_, to, other) => to.iter().chain([other]).for_each(edge),
        SwitchTag(_, to) => to.iter().for_each(edge),
        _ => {}
    }
}

impl Live {
    /// Liveness of the values for which `counts` holds. `holder` gives what a borrowed value is borrowed from.
    pub(crate) fn new(
        func: &Func,
        graph: &Graph,
        counts: impl Fn(Value) -> bool,
        holder: impl Fn(Value) -> Option<Value>,
    ) -> Live {
        let defs = definitions(func);
        // Uses in other blocks than the definition's, as (value, block) without neighbouring repeats.
        let mut uses: Vec<(Value, u32)> = Vec::new();
        let mut note = |v: Value, b: u32| {
            let mut at = Some(v);
            while let Some(v) = at {
                if defs[v.index()] != b && counts(v) {
                    uses.push((v, b));
                }
                at = holder(v);
            }
        };
        for &b in &graph.order {
            let block = &func.blocks[b.index()];
            block.insts.iter().for_each(|i| i.args.iter().for_each(|&v| note(v, b.0)));
            for_each_term_use(&block.term, |v| note(v, b.0));
        }
        uses.sort_unstable();
        uses.dedup();
        let mut into: Vec<Vec<Value>> = vec![Vec::new(); func.blocks.len()];
        let mut work: Vec<BlockId> = Vec::new();
        for (v, b) in uses {
            work.push(BlockId(b));
            while let Some(b) = work.pop() {
                if b.0 == defs[v.index()] || into[b.index()].last() == Some(&v) {
                    continue;
                }
                into[b.index()].push(v);
                work.extend(&graph.preds[b.index()]);
            }
        }
        Live { into }
    }

    /// Values that live at a block's start, ascending, without its parameters.
    pub(crate) fn at_start(&self, b: BlockId) -> &[Value] {
        &self.into[b.index()]
    }

    /// Whether a value lives at a block's start.
    pub(crate) fn is_at_start(&self, b: BlockId, v: Value) -> bool {
        self.into[b.index()].binary_search(&v).is_ok()
    }

    /// Whether a value lives after a block's last instruction because a successor needs it.
    pub(crate) fn is_at_end(&self, func: &Func, b: BlockId, v: Value) -> bool {
        func.blocks[b.index()].term.targets().iter().any(|t| self.is_at_start(t.block, v))
    }
}
