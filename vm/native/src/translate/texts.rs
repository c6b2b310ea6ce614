//! Texts and bytes: what looks at them has helpers of its own; what makes them is out of line.

use codex_spec::instruction::{Inst, Reg};
use codex_spec::module::BYTES;
use codex_spec::trap::Trap;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, Value};

use super::Translator;
use super::memory::activation;

impl Translator<'_, '_, '_, '_> {
    pub(super) fn text(&mut self, inst: &Inst) {
        let helpers = self.shared.machine.helpers;
        match *inst {
            Inst::Literal { dst, typ, constant } => {
                let number = constant.0 as i32 * 2 + i32::from(typ == BYTES);
                self.literal(inst, dst, number);
            }
            Inst::RawLength { dst, a } => {
                let length = self.length(a);
                self.set(dst, length);
            }
            Inst::RawByte { dst, a, at } => self.byte(inst, dst, a, at),
            Inst::RawEq { dst, a, b } => self.bulk(dst, helpers.equal, &[a, b]),
            Inst::RawCompare { dst, a, b } => self.bulk(dst, helpers.order, &[a, b]),
            Inst::RawFind { dst, a, needle, from } => self.bulk(dst, helpers.find, &[a, needle, from]),
            Inst::HashRaw { dst, state, value } => self.bulk(dst, helpers.hash, &[state, value]),
            _ => unreachable!("{} is not inline", inst.opcode().name()),
        }
    }

    /// A helper that gives a word and may owe fuel; then the interpreter goes on behind the instruction, if none is left.
    pub(super) fn bulk(&mut self, dst: Reg, helper: usize, operands: &[Reg]) {
        let operands = self.all(operands);
        let result = self.ask(helper, &operands);
        self.set(dst, result);
        let at = self.shared.machine.heap_debt;
        let debt = self.builder.ins().load(I64, self.regions.container, self.container, at);
        let (owes, next) = (self.cold(), self.builder.create_block());
        self.builder.ins().brif(debt, owes, &[], next, &[]);
        self.switch(owes);
        let zero = self.constant(0);
        self.builder.ins().store(self.regions.container, zero, self.container, at);
        let fuel = self.fuel();
        let fuel = self.builder.ins().isub(fuel, debt);
        self.set_fuel(fuel);
        let stops = self.is_negative(fuel);
        let cold = self.cold();
        self.builder.ins().brif(stops, cold, &[], next, &[]);
        self.switch(cold);
        self.stop_before(self.index + 1);
        self.switch(next);
    }

    /// A byte, of a flat value or of a slice.
    fn byte(&mut self, inst: &Inst, dst: Reg, a: Reg, at: Reg) {
        let (reference, at, length) = (self.get(a), self.get(at), self.length(a));
        let trap = self.trap(inst, Trap::Bounds);
        let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, at, length);
        self.rarely(outside, trap);
        let cell = self.address(reference);
        let layout = self.read32(self.regions.header, cell, 4);
        let odd = self.builder.ins().band_imm_u(layout, 1);
        let (flat, slice, done) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(odd, slice, &[], flat, &[]);
        self.switch(flat);
        self.load_byte(dst, cell, at);
        self.builder.ins().jump(done, &[]);
        self.switch(slice);
        // A slice has its offset in the second half of its second word, and its parent in the third.
        let offset = self.read32(self.regions.length, cell, 12);
        let parent = self.read32(self.regions.field, cell, 16);
        let parent = self.address(parent);
        let start = self.builder.ins().iadd(parent, offset);
        self.load_byte(dst, start, at);
        self.builder.ins().jump(done, &[]);
        self.switch(done);
    }

    /// The byte at an offset from the first of a cell.
    fn load_byte(&mut self, dst: Reg, cell: Value, at: Value) {
        let place = self.builder.ins().iadd(cell, at);
        let value = self.builder.ins().uload8(I64, self.regions.item, place, 16);
        self.set(dst, value);
    }

    /// A literal that exists; the first use is out of line.
    fn literal(&mut self, inst: &Inst, dst: Reg, number: i32) {
        let table = self.activation(I64, activation!(literals));
        let value = self.read32(self.regions.container, table, 4 * number);
        let (first, done) = (self.cold(), self.builder.create_block());
        self.set(dst, value);
        self.builder.ins().brif(value, done, &[], first, &[]);
        self.switch(first);
        self.out_of_line_rarely(inst);
        self.builder.ins().jump(done, &[]);
        self.switch(done);
    }
}
