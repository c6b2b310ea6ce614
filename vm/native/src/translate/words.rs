//! Integers. What each instruction means is `semantics::word`.

use codex_spec::instruction::{Inst, Reg};
use codex_spec::trap::Trap;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, Value, ValueDef};

use super::Translator;
use crate::machine::Seed;
use crate::ranges::Range;

impl Translator<'_, '_, '_, '_> {
    pub(super) fn word(&mut self, inst: &Inst) {
        match *inst {
            Inst::ConstI64 { dst, value } => {
                let value = self.constant(value);
                self.set(dst, value);
            }
            Inst::ConstF64 { dst, value } => {
                let value = self.builder.ins().f64const(f64::from_bits(value));
                self.set(dst, value);
            }
            Inst::Copy { dst, src } => {
                let value = self.get(src);
                self.set(dst, value);
            }
            Inst::Div { dst, a, b } => self.divide(inst, dst, a, b),
            Inst::Rem { dst, a, b } => self.remainder(inst, dst, a, b),
            Inst::Shl { dst, a, b } | Inst::Shr { dst, a, b } | Inst::ShrLogical { dst, a, b } => {
                self.shift(inst, dst, a, b);
            }
            Inst::CountOnes { dst, a } => self.unary(dst, a, |t, a| t.builder.ins().popcnt(a)),
            Inst::LeadingZeros { dst, a } => self.unary(dst, a, |t, a| t.builder.ins().clz(a)),
            Inst::TrailingZeros { dst, a } => self.unary(dst, a, |t, a| t.builder.ins().ctz(a)),
            Inst::Not { dst, a } => self.unary(dst, a, |t, a| {
                let one = t.constant(1);
                t.builder.ins().isub(one, a)
            }),
            _ => self.checked(inst),
        }
    }

    /// Arithmetic that may leave the range.
    fn checked(&mut self, inst: &Inst) {
        match *inst {
            Inst::Add { dst, a, b } => {
                let idle = self.range(a).add(self.range(b)).1;
                let (a, b) = (self.get(a), self.get(b));
                self.add(inst, dst, a, b, idle);
            }
            Inst::AddImm { dst, a, value } => {
                let idle = self.range(a).add(Range { lo: value, hi: value }).1;
                let (a, b) = (self.get(a), self.constant(value));
                self.add(inst, dst, a, b, idle);
            }
            Inst::Sub { dst, a, b } => {
                let idle = self.range(a).sub(self.range(b)).1;
                let (a, b) = (self.get(a), self.get(b));
                self.subtract(inst, dst, a, b, idle);
            }
            Inst::Neg { dst, a } => {
                let idle = self.range(a).lo > i64::MIN;
                let (zero, a) = (self.constant(0), self.get(a));
                self.subtract(inst, dst, zero, a, idle);
            }
            Inst::Mul { dst, a, b } => {
                let idle = self.range(a).mul(self.range(b)).1;
                let (a, b) = (self.get(a), self.get(b));
                self.multiply(inst, dst, a, b, idle);
            }
            Inst::MulImm { dst, a, value } => {
                let idle = self.range(a).mul(Range { lo: value, hi: value }).1;
                let (a, b) = (self.get(a), self.constant(value));
                self.multiply(inst, dst, a, b, idle);
            }
            _ => self.plain(inst),
        }
    }

    /// A sum; `idle` if it cannot overflow. With a constant the check is a comparison, which is one machine instruction with
    /// its branch.
    fn add(&mut self, inst: &Inst, dst: Reg, a: Value, b: Value, idle: bool) {
        let (value, overflow) = match self.known(b) {
            _ if idle => return self.wrapping(dst, a, b, |t, a, b| t.builder.ins().iadd(a, b)),
            Some(n) => {
                let value = self.builder.ins().iadd(a, b);
                let wrong = if n >= 0 { IntCC::SignedLessThan } else { IntCC::SignedGreaterThan };
                (value, self.builder.ins().icmp(wrong, value, a))
            }
            None => self.builder.ins().sadd_overflow(a, b),
        };
        self.unless_overflow(inst, dst, value, overflow);
    }

    fn subtract(&mut self, inst: &Inst, dst: Reg, a: Value, b: Value, idle: bool) {
        let (value, overflow) = match self.known(b) {
            _ if idle => return self.wrapping(dst, a, b, |t, a, b| t.builder.ins().isub(a, b)),
            Some(n) => {
                let value = self.builder.ins().isub(a, b);
                let wrong = if n >= 0 { IntCC::SignedGreaterThan } else { IntCC::SignedLessThan };
                (value, self.builder.ins().icmp(wrong, value, a))
            }
            None => self.builder.ins().ssub_overflow(a, b),
        };
        self.unless_overflow(inst, dst, value, overflow);
    }

    fn multiply(&mut self, inst: &Inst, dst: Reg, a: Value, b: Value, idle: bool) {
        if idle {
            return self.wrapping(dst, a, b, |t, a, b| t.builder.ins().imul(a, b));
        }
        let (value, overflow) = self.builder.ins().smul_overflow(a, b);
        self.unless_overflow(inst, dst, value, overflow);
    }

    fn wrapping(&mut self, dst: Reg, a: Value, b: Value, f: impl FnOnce(&mut Self, Value, Value) -> Value) {
        let value = f(self, a, b);
        self.set(dst, value);
    }

