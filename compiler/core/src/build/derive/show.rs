//! Texts of values. The functions take the text so far and give it back longer, so that the time is linear.

use codex_spec::instruction::{FuncId, Opcode};
use codex_spec::layout::RegType;

use super::super::mono::{Kind, Mono, Types};
use super::super::ssa::{Join, Ssa};
use super::super::{Builder, Key};
use super::{Shape, variant_name};
use crate::ir::{Func, NO_IMM, Value};

impl Builder<'_> {
    /// The text of a value as `print` shows it: a Text is itself.
    pub(crate) fn show(&mut self, s: &mut Ssa, value: Value, mono: Mono) -> Value {
        match mono {
            Types::TEXT => value,
            _ => self.debug(s, value, mono),
        }
    }

    /// The text of a value as in source.
    pub(crate) fn debug(&mut self, s: &mut Ssa, value: Value, mono: Mono) -> Value {
        if let Some(text) = self.plain_text(s, value, mono) {
            return text;
        }
        let empty = self.text(s, "");
        self.append_shown(s, empty, value, mono)
    }

    /// The text of a value that one instruction or call gives.
    fn plain_text(&mut self, s: &mut Ssa, value: Value, mono: Mono) -> Option<Value> {
        let text = self.types.reg(Types::TEXT);
        match mono {
            Types::INT => Some(s.one(Opcode::IntToText, NO_IMM, vec![value], text)),
            Types::FLOAT => Some(s.one(Opcode::FloatToText, NO_IMM, vec![value], text)),
            Types::TEXT => Some(match self.typed.known.text_quote {
                Some(quote) => {
                    let quote = self.function(quote, [].into());
                    s.call(quote, vec![value], text)
                }
                None => {
                    let mark = self.text(s, "\"");
                    self.join_values(s, vec![mark, value, mark])
                }
            }),
            _ => None,
        }
    }

    /// The text with a value's text at its end.
    fn append_shown(&mut self, s: &mut Ssa, text: Value, value: Value, mono: Mono) -> Value {
        match self.plain_text(s, value, mono) {
            Some(plain) => s.edit(Opcode::RawAppend, NO_IMM, vec![text, plain]),
            None => {
                let function = self.derived(Key::Show(mono), s.span);
                let typ = self.types.reg(Types::TEXT);
                s.call(function, vec![text, value], typ)
            }
        }
    }

    fn append(&mut self, s: &mut Ssa, text: Value, literal: &str) -> Value {
        if literal.is_empty() {
            return text;
        }
        let literal = self.text(s, literal);
        s.edit(Opcode::RawAppend, NO_IMM, vec![text, literal])
    }

    /// `fn(Text, a) → Text`
    pub(crate) fn derive_show(&mut self, id: FuncId, mono: Mono) -> Func {
        let mut s = self.writer(id);
        let (text, value) = (s.func.params[0], s.func.params[1]);
        match self.shape(mono) {
            Shape::Word => self.show_word(&mut s, text, value, mono),
            Shape::Variants(count) => self.show_variants(&mut s, text, value, mono, count),
            Shape::List(element) => self.show_items(&mut s, text, ("[", "]"), value, element, false),
            Shape::Set(_) => {
                let (items, list) = self.entries(&mut s, value, mono);
                let element = self.types.element(list);
                self.show_items(&mut s, text, ("Set(", ")"), items, element, false);
            }
            Shape::Map(..) => self.show_map(&mut s, text, value, mono),
            Shape::Plain => self.show_plain(&mut s, text, value, mono),
        }
        s.finish()
    }

    /// Bools, enumerations, `()`.
    fn show_word(&mut self, s: &mut Ssa, text: Value, value: Value, mono: Mono) {
        let names: Vec<&str> = match &*self.types.kind(mono) {
            Kind::Link(_) | Kind::Reply(_) => return self.show_link(s, text, value, mono),
            Kind::Bool => vec!["false", "true"],
            Kind::Data(data, _) => {
                self.types.data(*data).map_or(Vec::new(), |d| d.variants.iter().map(|v| v.name.as_str()).collect())
            }
            _ => vec!["()"],
        };
        let Some(last) = names.len().checked_sub(1) else { return s.ret(text) };
        let mut cases: Vec<Join> = names.iter().map(|_| s.join()).collect();
        let which: Vec<usize> = (0..last).collect();
        match last {
            0 => s.jump(&mut cases[0], Vec::new()),
            _ => s.switch(value, &which, last, &mut cases),
        }
        for (case, name) in cases.into_iter().zip(names) {
            s.enter(case, &[]);
            let text = self.append(s, text, name);
            s.ret(text);
        }
    }

    /// `Counter#7`
    fn show_link(&mut self, s: &mut Ssa, text: Value, value: Value, mono: Mono) {
        let name = format!("{}#", self.types.name(mono));
        let text = self.append(s, text, &name);
        let text = self.append_shown(s, text, value, Types::INT);
        s.ret(text);
    }

    fn show_variants(&mut self, s: &mut Ssa, text: Value, value: Value, mono: Mono, count: u32) {
        self.each_variant(s, value, mono, count, |this, s, variant| {
            let fields = this.types.fields(mono, variant);
            let mut before = variant_name(&this.types, mono, variant).to_string();
            let mut text = text;
            for (i, &(label, field)) in fields.iter().enumerate() {
                before.push_str(if i == 0 { "(" } else { ", " });
                if !label.is_empty() {
                    before.push_str(label);
                    before.push_str(": ");
                }
                text = this.append(s, text, &before);
                before.clear();
                let part = this.get_field(s, value, mono, variant, i as u32);
                text = this.append_shown(s, text, part, field);
            }
            if !fields.is_empty() {
                before.push(')');
            }
            let text = this.append(s, text, &before);
            s.ret(text);
        });
    }

    /// The elements of a list between two signs; `pairs` as `key: value`.
    fn show_items(
        &mut self,
        s: &mut Ssa,
        text: Value,
        (open, close): (&str, &str),
        list: Value,
        element: Mono,
        pairs: bool,
    ) {
        let text = self.append(s, text, open);
        let length = s.word(Opcode::ListLength, &[list]);
        s.vars.push(text);
        self.each_index(s, length, |this, s, at| {
            this.comma(s, at);
            let item = this.item(s, list, at, element);
            s.vars[0] = match pairs {
                false => this.append_shown(s, s.vars[0], item, element),
                true => this.append_pair(s, s.vars[0], item, element),
            };
        });
        let text = self.append(s, s.vars[0], close);
        s.ret(text);
    }

    /// `, ` before every item but the first.
    fn comma(&mut self, s: &mut Ssa, at: Value) {
        let (mut first, mut further, mut next) = (s.join(), s.join(), s.join());
        s.branch(Opcode::JumpEqImm, &[at], Some(0), &mut first, &mut further);
        s.enter(further, &[]);
        s.vars[0] = self.append(s, s.vars[0], ", ");
        s.jump(&mut next, Vec::new());
        s.enter(first, &[]);
        s.jump(&mut next, Vec::new());
        s.enter(next, &[]);
    }

    fn append_pair(&mut self, s: &mut Ssa, text: Value, pair: Value, mono: Mono) -> Value {
        let fields = self.field_types(mono, 0);
        let mut text = text;
        for (i, &field) in fields.iter().enumerate() {
            if i > 0 {
                text = self.append(s, text, ": ");
            }
            let part = self.get_field(s, pair, mono, 0, i as u32);
            text = self.append_shown(s, text, part, field);
        }
        text
    }

    fn show_map(&mut self, s: &mut Ssa, text: Value, value: Value, mono: Mono) {
        let (items, list) = self.entries(s, value, mono);
        let pair = self.types.element(list);
        let length = s.word(Opcode::ListLength, &[items]);
        let (mut empty, mut some) = (s.join(), s.join());
        s.branch(Opcode::JumpEqImm, &[length], Some(0), &mut empty, &mut some);
        s.enter(empty, &[]);
        let nothing = self.append(s, text, "[:]");
        s.ret(nothing);
        s.enter(some, &[]);
        self.show_items(s, text, ("[", "]"), items, pair, true);
    }

    /// Bytes as their numbers; functions have no text.
    fn show_plain(&mut self, s: &mut Ssa, text: Value, value: Value, mono: Mono) {
        if mono != Types::BYTES {
            let text = self.append(s, text, "<function>");
            return s.ret(text);
        }
        let text = self.append(s, text, "Bytes(");
        let length = s.word(Opcode::RawLength, &[value]);
        s.vars.push(text);
        self.each_index(s, length, |this, s, at| {
            this.comma(s, at);
            let byte = s.one(Opcode::RawByte, NO_IMM, vec![value, at], RegType::I64);
            s.vars[0] = this.append_shown(s, s.vars[0], byte, Types::INT);
        });
        let text = self.append(s, s.vars[0], ")");
        s.ret(text);
    }
}
