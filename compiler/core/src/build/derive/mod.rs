//! Structural operations, one function for each type and operation that the program uses: equality, order, hash, and the
//! text as in source.
//!
//! They recurse as the data does, in frames of the machine; what a value's last field needs is called last, so that a
//! long chain of `Cons` takes no stack where the result needs nothing after it. Maps and sets are looked at through
//! the standard library: their order of insertion counts for their text alone.

mod equal;
mod hash;
mod order;
mod show;

use codex_spec::instruction::Opcode;
use codex_spec::layout::RegType;
use codex_types::typed::DataId;

use super::Builder;
use super::mono::{Kind, Mono, Types};
use super::ssa::{Join, Ssa};
use crate::ir::Value;

/// What a structural operation goes by.
enum Shape {
    /// No more than a number (an enumeration, a Bool, `()`).
    Word,
    /// A tuple, or a type with these many variants.
    Variants(u32),
    /// A list of these.
    List(Mono),
    /// A map from these to these.
    Map(Mono, Mono),
    /// A set of these.
    Set(Mono),
    /// Text, bytes, floats, functions: what needs no look inside.
    Plain,
}

impl Builder<'_> {
    fn shape(&mut self, mono: Mono) -> Shape {
        let known = &self.typed.known;
        let (map, set): (Option<DataId>, Option<DataId>) = (known.map, known.set);
        match &*self.types.kind(mono) {
            Kind::Data(data, args) if map == Some(*data) && args.len() == 2 && known.map_to_list.is_some() => {
                Shape::Map(args[0], args[1])
            }
            Kind::Data(data, args) if set == Some(*data) && args.len() == 1 && known.set_to_list.is_some() => {
                Shape::Set(args[0])
            }
            Kind::List(element) => Shape::List(*element),
            _ if self.types.reg(mono) == RegType::I64 => Shape::Word,
            Kind::Data(..) | Kind::Tuple(_) => Shape::Variants(self.types.variant_count(mono)),
            _ => Shape::Plain,
        }
    }

    /// The entries of a map or set as a list, and that list's type.
    fn entries(&mut self, s: &mut Ssa, value: Value, mono: Mono) -> (Value, Mono) {
        let (function, element) = match self.shape(mono) {
            Shape::Map(key, value) => (self.typed.known.map_to_list, self.types.intern(Kind::Tuple(vec![key, value]))),
            Shape::Set(element) => (self.typed.known.set_to_list, element),
            _ => (None, mono),
        };
        let list = self.types.list(element);
        let Some(function) = function else { return (value, mono) };
        let function = self.known(function, mono);
        let typ = self.types.reg(list);
        (s.call(function, vec![value], typ), list)
    }

    /// An element of a list.
    fn item(&mut self, s: &mut Ssa, list: Value, at: Value, element: Mono) -> Value {
        let storage = self.types.storage(element);
        s.element(list, at, storage)
    }

    /// Writes `body` for each number below `length`. What changes from turn to turn is in `s.vars`.
    fn each_index(&mut self, s: &mut Ssa, length: Value, body: impl FnOnce(&mut Self, &mut Ssa, Value)) {
        let zero = s.int(0);
        let (mut start, mut exit) = (s.join(), s.join());
        s.branch(Opcode::JumpLeImm, &[length], Some(0), &mut exit, &mut start);
        s.enter(start, &[]);
        let slots = (0..s.vars.len()).collect();
        let (head, counter) = s.enter_loop(slots, Some(zero));
        let counter = counter.unwrap_or(zero);
        body(self, s, counter);
        s.count(&head, counter, length, &mut exit);
        s.enter(exit, &[]);
    }

    /// Writes `body` for each variant, where it is known that the value is that variant.
    fn each_variant(
        &mut self,
        s: &mut Ssa,
        value: Value,
        mono: Mono,
        count: u32,
        mut body: impl FnMut(&mut Self, &mut Ssa, u32),
    ) {
        if count == 1 || matches!(&*self.types.kind(mono), Kind::Tuple(_)) {
            return body(self, s, 0);
        }
        let mut cases: Vec<Join> = (0..count).map(|_| s.join()).collect();
        let which: Vec<usize> = (0..count as usize).collect();
        s.switch_tag(value, &which, &mut cases);
        for (variant, case) in cases.into_iter().enumerate() {
            s.enter(case, &[]);
            body(self, s, variant as u32);
        }
    }

    /// The types of a variant's fields.
    fn field_types(&mut self, mono: Mono, variant: u32) -> Vec<Mono> {
        self.types.fields(mono, variant).iter().map(|f| f.1).collect()
    }

    /// Returns a number.
    fn ret_int(&self, s: &mut Ssa, value: i64) {
        if !s.dead {
            let value = s.int(value);
            s.ret(value);
        }
    }
}

/// The name of a variant; empty for a tuple.
fn variant_name(types: &Types<'_>, mono: Mono, variant: u32) -> &'static str {
    match &*types.kind(mono) {
        Kind::Data(data, _) => {
            types.data(*data).and_then(|d| d.variants.get(variant as usize)).map_or("", |v| v.name.as_str())
        }
        _ => "",
    }
}
