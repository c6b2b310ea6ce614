//! What the classes of the table leave open: which record, which element, which code.
//!
//! An instruction without an arm here is described by its row alone.

mod containers;
mod heap;

use super::frame::{Frame, Step};
use crate::instruction::{ConstId, FuncId, GlobalId, Inst, Reg, TypeId};
use crate::layout::{RegType, TypeDef};
use crate::module::{BYTES, Function, TEXT};
use crate::port::Request;
use crate::semantics::{CANONICAL_NAN, CharClass, Math, Math2};
use crate::trap::Trap;

/// Fails with these words unless it holds.
fn ensure(holds: bool, message: impl FnOnce() -> String) -> Step {
    if holds { Ok(()) } else { Err(message()) }
}

/// The rules for one instruction, seen from the states before it.
pub(super) struct Rules<'f, 'm> {
    pub(super) frame: &'f Frame<'m>,
    /// For each constant: whether it is UTF-8.
    pub(super) texts: &'f [bool],
    /// Whether register 0 surely is the function value that was called, if it holds anything.
    pub(super) own_value: bool,
}

impl<'m> Rules<'_, 'm> {
    /// Checks the instruction's types, codes and ids.
    pub(super) fn check(&self, inst: &Inst) -> Step {
        match inst {
            Inst::ConstF64 { value, .. } => ensure(!f64::from_bits(*value).is_nan() || *value == CANONICAL_NAN, || {
                "the constant is a NaN that is not the canonical one".to_owned()
            }),
            Inst::Copy { dst, src } | Inst::Move { dst, src } | Inst::Dup { dst, src } => self.same(*dst, *src),
            Inst::Math { function, .. } => code(*function, "function of one float", Math::from_number),
            Inst::Math2 { function, .. } => code(*function, "function of two floats", Math2::from_number),
            Inst::CharIs { class, .. } => code(*class, "class of characters", CharClass::from_number),
            Inst::TrapCode { reason } => code(*reason, "trap", Trap::from_number),
            Inst::Request { request, .. } => code(*request, "request", Request::from_number),
            Inst::SwitchTag { a, to } => {
                let variants = self.variants(*a).map_or(0, <[_]>::len);
                ensure(to.len() == variants, || format!("{} edges for {variants} variants", to.len()))
            }
            Inst::Return { a } => self.has_type(*a, self.frame.function().result),
            Inst::Call { dst, function, args } => {
                let callee = self.callee(*function, args)?;
                self.has_type(*dst, callee.result)
            }
            Inst::TailCall { function, args } => {
                let callee = self.callee(*function, args)?;
                ensure(callee.result == self.frame.function().result, || "the result has another type".to_owned())
            }
            Inst::CallValue { dst, f, args } => self.has_type(*dst, self.call_value(*f, args)?),
            Inst::TailCallValue { f, args } => {
                let result = self.call_value(*f, args)?;
                ensure(result == self.frame.function().result, || "the result has another type".to_owned())
            }
            Inst::Literal { dst, typ, constant } => self.literal(*dst, *typ, *constant),
            Inst::GlobalReady { global, .. } => self.global(*global).map(drop),
            Inst::GlobalGet { dst, global } => self.has_type(*dst, self.global(*global)?),
            Inst::GlobalSet { global, value } => self.has_type(*value, self.global(*global)?),
            _ => self.check_containers(inst)?.map_or_else(|| self.check_heap(inst), Ok),
        }
    }

    // ── Shared ───────────────────────────────────────────────────────────────────

    fn reg_type(&self, reg: Reg) -> RegType {
        self.frame.reg_type(reg)
    }

    fn has_type(&self, reg: Reg, typ: RegType) -> Step {
        let found = self.reg_type(reg);
        ensure(found == typ, || format!("r{} is of type {}, not {}", reg.0, name(found), name(typ)))
    }

    fn same(&self, a: Reg, b: Reg) -> Step {
        self.has_type(a, self.reg_type(b))
    }

    /// Registers of these types, one for each.
    fn have_types(&self, regs: &[Reg], types: impl ExactSizeIterator<Item = RegType>) -> Step {
        ensure(regs.len() == types.len(), || format!("{} registers where {} belong", regs.len(), types.len()))?;
        regs.iter().zip(types).try_for_each(|(&reg, typ)| self.has_type(reg, typ))
    }

    fn type_def(&self, reg: Reg) -> Option<&'m TypeDef> {
        match self.reg_type(reg) {
            RegType::Ref(t) => self.frame.module().typ(t),
            _ => None,
        }
    }

    // ── Control, calls, constants ────────────────────────────────────────────────

    fn callee(&self, function: FuncId, args: &[Reg]) -> Step<&'m Function> {
        let callee = self.frame.module().function(function);
        let callee = callee.ok_or_else(|| format!("there is no function {}", function.0))?;
        ensure(callee.closure.is_none(), || format!("function {} is only called as a value", function.0))?;
        self.have_types(args, callee.params.iter().map(|p| p.typ))?;
        Ok(callee)
    }

    fn call_value(&self, f: Reg, args: &[Reg]) -> Step<RegType> {
        let Some(TypeDef::Function { params, result }) = self.type_def(f) else {
            return Err(format!("r{} is no function value", f.0));
        };
        self.have_types(args, params.iter().copied())?;
        Ok(*result)
    }

    fn literal(&self, dst: Reg, typ: TypeId, constant: ConstId) -> Step {
        self.has_type(dst, RegType::Ref(typ))?;
        let is_text = self.texts.get(constant.index()).copied();
        let is_text = is_text.ok_or_else(|| format!("there is no constant {}", constant.0))?;
        ensure(typ == BYTES || typ == TEXT && is_text, || format!("constant {} is not UTF-8", constant.0))
    }

    fn global(&self, global: GlobalId) -> Step<RegType> {
        let typ = self.frame.module().globals.get(global.index()).copied();
        typ.ok_or_else(|| format!("there is no global {}", global.0))
    }
}

fn code<T>(number: u32, what: &str, meaning: impl FnOnce(u32) -> Option<T>) -> Step {
    ensure(meaning(number).is_some(), || format!("there is no {what} {number}"))
}

/// A register type in words.
fn name(typ: RegType) -> String {
    match typ {
        RegType::I64 => "i64".to_owned(),
        RegType::F64 => "f64".to_owned(),
        RegType::Ref(t) => format!("t{}", t.0),
    }
}
