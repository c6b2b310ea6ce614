//! A field is read, or an edit made, where the variant of the record is known.
//!
//! It is known if the type has one variant; if the value was made by `new`, or is what an edit, a `dup`, a `move` or a
//! `unique` made of a value whose variant is known; or in a block that is dominated by the target of one edge, and one
//! only, of a `switch_tag` on the value (or on what it was made of).

use codex_spec::instruction::Opcode;
use codex_spec::layout::{LayoutDef, TypeDef};

use super::{Found, layout};
use crate::analysis::Dominators;
use crate::ir::{BlockId, Func, Inst, Program, Term, Value};

pub(super) fn check(program: &Program, func: &Func, doms: &Dominators) -> Found {
    let facts = Facts::new(func, doms);
    for &block in &doms.order {
        for inst in &func.blocks[block.index()].insts {
            let Some((value, id)) = needs(inst) else { continue };
            let here = |what: String| (format!("b{}", block.0), what);
            let LayoutDef::Record { typ, tag, .. } = layout(program, id).map_err(here)? else { continue };
            let single = matches!(program.types.get(typ.index()), Some(TypeDef::Data(all)) if all.len() == 1);
            if !single && !facts.knows(value, *tag, block, doms) && !facts.made_with(value, id) {
                return Err(here(format!("`{}` on v{}, whose variant is not known", inst.op.name(), value.0)));
            }
        }
    }
    Ok(())
}

/// The record whose variant an instruction needs to be that of a layout.
fn needs(inst: &Inst) -> Option<(Value, u32)> {
    use Opcode as O;
    match inst.op {
        O::GetWord
        | O::GetByte
        | O::GetRef
        | O::SetWord
        | O::SetByte
        | O::TakeRef
        | O::PutRef
        | O::Unpack
        | O::UnpackReuse => Some((*inst.args.first()?, inst.index(0))),
        _ => None,
    }
}

struct Facts {
    /// For each value: what it was made of without change of variant.
    origin: Vec<Value>,
    /// Values and their variants from a block on.
    from: Vec<(Value, u8, BlockId)>,
    /// For each value: the layout `new` made it with.
    made: Vec<Option<u32>>,
}

impl Facts {
    fn new(func: &Func, doms: &Dominators) -> Self {
        let mut facts = Facts {
            origin: (0..func.values.len() as u32).map(Value).collect(),
            from: Vec::new(),
            made: vec![None; func.values.len()],
        };
        for &block in &doms.order {
            for inst in &func.blocks[block.index()].insts {
                facts.inst(inst);
            }
        }
        let mut entries = vec![0; func.blocks.len()];
        for &block in &doms.order {
            for target in func.blocks[block.index()].term.targets() {
                entries[target.block.index()] += 1;
            }
        }
        for &block in &doms.order {
            let Term::SwitchTag(value, targets) = &func.blocks[block.index()].term else { continue };
            for (tag, target) in targets.iter().enumerate() {
                if entries[target.block.index()] == 1 {
                    facts.from.push((facts.origin[value.index()], tag as u8, target.block));
                }
            }
        }
        facts
    }

    fn inst(&mut self, inst: &Inst) {
        use Opcode as O;
        if let (O::New | O::NewReuse, Some(result)) = (inst.op, inst.results.first()) {
            self.made[result.index()] = Some(inst.index(0));
        }
        let same = match inst.op {
            O::SetWord | O::SetByte | O::PutRef | O::Dup | O::Move | O::MakeUnique => inst.results.first(),
            O::TakeRef => inst.results.get(1),
            _ => None,
        };
        if let (Some(result), Some(arg)) = (same, inst.args.first()) {
            self.origin[result.index()] = self.origin[arg.index()];
        }
    }

    fn made_with(&self, value: Value, layout: u32) -> bool {
        self.made[self.origin[value.index()].index()] == Some(layout)
    }

    fn knows(&self, value: Value, tag: u8, block: BlockId, doms: &Dominators) -> bool {
        let origin = self.origin[value.index()];
        self.from.iter().any(|&(v, t, from)| v == origin && t == tag && doms.dominates(from, block))
    }
}
