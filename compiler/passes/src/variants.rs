//! Which variant a value is known to be, and where: by the instruction that made it, or behind an edge of a
//! `switch_tag`.

use codex_core::ir::{BlockId, Func, Term, Value};
use codex_spec::instruction::Opcode;
use codex_spec::layout::{LayoutDef, builtin_layout};
use rustc_hash::FxHashMap;

use crate::graph::{Dominators, Graph};
use crate::rows;

/// Known variants.
#[derive(Debug)]
pub(crate) struct Variants {
    /// Known wherever the value is.
    made: Vec<Option<u8>>,
    /// Known in what these blocks dominate.
    learned: FxHashMap<Value, Vec<(BlockId, u8)>>,
    dominators: Dominators,
}

impl Variants {
    /// Finds all.
    pub(crate) fn new(func: &Func, layouts: &[LayoutDef], graph: &Graph, dominators: Dominators) -> Variants {
        let mut found = Variants { made: vec![None; func.values.len()], learned: FxHashMap::default(), dominators };
        for &b in &graph.order {
            if let Term::SwitchTag(v, to) = &func.blocks[b.index()].term {
                for (variant, target) in (0..=u8::MAX).zip(to) {
                    if graph.preds[target.block.index()].len() == 1 {
                        found.learned.entry(*v).or_default().push((target.block, variant));
                    }
                }
            }
        }
        for &b in &graph.order {
            for inst in &func.blocks[b.index()].insts {
                let tied = rows::tied(inst);
                let variant = match (inst.op, tied) {
                    (Opcode::New | Opcode::NewReuse, _) => tag_of(layouts, inst.index(0)),
                    (Opcode::NewTag, _) => u8::try_from(inst.index(1)).ok(),
                    (Opcode::Dup, _) => found.at(b, inst.args[0]),
                    (_, Some((before, _))) => found.at(b, before),
                    _ => None,
                };
                let result = tied.map(|(_, after)| after).or(inst.results.first().copied());
                if let (Some(result), Some(_)) = (result, variant) {
                    found.made[result.index()] = variant;
                }
            }
        }
        found
    }

    /// The variant that a value is known to be from the start of a block on. What the nearest `switch_tag` shows goes before
    /// what made it: where the two differ control never comes, but the verifier believes the switch.
    pub(crate) fn at(&self, b: BlockId, v: Value) -> Option<u8> {
        let mut nearest: Option<(BlockId, u8)> = None;
        for &(from, variant) in self.learned.get(&v).into_iter().flatten() {
            if self.dominators.dominates(from, b) && nearest.is_none_or(|(n, _)| self.dominators.dominates(n, from)) {
                nearest = Some((from, variant));
            }
        }
        nearest.map(|(_, variant)| variant).or_else(|| self.made.get(v.index()).copied().flatten())
    }
}

/// The variant that a layout of records is for.
pub(crate) fn tag_of(layouts: &[LayoutDef], layout: u32) -> Option<u8> {
    match layouts.get(layout.checked_sub(builtin_layout::FIRST)? as usize)? {
        LayoutDef::Record { tag, .. } => Some(*tag),
        _ => None,
    }
}
