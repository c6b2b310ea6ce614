//! Loading of what works on cells: records, closures, lists, texts, constants.

use codex_spec::instruction::{Inst, LayoutId, Reg, TypeId};
use codex_spec::layout::{RegType, Storage, TypeDef, field_offsets};
use codex_spec::module::BYTES;

use super::super::op::Op;
use super::Loader;
use crate::heap::cells::is_ref;
use crate::heap::raw;

const R0: Reg = Reg(0);

/// One of three operations, for elements stored as a word, a reference or a byte.
fn by_storage(element: Storage, [word, reference, byte]: [Op; 3]) -> Op {
    match element {
        Storage::I64 | Storage::F64 => word,
        Storage::Ref(_) => reference,
        Storage::Byte => byte,
    }
}

/// Register lists are in order of declaration; cells are written in order of storage.
fn in_storage_order(fields: &[Storage], registers: &[Reg]) -> Vec<Reg> {
    let width = |size| fields.iter().zip(registers).filter(move |(f, _)| f.size() == size).map(|(_, r)| *r);
    width(8).chain(width(4)).chain(width(1)).collect()
}

impl Loader<'_> {
    pub(super) fn record(&mut self, inst: &Inst) {
        match inst {
            Inst::Move { dst, src } => _ = self.emit(Op::Copy, *dst, *src, R0, 0),
            Inst::New { dst, layout, fields } => self.new_record(*dst, None, *layout, fields),
            Inst::Closure { dst, layout, captures } => self.new_record(*dst, None, *layout, captures),
            Inst::NewReuse { dst, token, layout, fields } => self.new_record(*dst, Some(*token), *layout, fields),
            Inst::NewTag { dst, tag, .. } => _ = self.emit(Op::Const, *dst, R0, R0, *tag as u64),
            Inst::Unpack { fields, obj, layout } => self.unpack(None, fields, *obj, *layout),
            Inst::UnpackClosure { captures, obj, layout } => self.unpack(None, captures, *obj, *layout),
            Inst::UnpackReuse { token, fields, obj, layout } => self.unpack(Some(*token), fields, *obj, *layout),
            _ => self.access(inst),
        }
    }

    /// What reads or writes one field.
    fn access(&mut self, inst: &Inst) {
        match inst {
            Inst::GetWord { dst, obj, layout, index } => self.field(Op::GetWord, *dst, *obj, *layout, *index),
            Inst::GetByte { dst, obj, layout, index } => self.field(Op::GetByte, *dst, *obj, *layout, *index),
            Inst::GetRef { dst, obj, layout, index } => self.field(Op::GetRef, *dst, *obj, *layout, *index),
            Inst::SetWord { obj, layout, index, value } => self.field(Op::SetWord, *obj, *value, *layout, *index),
            Inst::SetByte { obj, layout, index, value } => self.field(Op::SetByte, *obj, *value, *layout, *index),
            Inst::TakeRef { dst, obj, layout, index } => self.field(Op::TakeRef, *dst, *obj, *layout, *index),
            Inst::PutRef { obj, layout, index, value } => self.field(Op::PutRef, *obj, *value, *layout, *index),
            _ => unreachable!("regular"),
        }
    }

    fn field(&mut self, op: Op, a: Reg, b: Reg, layout: LayoutId, index: u32) {
        let offset = self.offset(layout, index);
        self.emit(op, a, b, R0, offset as u64);
    }

    /// Where a field stands in its cell.
    pub(super) fn offset(&self, layout: LayoutId, index: u32) -> u32 {
        field_offsets(self.fields(layout)).offsets[index as usize]
    }

    fn is_pair(&self, layout: LayoutId) -> bool {
        self.row(layout).widths == (0, 2, 0)
    }

    fn new_record(&mut self, dst: Reg, token: Option<Reg>, layout: LayoutId, fields: &[Reg]) {
        let row = self.row(layout);
        let upper = layout.0 as u64 | (row.tag as u64) << 24;
        let (words, refs, bytes) = row.widths;
        let units = row.size / 8;
        if self.is_pair(layout) {
            match token {
                None => self.emit(Op::NewPair, dst, fields[0], fields[1], upper << 32),
                Some(t) => self.emit(Op::NewReusePair, dst, fields[0], fields[1], upper << 32 | t.0 as u64),
            };
            return;
        }
        let small = [units, words, refs, bytes].iter().all(|&n| n <= 255);
        let d =
            if small { upper << 32 | (units | words << 8 | refs << 16 | bytes << 24) as u64 } else { layout.0 as u64 };
        let op = match (token, small) {
            (None, true) => Op::New,
            (None, false) => Op::NewBig,
            (Some(_), true) => Op::NewReuse,
            (Some(_), false) => Op::NewReuseBig,
        };
        self.emit(op, dst, token.unwrap_or(R0), R0, d);
        let order = in_storage_order(self.fields(layout), fields);
        self.registers(order);
    }

    fn unpack(&mut self, token: Option<Reg>, fields: &[Reg], obj: Reg, layout: LayoutId) {
        if self.is_pair(layout) {
            match token {
                None => self.emit(Op::UnpackPair, obj, fields[0], fields[1], 0),
                Some(t) => self.emit(Op::UnpackReusePair, obj, fields[0], fields[1], t.0 as u64),
            };
            return;
        }
        let op = if token.is_some() { Op::UnpackReuse } else { Op::Unpack };
        self.emit(op, obj, token.unwrap_or(R0), R0, layout.0 as u64);
        let order = in_storage_order(self.fields(layout), fields);
        self.registers(order);
    }

    fn list_type(&self, typ: TypeId) -> (Storage, LayoutId) {
        match &self.module.types[typ.index()] {
            TypeDef::List { element, layout } => (*element, *layout),
            _ => unreachable!("verified: a list"),
        }
    }

    pub(super) fn list(&mut self, inst: &Inst) {
        match inst {
            Inst::ListNew { dst, typ, items } => {
                let (element, layout) = self.list_type(*typ);
                let op = by_storage(element, [Op::ListNewWord, Op::ListNewRef, Op::ListNewByte]);
                let count = items.len();
                self.emit(op, *dst, Reg(count as u16), Reg((count >> 16) as u16), layout.0 as u64);
                self.registers(items.iter().copied());
            }
            Inst::ListRepeat { dst, typ, value, count } => {
                let (element, layout) = self.list_type(*typ);
                let op = by_storage(element, [Op::ListRepeatWord, Op::ListRepeatRef, Op::ListRepeatByte]);
                self.emit(op, *dst, *value, *count, layout.0 as u64);
            }
            Inst::ListSwap { list, a, b } => {
                let (element, _) = self.list_of(*list);
                let op = by_storage(element, [Op::ListSwapWord, Op::ListSwapRef, Op::ListSwapByte]);
                self.emit(op, *list, *a, *b, 0);
            }
            Inst::ListPush { list, value } => {
                let (element, layout) = self.list_of(*list);
                let op = by_storage(element, [Op::ListPushWord, Op::ListPushRef, Op::ListPushByte]);
                self.emit(op, *list, *value, R0, layout.0 as u64);
            }
            Inst::ListPop { dst, list } => {
                let (element, _) = self.list_of(*list);
                let op = by_storage(element, [Op::ListPopWord, Op::ListPopRef, Op::ListPopByte]);
                self.emit(op, *dst, *list, R0, 0);
            }
            Inst::ListAppend { list, other } => {
                let (_, layout) = self.list_of(*list);
                self.emit(Op::ListAppend, *list, *other, R0, layout.0 as u64);
            }
            _ => unreachable!("regular"),
        }
    }

    pub(super) fn text_or_world(&mut self, inst: &Inst) {
        match inst {
            Inst::Literal { dst, typ, constant } => {
                let number = constant.0 as u64 * 2 + (*typ == BYTES) as u64;
                self.emit(Op::Literal, *dst, R0, R0, number);
            }
            Inst::RawAppend { a, b } => {
                let is_bytes = self.typ(*a) == RegType::Ref(BYTES);
                let layout = if is_bytes { raw::BYTES } else { raw::TEXT };
                self.emit(Op::RawAppend, *a, *b, R0, layout as u64);
            }
            Inst::TextJoin { dst, parts } => {
                self.emit(Op::TextJoin, *dst, R0, R0, parts.len() as u64);
                self.registers(parts.iter().copied());
            }
            Inst::GlobalGet { dst, global } => {
                let op = if is_ref(self.typ(*dst)) { Op::GlobalGetRef } else { Op::GlobalGet };
                self.emit(op, *dst, R0, R0, global.0 as u64);
            }
            Inst::GlobalSet { global, value } => _ = self.emit(Op::GlobalSet, *value, R0, R0, global.0 as u64),
            _ => unreachable!("regular"),
        }
    }
}
