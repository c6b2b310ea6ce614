//! Assignments to a `var` or a part of it.
//!
//! The order is: the indices of the path, left to right; for a compound assignment the old value; the right side,
//! which sees the old value; then the write, which takes each level out of its holder, changes it, and
//! puts it back. A level that is out of bounds traps while it is taken; nothing has been written then, since the
//! `var` is rebound only at the end.

use codex_spec::instruction::Opcode;
use codex_spec::layout::{RegType, Storage};
use codex_spec::trap::Trap;
use codex_types::typed::{BinaryOp, Expr, LocalId, PlaceStep};

use super::Lower;
use super::expr::set_rows;
use super::mono::{Kind, Mono, Types};
use super::walk::{assigned, is_quiet};
use crate::ir::{Imm, NO_IMM, Value};

/// A step with its index evaluated: the holder's type, and the part's.
#[derive(Clone, Copy)]
struct Step {
    kind: StepKind,
    holder: Mono,
    part: Mono,
}

#[derive(Clone, Copy)]
enum StepKind {
    Field(u32),
    Index(Value),
    Key(Value),
}

/// What is written at the end of a path.
#[derive(Clone, Copy)]
enum New {
    /// This value.
    Value(Value),
    /// What the operator makes of the old value and this one.
    Applied(BinaryOp, Value),
}

