//! One container of an image: its state, its cells, and whether they make sense together.

use std::ops::Range;
use std::sync::Arc;

use codex_spec::instruction::{FuncId, Inst};
use codex_spec::layout::{FIRST_CELL, RegType};
use codex_spec::module::Lifecycle;

use super::{Found, Load, Region, Regions};
use crate::actor::{Actor, Quantum, Status};
use crate::collapse::position;
use crate::container::{BOTTOM, Container, MAIN};
use crate::effects::Effect;
use crate::frames::{live_at, waits};
use crate::heap::Heap;
use crate::heap::parcel;
use crate::heap::tracking::LARGE;
use crate::heap::walk::walk;
use crate::interpreter::messages::Pending;
use crate::interpreter::stack::Frame;
use crate::kept::Kept;
use crate::mailbox::Message;
use crate::program::{HALT, Program};
use crate::rest::Form;
use crate::seeded::{self, Bug};
use crate::state::{Read, Sink, Source, read_container};
use crate::world::World;

/// Writes a container's cells into an image, and says where they are; those of a large heap are a region, and not there.
pub(super) fn write_cells(state: &mut Vec<u8>, cells: &[u8]) -> Option<Range<usize>> {
    state.number(cells.len() as u64);
    state.number((cells.len() >= LARGE).into());
    let at = state.len();
    if cells.len() >= LARGE {
        return None;
    }
    state.raw(cells);
    Some(at..state.len())
}

/// Reads a container, with what is kept of it, and says where it was in a state of `all` bytes.
pub(super) fn load_container(
    input: &mut Source<'_>,
    c: &mut Box<Container>,
    world: &World,
    all: usize,
    regions: &mut dyn Regions,
) -> Load<(Actor, Found)> {
    let start = all - input.left.len();
    let (mut actor, lists) = load_state(input, c, world)?;
    let mut found = Found { id: actor.id, head: start..all - input.left.len(), cells: None, kept: None };
    let mut later = false;
    let size = input.number()?;
    check_size(size, &lists, world)?;
    match input.flag()? {
        false => {
            let at = all - input.left.len();
            let cells = input.take(size as usize)?;
            c.heap.restore(&lists, size as usize).copy_from_slice(cells);
            found.cells = Some(at..at + size as usize);
        }
        true => {
            let size = region_size(regions, actor.id * 2, size)?;
            later = regions.later(actor.id * 2, &mut Region { heap: &mut c.heap, lists: &lists, size });
            if !later {
                regions.fill(actor.id * 2, c.heap.restore(&lists, size))?;
            }
        }
    }
    if actor.status != Status::Collapsed && !later && !seeded::has(Bug::SkipWalk) {
        walk(c)?;
    }
    finish(&mut actor, c, world)?;
    if input.flag()? {
        let kept = load_kept(input, &actor, world, regions)?;
        actor.rare().kept = Some(Arc::new(kept));
    }
    found.kept = actor.seldom().kept.clone();
    Ok((actor, found))
}

/// Reads what a container was at its last savepoint, and tries whether it could go on from there.
fn load_kept(input: &mut Source<'_>, actor: &Actor, world: &World, regions: &mut dyn Regions) -> Load<Kept> {
    let record = input.bytes()?.to_vec();
    let size = input.number()?;
    check_size(size, &[], world)?;
    let cells = match input.flag()? {
        false => input.take(size as usize)?.to_vec(),
        true => {
            let number = actor.id * 2 + 1;
            let mut cells = vec![0; region_size(regions, number, size)?];
            regions.fill(number, &mut cells)?;
            cells
        }
    };
    let kept = Kept::from_parts(record, cells);
    let revived = revive(&kept, world)?;
    let fits = actor.kind != MAIN && world.program.restores() && revived.id == actor.id && revived.kind == actor.kind;
    if fits { Ok(kept) } else { Err("what is kept of a container is another's".into()) }
}

/// A container as it was at its last savepoint, about to go on from there.
pub(crate) fn revive(kept: &Kept, world: &World) -> Load<Actor> {
    let (record, cells) = kept.parts();
    let mut input = Source { left: record };
    let mut c = world.fresh();
    let (mut actor, lists) = load_state(&mut input, &mut c, world)?;
    let plain = actor.mailbox.is_empty() && actor.mailbox.arguments().is_empty() && !actor.has_waiters();
    if !input.left.is_empty() || !plain || actor.pending.as_deref() != Some(&Kept::answer()) {
        return Err("what is kept of a container".into());
    }
    check_size(cells.len() as u64, &lists, world)?;
    c.heap.restore(&lists, cells.len()).copy_from_slice(cells);
    if actor.status != Status::Collapsed && !seeded::has(Bug::SkipWalk) {
        walk(&c)?;
    }
    finish(&mut actor, &mut c, world)?;
    Ok(actor)
}

