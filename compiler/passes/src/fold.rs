//! Constant folding: what a row gives for constants, by the one definition of its meaning in `codex_spec::semantics`.
//!
//! An operation that would trap is left as it is, so that it traps where and when it does.

use codex_core::ir::Imm;
use codex_spec::instruction::Opcode;
use codex_spec::semantics as s;

/// A word that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Known {
    /// An Int, Bool or enumeration.
    Int(i64),
    /// A Float.
    Float(f64),
}

impl Known {
    /// The instruction that makes it, and its immediate.
    pub(crate) fn made_by(self) -> (Opcode, Imm) {
        match self {
            Known::Int(v) => (Opcode::ConstI64, Imm::I64(v)),
            Known::Float(v) => (Opcode::ConstF64, Imm::F64(s::canonical(v).to_bits())),
        }
    }
}

/// What a row gives for these operands, if it is a function of words alone and does not trap.
pub(crate) fn fold(op: Opcode, imm: Option<Imm>, args: &[Known]) -> Option<Known> {
    match *args {
        [Known::Int(a)] => of_int(op, imm, a),
        [Known::Int(a), Known::Int(b)] => of_ints(op, a, b),
        [Known::Float(a)] => of_float(op, imm, a),
        [Known::Float(a), Known::Float(b)] => of_floats(op, imm, a, b),
        _ => None,
    }
}

fn of_int(op: Opcode, imm: Option<Imm>, a: i64) -> Option<Known> {
    let value = match imm {
        Some(Imm::I64(v)) => v,
        _ => 0,
    };
    let int = match op {
        Opcode::AddImm => s::add(a, value).ok()?,
        Opcode::MulImm => s::mul(a, value).ok()?,
        Opcode::Neg => s::neg(a).ok()?,
        Opcode::Not => s::not(a),
        Opcode::CountOnes => s::count_ones(a),
        Opcode::LeadingZeros => s::leading_zeros(a),
        Opcode::TrailingZeros => s::trailing_zeros(a),
        Opcode::IntToFloat => return Some(Known::Float(s::int_to_float(a))),
        Opcode::FloatFromBits => return Some(Known::Float(s::float_from_bits(a))),
        _ => return None,
    };
    Some(Known::Int(int))
}

fn of_ints(op: Opcode, a: i64, b: i64) -> Option<Known> {
    Some(Known::Int(match op {
        Opcode::Add => s::add(a, b).ok()?,
        Opcode::Sub => s::sub(a, b).ok()?,
        Opcode::Mul => s::mul(a, b).ok()?,
        Opcode::Div => s::div(a, b).ok()?,
        Opcode::Rem => s::rem(a, b).ok()?,
        Opcode::WrappingAdd => s::wrapping_add(a, b),
        Opcode::WrappingSub => s::wrapping_sub(a, b),
        Opcode::WrappingMul => s::wrapping_mul(a, b),
        Opcode::MulHigh => s::mul_high(a, b),
        Opcode::And => s::and(a, b),
        Opcode::Or => s::or(a, b),
        Opcode::Xor => s::xor(a, b),
        Opcode::Shl => s::shl(a, b),
        Opcode::Shr => s::shr(a, b),
        Opcode::ShrLogical => s::shr_logical(a, b),
        Opcode::Eq => s::eq(a, b),
        Opcode::Ne => s::ne(a, b),
        Opcode::Lt => s::lt(a, b),
        Opcode::Le => s::le(a, b),
        _ => return None,
    }))
}

fn of_float(op: Opcode, imm: Option<Imm>, a: f64) -> Option<Known> {
    Some(Known::Float(match op {
        Opcode::FNeg => s::fneg(a),
        Opcode::FAbs => s::fabs(a),
        Opcode::FSqrt => s::fsqrt(a),
        Opcode::FFloor => s::ffloor(a),
        Opcode::FCeil => s::fceil(a),
        Opcode::FRound => s::fround(a),
        Opcode::FTrunc => s::ftrunc(a),
        Opcode::Math => s::Math::from_number(index(imm)?)?.apply(a),
        Opcode::FloatToInt => return Some(Known::Int(s::float_to_int(a))),
        Opcode::FloatBits => return Some(Known::Int(s::float_bits(a))),
        _ => return None,
    }))
}

fn of_floats(op: Opcode, imm: Option<Imm>, a: f64, b: f64) -> Option<Known> {
    Some(match op {
        Opcode::FAdd => Known::Float(s::fadd(a, b)),
        Opcode::FSub => Known::Float(s::fsub(a, b)),
        Opcode::FMul => Known::Float(s::fmul(a, b)),
        Opcode::FDiv => Known::Float(s::fdiv(a, b)),
        Opcode::Math2 => Known::Float(s::Math2::from_number(index(imm)?)?.apply(a, b)),
        Opcode::FEq => Known::Int(s::feq(a, b)),
        Opcode::FLt => Known::Int(s::flt(a, b)),
        Opcode::FLe => Known::Int(s::fle(a, b)),
        Opcode::FCompare => Known::Int(s::fcompare(a, b)),
        _ => return None,
    })
}

fn index(imm: Option<Imm>) -> Option<u32> {
    match imm {
        Some(Imm::Index(i)) => Some(i),
        _ => None,
    }
}

/// Whether a compare-and-jump row goes to `yes`.
pub(crate) fn jumps(op: Opcode, args: &[Known], imm: Option<i64>) -> Option<bool> {
    let result = match (op, args) {
        (Opcode::JumpIf, [Known::Int(a)]) => i64::from(*a != 0),
        (Opcode::JumpEqImm, [Known::Int(a)]) => s::eq(*a, imm?),
        (Opcode::JumpLtImm, [Known::Int(a)]) => s::lt(*a, imm?),
        (Opcode::JumpLeImm, [Known::Int(a)]) => s::le(*a, imm?),
        (Opcode::JumpEq, [Known::Int(a), Known::Int(b)]) => s::eq(*a, *b),
        (Opcode::JumpLt, [Known::Int(a), Known::Int(b)]) => s::lt(*a, *b),
        (Opcode::JumpLe, [Known::Int(a), Known::Int(b)]) => s::le(*a, *b),
        (Opcode::JumpFEq, [Known::Float(a), Known::Float(b)]) => s::feq(*a, *b),
        (Opcode::JumpFLt, [Known::Float(a), Known::Float(b)]) => s::flt(*a, *b),
        (Opcode::JumpFLe, [Known::Float(a), Known::Float(b)]) => s::fle(*a, *b),
        _ => return None,
    };
    Some(result != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_trap_is_left() {
        let ints = |a, b| [Known::Int(a), Known::Int(b)];
        assert_eq!(fold(Opcode::Add, None, &ints(i64::MAX, 1)), None);
        assert_eq!(fold(Opcode::Div, None, &ints(1, 0)), None);
        assert_eq!(fold(Opcode::Div, None, &ints(-7, 2)), Some(Known::Int(-3)));
        assert_eq!(fold(Opcode::AddImm, Some(Imm::I64(2)), &[Known::Int(40)]), Some(Known::Int(42)));
    }

    #[test]
    fn a_nan_is_canonical() {
        let nan = fold(Opcode::FDiv, None, &[Known::Float(0.0), Known::Float(0.0)]);
        let Some((_, Imm::F64(bits))) = nan.map(Known::made_by) else { panic!("not folded") };
        assert_eq!(bits, s::CANONICAL_NAN);
    }
}
