//! Counting, uniqueness, allocation and free lists. The same steps as the machine's heap, in the same order.

use codex_spec::instruction::{Inst, Reg};
use codex_spec::trap::Trap;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{AbiParam, BlockArg, InstBuilder, Signature, Value};

use super::memory::activation;
use super::{Translator, bridge};
use crate::machine::Seed;

/// A count that never changes.
const IMMORTAL: i64 = 0xffff_ffff;

impl Translator<'_, '_, '_, '_> {
    pub(super) fn ownership(&mut self, inst: &Inst) {
        match *inst {
            Inst::Dup { dst, src } => {
                let value = self.get(src);
                self.dup(value);
                self.set(dst, value);
            }
            Inst::Drop { src } => {
                let value = self.get(src);
                self.release(value);
            }
            Inst::Move { dst, src } => {
                let value = self.get(src);
                self.set(dst, value);
            }
            Inst::MakeUnique { src } => self.make_unique(inst, src),
            Inst::DropReuse { token, src, .. } => self.drop_reuse(token, src),
            Inst::FreeToken { token } => {
                let value = self.get(token);
                let (some, done) = (self.builder.create_block(), self.builder.create_block());
                self.builder.ins().brif(value, some, &[], done, &[]);
                self.switch(some);
                self.help(self.shared.machine.helpers.free_token, &[value]);
                self.builder.ins().jump(done, &[]);
                self.switch(done);
            }
            _ => unreachable!("{} is not about ownership", inst.opcode().name()),
        }
    }

    /// The count of the cell at an address.
    fn count(&mut self, cell: Value) -> Value {
        self.read32(self.regions.header, cell, 0)
    }

    fn set_count(&mut self, cell: Value, count: Value) {
        self.write32(self.regions.header, count, cell, 0);
    }

    /// One more owner.
    pub(super) fn dup(&mut self, reference: Value) {
        if self.has(Seed::DupForgotten) {
            return;
        }
        let cell = self.address(reference);
        let count = self.count(cell);
        let (mortal, done) = (self.builder.create_block(), self.builder.create_block());
        let immortal = self.builder.ins().icmp_imm_u(IntCC::Equal, count, IMMORTAL);
        self.builder.ins().brif(immortal, done, &[], mortal, &[]);
        self.switch(mortal);
        let more = self.builder.ins().iadd_imm_s(count, 1);
        self.set_count(cell, more);
        self.builder.ins().jump(done, &[]);
        self.switch(done);
    }

    /// One owner less.
    fn release(&mut self, reference: Value) {
        let cell = self.address(reference);
        let count = self.count(cell);
        let (last, others, done) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        let is_last = self.builder.ins().icmp_imm_u(IntCC::Equal, count, 1);
        self.builder.ins().brif(is_last, last, &[], others, &[]);
        self.switch(last);
        self.help(self.shared.machine.helpers.die, &[reference]);
        self.builder.ins().jump(done, &[]);
        self.switch(others);
        self.release_shared(cell, count);
        self.builder.ins().jump(done, &[]);
        self.switch(done);
    }

    /// One owner less of a cell that has others.
    fn release_shared(&mut self, cell: Value, count: Value) {
        let (mortal, done) = (self.builder.create_block(), self.builder.create_block());
        let immortal = self.builder.ins().icmp_imm_u(IntCC::Equal, count, IMMORTAL);
        self.builder.ins().brif(immortal, done, &[], mortal, &[]);
        self.switch(mortal);
        let less = self.builder.ins().iadd_imm_s(count, -1);
        self.set_count(cell, less);
        self.builder.ins().jump(done, &[]);
        self.switch(done);
    }

    fn make_unique(&mut self, inst: &Inst, src: Reg) {
        if self.has(Seed::UniqueNotTested) {
            return;
        }
        let value = self.get(src);
        let cell = self.address(value);
        let count = self.count(cell);
        let (shared, done) = (self.cold(), self.builder.create_block());
        let unique = self.builder.ins().icmp_imm_u(IntCC::Equal, count, 1);
        self.builder.ins().brif(unique, done, &[], shared, &[]);
        self.switch(shared);
        self.out_of_line_rarely(inst);
        self.builder.ins().jump(done, &[]);
        self.switch(done);
    }

    fn drop_reuse(&mut self, token: Reg, src: Reg) {
        let value = self.get(src);
        let cell = self.address(value);
        let count = self.count(cell);
        let (alone, shared, done) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        let unique = self.builder.ins().icmp_imm_u(IntCC::Equal, count, 1);
        self.builder.ins().brif(unique, alone, &[], shared, &[]);
        self.switch(alone);
        self.help(self.shared.machine.helpers.hollow, &[value]);
        self.set(token, value);
        self.builder.ins().jump(done, &[]);
        self.switch(shared);
        self.release_shared(cell, count);
        let none = self.constant(0);
        self.set(token, none);
        self.builder.ins().jump(done, &[]);
        self.switch(done);
    }

