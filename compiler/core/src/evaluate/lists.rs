//! Instructions on records, lists, and growing texts: those that change what they are given.

use codex_spec::instruction::Opcode;
use codex_spec::semantics as sem;
use codex_spec::trap::Trap;

use super::Stop;
use super::value::Val;
use crate::ir::Inst;

/// A list longer than this is taken for more than any machine's memory.
const MAX_LENGTH: i64 = 1 << 27;

/// What the instruction gives.
pub(crate) fn results(inst: &Inst, args: Vec<Val>) -> Result<Vec<Val>, Stop> {
    use Opcode as O;
    match inst.op {
        O::GetWord | O::GetByte | O::GetRef | O::SetWord | O::SetByte | O::TakeRef | O::PutRef => field(inst, args),
        O::ListNew | O::ListRepeat | O::ListGet | O::ListGetByte | O::ListGetRef | O::ListSlice | O::Probe => {
            read(inst, args)
        }
        O::RawAppend | O::TextPushChar | O::BytesPush | O::BytesToText | O::TextToInt | O::TextToFloat => {
            raw(inst, args)
        }
        _ => change(inst, args),
    }
}

fn byte(value: Val) -> Result<Val, Stop> {
    Ok(Val::Int(sem::to_byte(value.int()?).into()))
}

/// Fields of a record.
fn field(inst: &Inst, mut args: Vec<Val>) -> Result<Vec<Val>, Stop> {
    let (layout, index) = (inst.index(0), inst.index(1) as usize);
    let value = if args.len() > 1 { args.pop() } else { None };
    let Some(mut record) = args.pop() else { return Err(Stop::Broken("a record expected".into())) };
    let node = record.node()?;
    if node.layout != layout || index >= node.items.len() {
        return Err(Stop::Broken(format!("field {index} of layout {layout} in a cell of layout {}", node.layout)));
    }
    match (inst.op, value) {
        (Opcode::GetWord | Opcode::GetByte | Opcode::GetRef, _) => match &node.items[index] {
            Val::Nothing => Err(Stop::Broken("a field that was taken out".into())),
            value => Ok(vec![value.clone()]),
        },
        (Opcode::TakeRef, _) => {
            let taken = std::mem::take(&mut record.node_mut()?.items[index]);
            Ok(vec![taken, record])
        }
        (op, Some(value)) => {
            record.node_mut()?.items[index] = if op == Opcode::SetByte { byte(value)? } else { value };
            Ok(vec![record])
        }
        (_, None) => Err(Stop::Broken("a value expected".into())),
    }
}

/// Making and reading lists.
fn read(inst: &Inst, args: Vec<Val>) -> Result<Vec<Val>, Stop> {
    match inst.op {
        Opcode::ListNew => Ok(vec![Val::list(args)]),
        Opcode::ListRepeat => {
            let count = args[1].int()?.max(0);
            if count > MAX_LENGTH {
                return Err(Stop::Trap(Trap::OutOfMemory));
            }
            Ok(vec![Val::list(vec![args[0].clone(); count as usize])])
        }
        Opcode::ListSlice => {
            let items = &args[0].node()?.items;
            let range = sem::cut_range(args[1].int()?, args[2].int()?, items.len());
            Ok(vec![Val::list(items[range].to_vec())])
        }
        Opcode::Probe => probe(&args[0].node()?.items, args[1].int()?, args[2].int()?).map(|at| vec![Val::Int(at)]),
        _ => {
            let items = &args[0].node()?.items;
            match &items[sem::index(args[1].int()?, items.len())?] {
                Val::Nothing => Err(Stop::Broken("an element that was taken out".into())),
                item => Ok(vec![item.clone()]),
            }
        }
    }
}

/// The first slot from `start` on that is empty or holds the upper half of the hash; -1 if there is none.
fn probe(slots: &[Val], hash: i64, start: i64) -> Result<i64, Stop> {
    let length = slots.len() as u64;
    for step in 0..length {
        let at = (start as u64 % length + step) % length;
        let slot = slots[at as usize].int()?;
        if slot == 0 || (slot as u64) >> 32 == (hash as u64) >> 32 {
            return Ok(at as i64);
        }
    }
    Ok(-1)
}

/// Changes to a list, the first argument.
fn change(inst: &Inst, mut args: Vec<Val>) -> Result<Vec<Val>, Stop> {
    use Opcode as O;
    if args.is_empty() {
        return Err(Stop::Broken(format!("`{}` is not run before the ownership pass", inst.op.name())));
    }
    let mut rest = args.split_off(1);
    let mut list = args.swap_remove(0);
    let length = list.node()?.items.len();
    let at = |i: usize| -> Result<usize, Stop> { Ok(sem::index(rest[i].int()?, length)?) };
    match inst.op {
        O::ListSet | O::ListPutRef => {
            let at = at(0)?;
            list.node_mut()?.items[at] = rest.swap_remove(1);
        }
        O::ListSetByte => {
            let at = at(0)?;
            list.node_mut()?.items[at] = byte(rest.swap_remove(1))?;
        }
        O::ListTakeRef => {
            let at = at(0)?;
            let taken = std::mem::take(&mut list.node_mut()?.items[at]);
            return Ok(vec![taken, list]);
        }
        O::ListSwap => {
            let (a, b) = (at(0)?, at(1)?);
            list.node_mut()?.items.swap(a, b);
        }
        O::ListPush => list.node_mut()?.items.push(rest.swap_remove(0)),
        O::ListPop => match list.node_mut()?.items.pop() {
            Some(last) => return Ok(vec![last, list]),
            None => return Err(Stop::Trap(Trap::Bounds)),
        },
        O::ListAppend => {
            let more = rest[0].node()?.items.clone();
            list.node_mut()?.items.extend(more);
        }
        O::ListTruncate => {
            let keep = sem::clamp(rest[0].int()?, length);
            list.node_mut()?.items.truncate(keep);
        }
        _ => return Err(Stop::Broken(format!("`{}` is not run before the ownership pass", inst.op.name()))),
    }
    Ok(vec![list])
}

/// Growing texts and bytes, and reading numbers from them.
fn raw(inst: &Inst, mut args: Vec<Val>) -> Result<Vec<Val>, Stop> {
    match inst.op {
        Opcode::RawAppend => {
            let more = args[1].bytes()?.to_vec();
            args[0].bytes_mut()?.extend(more);
        }
        Opcode::TextPushChar => {
            let char = sem::scalar(args[1].int()?)?;
            args[0].bytes_mut()?.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Opcode::BytesPush => {
            let byte = sem::to_byte(args[1].int()?);
            args[0].bytes_mut()?.push(byte);
        }
        Opcode::BytesToText => {
            let text = std::str::from_utf8(args[0].bytes()?).ok();
            return Ok(vec![Val::Int(text.is_some().into()), Val::raw(text.unwrap_or("").into())]);
        }
        Opcode::TextToInt => {
            let number = sem::parse_int(args[0].text()?);
            return Ok(vec![Val::Int(number.is_some().into()), Val::Int(number.unwrap_or(0))]);
        }
        _ => {
            let number = sem::parse_float(args[0].text()?);
            return Ok(vec![Val::Int(number.is_some().into()), Val::Float(number.unwrap_or(0.0))]);
        }
    }
    args.truncate(1);
    Ok(args)
}
