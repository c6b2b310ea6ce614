//! How each value of a function is held, and by whom.

use codex_core::ir::{Func, Program, Value};
use codex_spec::instruction::Opcode;
use codex_spec::layout::{RegType, TypeDef};

use crate::rows;

/// How a value is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A word: nobody counts it.
    Word,
    /// A reference that is given up exactly once on each path.
    Owned,
    /// A token for reuse: given up exactly once too, in its own ways.
    Token,
    /// A reference that the caller holds for the whole call.
    Lent,
    /// A reference that lives no longer than this value.
    Borrowed(Value),
}

impl Kind {
    /// Whether it has to be given up.
    pub(crate) fn binds(self) -> bool {
        matches!(self, Kind::Owned | Kind::Token)
    }
}

/// The signatures that counting looks at: for each function, which parameters are borrowed.
pub(crate) fn signatures(program: &Program) -> Vec<Vec<bool>> {
    program.functions.iter().map(|f| f.borrowed.clone()).collect()
}

/// For the callee of a direct call: which parameters are borrowed. Empty for other instructions.
pub(crate) fn borrowed_by<'a>(inst: &codex_core::ir::Inst, signatures: &'a [Vec<bool>]) -> &'a [bool] {
    inst.callee().map_or(&[], |f| &signatures[f.index()])
}

/// Kinds before any `dup`: what is lent is borrowed, everything else is owned.
pub(crate) fn kinds(func: &Func) -> Vec<Kind> {
    let mut kinds: Vec<Kind> =
        func.values.iter().map(|t| if matches!(t, RegType::Ref(_)) { Kind::Owned } else { Kind::Word }).collect();
    for (v, &borrowed) in func.params.iter().zip(&func.borrowed) {
        if borrowed {
            kinds[v.index()] = Kind::Lent;
        }
    }
    for block in &func.blocks {
        for inst in &block.insts {
            if let Some((v, holder)) = rows::lent(inst) {
                kinds[v.index()] = Kind::Borrowed(holder);
            }
            if matches!(inst.op, Opcode::UnpackReuse | Opcode::DropReuse) {
                kinds[inst.results[0].index()] = Kind::Token;
            }
        }
    }
    // What is borrowed from something lent is lent too. Holders may be numbered after what they lend.
    for v in 0..kinds.len() {
        if let Kind::Borrowed(_) = kinds[v]
            && kinds[root(&kinds, Value(v as u32)).index()] == Kind::Lent
        {
            kinds[v] = Kind::Lent;
        }
    }
    kinds
}

/// Who holds a value in the end.
pub(crate) fn root(kinds: &[Kind], mut v: Value) -> Value {
    while let Kind::Borrowed(holder) = kinds[v.index()] {
        v = holder;
    }
    v
}

/// The number of variants of a data type.
pub(crate) fn variants(types: &[TypeDef], typ: RegType) -> &[Option<codex_spec::instruction::LayoutId>] {
    match typ {
        RegType::Ref(t) => match &types[t.index()] {
            TypeDef::Data(variants) => variants,
            _ => &[],
        },
        _ => &[],
    }
}
