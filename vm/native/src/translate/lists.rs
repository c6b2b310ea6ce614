//! Lists: elements, length, push and pop inline.

use codex_spec::instruction::{Inst, Reg};
use codex_spec::layout::{RegType, Storage, TypeDef};
use codex_spec::module::Function;
use codex_spec::trap::Trap;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{InstBuilder, Value};

use super::Translator;
use crate::machine::Seed;

/// From a cell to its length, its capacity and its first element.
const LENGTH: i32 = 8;
const CAPACITY: i32 = 12;
const ITEMS: i32 = 16;

/// The lists of a function whose elements it reads or changes by index.
pub(super) fn indexed(function: &Function) -> Vec<Reg> {
    let mut lists = Vec::new();
    for inst in function.blocks.iter().flat_map(|block| &block.code) {
        let list = match *inst {
            Inst::ListGet { list, .. } | Inst::ListGetByte { list, .. } | Inst::ListGetRef { list, .. } => list,
            Inst::ListSet { list, .. } | Inst::ListSetByte { list, .. } | Inst::ListTakeRef { list, .. } => list,
            Inst::ListPutRef { list, .. } | Inst::ListSwap { list, .. } => list,
            _ => continue,
        };
        if !lists.contains(&list) {
            lists.push(list);
        }
    }
    lists
}

impl Translator<'_, '_, '_, '_> {
    pub(super) fn list(&mut self, inst: &Inst) {
        match *inst {
            Inst::ListLength { dst, list } => {
                let length = self.length(list);
                self.set(dst, length);
            }
            Inst::ListGet { dst, list, at }
            | Inst::ListGetByte { dst, list, at }
            | Inst::ListGetRef { dst, list, at } => {
                let (place, storage) = self.item(inst, list, at);
                let value = self.load_item(place, storage);
                self.set(dst, value);
            }
            Inst::ListSet { list, at, value }
            | Inst::ListSetByte { list, at, value }
            | Inst::ListPutRef { list, at, value } => {
                let (place, storage) = self.item(inst, list, at);
                let value = self.visible(value);
                self.store_item(place, storage, value);
            }
            Inst::ListTakeRef { dst, list, at } => {
                let (place, storage) = self.item(inst, list, at);
                let value = self.load_item(place, storage);
                self.set(dst, value);
                let none = self.constant(0);
                self.store_item(place, storage, none);
            }
            Inst::ListSwap { list, a, b } => {
                let (first, storage) = self.item(inst, list, a);
                let (second, _) = self.item(inst, list, b);
                let (x, y) = (self.load_item(first, storage), self.load_item(second, storage));
                self.store_item(first, storage, y);
                self.store_item(second, storage, x);
            }
            Inst::ListPush { list, value } => self.push(inst, list, value),
            Inst::ListPop { dst, list } => self.pop(inst, dst, list),
            Inst::Probe { dst, slots, hash, start } => {
                let helper = self.shared.machine.helpers.probe;
                self.bulk(dst, helper, &[slots, hash, start]);
            }
            _ => unreachable!("{} is not about lists", inst.opcode().name()),
        }
    }

    /// The length of the list, text or bytes in a register.
    pub(super) fn length(&mut self, reg: Reg) -> Value {
        if let Some(&length) = self.lengths.get(&reg) {
            return self.builder.use_var(length);
        }
        let reference = self.get(reg);
        self.load_length(reference)
    }

    /// The length of the list in a register is this now.
    pub(super) fn set_length(&mut self, reg: Reg, length: Value) {
        if let Some(&variable) = self.lengths.get(&reg) {
            self.builder.def_var(variable, length);
        }
    }

    /// The length of a list, text or bytes.
    pub(super) fn load_length(&mut self, reference: Value) -> Value {
        let cell = self.address(reference);
        self.read32(self.regions.length, cell, LENGTH)
    }