fn region_size(regions: &dyn Regions, number: u64, size: u64) -> Load<usize> {
    if (size as usize) < LARGE {
        return Err("a region that is too small for one".into());
    }
    match regions.has(number, size) {
        true => Ok(size as usize),
        false => Err("a region is missing, or of another length".into()),
    }
}

fn check_size(size: u64, lists: &[u64], world: &World) -> Load<()> {
    let limit = Heap::most(world.settings.limits.memory) - FIRST_CELL as u64 * 8;
    let fits = size.is_multiple_of(8) && size <= limit && Heap::are_lists(lists, size as usize / 8);
    if fits { Ok(()) } else { Err("the heap's size or lists".into()) }
}

/// Reads all of a container but its cells: its state, and the heads of its heap's lists.
fn load_state(input: &mut Source<'_>, c: &mut Container, world: &World) -> Load<(Actor, Vec<u64>)> {
    c.renew();
    let actor = read_container(input, c)?;
    if actor.kind != MAIN && world.program.module().container(actor.kind).is_none() {
        return Err("there is no such kind of container".into());
    }
    if actor.id >= world.next_id {
        return Err("a container's number".into());
    }
    let depth = input.count(24)?;
    for number in 1..=depth {
        load_frame(input, c, number, depth)?;
    }
    if c.used >= 1 << 62 || c.drawn >= 1 << 62 {
        return Err("a counter that was never there".into());
    }
    if c.waits && depth == 0 {
        return Err("a container that waits has no frames".into());
    }
    let lists = input.words()?;
    Ok((actor, lists))
}

/// Checks all of a container but its cells, and puts it where it belongs.
fn finish(actor: &mut Actor, c: &mut Box<Container>, world: &World) -> Load<()> {
    check_messages(actor, &world.program)?;
    check_wait(actor, c)?;
    actor.heap = if c.stack.depth() == 0 && c.used == 0 { 0 } else { c.heap.size() };
    if let Form::Resting(ref mut resting) = actor.form
        && !c.settle(resting)
    {
        actor.form = Form::Own(std::mem::replace(c, world.fresh()));
    }
    Ok(())
}

/// Every parcel is sound: in the mailbox, in effects that are held, and the arguments.
fn check_messages(actor: &Actor, program: &Program) -> Load<()> {
    let module = program.module();
    let check = |types: &[RegType], parcel: &[u64]| parcel::check(module, program.layouts(), types, parcel);
    if actor.kind == MAIN {
        let plain = actor.mailbox.is_empty() && actor.mailbox.arguments().is_empty();
        return if plain { Ok(()) } else { Err("the first container has messages".into()) };
    }
    let kind = program.kind(actor.kind);
    check(&kind.init.types, actor.mailbox.arguments())?;
    for (message, _, parcel) in actor.mailbox.iter() {
        match kind.shape(message) {
            Some(shape) => check(&shape.types, parcel)?,
            None if message == Message::Event(Lifecycle::Stopping as u8) && parcel.is_empty() => {}
            None => return Err("a message that its container does not understand".into()),
        }
    }
    Ok(())
}

/// Effects that are held carry sound parcels for messages that there are.
fn check_held(actor: &Actor, program: &Program) -> Load<()> {
    let Some(held) = &actor.seldom().held else { return Ok(()) };
    let module = program.module();
    for effect in &held.effects.log {
        let (types, parcel) = match effect {
            Effect::Spawn { kind, parcel, .. } => {
                module.container(*kind).ok_or("there is no such kind of container")?;
                (&program.kind(*kind).init.types, parcel)
            }
            Effect::Send { kind, handler, parcel, .. } | Effect::Ask { kind, handler, parcel, .. } => {
                module.handler(*kind, *handler).ok_or("there is no such message")?;
                (&program.kind(*kind).handlers[*handler as usize].types, parcel)
            }
            Effect::Reply { typ, parcel, .. } => {
                if matches!(typ, RegType::Ref(t) if t.index() >= module.types.len()) {
                    return Err("there is no such type".into());
                }
                parcel::check(module, program.layouts(), &[*typ], &held.effects.parcels[parcel.clone()])?;
                continue;
            }
            _ => continue,
        };
        parcel::check(module, program.layouts(), types, &held.effects.parcels[parcel.clone()])?;
    }
    Ok(())
}

