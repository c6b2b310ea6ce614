//! Loading of jumps and switches.

use codex_spec::instruction::{BlockId, Inst, Reg};

use super::super::op::{Op, Word};
use super::{Loader, distance};

/// The two lanes of `d`.
pub(super) const YES: usize = 2;
pub(super) const NO: usize = 3;

/// The head of a loop that only decides whether to go on.
pub(super) struct Condition {
    /// The operation that goes back to it and decides.
    pub(super) op: Op,
    pub(super) a: Reg,
    pub(super) b: Reg,
    /// A small number in place of `b`.
    pub(super) value: Option<i64>,
    pub(super) yes: BlockId,
    pub(super) no: BlockId,
}

impl Loader<'_> {
    pub(super) fn control(&mut self, inst: &Inst) {
        match inst {
            Inst::Jump { to } => self.jump_to(*to),
            Inst::JumpIf { a, yes, no } => self.branch(Op::JumpIf, *a, Reg(0), *yes, *no),
            Inst::JumpEq { a, b, yes, no } => self.branch(Op::JumpEq, *a, *b, *yes, *no),
            Inst::JumpLt { a, b, yes, no } => self.branch(Op::JumpLt, *a, *b, *yes, *no),
            Inst::JumpLe { a, b, yes, no } => self.branch(Op::JumpLe, *a, *b, *yes, *no),
            Inst::JumpFEq { a, b, yes, no } => self.branch(Op::JumpFEq, *a, *b, *yes, *no),
            Inst::JumpFLt { a, b, yes, no } => self.branch(Op::JumpFLt, *a, *b, *yes, *no),
            Inst::JumpFLe { a, b, yes, no } => self.branch(Op::JumpFLe, *a, *b, *yes, *no),
            Inst::JumpEqImm { a, value, yes, no } => {
                self.branch_imm([Op::JumpEqImm, Op::JumpEqWide], *a, *value, *yes, *no);
            }
            Inst::JumpLtImm { a, value, yes, no } => {
                self.branch_imm([Op::JumpLtImm, Op::JumpLtWide], *a, *value, *yes, *no);
            }
            Inst::JumpLeImm { a, value, yes, no } => {
                self.branch_imm([Op::JumpLeImm, Op::JumpLeWide], *a, *value, *yes, *no);
            }
            Inst::Loop { counter, limit, body, done } => self.counted(*counter, *limit, *body, *done),
            Inst::Switch { a, to, other } => {
                let from = self.emit(Op::Switch, *a, Reg(0), Reg(0), to.len() as u64);
                self.jump_table(from, std::iter::once(*other).chain(to.iter().copied()));
            }
            Inst::SwitchTag { a, to } if to.len() == 2 => self.branch(Op::SwitchTag2, *a, Reg(0), to[0], to[1]),
            Inst::SwitchTag { a, to } => {
                let from = self.emit(Op::SwitchTag, *a, Reg(0), Reg(0), 0);
                self.jump_table(from, to.iter().copied());
            }
            _ => unreachable!("regular"),
        }
    }

    /// A jump that decides between two registers. A way back that is its first is paid for by the word itself.
    fn branch(&mut self, op: Op, a: Reg, b: Reg, yes: BlockId, no: BlockId) {
        let (op, a, b, yes, no) = match op {
            Op::JumpIf if self.is_back(yes) => (Op::JumpIfBack, a, b, yes, no),
            Op::JumpLt if self.is_back(yes) => (Op::JumpLtBack, a, b, yes, no),
            Op::JumpLe if self.is_back(yes) => (Op::JumpLeBack, a, b, yes, no),
            Op::JumpLt if self.is_back(no) => (Op::JumpLeBack, b, a, no, yes),
            Op::JumpLe if self.is_back(no) => (Op::JumpLtBack, b, a, no, yes),
            _ => (op, a, b, yes, no),
        };
        let at = self.emit(op, a, b, Reg(0), 0);
        self.ways(at, op, yes, no);
    }

    /// The same for a register and a number.
    fn branch_imm(&mut self, ops: [Op; 2], a: Reg, value: i64, yes: BlockId, no: BlockId) {
        let Ok(small) = i32::try_from(value) else {
            let at = self.emit(ops[1], a, Reg(0), Reg(0), 0);
            self.code.push(wide(value));
            return self.ways(at, ops[1], yes, no);
        };
        let (op, yes, no) = match ops[0] {
            Op::JumpLtImm if self.is_back(yes) => (Op::JumpLtImmBack, yes, no),
            Op::JumpLeImm if self.is_back(yes) => (Op::JumpLeImmBack, yes, no),
            Op::JumpEqImm if self.is_back(no) => (Op::JumpNeImmBack, no, yes),
            op => (op, yes, no),
        };
        let at = self.emit(op, a, Reg(small as u16), Reg((small >> 16) as u16), 0);
        self.ways(at, op, yes, no);
    }

    /// The two jumps of a word that was just loaded.
    fn ways(&mut self, at: usize, op: Op, yes: BlockId, no: BlockId) {
        match op {
            Op::JumpIfBack
            | Op::JumpNeImmBack
            | Op::JumpLtBack
            | Op::JumpLeBack
            | Op::JumpLtImmBack
            | Op::JumpLeImmBack
            | Op::LoopBack => self.direct(at, at, YES, yes),
            _ => self.jump(at, at, YES, yes),
        }
        self.jump(at, at, NO, no);
    }

    fn jump_table(&mut self, from: usize, targets: impl Iterator<Item = BlockId>) {
        for (i, to) in targets.enumerate() {
            if i % 4 == 0 {
                self.code.push(Word::extra([0; 8]));
            }
            self.jump(from, from + 1 + i / 4, i % 4, to);
        }
    }

    /// The body of a counted loop is nearly always behind; then paying is part of the word.
    fn counted(&mut self, counter: Reg, limit: Reg, body: BlockId, done: BlockId) {
        let op = if self.is_back(body) { Op::LoopBack } else { Op::Loop };
        let at = self.emit(op, counter, limit, Reg(0), 0);
        self.ways(at, op, body, done);
    }

    /// A jump to a block that was already loaded, paid for by the word that makes it.
    pub(super) fn direct(&mut self, from: usize, word: usize, lane: usize, to: BlockId) {
        let target = self.start_of(to);
        self.code[word].set_lane(lane, distance(from, target));
    }

    fn start_of(&self, block: BlockId) -> usize {
        self.place[self.starts[block.index()] as usize] as usize
    }

    fn jump_to(&mut self, to: BlockId) {
        // A block that is only a jump keeps its word: a container may stop there, and must be told from the next block.
        let is_alone = self.starts.last() == Some(&(self.place.len() as u32 - 1));
        if !self.is_back(to) && !is_alone && self.through(to).0 == self.block.0 + 1 {
            // The next word is the one to go to.
        } else if !self.is_back(to) {
            let at = self.emit(Op::Jump, Reg(0), Reg(0), Reg(0), 0);
            self.jump(at, at, YES, to);
        } else if !self.jump_to_condition(to) {
            let at = self.emit(Op::Back, Reg(0), Reg(0), Reg(0), 0);
            self.direct(at, at, YES, to);
        }
    }

    /// The end of a loop whose head only decides whether to go on: one word does both. Gives whether it is such a loop.
    fn jump_to_condition(&mut self, head: BlockId) -> bool {
        let Some(c) = self.condition(head) else {
            return false;
        };
        let at = match c.value {
            Some(n) => self.emit(c.op, c.a, Reg(n as u16), Reg((n >> 16) as u16), 0),
            None => self.emit(c.op, c.a, c.b, Reg(0), 0),
        };
        self.code.push(Word::extra([0; 8]));
        self.direct(at, at + 1, YES, head);
        self.free_jump(at, YES, c.yes);
        self.free_jump(at, NO, c.no);
        true
    }

    /// What the head of a loop decides, if it does nothing else and both its ways lead on.
    pub(super) fn condition(&self, head: BlockId) -> Option<Condition> {
        let [inst] = &self.function.blocks[head.index()].code[..] else {
            return None;
        };
        let (op, a, b, value, yes, no) = match *inst {
            Inst::JumpIf { a, yes, no } => (Op::BackIf, a, Reg(0), None, yes, no),
            Inst::JumpLt { a, b, yes, no } => (Op::BackLt, a, b, None, yes, no),
            Inst::JumpLe { a, b, yes, no } => (Op::BackLe, a, b, None, yes, no),
            Inst::JumpLtImm { a, value, yes, no } => (Op::BackLtImm, a, Reg(0), Some(value), yes, no),
            Inst::JumpLeImm { a, value, yes, no } => (Op::BackLeImm, a, Reg(0), Some(value), yes, no),
            _ => return None,
        };
        let fits = value.is_none_or(|n| i32::try_from(n).is_ok());
        (fits && yes > head && no > head).then_some(Condition { op, a, b, value, yes, no })
    }

    /// A jump that leaves the head of a loop, so that it pays nothing wherever it is written.
    pub(super) fn free_jump(&mut self, at: usize, lane: usize, to: BlockId) {
        self.jumps.push(super::Jump { from: at, word: at, lane, to, pays: false });
    }
}

/// An extra word with a number in `d`.
fn wide(value: i64) -> Word {
    let mut word = Word::extra([0; 8]);
    word.d = value as u64;
    word
}