    /// Whether a cell has one owner, for what is done differently then.
    pub(super) fn is_unique(&mut self, cell: Value) -> (Value, Value) {
        let count = self.count(cell);
        (count, self.builder.ins().icmp_imm_u(IntCC::Equal, count, 1))
    }

    /// Gives up a cell whose fields are shared now.
    pub(super) fn give_up_shared(&mut self, cell: Value, count: Value) {
        self.release_shared(cell, count);
    }

    /// Makes a cell a token.
    pub(super) fn make_token(&mut self, cell: Value) {
        let none = self.constant(0);
        self.set_count(cell, none);
    }

    /// Puts a cell of so many units on its free list.
    pub(super) fn free(&mut self, reference: Value, cell: Value, units: u32) {
        let base = self.base();
        let at = self.shared.machine.free_heads + 4 * units as i32;
        let head = self.read32(self.regions.page, base, at);
        let link = self.builder.ins().ishl_imm_u(head, 32);
        self.builder.ins().store(self.regions.header, link, cell, 0);
        self.write32(self.regions.page, reference, base, at);
    }

    /// A cell for a record of so many units, with its header; its last word is zero. Gives its reference and address.
    pub(super) fn allocate(&mut self, units: u32, upper: u32) -> (Value, Value) {
        let done = self.builder.create_block();
        self.builder.append_block_param(done, I64);
        let slow = self.cold();
        if units <= self.shared.machine.exact_classes {
            self.allocate_free(units, upper, slow, done);
        } else {
            self.builder.ins().jump(slow, &[]);
        }
        self.switch(slow);
        let (n, upper) = (self.constant(i64::from(units)), self.constant(i64::from(upper)));
        let new = self.ask_rarely(self.shared.machine.helpers.allocate, n, upper);
        let full = self.builder.ins().icmp_imm_u(IntCC::Equal, new, 0);
        let trap = self.trap_without_operands(Trap::OutOfMemory);
        self.rarely(full, trap);
        self.reload_base();
        self.builder.ins().jump(done, &[BlockArg::Value(new)]);
        self.switch(done);
        let reference = self.builder.block_params(done)[0];
        let cell = self.address(reference);
        (reference, cell)
    }

    /// Takes a cell off a free list, if there is one and no dead cells wait.
    fn allocate_free(
        &mut self,
        units: u32,
        upper: u32,
        slow: cranelift_codegen::ir::Block,
        done: cranelift_codegen::ir::Block,
    ) {
        let base = self.base();
        let machine = self.shared.machine;
        let dead = self.read32(self.regions.page, base, machine.dead_head);
        self.rarely(dead, slow);
        let at = machine.free_heads + 4 * units as i32;
        let head = self.read32(self.regions.page, base, at);
        let (found, flags) = (self.builder.create_block(), self.regions.header);
        self.builder.ins().brif(head, found, &[], slow, &[]);
        self.switch(found);
        let cell = self.address(head);
        let next = self.read32(flags, cell, 4);
        if !self.has(Seed::FreeListNotUnlinked) {
            self.write32(self.regions.page, next, base, at);
        }
        self.fill_header(cell, units, upper);
        self.builder.ins().jump(done, &[BlockArg::Value(head)]);
    }

    /// Header and last word of a new record.
    pub(super) fn fill_header(&mut self, cell: Value, units: u32, upper: u32) {
        let zero = self.constant(0);
        self.builder.ins().store(self.regions.field, zero, cell, 8 * (units as i32 - 1));
        let header = self.constant(1 | i64::from(upper) << 32);
        self.builder.ins().store(self.regions.header, header, cell, 0);
    }

    // ── Helpers ──────────────────────────────────────────────────────────────────

    /// Calls a helper that gives nothing.
    pub(super) fn help(&mut self, helper: usize, arguments: &[Value]) {
        self.helper(helper, arguments, false);
    }

    /// Calls a helper that gives a word.
    pub(super) fn ask(&mut self, helper: usize, arguments: &[Value]) -> Value {
        let call = self.helper(helper, arguments, true);
        self.builder.inst_results(call)[0]
    }

    /// Calls a helper that gives a word, from a cold block: see `bridge`.
    pub(super) fn ask_rarely(&mut self, helper: usize, a: Value, b: Value) -> Value {
        let signature = self.builder.import_signature(bridge::signature());
        let (bridge, helper) = (self.constant(self.shared.bridge as i64), self.constant(helper as i64));
        self.builder.ins().call_indirect(signature, bridge, &[self.container, helper, a, b]);
        self.activation(I64, activation!(result))
    }

    fn helper(&mut self, helper: usize, arguments: &[Value], gives: bool) -> cranelift_codegen::ir::Inst {
        let mut signature = Signature::new(self.shared.convention);
        signature.params.extend(vec![AbiParam::new(I64); arguments.len() + 1]);
        if gives {
            signature.returns.push(AbiParam::new(I64));
        }
        let signature = self.builder.import_signature(signature);
        let address = self.constant(helper as i64);
        let mut all = vec![self.container];
        all.extend(arguments);
        self.builder.ins().call_indirect(signature, address, &all)
    }
}
