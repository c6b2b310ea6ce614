//! Records, variants, function values, lists, texts.

use super::{Rules, ensure};
use crate::instruction::{Inst, LayoutId, Reg, TypeId};
use crate::layout::{LayoutDef, RegType, Storage, TypeDef, field_offsets};
use crate::module::{Hold, State};
use crate::verify::frame::Step;

impl<'m> Rules<'_, 'm> {
    /// Checks an instruction on cells.
    pub(super) fn check_heap(&self, inst: &Inst) -> Step {
        match inst {
            Inst::DropReuse { src, layout, .. } => self.known_record(*src, *layout).map(drop),
            Inst::New { dst, layout, fields } => self.new_record(*dst, *layout, fields),
            Inst::NewReuse { dst, token, layout, fields } => {
                self.new_record(*dst, *layout, fields)?;
                self.token_fits(*token, *layout)
            }
            Inst::NewTag { dst, typ, tag } => {
                self.has_type(*dst, RegType::Ref(*typ))?;
                let variant = self.variants(*dst).and_then(|v| v.get(*tag as usize));
                ensure(variant == Some(&None), || format!("variant {tag} does not exist or has fields"))
            }
            Inst::GetWord { dst: reg, obj, layout, index } | Inst::SetWord { obj, layout, index, value: reg } => {
                self.word_stored(self.field(*obj, *layout, *index)?, *reg)
            }
            Inst::GetByte { obj, layout, index, .. } | Inst::SetByte { obj, layout, index, .. } => {
                byte_stored(self.field(*obj, *layout, *index)?)
            }
            Inst::GetRef { dst: reg, obj, layout, index }
            | Inst::TakeRef { dst: reg, obj, layout, index }
            | Inst::PutRef { obj, layout, index, value: reg } => {
                self.ref_stored(self.field(*obj, *layout, *index)?, *reg)
            }
            Inst::Unpack { fields, obj, layout } | Inst::UnpackReuse { fields, obj, layout, .. } => {
                let stored = self.known_record(*obj, *layout)?;
                self.have_types(fields, stored.iter().map(|s| s.reg_type()))
            }
            Inst::Closure { dst, layout, captures } => self.closure(*dst, *layout, captures),
            Inst::UnpackClosure { captures, obj, layout } => self.unpack_closure(captures, *obj, *layout),
            _ => self.check_sequence(inst),
        }
    }

    /// Checks an instruction on lists, texts or bytes.
    fn check_sequence(&self, inst: &Inst) -> Step {
        match inst {
            Inst::ListNew { dst, typ, items } => {
                let element = self.new_list(*dst, *typ)?;
                items.iter().try_for_each(|&item| self.has_type(item, element.reg_type()))
            }
            Inst::ListRepeat { dst, typ, value, .. } => {
                let element = self.new_list(*dst, *typ)?;
                self.has_type(*value, element.reg_type())
            }
            Inst::ListGet { dst: reg, list, .. } | Inst::ListSet { list, value: reg, .. } => {
                self.word_stored(self.element(*list)?, *reg)
            }
            Inst::ListGetByte { list, .. } | Inst::ListSetByte { list, .. } => byte_stored(self.element(*list)?),
            Inst::ListGetRef { dst: reg, list, .. }
            | Inst::ListTakeRef { dst: reg, list, .. }
            | Inst::ListPutRef { list, value: reg, .. } => self.ref_stored(self.element(*list)?, *reg),
            Inst::ListPush { list, value: reg } | Inst::ListPop { dst: reg, list } => {
                self.has_type(*reg, self.element(*list)?.reg_type())
            }
            Inst::ListAppend { list: a, other: b } | Inst::ListSlice { dst: a, list: b, .. } => self.same(*a, *b),
            Inst::Probe { slots, .. } => {
                let element = self.element(*slots)?;
                ensure(element == Storage::I64, || format!("r{} is not a list of words", slots.0))
            }
            Inst::RawEq { a, b, .. } | Inst::RawCompare { a, b, .. } | Inst::RawAppend { a, b } => self.same(*a, *b),
            Inst::RawFind { a, needle, .. } => self.same(*a, *needle),
            _ => Ok(()),
        }
    }

    // ── Records ──────────────────────────────────────────────────────────────────

    /// The variants of a data register's type.
    pub(super) fn variants(&self, reg: Reg) -> Option<&'m [Option<LayoutId>]> {
        match self.type_def(reg) {
            Some(TypeDef::Data(variants)) => Some(variants),
            _ => None,
        }
    }

    fn record(&self, layout: LayoutId) -> Step<(TypeId, u8, &'m [Storage])> {
        match self.frame.module().layout(layout) {
            Some(LayoutDef::Record { typ, tag, fields }) => Ok((*typ, *tag, fields)),
            _ => Err(format!("l{} is no record layout", layout.0)),
        }
    }

    /// The fields of a record that is known to have this layout.
    fn known_record(&self, obj: Reg, layout: LayoutId) -> Step<&'m [Storage]> {
        let (typ, tag, fields) = self.record(layout)?;
        self.has_type(obj, RegType::Ref(typ))?;
        // What does not hold anything is refused when it is read.
        let known = self.frame.get(obj).and_then(|s| self.frame.variant(obj, s));
        ensure(known == Some(tag), || format!("r{} is not known to be variant {tag}", obj.0))?;
        Ok(fields)
    }

    fn field(&self, obj: Reg, layout: LayoutId, index: u32) -> Step<Storage> {
        let fields = self.known_record(obj, layout)?;
        fields.get(index as usize).copied().ok_or_else(|| format!("l{} has no field {index}", layout.0))
    }

    fn new_record(&self, dst: Reg, layout: LayoutId, fields: &[Reg]) -> Step {
        let (typ, _, stored) = self.record(layout)?;
        self.has_type(dst, RegType::Ref(typ))?;
        self.have_types(fields, stored.iter().map(|s| s.reg_type()))
    }

    fn token_fits(&self, token: Reg, layout: LayoutId) -> Step {
        let size = self.record(layout).map(|(_, _, fields)| field_offsets(fields).size)?;
        match self.frame.get(token) {
            Some(State { hold: Hold::Token(found), .. }) => {
                ensure(found == size, || format!("a token of {found} bytes for a cell of {size}"))
            }
            _ => Err(format!("r{} is no token", token.0)),
        }
    }

    fn word_stored(&self, storage: Storage, reg: Reg) -> Step {
        ensure(matches!(storage, Storage::I64 | Storage::F64), || "the place does not hold a word".to_owned())?;
        self.has_type(reg, storage.reg_type())
    }

    fn ref_stored(&self, storage: Storage, reg: Reg) -> Step {
        ensure(matches!(storage, Storage::Ref(_)), || "the place does not hold a reference".to_owned())?;
        self.has_type(reg, storage.reg_type())
    }

    // ── Function values ──────────────────────────────────────────────────────────

    fn captures(&self, layout: LayoutId, value: Reg, captures: &[Reg]) -> Step {
        let Some(LayoutDef::Closure { typ, fields, .. }) = self.frame.module().layout(layout) else {
            return Err(format!("l{} is no closure layout", layout.0));
        };
        self.has_type(value, RegType::Ref(*typ))?;
        self.have_types(captures, fields.iter().map(|s| s.reg_type()))
    }

    fn closure(&self, dst: Reg, layout: LayoutId, captures: &[Reg]) -> Step {
        self.captures(layout, dst, captures)
    }

    /// Only the function that was called through a value knows the value's layout.
    fn unpack_closure(&self, captures: &[Reg], obj: Reg, layout: LayoutId) -> Step {
        ensure(self.frame.function().closure == Some(layout), || {
            format!("l{} is not the closure layout of this function", layout.0)
        })?;
        ensure(obj == Reg(0) && self.own_value, || {
            format!("r{} is not surely the function value that was called", obj.0)
        })?;
        self.captures(layout, obj, captures)
    }

    // ── Lists ────────────────────────────────────────────────────────────────────

    fn element(&self, list: Reg) -> Step<Storage> {
        match self.type_def(list) {
            Some(TypeDef::List { element, .. }) => Ok(*element),
            _ => Err(format!("r{} is no list", list.0)),
        }
    }

    fn new_list(&self, dst: Reg, typ: TypeId) -> Step<Storage> {
        self.has_type(dst, RegType::Ref(typ))?;
        self.element(dst)
    }
}

fn byte_stored(storage: Storage) -> Step {
    ensure(storage == Storage::Byte, || "the place does not hold a byte".to_owned())
}
