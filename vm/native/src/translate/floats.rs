//! Floats. What each instruction means is `semantics::float`; NaNs: the module above.

use codex_spec::instruction::{Inst, Reg};
use codex_spec::semantics::CANONICAL_NAN;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{InstBuilder, InstructionData, MemFlagsData, Value, ValueDef};

use super::Translator;
use crate::machine::Seed;

impl Translator<'_, '_, '_, '_> {
    pub(super) fn float(&mut self, inst: &Inst) {
        match *inst {
            Inst::FAdd { dst, a, b } => self.floats(dst, a, b, |t, a, b| t.builder.ins().fadd(a, b)),
            Inst::FSub { dst, a, b } => self.floats(dst, a, b, |t, a, b| t.builder.ins().fsub(a, b)),
            Inst::FMul { dst, a, b } => self.floats(dst, a, b, |t, a, b| t.builder.ins().fmul(a, b)),
            Inst::FDiv { dst, a, b } => self.floats(dst, a, b, |t, a, b| t.builder.ins().fdiv(a, b)),
            Inst::FEq { dst, a, b } => self.float_compare(dst, a, b, FloatCC::Equal),
            Inst::FLt { dst, a, b } => self.float_compare(dst, a, b, FloatCC::LessThan),
            Inst::FLe { dst, a, b } => self.float_compare(dst, a, b, FloatCC::LessThanOrEqual),
            _ => self.float_unary(inst),
        }
    }

    fn float_unary(&mut self, inst: &Inst) {
        let (dst, value) = match *inst {
            Inst::FNeg { dst, a } => (dst, self.apply(a, |t, a| t.builder.ins().fneg(a))),
            Inst::FAbs { dst, a } => (dst, self.apply(a, |t, a| t.builder.ins().fabs(a))),
            Inst::FSqrt { dst, a } => (dst, self.apply(a, |t, a| t.builder.ins().sqrt(a))),
            Inst::FFloor { dst, a } => (dst, self.apply(a, |t, a| t.builder.ins().floor(a))),
            Inst::FCeil { dst, a } => (dst, self.apply(a, |t, a| t.builder.ins().ceil(a))),
            Inst::FTrunc { dst, a } => (dst, self.apply(a, |t, a| t.builder.ins().trunc(a))),
            Inst::IntToFloat { dst, a } => (dst, self.apply(a, |t, a| t.builder.ins().fcvt_from_sint(F64, a))),
            Inst::FloatToInt { dst, a } => (dst, self.apply(a, |t, a| t.builder.ins().fcvt_to_sint_sat(I64, a))),
            Inst::FloatBits { dst, a } => (
                dst,
                self.apply(a, |t, a| {
                    let a = t.canonical(a);
                    t.builder.ins().bitcast(I64, MemFlagsData::new(), a)
                }),
            ),
            Inst::FloatFromBits { dst, a } => {
                (dst, self.apply(a, |t, a| t.builder.ins().bitcast(F64, MemFlagsData::new(), a)))
            }
            _ => unreachable!("{} is no instruction on floats", inst.opcode().name()),
        };
        self.set(dst, value);
    }

    fn apply(&mut self, a: Reg, f: impl FnOnce(&mut Self, Value) -> Value) -> Value {
        let a = self.get(a);
        f(self, a)
    }

    fn floats(&mut self, dst: Reg, a: Reg, b: Reg, f: impl FnOnce(&mut Self, Value, Value) -> Value) {
        let (a, b) = (self.get(a), self.get(b));
        let value = f(self, a, b);
        self.set(dst, value);
    }

    fn float_compare(&mut self, dst: Reg, a: Reg, b: Reg, condition: FloatCC) {
        self.floats(dst, a, b, |t, a, b| {
            let bit = t.builder.ins().fcmp(condition, a, b);
            t.widen(bit)
        });
    }

    /// The value, or the only NaN that a program may see.
    pub(super) fn canonical(&mut self, value: Value) -> Value {
        if self.is_canonical(value) || self.has(Seed::NanNotCanonical) {
            return value;
        }
        let nan = self.builder.ins().f64const(f64::from_bits(CANONICAL_NAN));
        let is_nan = self.builder.ins().fcmp(FloatCC::Unordered, value, value);
        self.builder.ins().select(is_nan, nan, value)
    }

    /// Whether a value is loaded, a constant, or made from an integer.
    fn is_canonical(&self, value: Value) -> bool {
        let dfg = &self.builder.func.dfg;
        let ValueDef::Result(inst, _) = dfg.value_def(dfg.resolve_aliases(value)) else { return false };
        match dfg.insts[inst] {
            InstructionData::UnaryIeee64 { .. } | InstructionData::Load { .. } => true,
            InstructionData::Unary { opcode, .. } => opcode == cranelift_codegen::ir::Opcode::FcvtFromSint,
            _ => false,
        }
    }

    /// A register's word as cells keep it.
    pub(super) fn visible(&mut self, reg: Reg) -> Value {
        let value = self.get(reg);
        match self.builder.func.dfg.value_type(value) {
            F64 => self.canonical(value),
            _ => value,
        }
    }
}