/// A container waits where its code says so, and for what its code waits for there.
fn check_wait(actor: &Actor, c: &Container) -> Load<()> {
    check_held(actor, &c.program)?;
    let inst = (c.waits && c.stack.depth() > 0).then(|| {
        let (function, number) = position(c, c.stack.depth());
        let blocks = &c.program.module().functions[function.index()].blocks;
        blocks.iter().flat_map(|b| &b.code).nth(number)
    });
    let inst = inst.flatten();
    let asks = |inst: Option<&Inst>| matches!(inst, Some(Inst::Ask { .. } | Inst::TryAsk { .. }));
    let last = actor.seldom().held.as_ref().map(|held| (held.effects.log.last(), &held.end));
    let early = actor.seldom().held.iter().flat_map(|held| held.effects.log.iter().rev().skip(1));
    let waits = |effect: &Effect| matches!(effect, Effect::Request { .. } | Effect::Ask { .. } | Effect::Sleep { .. });
    let fits = match (&actor.status, actor.pending.as_deref(), last) {
        (Status::Asking { .. }, None, None) | (Status::Ready, Some(Pending::Reply(..)), None) => {
            matches!(inst, Some(Inst::Request { .. }))
        }
        (Status::Sleeping, None, None) | (Status::Ready, Some(Pending::Slept), None) => {
            matches!(inst, Some(Inst::Sleep { .. }))
        }
        (Status::Waiting { .. }, None, None) | (Status::Ready, Some(Pending::None(_)), None) => asks(inst),
        (Status::Ready, Some(Pending::Answer(parcel)), None) => {
            asks(inst) && parcel::check(c.program.module(), c.program.layouts(), &[reply_type(c, inst)], parcel).is_ok()
        }
        (Status::Ready, None, None) => !c.waits || actor.is_doomed(),
        (Status::Idle | Status::Collapsed, None, None) => !c.waits,
        (Status::Held, None, Some((Some(last), end))) => {
            let same = match last {
                Effect::Request { .. } => matches!(inst, Some(Inst::Request { .. })),
                Effect::Ask { .. } => asks(inst),
                Effect::Sleep { .. } => matches!(inst, Some(Inst::Sleep { .. })),
                _ => !c.waits,
            };
            same && waits(last) == (*end == Quantum::Wait) && !early.clone().any(waits)
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err("a container waits for what its code does not".into()) }
}

/// The type of the reply that an ask waits for.
fn reply_type(c: &Container, inst: Option<&Inst>) -> RegType {
    match inst {
        Some(Inst::Ask { container, handler, .. } | Inst::TryAsk { container, handler, .. }) => {
            c.program.module().handler(*container, *handler).map_or(RegType::I64, |h| h.reply)
        }
        _ => RegType::I64,
    }
}

fn load_frame(input: &mut Source<'_>, c: &mut Container, number: usize, depth: usize) -> Read<()> {
    let program = c.program.clone();
    let (id, block, index) = (FuncId(input.small()?), input.small()?, input.small()?);
    let Some(function) = program.module().functions.get(id.index()) else {
        return Err("a frame's function");
    };
    let (back, base) = match number {
        1 => (&raw const HALT[1], BOTTOM),
        _ => caller(c, &program, number - 1, id)?,
    };
    let waits = waits(c, number, depth);
    let Some(live) = live_at(c, id, block, index, waits) else {
        return Err("a frame's place");
    };
    let live = live.to_vec();
    let loaded = program.loaded(id);
    let Some(instruction) = loaded.instruction(block, index) else {
        return Err("a frame's place");
    };
    let inst = &function.blocks[block as usize].code[index as usize];
    if waits && number == depth && !inst.waits() {
        return Err("a container waits where nothing waits");
    }
    let registers = function.registers.len() as u32;
    let frame = Frame { back, base, function: id.0 };
    c.stack.push(frame, registers).map_err(|_| "more frames than the limit")?;
    if let Some(word) = loaded.word_of(instruction) {
        c.pc = word;
    }
    for (register, _) in live {
        let value = input.number()?;
        c.stack.registers_mut(base, registers as usize)[register.0 as usize] = value;
    }
    Ok(())
}

/// Where a frame above this one goes back to, and where its registers begin. The frame must wait at a call that can
/// have led to the function above: one of that result, since tail calls may have replaced the one that was called.
fn caller(
    c: &Container,
    program: &Program,
    number: usize,
    callee: FuncId,
) -> Read<(*const crate::interpreter::op::Word, u32)> {
    let frame = c.stack.frame(number);
    let function = &program.module().functions[frame.function as usize];
    let loaded = program.loaded(FuncId(frame.function));
    let instruction = loaded.instruction_at(c.pc);
    let (block, index) = loaded.portable(instruction);
    let result = match &function.blocks[block as usize].code[index as usize] {
        Inst::Call { dst, .. } | Inst::CallValue { dst, .. } => function.registers[dst.0 as usize],
        _ => return Err("a frame waits where it calls nothing"),
    };
    if program.module().functions[callee.index()].result != result {
        return Err("a call's result");
    }
    match loaded.word_of(instruction + 1) {
        Some(back) => Ok((back, frame.base + function.registers.len() as u32)),
        None => Err("a frame's place"),
    }
}