    fn unless_overflow(&mut self, inst: &Inst, dst: Reg, value: Value, overflow: Value) {
        if !self.has(Seed::NoOverflowCheck) {
            let trap = self.trap(inst, Trap::Overflow);
            self.rarely(overflow, trap);
        }
        self.set(dst, value);
    }

    fn divide(&mut self, inst: &Inst, dst: Reg, a: Reg, b: Reg) {
        self.unless_zero(inst, b);
        let overflows = self.range(a).lo == i64::MIN && self.range(b).lo <= -1 && self.range(b).hi >= -1;
        let (a, b) = (self.get(a), self.get(b));
        if overflows {
            // The quotient that does not fit.
            let trap = self.trap(inst, Trap::Overflow);
            let least = self.builder.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
            let minus = self.builder.ins().icmp_imm_s(IntCC::Equal, b, -1);
            let both = self.builder.ins().band(least, minus);
            self.rarely(both, trap);
        }
        let value = self.builder.ins().sdiv(a, b);
        self.set(dst, value);
    }

    /// `min % -1` is 0 in the IR too.
    fn remainder(&mut self, inst: &Inst, dst: Reg, a: Reg, b: Reg) {
        self.unless_zero(inst, b);
        let (a, b) = (self.get(a), self.get(b));
        let value = self.builder.ins().srem(a, b);
        self.set(dst, value);
    }

    fn unless_zero(&mut self, inst: &Inst, b: Reg) {
        if self.range(b).lo <= 0 && self.range(b).hi >= 0 {
            let trap = self.trap(inst, Trap::DivideByZero);
            let b = self.get(b);
            let zero = self.builder.ins().icmp_imm_s(IntCC::Equal, b, 0);
            self.rarely(zero, trap);
        }
    }

    /// A shift by any count; the IR's takes the count modulo 64.
    fn shift(&mut self, inst: &Inst, dst: Reg, a: Reg, b: Reg) {
        let (a, count) = (self.get(a), self.get(b));
        let value = match inst {
            Inst::Shl { .. } => self.builder.ins().ishl(a, count),
            Inst::Shr { .. } => self.builder.ins().sshr(a, count),
            _ => self.builder.ins().ushr(a, count),
        };
        if self.known(count).is_some_and(|n| (0..64).contains(&n)) {
            return self.set(dst, value);
        }
        let far = match inst {
            Inst::Shr { .. } => self.builder.ins().sshr_imm_u(a, 63),
            _ => self.constant(0),
        };
        let near = self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThan, count, 64);
        let value = self.builder.ins().select(near, value, far);
        self.set(dst, value);
    }

    /// What cannot fail.
    fn plain(&mut self, inst: &Inst) {
        match *inst {
            Inst::WrappingAdd { dst, a, b } => self.binary(dst, a, b, |t, a, b| t.builder.ins().iadd(a, b)),
            Inst::WrappingSub { dst, a, b } => self.binary(dst, a, b, |t, a, b| t.builder.ins().isub(a, b)),
            Inst::WrappingMul { dst, a, b } => self.binary(dst, a, b, |t, a, b| t.builder.ins().imul(a, b)),
            Inst::MulHigh { dst, a, b } => self.binary(dst, a, b, |t, a, b| t.builder.ins().umulhi(a, b)),
            Inst::And { dst, a, b } => self.binary(dst, a, b, |t, a, b| t.builder.ins().band(a, b)),
            Inst::Or { dst, a, b } => self.binary(dst, a, b, |t, a, b| t.builder.ins().bor(a, b)),
            Inst::Xor { dst, a, b } => self.binary(dst, a, b, |t, a, b| t.builder.ins().bxor(a, b)),
            Inst::Eq { dst, a, b } => self.compare(dst, a, b, IntCC::Equal),
            Inst::Ne { dst, a, b } => self.compare(dst, a, b, IntCC::NotEqual),
            Inst::Lt { dst, a, b } => self.compare(dst, a, b, IntCC::SignedLessThan),
            Inst::Le { dst, a, b } => self.compare(dst, a, b, IntCC::SignedLessThanOrEqual),
            _ => unreachable!("{} is no instruction on integers", inst.opcode().name()),
        }
    }

    fn unary(&mut self, dst: Reg, a: Reg, f: impl FnOnce(&mut Self, Value) -> Value) {
        let a = self.get(a);
        let value = f(self, a);
        self.set(dst, value);
    }

    fn binary(&mut self, dst: Reg, a: Reg, b: Reg, f: impl FnOnce(&mut Self, Value, Value) -> Value) {
        let (a, b) = (self.get(a), self.get(b));
        let value = f(self, a, b);
        self.set(dst, value);
    }

    fn compare(&mut self, dst: Reg, a: Reg, b: Reg, condition: IntCC) {
        self.binary(dst, a, b, |t, a, b| {
            let bit = t.builder.ins().icmp(condition, a, b);
            t.widen(bit)
        });
    }

    /// A condition as a word.
    pub(super) fn widen(&mut self, bit: Value) -> Value {
        self.builder.ins().uextend(I64, bit)
    }

    /// The number that a value is, if it is a constant of this block.
    pub(super) fn known(&self, value: Value) -> Option<i64> {
        let dfg = &self.builder.func.dfg;
        let ValueDef::Result(inst, _) = dfg.value_def(dfg.resolve_aliases(value)) else { return None };
        match dfg.insts[inst] {
            InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } => Some(imm.bits()),
            _ => None,
        }
    }
}
