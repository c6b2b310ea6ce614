//! Every register operand exists and is of its class.

use super::frame::Step;
use crate::instruction::{Class, Inst, OperandRef, OperandSpec, Reg};
use crate::layout::{RegType, TypeDef};
use crate::module::{Function, Module};

/// Checks all register operands of an instruction.
pub(super) fn check(module: &Module, function: &Function, inst: &Inst) -> Step {
    let mut result = Ok(());
    let mut check = |spec: &OperandSpec, reg: Reg| {
        if result.is_ok() {
            result = operand(module, function, spec, reg);
        }
    };
    inst.for_each_operand(|spec, value| match value {
        OperandRef::Reg(reg) => check(spec, reg),
        OperandRef::Regs(regs) => regs.iter().for_each(|&reg| check(spec, reg)),
        _ => {}
    });
    result
}

fn operand(module: &Module, function: &Function, spec: &OperandSpec, reg: Reg) -> Step {
    let Some(&typ) = function.registers.get(usize::from(reg.0)) else {
        return Err(format!("there is no r{} (`{}`)", reg.0, spec.name));
    };
    if fits(module, spec.class, typ) {
        Ok(())
    } else {
        Err(format!("r{} (`{}`) is not of class {}", reg.0, spec.name, format!("{:?}", spec.class).to_lowercase()))
    }
}

/// Whether a register of this type is of the class.
pub(super) fn fits(module: &Module, class: Class, typ: RegType) -> bool {
    let def = match typ {
        RegType::Ref(t) => module.typ(t),
        _ => None,
    };
    match class {
        Class::I64 => typ == RegType::I64,
        Class::F64 => typ == RegType::F64,
        Class::Word => matches!(typ, RegType::I64 | RegType::F64),
        Class::Data => matches!(def, Some(TypeDef::Data(_))),
        Class::List => matches!(def, Some(TypeDef::List { .. })),
        Class::Text => matches!(def, Some(TypeDef::Text)),
        Class::Bytes => matches!(def, Some(TypeDef::Bytes)),
        Class::Raw => matches!(def, Some(TypeDef::Text | TypeDef::Bytes)),
        Class::Fun => matches!(def, Some(TypeDef::Function { .. })),
        // A token is a reference to a dead cell.
        Class::Refs | Class::None => def.is_some(),
        Class::Any => true,
    }
}