impl<'a> Lower<'_, 'a> {
    /// `local path op≔ value`
    pub(crate) fn assign(&mut self, local: LocalId, path: &'a [PlaceStep], op: Option<BinaryOp>, value: &'a Expr) {
        let mut steps = Vec::with_capacity(path.len());
        for step in path {
            let step = self.step(step);
            steps.push(step);
        }
        let new = match op {
            None => New::Value(self.expr(value)),
            Some(op) => self.compound(local, &steps, op, value),
        };
        let (Some(slot), false) = (self.slot(local), self.s.dead) else { return };
        let changed = match (&steps[..], new) {
            ([], New::Value(value)) => value,
            ([], New::Applied(op, value)) => {
                let mono = self.local_mono(local);
                let old = self.s.vars[slot];
                self.apply(op, mono, old, value)
            }
            (steps, new) => {
                let holder = self.s.vars[slot];
                self.write(holder, steps, new)
            }
        };
        self.s.vars[slot] = changed;
    }

    fn step(&mut self, step: &'a PlaceStep) -> Step {
        match step {
            PlaceStep::Field(index, ty) => {
                let holder = self.mono(*ty);
                let part = self.b.types.fields(holder, 0).get(*index as usize).map_or(Types::UNIT, |f| f.1);
                Step { kind: StepKind::Field(*index), holder, part }
            }
            PlaceStep::Index(at, ty) => {
                let holder = self.mono(*ty);
                let part = self.b.types.element(holder);
                Step { kind: StepKind::Index(self.expr(at)), holder, part }
            }
            PlaceStep::Key(key, ty) => {
                let holder = self.mono(*ty);
                let part = match &*self.b.types.kind(holder) {
                    Kind::Data(_, args) => args.get(1).copied().unwrap_or(Types::UNIT),
                    _ => Types::UNIT,
                };
                Step { kind: StepKind::Key(self.expr(key)), holder, part }
            }
        }
    }

    /// A compound assignment's new value.
    ///
    /// A word is read first. A reference is rather changed where it is, taken out of its holder, so that it can
    /// be changed in place; it is read before the right side only where someone could tell.
    fn compound(&mut self, local: LocalId, steps: &[Step], op: BinaryOp, value: &'a Expr) -> New {
        let mono = match steps.last() {
            Some(step) => step.part,
            None => self.local_mono(local),
        };
        let word = !matches!(self.b.types.reg(mono), RegType::Ref(_));
        let quiet = is_quiet(value);
        let holder = self.local(local);
        if !word && (quiet || steps.is_empty()) && !assigned(value).contains(&local) {
            return New::Applied(op, self.expr(value));
        }
        let old = steps.iter().fold(holder, |holder, step| self.read(holder, step));
        match word || assigned(value).contains(&local) {
            true => New::Value(self.apply_to(op, mono, old, value)),
            false => New::Applied(op, self.expr(value)),
        }
    }

    /// The part of a holder.
    fn read(&mut self, holder: Value, step: &Step) -> Value {
        let storage = self.b.types.storage(step.part);
        match step.kind {
            StepKind::Field(index) => self.get_field(holder, step.holder, 0, index),
            StepKind::Index(at) => self.s.element(holder, at, storage),
            StepKind::Key(key) => match self.b.typed.known.map_index {
                Some(index) => {
                    let function = self.b.known(index, step.holder);
                    self.s.call(function, vec![holder, key], storage.reg_type())
                }
                None => self.no_map(storage.reg_type()),
            },
        }
    }

    /// The holder with the part at the end of the path changed.
    fn write(&mut self, holder: Value, steps: &[Step], new: New) -> Value {
        let Some((step, rest)) = steps.split_first() else { return holder };
        match (step.kind, self.b.types.storage(step.part), new) {
            (StepKind::Key(_), _, _) | (_, Storage::I64 | Storage::F64 | Storage::Byte, New::Applied(..)) => {
                let part = match (rest, new) {
                    ([], New::Value(value)) => value,
                    _ => {
                        let old = self.read(holder, step);
                        self.changed(old, step, rest, new)
                    }
                };
                self.put(holder, step, part)
            }
            (_, Storage::Ref(_), _) => {
                let (old, open) = self.take(holder, step);
                let part = self.changed(old, step, rest, new);
                self.put(open, step, part)
            }
            (_, _, New::Value(value)) => self.put(holder, step, value),
        }
    }

    /// What a part becomes.
    fn changed(&mut self, old: Value, step: &Step, rest: &[Step], new: New) -> Value {
        match (rest, new) {
            ([], New::Value(value)) => value,
            ([], New::Applied(op, value)) => self.apply(op, step.part, old, value),
            _ => self.write(old, rest, new),
        }
    }

    /// Takes a reference out of its holder: the reference and the open holder.
    fn take(&mut self, holder: Value, step: &Step) -> (Value, Value) {
        let part = self.b.types.reg(step.part);
        let results = [part, self.s.func.typ(holder)];
        let got = match step.kind {
            StepKind::Field(index) => {
                let imm = self.field_imm(step.holder, index);
                self.s.inst(Opcode::TakeRef, imm, vec![holder], &results)
            }
            StepKind::Index(at) | StepKind::Key(at) => {
                self.s.inst(Opcode::ListTakeRef, NO_IMM, vec![holder, at], &results)
            }
        };
        (got[0], got[1])
    }

    /// Puts a part into its holder: into an open one, if it is a reference.
    fn put(&mut self, holder: Value, step: &Step, part: Value) -> Value {
        let rows = set_rows(self.b.types.storage(step.part));
        match step.kind {
            StepKind::Field(index) => {
                let imm = self.field_imm(step.holder, index);
                self.s.edit(rows.map_or(Opcode::PutRef, |r| r.0), imm, vec![holder, part])
            }
            StepKind::Index(at) => {
                self.s.edit(rows.map_or(Opcode::ListPutRef, |r| r.1), NO_IMM, vec![holder, at, part])
            }
            StepKind::Key(key) => {
                let typ = self.s.func.typ(holder);
                match self.b.typed.known.map_insert {
                    Some(insert) => {
                        let function = self.b.known(insert, step.holder);
                        self.s.call(function, vec![holder, key, part], typ)
                    }
                    None => self.no_map(typ),
                }
            }
        }
    }

    /// A record with one field replaced.
    pub(crate) fn set_field(&mut self, record: Value, mono: Mono, index: u32, value: Value) -> Value {
        let part = self.b.types.fields(mono, 0).get(index as usize).map_or(Types::UNIT, |f| f.1);
        let step = Step { kind: StepKind::Field(index), holder: mono, part };
        self.write(record, &[step], New::Value(value))
    }

    fn field_imm(&mut self, mono: Mono, index: u32) -> [Option<Imm>; 2] {
        let layout = self.b.types.layout(mono, 0).map_or(0, |l| l.0);
        [Some(Imm::Index(layout)), Some(Imm::Index(index))]
    }

    /// Without a standard library there are no maps.
    fn no_map(&mut self, typ: RegType) -> Value {
        self.s.trap(Trap::Unreachable);
        self.s.nothing(typ)
    }
}
