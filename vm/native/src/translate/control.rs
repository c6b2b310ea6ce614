//! Jumps, branches, switches, the counted loop; and which loops lie around a place.

use codex_spec::instruction::{BlockId, Inst, Reg};
use codex_spec::trap::Trap;
use cranelift_codegen::ir::condcodes::{CondCode, FloatCC, IntCC};
use cranelift_codegen::ir::types::I32;
use cranelift_codegen::ir::{self, BlockCall, InstBuilder, JumpTableData, Value};

use super::Translator;
use crate::machine::Seed;

impl Translator<'_, '_, '_, '_> {
    pub(super) fn control(&mut self, inst: &Inst) {
        match inst {
            Inst::Jump { to } => {
                let to = self.edge(*to);
                self.builder.ins().jump(to, &[]);
            }
            Inst::JumpIf { a, yes, no } => {
                let (a, zero) = (self.get(*a), self.constant(0));
                self.branch(IntCC::NotEqual, a, zero, *yes, *no);
            }
            Inst::JumpEq { a, b, yes, no } => self.branch_if(IntCC::Equal, *a, *b, *yes, *no),
            Inst::JumpLt { a, b, yes, no } => self.branch_if(IntCC::SignedLessThan, *a, *b, *yes, *no),
            Inst::JumpLe { a, b, yes, no } => self.branch_if(IntCC::SignedLessThanOrEqual, *a, *b, *yes, *no),
            Inst::JumpEqImm { a, value, yes, no } => self.branch_imm(IntCC::Equal, *a, *value, *yes, *no),
            Inst::JumpLtImm { a, value, yes, no } => self.branch_imm(IntCC::SignedLessThan, *a, *value, *yes, *no),
            Inst::JumpLeImm { a, value, yes, no } => {
                self.branch_imm(IntCC::SignedLessThanOrEqual, *a, *value, *yes, *no);
            }
            Inst::JumpFEq { a, b, yes, no } => self.branch_float(FloatCC::Equal, *a, *b, *yes, *no),
            Inst::JumpFLt { a, b, yes, no } => self.branch_float(FloatCC::LessThan, *a, *b, *yes, *no),
            Inst::JumpFLe { a, b, yes, no } => self.branch_float(FloatCC::LessThanOrEqual, *a, *b, *yes, *no),
            Inst::Loop { counter, limit, body, done } => self.counted(inst, *counter, *limit, *body, *done),
            Inst::Switch { a, to, other } => {
                let number = self.get(*a);
                self.switch_on(number, to, Some(*other));
            }
            Inst::SwitchTag { a, to } => self.switch_tag(*a, to),
            Inst::TrapCode { reason } => {
                let trap = self.trap(inst, Trap::from_number(*reason).unwrap_or(Trap::Unreachable));
                self.builder.ins().jump(trap, &[]);
            }
            _ => self.call_or_return(inst),
        }
    }

    /// The blocks of two edges, and whether they are the other way round: a way back is better the second one, which is
    /// laid out behind the branch.
    fn two_ways(&mut self, yes: BlockId, no: BlockId) -> (ir::Block, ir::Block, bool) {
        let turned = yes <= self.block;
        let (yes, no) = (self.edge(yes), self.edge(no));
        match turned != self.has(Seed::BranchesSwapped) {
            true => (no, yes, turned),
            false => (yes, no, turned),
        }
    }

    fn branch(&mut self, condition: IntCC, a: Value, b: Value, yes: BlockId, no: BlockId) {
        let (first, second, turned) = self.two_ways(yes, no);
        let condition = if turned { condition.complement() } else { condition };
        let bit = self.builder.ins().icmp(condition, a, b);
        self.builder.ins().brif(bit, first, &[], second, &[]);
    }

    fn branch_if(&mut self, condition: IntCC, a: Reg, b: Reg, yes: BlockId, no: BlockId) {
        let (a, b) = (self.get(a), self.get(b));
        self.branch(condition, a, b, yes, no);
    }

    fn branch_imm(&mut self, condition: IntCC, a: Reg, value: i64, yes: BlockId, no: BlockId) {
        let (a, b) = (self.get(a), self.constant(value));
        self.branch(condition, a, b, yes, no);
    }

    fn branch_float(&mut self, condition: FloatCC, a: Reg, b: Reg, yes: BlockId, no: BlockId) {
        let (a, b) = (self.get(a), self.get(b));
        let (first, second, turned) = self.two_ways(yes, no);
        let condition = if turned { condition.complement() } else { condition };
        let bit = self.builder.ins().fcmp(condition, a, b);
        self.builder.ins().brif(bit, first, &[], second, &[]);
    }

    /// The end of a counted loop.
    fn counted(&mut self, inst: &Inst, counter: Reg, limit: Reg, body: BlockId, done: BlockId) {
        let (at, limit) = (self.get(counter), self.get(limit));
        if self.range(counter).hi == i64::MAX {
            let trap = self.trap(inst, Trap::Unreachable);
            let last = self.builder.ins().icmp_imm_s(IntCC::Equal, at, i64::MAX);
            self.rarely(last, trap);
        }
        let next = self.builder.ins().iadd_imm_s(at, 1);
        self.set(counter, next);
        self.branch(IntCC::SignedLessThan, next, limit, body, done);
    }

    fn switch_tag(&mut self, a: Reg, to: &[BlockId]) {
        let tag = self.tag(a);
        match to {
            [only] => {
                let only = self.edge(*only);
                self.builder.ins().jump(only, &[]);
            }
            [first, second] => {
                let zero = self.constant(0);
                self.branch(IntCC::NotEqual, tag, zero, *second, *first);
            }
            _ => self.switch_on(tag, to, None),
        }
    }

    /// A table of blocks; a number outside of it goes to `other`, or is not possible.
    fn switch_on(&mut self, number: Value, to: &[BlockId], other: Option<BlockId>) {
        let Some(default) = other.or(to.last().copied()) else {
            unreachable!("verified: a type has variants");
        };
        let default = self.edge(default);
        let targets: Vec<_> = to.iter().map(|&to| self.edge(to)).collect();
        let mut call = |block| BlockCall::new(block, [], &mut self.builder.func.dfg.value_lists);
        let default = call(default);
        let targets: Vec<_> = targets.into_iter().map(call).collect();
        let fits = self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThan, number, targets.len() as i64);
        let table = self.builder.create_jump_table(JumpTableData::new(default, &targets));
        // The table is indexed by 32 bits; what doesn't fit into them is outside of it.
        let outside = self.builder.ins().iconst(I32, -1);
        let low = self.builder.ins().ireduce(I32, number);
        let index = self.builder.ins().select(fits, low, outside);
        self.builder.ins().br_table(index, table);
    }
}
