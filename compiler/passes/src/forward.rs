//! What a load gives, seen from the instructions that made and changed what it loads from.
//!
//! Before counting an edit is 'a changed copy', so this is algebra: the field of a new record is what it was made
//! with, and a change elsewhere leaves a field alone. But reading an *older* version of something that was
//! changed meanwhile would keep it alive, and the change would copy; so a load is only ever answered with a value that
//! is there already, never with a load from further back.

use codex_core::ir::{Func, Inst, Value};
use codex_spec::instruction::Opcode;

/// How many changes are looked through.
const STEPS: usize = 16;

/// For each value, whether it is used by anything but loads of its fields: then forwarding its references would
/// share what it holds.
pub(crate) fn escapes(func: &Func) -> Vec<bool> {
    use Opcode::*;
    let mut escapes = vec![false; func.values.len()];
    for block in &func.blocks {
        for inst in block.insts.iter().filter(|i| !matches!(i.op, GetWord | GetByte | GetRef | Tag)) {
            inst.args.iter().for_each(|v| escapes[v.index()] = true);
        }
        if !matches!(block.term, codex_core::ir::Term::SwitchTag(..)) {
            crate::live::for_each_term_use(&block.term, |v| escapes[v.index()] = true);
        }
        for target in block.term.targets() {
            target.args.iter().for_each(|v| escapes[v.index()] = true);
        }
    }
    escapes
}

/// The value that a load gives, if it is in view. `available` tells which value, if any, the same load from an older version
/// gave.
pub(crate) fn loaded(
    load: &Inst,
    makers: &[Option<Inst>],
    escapes: &[bool],
    available: impl Fn(&Inst) -> Option<Value>,
) -> Option<Value> {
    use Opcode::*;
    if !matches!(load.op, GetWord | GetByte | GetRef | ListGet | ListGetByte | ListLength) {
        return None;
    }
    let mut older = load.clone();
    for _ in 0..STEPS {
        let from = makers.get(older.args[0].index())?.as_ref()?;
        match stored(&older, from) {
            Stored::Here(v) if load.op != GetRef || (from.op == New && !escapes[older.args[0].index()]) => {
                return Some(v);
            }
            Stored::Before(object) if load.op != GetRef => older.args[0] = object,
            _ => return None,
        }
        if let Some(v) = available(&older) {
            return Some(v);
        }
    }
    None
}

/// Where a load finds its value, seen from the instruction that made what it loads from.
enum Stored {
    Here(Value),
    Before(Value),
    Unknown,
}

fn stored(load: &Inst, from: &Inst) -> Stored {
    use Opcode::*;
    match (load.op, from.op) {
        (GetWord | GetByte | GetRef, New) => {
            from.args.get(load.index(1) as usize).map_or(Stored::Unknown, |v| Stored::Here(*v))
        }
        (GetWord | GetByte, SetWord | SetByte) if from.index(1) == load.index(1) => Stored::Here(from.args[1]),
        (GetWord | GetByte, SetWord | SetByte | PutRef | TakeRef) => Stored::Before(from.args[0]),
        (ListGet | ListGetByte, ListSet | ListSetByte) if from.args[1] == load.args[1] => Stored::Here(from.args[2]),
        (ListLength, ListSet | ListSetByte | ListSwap | ListPutRef | ListTakeRef) => Stored::Before(from.args[0]),
        _ => Stored::Unknown,
    }
}

/// Whether `take` takes out again what `put` has just put back.
pub(crate) fn reopens(take: &Inst, put: &Inst) -> bool {
    match (take.op, put.op) {
        (Opcode::ListTakeRef, Opcode::ListPutRef) => take.args[1] == put.args[1],
        (Opcode::TakeRef, Opcode::PutRef) => take.index(1) == put.index(1),
        _ => false,
    }
}

/// Whether `load` looks at what `put` has just put back.
pub(crate) fn looks_at(load: &Inst, put: &Inst) -> bool {
    match (load.op, put.op) {
        (Opcode::ListGetRef, Opcode::ListPutRef) => load.args[1] == put.args[1],
        (Opcode::GetRef, Opcode::PutRef) => load.index(1) == put.index(1),
        _ => false,
    }
}
