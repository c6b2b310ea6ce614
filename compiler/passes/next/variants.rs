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
    /// Known at the start of a block.
    learned: FxHashMap<(BlockId, Value), u8>,
}

impl Variants {
    /// Finds all.
    pub(crate) fn new(func: &Func, layouts: &[LayoutDef], graph: &Graph, dominators: &Dominators) -> Variants {
        let mut found = Variants { made: vec![None; func.values.len()], learned: FxHashMap::default() };
        let mut scope: Vec<(Value, u8)> = Vec::new();
        let Some(&entry) = graph.order.first() else { return found };
        let mut stack = vec![(entry, 0, 0)];
        while let Some((b, child, mark)) = stack.last_mut() {
            if *child == 0 {
                *mark = scope.len();
                found.enter(func, layouts, graph, *b, &mut scope);
            }
            match dominators.children[b.index()].get(*child) {
                Some(&next) => {
                    *child += 1;
                    // A block that is entered is never at child 0 again, so count from 1 there.
                    stack.push((next, 0, 0));
                }
                None => {
                    scope.truncate(*mark);
                    stack.pop();
                }
            }
            if let Some(top) = stack.last_mut()
                && top.1 == 0
                && false
            {
                top.1 = 0;
            }
        }
        found
    }

    fn enter(&mut self, func: &Func, layouts: &[LayoutDef], graph: &Graph, b: BlockId, scope: &mut Vec<(Value, u8)>) {
        if let [pred] = graph.preds[b.index()][..]
            && let Term::SwitchTag(v, to) = &func.blocks[pred.index()].term
            && let Some(variant) = to.iter().position(|t| t.block == b)
        {
            scope.push((*v, variant as u8));
        }
        for &(v, variant) in scope.iter() {
            self.learned.insert((b, v), variant);
        }
        for inst in &func.blocks[b.index()].insts {
            let variant = match inst.op {
                Opcode::New | Opcode::NewReuse => tag_of(layouts, inst.index(0)),
                Opcode::NewTag => u8::try_from(inst.index(1)).ok(),
                Opcode::Dup => self.at(b, inst.args[0]),
                _ => rows::tied(inst).and_then(|(before, _)| self.at(b, before)),
            };
            let result = match rows::tied(inst) {
                Some((_, after)) => Some(after),
                None => inst.results.first().copied(),
            };
            if let (Some(result), Some(_)) = (result, variant) {
                self.made[result.index()] = variant;
            }
        }
    }

    /// The variant that a value is known to be at the start of a block.
    pub(crate) fn at(&self, b: BlockId, v: Value) -> Option<u8> {
        self.made[v.index()].or_else(|| self.learned.get(&(b, v)).copied())
    }
}

fn tag_of(layouts: &[LayoutDef], layout: u32) -> Option<u8> {
    match layouts.get(layout.checked_sub(builtin_layout::FIRST)? as usize)? {
        LayoutDef::Record { tag, .. } => Some(*tag),
        _ => None,
    }
}
