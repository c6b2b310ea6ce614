//! Records, variants, function values.

use codex_spec::instruction::{Inst, LayoutId, Reg};
use codex_spec::layout::{FieldOffsets, LayoutDef, Storage, builtin_layout, field_offsets};
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{BlockArg, InstBuilder, Value};

use super::Translator;

/// What is known of a record's or closure's cells.
struct Shape<'m> {
    fields: &'m [Storage],
    offsets: FieldOffsets,
    units: u32,
    /// The upper half of their headers.
    upper: u32,
}

impl<'a> Translator<'a, '_, '_, '_> {
    pub(super) fn record(&mut self, inst: &Inst) {
        match inst {
            Inst::New { dst, layout, fields } => self.new_record(*dst, None, *layout, fields),
            Inst::Closure { dst, layout, captures } => self.new_record(*dst, None, *layout, captures),
            Inst::NewReuse { dst, token, layout, fields } => self.new_record(*dst, Some(*token), *layout, fields),
            Inst::NewTag { dst, tag, .. } => {
                let value = self.constant(i64::from(*tag));
                self.set(*dst, value);
            }
            Inst::Unpack { fields, obj, layout } => self.unpack(None, fields, *obj, *layout),
            Inst::UnpackClosure { captures, obj, layout } => self.unpack(None, captures, *obj, *layout),
            Inst::UnpackReuse { token, fields, obj, layout } => self.unpack(Some(*token), fields, *obj, *layout),
            Inst::Tag { dst, obj } => {
                let tag = self.tag(*obj);
                self.set(*dst, tag);
            }
            _ => self.field(inst),
        }
    }

    /// What reads or writes one field.
    fn field(&mut self, inst: &Inst) {
        match *inst {
            Inst::GetWord { dst, obj, layout, index }
            | Inst::GetByte { dst, obj, layout, index }
            | Inst::GetRef { dst, obj, layout, index } => {
                let (cell, at, storage) = self.place(obj, layout, index);
                let value = self.load_field(cell, at, storage);
                self.set(dst, value);
            }
            Inst::SetWord { obj, layout, index, value }
            | Inst::SetByte { obj, layout, index, value }
            | Inst::PutRef { obj, layout, index, value } => {
                let (cell, at, storage) = self.place(obj, layout, index);
                let value = self.visible(value);
                self.store_field(cell, at, storage, value);
            }
            Inst::TakeRef { dst, obj, layout, index } => {
                let (cell, at, storage) = self.place(obj, layout, index);
                let value = self.load_field(cell, at, storage);
                self.set(dst, value);
                let none = self.constant(0);
                self.store_field(cell, at, storage, none);
            }
            _ => unreachable!("{} is not about records", inst.opcode().name()),
        }
    }

    fn place(&mut self, obj: Reg, layout: LayoutId, index: u32) -> (Value, i32, Storage) {
        let shape = self.shape_of(layout);
        let reference = self.get(obj);
        let cell = self.address(reference);
        (cell, shape.offsets.offsets[index as usize] as i32, shape.fields[index as usize])
    }

    fn load_field(&mut self, cell: Value, at: i32, storage: Storage) -> Value {
        let flags = self.regions.field;
        match storage {
            Storage::I64 => self.builder.ins().load(I64, flags, cell, at),
            Storage::F64 => self.builder.ins().load(F64, flags, cell, at),
            Storage::Byte => self.builder.ins().uload8(I64, flags, cell, at),
            Storage::Ref(_) => self.read32(flags, cell, at),
        }
    }

    fn store_field(&mut self, cell: Value, at: i32, storage: Storage, value: Value) {
        let flags = self.regions.field;
        match storage {
            Storage::I64 | Storage::F64 => self.builder.ins().store(flags, value, cell, at),
            Storage::Byte => self.builder.ins().istore8(flags, value, cell, at),
            Storage::Ref(_) => self.builder.ins().istore32(flags, value, cell, at),
        };
    }

    fn shape_of(&self, layout: LayoutId) -> Shape<'a> {
        let def = &self.module.layouts[layout.index() - builtin_layout::FIRST as usize];
        let (fields, tag): (&[Storage], u8) = match def {
            LayoutDef::Record { fields, tag, .. } => (fields, *tag),
            LayoutDef::Closure { fields, .. } => (fields, 0),
            LayoutDef::List(_) => (&[], 0),
        };
        let offsets = field_offsets(fields);
        let units = offsets.size / 8;
        Shape { fields, offsets, units, upper: layout.0 | u32::from(tag) << 24 }
    }

    /// A new record, in the cell of a token if that has one.
    fn new_record(&mut self, dst: Reg, token: Option<Reg>, layout: LayoutId, fields: &[Reg]) {
        let shape = self.shape_of(layout);
        let (reference, cell) = match token {
            None => self.allocate(shape.units, shape.upper),
            Some(token) => self.reuse(token, &shape),
        };
        for (i, &reg) in fields.iter().enumerate() {
            let value = self.visible(reg);
            self.store_field(cell, shape.offsets.offsets[i] as i32, shape.fields[i], value);
        }
        self.set(dst, reference);
    }

    fn reuse(&mut self, token: Reg, shape: &Shape<'_>) -> (Value, Value) {
        let old = self.get(token);
        let (some, none, done) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.append_block_param(done, I64);
        self.builder.ins().brif(old, some, &[], none, &[]);
        self.switch(some);
        let cell = self.address(old);
        self.fill_header(cell, shape.units, shape.upper);
        self.builder.ins().jump(done, &[BlockArg::Value(old)]);
        self.switch(none);
        let (new, _) = self.allocate(shape.units, shape.upper);
        self.builder.ins().jump(done, &[BlockArg::Value(new)]);
        self.switch(done);
        let reference = self.builder.block_params(done)[0];
        let cell = self.address(reference);
        (reference, cell)
    }

    /// Takes a record apart.
    fn unpack(&mut self, token: Option<Reg>, registers: &[Reg], obj: Reg, layout: LayoutId) {
        let shape = self.shape_of(layout);
        let reference = self.get(obj);
        let cell = self.address(reference);
        let mut references = Vec::new();
        for (i, &reg) in registers.iter().enumerate() {
            let value = self.load_field(cell, shape.offsets.offsets[i] as i32, shape.fields[i]);
            if matches!(shape.fields[i], Storage::Ref(_)) {
                references.push(value);
            }
            self.set(reg, value);
        }
        let (count, unique) = self.is_unique(cell);
        let (alone, shared, done) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(unique, alone, &[], shared, &[]);
        self.switch(alone);
        match token {
            Some(token) => {
                self.make_token(cell);
                self.set(token, reference);
            }
            None if shape.units <= self.shared.machine.exact_classes => self.free(reference, cell, shape.units),
            None => {
                self.make_token(cell);
                self.help(self.shared.machine.helpers.free_token, &[reference]);
            }
        }
        self.builder.ins().jump(done, &[]);
        self.switch(shared);
        references.into_iter().for_each(|value| self.dup(value));
        self.give_up_shared(cell, count);
        if let Some(token) = token {
            let none = self.constant(0);
            self.set(token, none);
        }
        self.builder.ins().jump(done, &[]);
        self.switch(done);
    }

    /// The number of a value's variant.
    pub(super) fn tag(&mut self, obj: Reg) -> Value {
        let reference = self.get(obj);
        let cell = self.address(reference);
        self.builder.ins().uload8(I64, self.regions.header, cell, 7)
    }
}
