//! The states that a block claims to find.
//!
//! They are the verifier's hypotheses, so they must be consistent in themselves; the edges prove them.

use std::borrow::Cow;

use super::frame::Step;
use crate::instruction::Reg;
use crate::layout::{LayoutDef, RegType, Storage, TypeDef};
use crate::module::{Block, Function, Hold, Module, State};

/// A block's states, sorted by register.
pub(crate) type Entry<'m> = Cow<'m, [(Reg, State)]>;

/// The states of block 0: the parameters.
pub(super) fn check_first(function: &Function, block: &Block) -> Step {
    let state = |typ, borrowed| match (typ, borrowed) {
        (RegType::I64 | RegType::F64, _) => Hold::Word,
        (RegType::Ref(_), true) => Hold::Lent,
        (RegType::Ref(_), false) => Hold::Owned,
    };
    let expected = (0..).zip(&function.params).map(|(n, p)| (Reg(n), State::of(state(p.typ, p.borrowed))));
    if expected.eq(block.entry.iter().copied()) {
        Ok(())
    } else {
        Err("the states of block 0 are not those of the parameters".to_owned())
    }
}

/// Each register once and in order, and each state possible for it.
pub(super) fn check(module: &Module, function: &Function, block: &Block) -> Step {
    let mut before = None;
    for &(reg, state) in &block.entry {
        if before.is_some_and(|b| b >= reg) {
            return Err(format!("r{} stands out of order in the states", reg.0));
        }
        before = Some(reg);
        let Some(&typ) = function.registers.get(usize::from(reg.0)) else {
            return Err(format!("there is no r{}", reg.0));
        };
        if !possible(module, typ, state) || !refers_well(function, &block.entry, reg, state.hold) {
            return Err(format!("r{} cannot be held as its state says", reg.0));
        }
    }
    Ok(())
}

/// Whether a register of this type can have this state.
fn possible(module: &Module, typ: RegType, state: State) -> bool {
    let RegType::Ref(typ) = typ else {
        return state == State::of(Hold::Word);
    };
    let def = module.typ(typ);
    let variants = match def {
        Some(TypeDef::Data(variants)) => &variants[..],
        _ => &[],
    };
    if state.variant.is_some_and(|v| usize::from(v) >= variants.len()) {
        return false;
    }
    match state.hold {
        Hold::Word => false,
        Hold::Owned | Hold::Unique | Hold::Lent | Hold::Borrowed(_) => true,
        Hold::Token(size) => state.variant.is_none() && size >= 16 && size.is_multiple_of(8),
        Hold::OpenField(field) => {
            let variant = state.variant.or((variants.len() == 1).then_some(0));
            let layout = variant.and_then(|v| *variants.get(usize::from(v))?);
            matches!(layout.and_then(|l| module.layout(l)), Some(LayoutDef::Record { fields, .. })
                if matches!(fields.get(field as usize), Some(Storage::Ref(_))))
        }
        Hold::OpenItem(_) => matches!(def, Some(TypeDef::List { element: Storage::Ref(_), .. })),
    }
}

/// Whether the register that a state names is there, and can be what it has to be.
fn refers_well(function: &Function, entry: &[(Reg, State)], reg: Reg, hold: Hold) -> bool {
    match hold {
        Hold::Borrowed(holder) => {
            let can_lend = |h| matches!(h, Hold::Owned | Hold::Unique | Hold::Lent | Hold::Borrowed(_));
            holder != reg && find(entry, holder).is_some_and(|i| can_lend(entry[i].1.hold))
        }
        Hold::OpenItem(at) => {
            find(entry, at).is_some() && function.registers.get(usize::from(at.0)) == Some(&RegType::I64)
        }
        _ => true,
    }
}

/// Where a register stands among sorted states.
pub(super) fn find(entry: &[(Reg, State)], reg: Reg) -> Option<usize> {
    entry.binary_search_by_key(&reg, |(r, _)| *r).ok()
}

/// The states with each borrow naming its root, or lent if that is lent (see [`super::frame`]). `None` if borrows go
/// round in a circle.
pub(crate) fn normalised(entry: &[(Reg, State)]) -> Option<Entry<'_>> {
    let indirect = |&(_, state): &(Reg, State)| match state.hold {
        Hold::Borrowed(h) => find(entry, h).is_none_or(|i| matches!(entry[i].1.hold, Hold::Borrowed(_) | Hold::Lent)),
        _ => false,
    };
    if !entry.iter().any(indirect) {
        return Some(Cow::Borrowed(entry));
    }
    let mut states = entry.to_vec();
    for start in 0..states.len() {
        resolve(&mut states, start)?;
    }
    Some(Cow::Owned(states))
}

/// Gives a state, and those on the way to its root, the root's hold.
fn resolve(states: &mut [(Reg, State)], start: usize) -> Option<()> {
    let mut path = Vec::new();
    let mut at = start;
    let hold = loop {
        match states[at].1.hold {
            Hold::Borrowed(holder) => {
                path.push(at);
                at = find(states, holder)?;
            }
            Hold::Lent => break Hold::Lent,
            _ => break Hold::Borrowed(states[at].0),
        }
        if path.len() > states.len() {
            return None;
        }
    };
    for at in path {
        states[at].1.hold = hold;
    }
    Some(())
}