    /// How the elements of the list in a register are stored.
    fn storage(&self, list: Reg) -> Storage {
        match self.typ(list) {
            RegType::Ref(t) => match self.module.typ(t) {
                Some(TypeDef::List { element, .. }) => *element,
                _ => unreachable!("verified: a list"),
            },
            _ => unreachable!("verified: a list"),
        }
    }

    /// The address of an element, less `ITEMS`; out of bounds is a trap.
    fn item(&mut self, inst: &Inst, list: Reg, at: Reg) -> (Value, Storage) {
        let storage = self.storage(list);
        let (reference, at, length) = (self.get(list), self.get(at), self.length(list));
        let cell = self.address(reference);
        let trap = self.trap(inst, Trap::Bounds);
        let over = match self.has(Seed::BoundsOffByOne) {
            false => IntCC::UnsignedGreaterThanOrEqual,
            true => IntCC::UnsignedGreaterThan,
        };
        let outside = self.builder.ins().icmp(over, at, length);
        self.rarely(outside, trap);
        (self.element(cell, at, storage), storage)
    }

    fn element(&mut self, cell: Value, at: Value, storage: Storage) -> Value {
        let shift = storage.size().trailing_zeros();
        let offset = self.builder.ins().ishl_imm_u(at, i64::from(shift));
        self.builder.ins().iadd(cell, offset)
    }

    fn load_item(&mut self, place: Value, storage: Storage) -> Value {
        let flags = self.regions.item;
        match storage {
            Storage::I64 => self.builder.ins().load(I64, flags, place, ITEMS),
            Storage::F64 => self.builder.ins().load(F64, flags, place, ITEMS),
            Storage::Byte => self.builder.ins().uload8(I64, flags, place, ITEMS),
            Storage::Ref(_) => self.read32(flags, place, ITEMS),
        }
    }

    fn store_item(&mut self, place: Value, storage: Storage, value: Value) {
        let flags = self.regions.item;
        match storage {
            Storage::I64 | Storage::F64 => self.builder.ins().store(flags, value, place, ITEMS),
            Storage::Byte => self.builder.ins().istore8(flags, value, place, ITEMS),
            Storage::Ref(_) => self.builder.ins().istore32(flags, value, place, ITEMS),
        };
    }

    /// Appends where there is room; growing is out of line.
    fn push(&mut self, inst: &Inst, list: Reg, value: Reg) {
        let storage = self.storage(list);
        let reference = self.get(list);
        let cell = self.address(reference);
        let length = self.length(list);
        let capacity = self.read32(self.regions.length, cell, CAPACITY);
        let (room, full, done) = (self.builder.create_block(), self.cold(), self.builder.create_block());
        let fits = self.builder.ins().icmp(IntCC::UnsignedLessThan, length, capacity);
        self.builder.ins().brif(fits, room, &[], full, &[]);
        self.switch(room);
        let more = self.builder.ins().iadd_imm_s(length, 1);
        self.write32(self.regions.length, more, cell, LENGTH);
        self.set_length(list, more);
        let place = self.element(cell, length, storage);
        let value = self.visible(value);
        self.store_item(place, storage, value);
        self.builder.ins().jump(done, &[]);
        self.switch(full);
        self.out_of_line_rarely(inst);
        self.builder.ins().jump(done, &[]);
        self.switch(done);
    }

    fn pop(&mut self, inst: &Inst, dst: Reg, list: Reg) {
        let storage = self.storage(list);
        let reference = self.get(list);
        let cell = self.address(reference);
        let length = self.length(list);
        let trap = self.trap(inst, Trap::Bounds);
        let empty = self.builder.ins().icmp_imm_u(IntCC::Equal, length, 0);
        self.rarely(empty, trap);
        let less = self.builder.ins().iadd_imm_s(length, -1);
        let place = self.element(cell, less, storage);
        let value = self.load_item(place, storage);
        let none = match storage {
            Storage::F64 => self.builder.ins().f64const(0.0),
            _ => self.constant(0),
        };
        self.store_item(place, storage, none);
        self.write32(self.regions.length, less, cell, LENGTH);
        self.set_length(list, less);
        self.set(dst, value);
    }
}
