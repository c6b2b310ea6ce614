//! A `switch_tag` on a variant that is known jumps.
//!
//! This has to be done, not only to be faster: on an edge that control never takes, the verifier would learn a variant
//! against the one that it knows, and what has to be given up there could not be told.

use codex_core::ir::{BlockId, Func, Term};

use crate::View;
use crate::graph::{Dominators, Graph};
use crate::tidy;
use crate::variants::Variants;

/// Settles all functions.
pub(crate) fn run(view: &View<'_>, func: &mut Func) {
    if !func.blocks.iter().any(|b| matches!(b.term, Term::SwitchTag(..))) {
        return;
    }
    let graph = Graph::new(func);
    let dominators = Dominators::new(&graph);
    let variants = Variants::new(func, &view.program.layouts, &graph, dominators);
    let mut settled = false;
    for b in 0..func.blocks.len() {
        let Term::SwitchTag(v, to) = &func.blocks[b].term else { continue };
        let known = variants.at(BlockId(b as u32), *v);
        if let Some(target) = known.and_then(|variant| to.get(usize::from(variant))) {
            func.blocks[b].term = Term::Jump(target.clone());
            settled = true;
        }
    }
    if settled {
        tidy::compact(func);
    }
}
