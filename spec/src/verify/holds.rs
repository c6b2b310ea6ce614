//! What instructions do to how a value is held, beyond the roles of the table.

use crate::instruction::Opcode;
use crate::layout::{RegType, TypeDef};
use crate::module::{Hold, Module};

/// Whether the reference that the instruction gives is unique: it has just been made.
///
/// Not `new_tag` (there is no cell), not `literal` (its slot keeps it), not slices of text and bytes (their bytes are
/// the parent's: `unique` gives them their own).
pub fn is_fresh(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::New
            | Opcode::NewReuse
            | Opcode::Closure
            | Opcode::ListNew
            | Opcode::ListRepeat
            | Opcode::ListSlice
            | Opcode::TextJoin
            | Opcode::TextUpper
            | Opcode::TextLower
            | Opcode::IntToText
            | Opcode::FloatToText
            | Opcode::FloatToFixed
    )
}

/// Whether the instruction may make another owner of a reference it reads, so that it is unique no
/// longer.
pub fn shares(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::Dup
            | Opcode::Call
            | Opcode::TailCall
            | Opcode::TextSlice
            | Opcode::BytesSlice
            | Opcode::TextToBytes
            | Opcode::BytesToText
    )
}

/// Whether what a register holds must be given up: a reference that may be to a cell, a token, an open holder.
/// A variant that is known to have no fields has no cell, so nothing is lost with it.
pub(super) fn binding(module: &Module, typ: RegType, variant: Option<u8>, hold: Hold) -> bool {
    match hold {
        Hold::Word | Hold::Lent | Hold::Borrowed(_) => false,
        Hold::Token(_) | Hold::OpenField(_) | Hold::OpenItem(_) => true,
        Hold::Owned | Hold::Unique => {
            let (RegType::Ref(t), Some(variant)) = (typ, variant) else {
                return true;
            };
            let Some(TypeDef::Data(variants)) = module.typ(t) else {
                return true;
            };
            variants.get(usize::from(variant)) != Some(&None)
        }
    }
}
