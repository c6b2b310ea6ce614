//! Instructions that compute one value from words and texts.

use codex_spec::instruction::Opcode;
use codex_spec::semantics as sem;

use super::value::Val;
use super::{Stop, number};
use crate::ir::{Imm, Inst};

/// The result of an instruction of this kind; `None` for any other.
pub(crate) fn scalar(inst: &Inst, args: &[Val]) -> Result<Option<Val>, Stop> {
    if let Some(value) = integer(inst, args)? {
        return Ok(Some(Val::Int(value)));
    }
    if let Some(value) = float(inst, args)? {
        return Ok(Some(Val::Float(value)));
    }
    Ok(text(inst, args)?.map(Val::raw))
}

/// Whether a compare-and-jump row goes to its first block.
pub(crate) fn condition(op: Opcode, args: &[Val], imm: i64) -> Result<bool, Stop> {
    let int = |i: usize| args[i].int();
    let float = |i: usize| args[i].float();
    Ok(match op {
        Opcode::JumpIf => int(0)? != 0,
        Opcode::JumpEq => int(0)? == int(1)?,
        Opcode::JumpLt => int(0)? < int(1)?,
        Opcode::JumpLe => int(0)? <= int(1)?,
        Opcode::JumpEqImm => int(0)? == imm,
        Opcode::JumpLtImm => int(0)? < imm,
        Opcode::JumpLeImm => int(0)? <= imm,
        Opcode::JumpFEq => sem::feq(float(0)?, float(1)?) == 1,
        Opcode::JumpFLt => sem::flt(float(0)?, float(1)?) == 1,
        Opcode::JumpFLe => sem::fle(float(0)?, float(1)?) == 1,
        _ => return Err(Stop::Broken(format!("`{}` is no condition", op.name()))),
    })
}

fn integer(inst: &Inst, args: &[Val]) -> Result<Option<i64>, Stop> {
    use Opcode as O;
    let int = |i: usize| args[i].int();
    Ok(Some(match inst.op {
        O::ConstI64 => number(inst),
        O::Copy if matches!(args[0], Val::Int(_)) => int(0)?,
        O::Add => sem::add(int(0)?, int(1)?)?,
        O::Sub => sem::sub(int(0)?, int(1)?)?,
        O::Mul => sem::mul(int(0)?, int(1)?)?,
        O::Div => sem::div(int(0)?, int(1)?)?,
        O::Rem => sem::rem(int(0)?, int(1)?)?,
        O::Neg => sem::neg(int(0)?)?,
        O::AddImm => sem::add(int(0)?, number(inst))?,
        O::MulImm => sem::mul(int(0)?, number(inst))?,
        O::WrappingAdd => sem::wrapping_add(int(0)?, int(1)?),
        O::WrappingSub => sem::wrapping_sub(int(0)?, int(1)?),
        O::WrappingMul => sem::wrapping_mul(int(0)?, int(1)?),
        O::MulHigh => sem::mul_high(int(0)?, int(1)?),
        O::And => sem::and(int(0)?, int(1)?),
        O::Or => sem::or(int(0)?, int(1)?),
        O::Xor => sem::xor(int(0)?, int(1)?),
        O::Shl => sem::shl(int(0)?, int(1)?),
        O::Shr => sem::shr(int(0)?, int(1)?),
        O::ShrLogical => sem::shr_logical(int(0)?, int(1)?),
        O::CountOnes => sem::count_ones(int(0)?),
        O::LeadingZeros => sem::leading_zeros(int(0)?),
        O::TrailingZeros => sem::trailing_zeros(int(0)?),
        O::Not => sem::not(int(0)?),
        O::Eq => sem::eq(int(0)?, int(1)?),
        O::Ne => sem::ne(int(0)?, int(1)?),
        O::Lt => sem::lt(int(0)?, int(1)?),
        O::Le => sem::le(int(0)?, int(1)?),
        O::HashWord => sem::hash_word(int(0)?, int(1)?),
        _ => return integer_of_others(inst, args),
    }))
}

