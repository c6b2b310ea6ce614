//! Hashes: equal values have equal hashes.

use codex_spec::instruction::{FuncId, Opcode};
use codex_spec::layout::RegType;

use super::super::mono::{Kind, Mono};
use super::super::ssa::Ssa;
use super::super::{Builder, Key};
use super::Shape;
use crate::ir::{Func, Value};

impl Builder<'_> {
    /// The state with a value mixed in.
    pub(crate) fn hash(&mut self, s: &mut Ssa, state: Value, value: Value, mono: Mono) -> Value {
        match (self.types.reg(mono), &*self.types.kind(mono)) {
            (RegType::I64, _) => s.word(Opcode::HashWord, &[state, value]),
            (RegType::F64, _) => {
                // -0.0 equals 0.0; adding 0.0 makes one of both.
                let zero = s.float(0.0);
                let value = s.float_op(Opcode::FAdd, &[value, zero]);
                let bits = s.word(Opcode::FloatBits, &[value]);
                s.word(Opcode::HashWord, &[state, bits])
            }
            (_, Kind::Text | Kind::Bytes) => s.word(Opcode::HashRaw, &[state, value]),
            _ => {
                let function = self.derived(Key::Hash(mono), s.span);
                s.call(function, vec![state, value], RegType::I64)
            }
        }
    }

    /// `fn(Int, a) → Int`
    pub(crate) fn derive_hash(&mut self, id: FuncId, mono: Mono) -> Func {
        let mut s = self.writer(id);
        let (state, value) = (s.func.params[0], s.func.params[1]);
        match self.shape(mono) {
            Shape::List(element) => self.hash_list(&mut s, state, value, element),
            Shape::Map(..) | Shape::Set(_) => self.hash_entries(&mut s, state, value, mono),
            Shape::Variants(count) => self.hash_variants(&mut s, state, value, mono, count),
            Shape::Word => {
                let state = self.hash(&mut s, state, value, mono);
                s.ret(state);
            }
            Shape::Plain => s.ret(state),
        }
        s.finish()
    }

    /// The variant's number, if there are several, and the fields in order.
    fn hash_variants(&mut self, s: &mut Ssa, state: Value, value: Value, mono: Mono, count: u32) {
        self.each_variant(s, value, mono, count, |this, s, variant| {
            let mut state = state;
            if count > 1 {
                let number = s.int(variant.into());
                state = s.word(Opcode::HashWord, &[state, number]);
            }
            for (i, field) in this.field_types(mono, variant).into_iter().enumerate() {
                let part = this.get_field(s, value, mono, variant, i as u32);
                state = this.hash(s, state, part, field);
            }
            s.ret(state);
        });
    }

    /// The length, and the elements in order.
    fn hash_list(&mut self, s: &mut Ssa, state: Value, list: Value, element: Mono) {
        let length = s.word(Opcode::ListLength, &[list]);
        let state = s.word(Opcode::HashWord, &[state, length]);
        s.vars.push(state);
        self.each_index(s, length, |this, s, at| {
            let item = this.item(s, list, at, element);
            s.vars[0] = this.hash(s, s.vars[0], item, element);
        });
        s.ret(s.vars[0]);
    }

    /// The size, and the sum of the entries' hashes, each begun with the state: in whatever order they stand.
    fn hash_entries(&mut self, s: &mut Ssa, state: Value, value: Value, mono: Mono) {
        let (entries, list) = self.entries(s, value, mono);
        let element = self.types.element(list);
        let length = s.word(Opcode::ListLength, &[entries]);
        let zero = s.int(0);
        s.vars.push(zero);
        self.each_index(s, length, |this, s, at| {
            let item = this.item(s, entries, at, element);
            let hash = this.hash(s, state, item, element);
            s.vars[0] = s.word(Opcode::WrappingAdd, &[s.vars[0], hash]);
        });
        let state = s.word(Opcode::HashWord, &[state, length]);
        let state = s.word(Opcode::HashWord, &[state, s.vars[0]]);
        s.ret(state);
    }
}
