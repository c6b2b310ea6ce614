//! Order: variants as declared, fields left to right, lists element by element.

use codex_spec::instruction::{FuncId, Opcode};

use super::super::Builder;
use super::super::mono::Mono;
use super::super::ssa::Ssa;
use super::Shape;
use crate::ir::{Func, Value};

impl Builder<'_> {
    /// `fn(a, a) → Int`: -1, 0 or 1.
    pub(crate) fn derive_compare(&mut self, id: FuncId, mono: Mono) -> Func {
        let mut s = self.writer(id);
        let (a, b) = (s.func.params[0], s.func.params[1]);
        match self.shape(mono) {
            Shape::List(element) => self.order_lists(&mut s, a, b, element),
            Shape::Map(..) | Shape::Set(_) => {
                let (x, list) = self.entries(&mut s, a, mono);
                let (y, _) = self.entries(&mut s, b, mono);
                let order = self.order(&mut s, list, x, y);
                s.ret(order);
            }
            Shape::Variants(count) => self.order_variants(&mut s, a, b, mono, count),
            Shape::Word => {
                let order = self.order(&mut s, mono, a, b);
                s.ret(order);
            }
            Shape::Plain => self.ret_int(&mut s, 0),
        }
        s.finish()
    }

    fn order_variants(&mut self, s: &mut Ssa, a: Value, b: Value, mono: Mono, count: u32) {
        self.each_variant(s, a, mono, count, |this, s, variant| {
            let fields = this.field_types(mono, variant);
            if count > 1 && fields.is_empty() {
                let (number, tag) = (s.int(variant.into()), s.word(Opcode::Tag, &[b]));
                let (above, below) = (s.word(Opcode::Lt, &[tag, number]), s.word(Opcode::Lt, &[number, tag]));
                let order = s.word(Opcode::WrappingSub, &[above, below]);
                return s.ret(order);
            }
            if count > 1 {
                this.order_by_variant(s, b, variant, count);
            }
            let last = fields.len().saturating_sub(1);
            for (i, &field) in fields.iter().enumerate() {
                let x = this.get_field(s, a, mono, variant, i as u32);
                let y = this.get_field(s, b, mono, variant, i as u32);
                let order = this.order(s, field, x, y);
                if i == last {
                    s.ret(order);
                } else {
                    this.return_unless_zero(s, order);
                }
            }
            this.ret_int(s, 0);
        });
    }

    /// Goes on where `b` is this variant too; returns the order where it is another.
    fn order_by_variant(&mut self, s: &mut Ssa, b: Value, variant: u32, count: u32) {
        let mut joins = vec![s.join(), s.join(), s.join()];
        let which: Vec<usize> =
            (0..count).map(|other| usize::from(other >= variant) + usize::from(other > variant)).collect();
        s.switch_tag(b, &which, &mut joins);
        let mut joins = joins.into_iter();
        let (below, same, above) = (joins.next(), joins.next(), joins.next());
        for (join, order) in [(below, 1), (above, -1)] {
            if let Some(join) = join {
                s.enter(join, &[]);
                self.ret_int(s, order);
            }
        }
        if let Some(same) = same {
            s.enter(same, &[]);
        }
    }

    fn return_unless_zero(&mut self, s: &mut Ssa, order: Value) {
        let (mut zero, mut other) = (s.join(), s.join());
        s.branch(Opcode::JumpEqImm, &[order], Some(0), &mut zero, &mut other);
        s.enter(other, &[]);
        s.ret(order);
        s.enter(zero, &[]);
    }

    /// The first elements that differ decide; if there are none, the lengths.
    fn order_lists(&mut self, s: &mut Ssa, a: Value, b: Value, element: Mono) {
        let (length, other) = (s.word(Opcode::ListLength, &[a]), s.word(Opcode::ListLength, &[b]));
        let (mut shorter, mut longer, mut both) = (s.join(), s.join(), s.join());
        s.branch(Opcode::JumpLt, &[length, other], None, &mut shorter, &mut longer);
        for (join, length) in [(shorter, length), (longer, other)] {
            s.enter(join, &[]);
            s.jump(&mut both, vec![length]);
        }
        let common = s.enter(both, &[codex_spec::layout::RegType::I64])[0];
        self.each_index(s, common, |this, s, at| {
            let (x, y) = (this.item(s, a, at, element), this.item(s, b, at, element));
            let order = this.order(s, element, x, y);
            this.return_unless_zero(s, order);
        });
        let (above, below) = (s.word(Opcode::Lt, &[other, length]), s.word(Opcode::Lt, &[length, other]));
        let order = s.word(Opcode::WrappingSub, &[above, below]);
        s.ret(order);
    }
}