/// Integers that come from floats, texts and bytes.
fn integer_of_others(inst: &Inst, args: &[Val]) -> Result<Option<i64>, Stop> {
    use Opcode as O;
    let int = |i: usize| args[i].int();
    let float = |i: usize| args[i].float();
    let bytes = |i: usize| args[i].bytes();
    Ok(Some(match inst.op {
        O::FEq => sem::feq(float(0)?, float(1)?),
        O::FLt => sem::flt(float(0)?, float(1)?),
        O::FLe => sem::fle(float(0)?, float(1)?),
        O::FCompare => sem::fcompare(float(0)?, float(1)?),
        O::FloatToInt => sem::float_to_int(float(0)?),
        O::FloatBits => sem::float_bits(float(0)?),
        O::RawLength => bytes(0)?.len() as i64,
        O::RawEq => (bytes(0)? == bytes(1)?).into(),
        O::RawCompare => sem::raw_compare(bytes(0)?, bytes(1)?),
        O::RawByte => sem::raw_byte(bytes(0)?, int(1)?)?,
        O::RawFind => sem::raw_find(bytes(0)?, bytes(1)?, int(2)?),
        O::TextCharAt => sem::char_at(args[0].text()?, int(1)?)?,
        O::TextGrapheme => sem::grapheme_end(args[0].text()?, int(1)?)? as i64,
        O::CharIs => match sem::CharClass::from_number(inst.index(0)) {
            Some(class) => class.contains(int(0)?).into(),
            None => return Err(Stop::Broken("no such class of characters".into())),
        },
        O::HashRaw => sem::hash_raw(int(0)?, bytes(1)?),
        O::Tag => args[0].tag()?.into(),
        O::ListLength => args[0].node()?.items.len() as i64,
        _ => return Ok(None),
    }))
}

fn float(inst: &Inst, args: &[Val]) -> Result<Option<f64>, Stop> {
    use Opcode as O;
    let float = |i: usize| args[i].float();
    Ok(Some(match inst.op {
        O::ConstF64 => match inst.imm[0] {
            Some(Imm::F64(bits)) => f64::from_bits(bits),
            _ => return Err(Stop::Broken("a float without its value".into())),
        },
        O::Copy => float(0)?,
        O::FAdd => sem::fadd(float(0)?, float(1)?),
        O::FSub => sem::fsub(float(0)?, float(1)?),
        O::FMul => sem::fmul(float(0)?, float(1)?),
        O::FDiv => sem::fdiv(float(0)?, float(1)?),
        O::FNeg => sem::fneg(float(0)?),
        O::FAbs => sem::fabs(float(0)?),
        O::FSqrt => sem::fsqrt(float(0)?),
        O::FFloor => sem::ffloor(float(0)?),
        O::FCeil => sem::fceil(float(0)?),
        O::FRound => sem::fround(float(0)?),
        O::FTrunc => sem::ftrunc(float(0)?),
        O::Math => match sem::Math::from_number(inst.index(0)) {
            Some(function) => function.apply(float(0)?),
            None => return Err(Stop::Broken("no such function of a float".into())),
        },
        O::Math2 => match sem::Math2::from_number(inst.index(0)) {
            Some(function) => function.apply(float(0)?, float(1)?),
            None => return Err(Stop::Broken("no such function of two floats".into())),
        },
        O::IntToFloat => sem::int_to_float(args[0].int()?),
        O::FloatFromBits => sem::float_from_bits(args[0].int()?),
        _ => return Ok(None),
    }))
}

fn text(inst: &Inst, args: &[Val]) -> Result<Option<Vec<u8>>, Stop> {
    use Opcode as O;
    Ok(Some(match inst.op {
        O::IntToText => sem::int_to_text(args[0].int()?).into_bytes(),
        O::FloatToText => sem::float_to_text(args[0].float()?).into_bytes(),
        O::FloatToFixed => sem::float_to_fixed(args[0].float()?, args[1].int()?).into_bytes(),
        O::TextUpper => sem::text_upper(args[0].text()?).into_bytes(),
        O::TextLower => sem::text_lower(args[0].text()?).into_bytes(),
        O::TextToBytes => args[0].bytes()?.to_vec(),
        O::TextSlice => {
            let text = args[0].text()?;
            text.as_bytes()[sem::text_range(text, args[1].int()?, args[2].int()?)?].to_vec()
        }
        O::BytesSlice => {
            let bytes = args[0].bytes()?;
            bytes[sem::bytes_range(bytes, args[1].int()?, args[2].int()?)].to_vec()
        }
        O::TextJoin => {
            let mut joined = Vec::new();
            for part in args {
                joined.extend_from_slice(part.bytes()?);
            }
            joined
        }
        _ => return Ok(None),
    }))
}
