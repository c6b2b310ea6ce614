//! Superinstructions: one word that does the work of two.
//!
//! A fused word stands *before* the two plain words of the instructions it stands for, and skips them. Whatever is out of the
//! ordinary (overflow, NaN, an index out of bounds, fuel that is used up) it leaves to them: it goes to the first of
//! them without having changed anything. So traps, their places, fuel and state are those of the plain words, and a frame that
//! waits in a fused call waits in the plain one.
//!
//! A pair is fused where a measurement on a whole program showed a gain; the second must follow the first in its block.

use codex_spec::instruction::{BlockId, Inst, Reg};

use super::super::op::{Op, Word};
use super::Loader;
use super::control::{NO, YES};

/// A fused word, and where it jumps: back, and on.
type Fused = (Word, Option<(BlockId, BlockId)>);

impl Loader<'_> {
    /// Puts a fused word before the last instruction's, if that and this one, which is loaded next, are such a pair.
    pub(super) fn fuse(&mut self, inst: &Inst) {
        let this = self.place.len() - 1;
        let Some((at, first)) = self.before(this) else {
            return;
        };
        let Some((word, jumps)) = self.fused_word(first, inst) else {
            return;
        };
        self.code.insert(at, word);
        self.origin.insert(at, this as u32 - 1);
        self.place[this] += 1;
        self.fused = this;
        if let Some((yes, no)) = jumps {
            self.direct(at, at, YES, yes);
            self.jump(at, at, NO, no);
        }
    }

    /// The word of the instruction before this one, if that is in the same block, has only this word, and is not the second of
    /// a pair.
    fn before(&self, this: usize) -> Option<(usize, Word)> {
        let start = *self.starts.last()? as usize;
        if this == start || self.fused == this - 1 && self.fused != 0 {
            return None;
        }
        let at = self.place[this - 1] as usize;
        (self.code.len() == at + 1).then(|| (at, self.code[at]))
    }

    fn fused_word(&self, first: Word, inst: &Inst) -> Option<Fused> {
        let word = match inst {
            Inst::JumpLt { .. } | Inst::JumpLe { .. } => return self.step(first, inst),
            Inst::Call { function, args, .. } => {
                let window = self.function.registers.len() as u64;
                call(first, args, function.0 as u64 | window << 48, window)
            }
            Inst::Dup { dst, src } => dup(first, *dst, *src),
            Inst::FAdd { .. } | Inst::FSub { .. } | Inst::FMul { .. } => floats(first, inst),
            Inst::GetWord { dst, obj, layout, index } => {
                let offset = self.offset(*layout, *index) as u64;
                let is_pair = first.is(Op::ListGetRef) && first.a == obj.0;
                let d = first.a as u64 | offset << 32;
                is_pair.then(|| Word::new(Op::ListGetRefGet, dst.0, first.b, first.c, d))
            }
            Inst::MakeUnique { src } => {
                let is_pair = first.is(Op::ListTakeRef) && first.a == src.0;
                is_pair.then(|| Word::new(Op::ListTakeUnique, first.a, first.b, first.c, 0))
            }
            Inst::ListPutRef { list, at, value } => {
                let is_pair = first.is(Op::SetWord) && first.a == value.0;
                let d = at.0 as u64 | first.d << 32;
                is_pair.then(|| Word::new(Op::SetListPut, first.a, first.b, list.0, d))
            }
            Inst::ListSet { list, at, value } => {
                let is_pair = first.is(Op::ListGet) && first.a == value.0 && first.a != at.0;
                let d = list.0 as u64 | (at.0 as u64) << 16;
                is_pair.then(|| Word::new(Op::ListMove, first.a, first.b, first.c, d))
            }
            _ => None,
        };
        word.map(|word| (word, None))
    }

    /// `k += …`, then the end of a loop that goes on while `k < …`.
    fn step(&self, first: Word, inst: &Inst) -> Option<Fused> {
        let k = Reg(first.a);
        let (ops, limit, yes, no) = match *inst {
            Inst::JumpLt { a, b, yes, no } if a == k => ([Op::AddLtBack, Op::SubLtBack, Op::AddImmLtBack], b, yes, no),
            Inst::JumpLe { a, b, yes, no } if a == k => ([Op::AddLeBack, Op::SubLeBack, Op::AddImmLeBack], b, yes, no),
            Inst::JumpLt { a, b, yes, no } if b == k => ([Op::AddGtBack, Op::SubGtBack, Op::AddImmGtBack], a, yes, no),
            Inst::JumpLe { a, b, yes, no } if b == k => ([Op::AddGeBack, Op::SubGeBack, Op::AddImmGeBack], a, yes, no),
            _ => return None,
        };
        if first.a != first.b || !self.is_back(yes) {
            return None;
        }
        let (op, by) = match () {
            () if first.is(Op::Add) => (ops[0], first.c),
            () if first.is(Op::Sub) => (ops[1], first.c),
            () if first.is(Op::AddImm) => (ops[2], small(first.d as i64)?),
            () => return None,
        };
        Some((Word::new(op, k.0, limit.0, by, 0), Some((yes, no))))
    }
}

