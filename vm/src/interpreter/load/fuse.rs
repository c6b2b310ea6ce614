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

/// A fused word, and where it jumps.
type Fused = (Word, Option<(BlockId, BlockId)>);

impl Loader<'_> {
    /// Puts a fused word before the last instruction's, if that and this one, which is loaded next, are such a pair.
    pub(super) fn fuse(&mut self, inst: &Inst) {
        let this = self.place.len() - 1;
        let Some((at, first)) = self.before(this) else {
            return;
        };
        let fused = match inst {
            Inst::Dup { dst, src } => dup(first, *dst, *src),
            Inst::FAdd { .. } | Inst::FSub { .. } | Inst::FMul { .. } => multiply(first, inst),
            Inst::Call { function, args, .. } => {
                let window = self.function.registers.len() as u64;
                call(first, args, function.0 as u64 | window << 48, window)
            }
            Inst::Jump { to } if self.is_back(*to) => self.step(first, *to),
            _ => None,
        };
        let Some((word, jumps)) = fused else { return };
        self.code.insert(at, word);
        self.origin.insert(at, this as u32 - 1);
        self.place[this] += 1;
        self.fused = this;
        if let Some((yes, no)) = jumps {
            self.free_jump(at, YES, yes);
            self.free_jump(at, NO, no);
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

    /// `k += …; jump head`, where the head is `k < …`.
    fn step(&self, first: Word, head: BlockId) -> Option<Fused> {
        let condition = self.condition(head)?;
        let is_imm = first.is(Op::AddImm);
        let step = if is_imm {
            small(first.d as i64)?
        } else {
            first.c
        };
        if !(is_imm || first.is(Op::Add)) || first.a != first.b || condition.a.0 != first.a {
            return None;
        }
        let limit = match condition.value {
            Some(value) => small(value)?,
            None => condition.b.0,
        };
        let op = match (condition.op, is_imm) {
            (Op::BackLt, true) => Op::AddImmBackLt,
            (Op::BackLe, true) => Op::AddImmBackLe,
            (Op::BackLt, false) => Op::AddBackLt,
            (Op::BackLe, false) => Op::AddBackLe,
            (Op::BackLtImm, true) => Op::AddImmBackLtImm,
            (Op::BackLeImm, true) => Op::AddImmBackLeImm,
            _ => return None,
        };
        Some((
            Word::new(op, first.a, limit, step, 0),
            Some((condition.yes, condition.no)),
        ))
    }
}

/// The number in 16 bits, if it fits.
fn small(value: i64) -> Option<u16> {
    i16::try_from(value).ok().map(|n| n as u16)
}

/// A borrowed reference that is shared at once.
fn dup(first: Word, dst: Reg, src: Reg) -> Option<Fused> {
    if first.a != src.0 {
        return None;
    }
    let word = match () {
        _ if first.is(Op::GetRef) => Word::new(Op::GetRefDup, first.a, first.b, dst.0, first.d),
        _ if first.is(Op::ListGetRef) => {
            Word::new(Op::ListGetRefDup, first.a, first.b, first.c, dst.0.into())
        }
        _ => return None,
    };
    Some((word, None))
}

/// A product that goes into another operation.
fn multiply(first: Word, inst: &Inst) -> Option<Fused> {
    if !first.is(Op::FMul) {
        return None;
    }
    let product = Reg(first.a);
    let (op, other, dst) = match *inst {
        Inst::FAdd { dst, a, b } if a == product => (Op::FMulAdd, b, dst),
        Inst::FAdd { dst, a, b } if b == product => (Op::FMulAdd, a, dst),
        Inst::FMul { dst, a, b } if a == product => (Op::FMulMul, b, dst),
        Inst::FMul { dst, a, b } if b == product => (Op::FMulMul, a, dst),
        Inst::FSub { dst, a, b } if a == product => (Op::FMulSub, b, dst),
        Inst::FSub { dst, a, b } if b == product => (Op::FMulSubFrom, a, dst),
        _ => return None,
    };
    let d = product.0 as u64 | (dst.0 as u64) << 16;
    (other != product).then(|| (Word::new(op, first.b, first.c, other.0, d), None))
}

/// A call with one argument that was just counted up or down.
fn call(first: Word, args: &[Reg], d: u64, window: u64) -> Option<Fused> {
    match args {
        [arg] if first.is(Op::AddImm) && first.a == arg.0 && window <= u16::MAX as u64 => {
            let step = small(first.d as i64)?;
            Some((Word::new(Op::AddImmCall1, first.b, first.a, step, d), None))
        }
        _ => None,
    }
}
