//! Equality.

use codex_spec::instruction::{FuncId, Opcode};
use codex_spec::layout::RegType;
use codex_types::typed::BinaryOp;

use super::super::Builder;
use super::super::mono::Mono;
use super::super::ssa::{Join, Ssa};
use super::Shape;
use crate::ir::{Func, Value};

impl Builder<'_> {
    /// `fn(a, a) → Bool`
    pub(crate) fn derive_equal(&mut self, id: FuncId, mono: Mono) -> Func {
        let mut s = self.writer(id);
        let (a, b) = (s.func.params[0], s.func.params[1]);
        let mut differ = s.join();
        match self.shape(mono) {
            Shape::List(element) => self.equal_lists(&mut s, a, b, element, &mut differ),
            Shape::Map(_, value) => self.equal_maps(&mut s, a, b, mono, value, &mut differ),
            Shape::Set(_) => self.equal_sets(&mut s, a, b, mono, &mut differ),
            Shape::Variants(count) => self.equal_variants(&mut s, (a, b), mono, count, &mut differ),
            Shape::Word | Shape::Plain => {
                let equal = self.equal_plain(&mut s, a, b, mono);
                s.ret(equal);
            }
        }
        s.enter(differ, &[]);
        self.ret_int(&mut s, 0);
        s.finish()
    }

    /// Values without parts. Functions are never compared; they would not be equal.
    fn equal_plain(&mut self, s: &mut Ssa, a: Value, b: Value, mono: Mono) -> Value {
        match self.types.reg(mono) {
            RegType::I64 => s.word(Opcode::Eq, &[a, b]),
            RegType::F64 => s.word(Opcode::FEq, &[a, b]),
            RegType::Ref(codex_spec::module::TEXT | codex_spec::module::BYTES) => s.word(Opcode::RawEq, &[a, b]),
            RegType::Ref(_) => s.int(0),
        }
    }

    /// Goes on if two values are equal, else to `differ`.
    fn must_equal(&mut self, s: &mut Ssa, mono: Mono, a: Value, b: Value, differ: &mut Join) {
        let mut same = s.join();
        self.compare_branch(s, BinaryOp::Equal, mono, (a, b), &mut same, differ);
        s.enter(same, &[]);
    }

    fn equal_variants(&mut self, s: &mut Ssa, (a, b): (Value, Value), mono: Mono, count: u32, differ: &mut Join) {
        self.each_variant(s, a, mono, count, |this, s, variant| {
            let fields = this.field_types(mono, variant);
            if count > 1 && fields.is_empty() {
                let (tag, number) = (s.word(Opcode::Tag, &[b]), s.int(variant.into()));
                let equal = s.word(Opcode::Eq, &[tag, number]);
                return s.ret(equal);
            }
            if count > 1 {
                this.must_be(s, b, variant, count, differ);
            }
            let last = fields.len().saturating_sub(1);
            for (i, &field) in fields.iter().enumerate() {
                let x = this.get_field(s, a, mono, variant, i as u32);
                let y = this.get_field(s, b, mono, variant, i as u32);
                if i == last {
                    let equal = this.equal(s, field, x, y);
                    s.ret(equal);
                } else {
                    this.must_equal(s, field, x, y, differ);
                }
            }
            this.ret_int(s, 1);
        });
    }

    /// Goes on where the value is known to be this variant, else to `differ`.
    fn must_be(&mut self, s: &mut Ssa, value: Value, variant: u32, count: u32, differ: &mut Join) {
        let mut joins = vec![s.join(), s.join()];
        let which: Vec<usize> = (0..count).map(|v| usize::from(v == variant)).collect();
        s.switch_tag(value, &which, &mut joins);
        let (same, other) = (joins.pop(), joins.pop());
        if let Some(other) = other {
            s.enter(other, &[]);
            s.jump(differ, Vec::new());
        }
        if let Some(same) = same {
            s.enter(same, &[]);
        }
    }

    /// Goes on if two lists have one length, which it gives.
    fn must_have_one_length(&mut self, s: &mut Ssa, a: Value, b: Value, differ: &mut Join) -> Value {
        let (length, other) = (s.word(Opcode::ListLength, &[a]), s.word(Opcode::ListLength, &[b]));
        let mut same = s.join();
        s.branch(Opcode::JumpEq, &[length, other], None, &mut same, differ);
        s.enter(same, &[]);
        length
    }

    fn equal_lists(&mut self, s: &mut Ssa, a: Value, b: Value, element: Mono, differ: &mut Join) {
        let length = self.must_have_one_length(s, a, b, differ);
        self.each_index(s, length, |this, s, at| {
            let (x, y) = (this.item(s, a, at, element), this.item(s, b, at, element));
            this.must_equal(s, element, x, y, differ);
        });
        self.ret_int(s, 1);
    }

    /// Equal in size, and each key of one has an equal value in the other.
    fn equal_maps(&mut self, s: &mut Ssa, a: Value, b: Value, mono: Mono, value: Mono, differ: &mut Join) {
        let (entries, list) = self.entries(s, a, mono);
        let (others, _) = self.entries(s, b, mono);
        let length = self.must_have_one_length(s, entries, others, differ);
        let known = self.typed.known;
        let (Some(has), Some(index)) = (known.map_has, known.map_index) else {
            return self.equal_lists(s, entries, others, list, differ);
        };
        let (has, index) = (self.known(has, mono), self.known(index, mono));
        let (pair, value_reg) = (self.types.element(list), self.types.reg(value));
        self.each_index(s, length, |this, s, at| {
            let entry = this.item(s, entries, at, pair);
            let k = this.get_field(s, entry, pair, 0, 0);
            this.must_hold(s, has, b, k, differ);
            let x = this.get_field(s, entry, pair, 0, 1);
            let y = s.call(index, vec![b, k], value_reg);
            this.must_equal(s, value, x, y, differ);
        });
        self.ret_int(s, 1);
    }

    /// Equal in size, and each element of one is in the other.
    fn equal_sets(&mut self, s: &mut Ssa, a: Value, b: Value, mono: Mono, differ: &mut Join) {
        let (entries, list) = self.entries(s, a, mono);
        let (others, _) = self.entries(s, b, mono);
        let length = self.must_have_one_length(s, entries, others, differ);
        let element = self.types.element(list);
        let Some(has) = self.typed.known.set_has else { return self.equal_lists(s, entries, others, element, differ) };
        let has = self.known(has, mono);
        self.each_index(s, length, |this, s, at| {
            let item = this.item(s, entries, at, element);
            this.must_hold(s, has, b, item, differ);
        });
        self.ret_int(s, 1);
    }

    /// Goes on if `function(holder, key)` is true.
    fn must_hold(&mut self, s: &mut Ssa, function: FuncId, holder: Value, key: Value, differ: &mut Join) {
        let holds = s.call(function, vec![holder, key], RegType::I64);
        let mut yes = s.join();
        s.branch(Opcode::JumpIf, &[holds], None, &mut yes, differ);
        s.enter(yes, &[]);
    }
}