/// The number in 16 bits, if it fits.
fn small(value: i64) -> Option<u16> {
    i16::try_from(value).ok().map(|n| n as u16)
}

/// A borrowed reference that is shared at once.
fn dup(first: Word, dst: Reg, src: Reg) -> Option<Word> {
    if first.a != src.0 {
        None
    } else if first.is(Op::GetRef) {
        Some(Word::new(Op::GetRefDup, first.a, first.b, dst.0, first.d))
    } else if first.is(Op::ListGetRef) {
        Some(Word::new(Op::ListGetRefDup, first.a, first.b, first.c, dst.0.into()))
    } else {
        None
    }
}

/// A float that goes into another operation. The other operand of that must not be the float itself.
fn floats(first: Word, inst: &Inst) -> Option<Word> {
    let float = Reg(first.a);
    // Which of the operations is in `ops`: sum, product, and the differences of float and other, other and float.
    let (number, other, dst) = match *inst {
        Inst::FAdd { dst, a, b } if a == float => (0, b, dst),
        Inst::FAdd { dst, a, b } if b == float => (0, a, dst),
        Inst::FMul { dst, a, b } if a == float => (1, b, dst),
        Inst::FMul { dst, a, b } if b == float => (1, a, dst),
        Inst::FSub { dst, a, b } if a == float => (2, b, dst),
        Inst::FSub { dst, a, b } if b == float => (3, a, dst),
        _ => return None,
    };
    if other == float {
        return None;
    }
    if first.is(Op::GetWord) {
        let op = [Op::GetFAdd, Op::GetFMul, Op::GetFSub, Op::GetFSubFrom][number];
        return Some(Word::new(op, float.0, first.b, other.0, first.d | (dst.0 as u64) << 32));
    }
    let op = match number {
        0 if first.is(Op::FAdd) => Op::FAddAdd,
        0 if first.is(Op::FSub) => Op::FSubAdd,
        _ if first.is(Op::FMul) => [Op::FMulAdd, Op::FMulMul, Op::FMulSub, Op::FMulSubFrom][number],
        _ => return None,
    };
    Some(Word::new(op, first.b, first.c, other.0, float.0 as u64 | (dst.0 as u64) << 16))
}

/// A call with one argument that was just counted up or down.
fn call(first: Word, args: &[Reg], d: u64, window: u64) -> Option<Word> {
    match args {
        [arg] if first.is(Op::AddImm) && first.a == arg.0 && window <= u16::MAX as u64 => {
            Some(Word::new(Op::AddImmCall1, first.b, first.a, small(first.d as i64)?, d))
        }
        _ => None,
    }
}
