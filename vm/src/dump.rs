//! A whole world as bytes, and back: the world of one process goes on in another.
//!
//! What [`crate::state`] writes of the world, then for each container its state, the heads of its heap's lists, how many bytes its
//! cells take, and whether they follow or are a *region* of their own, kept apart ([`Image`]). It does not depend on how
//! code is loaded, and what is loaded has the hash of what was written.
//!
//! Loading believes nothing: positions and tables are checked, and each container and each message is walked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use codex_spec::codec;
use codex_spec::instruction::{FuncId, Inst};
use codex_spec::layout::{FIRST_CELL, RegType};
use codex_spec::module::Lifecycle;

use crate::actor::{Actor, Quantum, Status};
use crate::collapse::position;
use crate::container::{BOTTOM, Container, MAIN};
use crate::effects::Effect;
use crate::frames::{live_at, waits};
use crate::heap::Heap;
use crate::heap::parcel;
use crate::heap::walk::{WalkError, walk};
use crate::interpreter::messages::Pending;
use crate::interpreter::stack::Frame;
use crate::mailbox::Message;
use crate::program::{HALT, Program};
use crate::rest::Form;
use crate::state::{Read, Sink, Source, read_container, write_container, write_world};
use crate::timers::Timers;
use crate::world::{Ask, End, Limits, Seeds, Settings, World};

const MAGIC: &[u8; 8] = b"codexdmp";

/// A world between ticks, but for its module: a state, and the cells of large heaps.
pub struct Image<'a> {
    /// Everything but the regions.
    pub state: Vec<u8>,
    /// The numbers of containers with large heaps, ascending, and the bytes of their cells.
    pub regions: Vec<(u64, &'a [u8])>,
}

/// Bytes of cells from which on a heap is a region.
const REGION: usize = 64 << 10;

/// Why bytes are no dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// They end too early, or something in them can't be.
    Malformed(&'static str),
    /// The module is not sound.
    Module(String),
    /// A container's heap is not sound.
    Heap(WalkError),
    /// A container's region can't be read.
    Region(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Malformed(what) => write!(f, "not the state of a world: {what}"),
            LoadError::Module(error) => write!(f, "the module: {error}"),
            LoadError::Heap(error) => write!(f, "a heap: {error}"),
            LoadError::Region(error) => write!(f, "a heap: {error}"),
        }
    }
}

impl std::error::Error for LoadError {}

impl From<&'static str> for LoadError {
    fn from(what: &'static str) -> LoadError {
        LoadError::Malformed(what)
    }
}

impl From<WalkError> for LoadError {
    fn from(error: WalkError) -> LoadError {
        LoadError::Heap(error)
    }
}

type Load<T> = Result<T, LoadError>;

/// A world between ticks. Its module is not in it.
pub fn image(world: &World) -> Image<'_> {
    let mut image = Image { state: Vec::new(), regions: Vec::new() };
    write_world(&mut image.state, world);
    let mut scratch = None;
    for id in world.ids() {
        let Some(actor) = world.find(id) else { continue };
        world.look(actor, &mut scratch, |c| {
            write_container(&mut image.state, actor, c);
            image.state.words(&c.heap.lists());
            let cells = c.heap.cells();
            image.state.number(cells.len() as u64);
            image.state.number((cells.len() >= REGION).into());
            if cells.len() < REGION {
                image.state.raw(cells);
            }
        });
        if let Form::Own(c) = &actor.form
            && c.heap.cells().len() >= REGION
        {
            image.regions.push((id, c.heap.cells()));
        }
    }
    image
}

/// A world between ticks as bytes, module and all: for tests.
pub fn dump(world: &World) -> Vec<u8> {
    let image = image(world);
    let mut out = MAGIC.to_vec();
    out.bytes(&codec::encode(world.program.module()));
    out.bytes(&image.state);
    image.regions.iter().for_each(|(_, cells)| out.raw(cells));
    out
}

/// The world that [`dump`] wrote.
pub fn load(bytes: &[u8]) -> Load<World> {
    let mut input = Source { left: bytes };
    if input.take(MAGIC.len())? != MAGIC {
        return Err("it does not begin like one".into());
    }
    let module = codex_spec::verify::load(input.bytes()?);
    let program = Program::new(module.map_err(|e| LoadError::Module(e.to_string()))?);
    let state = input.bytes()?;
    let world = load_image(program, state, &mut input)?;
    match input.left.is_empty() {
        true => Ok(world),
        false => Err("something follows it".into()),
    }
}

/// Where the cells of large heaps come from, in their order.
pub trait Regions {
    /// Whether the region of this container is so long. Asked before memory for it is taken.
    fn has(&self, id: u64, size: u64) -> bool;

    /// Reads all of its bytes, into memory that is zero.
    ///
    /// # Errors
    /// If they are missing or damaged.
    fn fill(&mut self, id: u64, cells: &mut [u8]) -> Result<(), LoadError>;
}

/// The regions of a dump stand one behind the other.
impl Regions for Source<'_> {
    fn has(&self, _: u64, size: u64) -> bool {
        size <= self.left.len() as u64
    }

    fn fill(&mut self, _: u64, cells: &mut [u8]) -> Result<(), LoadError> {
        cells.copy_from_slice(self.take(cells.len())?);
        Ok(())
    }
}

/// The world of an [`Image`].
///
/// # Errors
/// The first thing in it that can't be.
pub fn load_image(program: Arc<Program>, state: &[u8], regions: &mut dyn Regions) -> Load<World> {
    let mut input = Source { left: state };
    let (mut world, queue, count) = load_world(&mut input, program)?;
    let mut scratch = world.fresh();
    for _ in 0..count {
        let actor = load_container(&mut input, &mut scratch, &world, regions)?;
        if world.slot(actor.id).is_some() {
            return Err("two containers of one number".into());
        }
        world.heaps += actor.heap;
        world.insert(actor);
    }
    if !input.left.is_empty() {
        return Err("something follows it".into());
    }
    for id in queue {
        let slot = world.slot(id).ok_or("the queue names nobody")?;
        world.queue.push_back(slot);
    }
    check_tables(&mut world)?;
    Ok(world)
}

/// All but the containers: the world, the queue, how many containers follow.
fn load_world(input: &mut Source<'_>, program: Arc<Program>) -> Read<(World, Vec<u64>, usize)> {
    let (quantum, width) = (input.number()?, input.small()?);
    let seeds = Seeds { timeline: input.number()?, hash: input.number()? };
    let limits = Limits {
        memory: input.number()?,
        frames: input.number()?,
        registers: input.number()?,
        mailbox: input.number()?,
        world: input.number()?,
    };
    if quantum == 0 || width == 0 {
        return Err("a world that never runs");
    }
    let mut world = World::empty(program, Settings { quantum, width, limits, seeds, clock: 0 });
    world.tick = counter(input, 0)?;
    world.clock = input.number()? as i64;
    world.next_id = counter(input, 1)?;
    world.next_output = counter(input, 1)?;
    world.next_ask = counter(input, 1)?;
    world.dropped = counter(input, 0)?;
    world.end = match (input.number()?, input.number()? as i64) {
        (0, 0) => None,
        (1, 0) => Some(End::Finished),
        (2, code) => Some(End::Exit(code)),
        (3, 0) => Some(End::Collapsed),
        _ => return Err("there is no such end"),
    };
    let queue = input.words()?;
    let next = counter(input, 0)?;
    let mut timers = BTreeMap::new();
    for _ in 0..input.count(24)? {
        let (at, number, id) = (input.number()? as i64, input.number()?, input.number()?);
        if number >= next || timers.insert((at, number), id).is_some() {
            return Err("a timer's number");
        }
    }
    world.timers = Timers::from_parts(timers, next);
    for _ in 0..input.count(40)? {
        let number = input.number()?;
        let (asker, to, kind, handler) = (input.number()?, input.number()?, input.small()?, input.small()?);
        if number >= world.next_ask || world.asks.insert(number, Ask { asker, to, kind, handler }).is_some() {
            return Err("an ask's number");
        }
    }
    let count = input.count(64)?;
    Ok((world, queue, count))
}

/// A number that only ever grows. No world comes near the end of 64 bits, and none may be put there.
fn counter(input: &mut Source<'_>, first: u64) -> Read<u64> {
    let number = input.number()?;
    if (first..1 << 62).contains(&number) { Ok(number) } else { Err("a counter that was never there") }
}

fn load_container(
    input: &mut Source<'_>,
    c: &mut Box<Container>,
    world: &World,
    regions: &mut dyn Regions,
) -> Load<Actor> {
    c.renew();
    let mut actor = read_container(input, c)?;
    if actor.kind != MAIN && world.program.module().container(actor.kind).is_none() {
        return Err("there is no such kind of container".into());
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
    let size = input.number()?;
    let limit = Heap::most(world.settings.limits.memory) - FIRST_CELL as u64 * 8;
    if !size.is_multiple_of(8) || size > limit || !Heap::are_lists(&lists) {
        return Err("the heap's size or lists".into());
    }
    match input.flag()? {
        false => {
            let cells = input.take(size as usize)?;
            c.heap.restore(&lists, size as usize).copy_from_slice(cells);
        }
        true if (size as usize) < REGION => return Err("a region that is too small for one".into()),
        true if !regions.has(actor.id, size) => return Err("a region is missing, or of another length".into()),
        true => regions.fill(actor.id, c.heap.restore(&lists, size as usize))?,
    }
    if actor.status != Status::Collapsed {
        walk(c)?;
    }
    check_messages(&actor, &world.program)?;
    check_wait(&actor, c)?;
    actor.heap = if depth == 0 && c.used == 0 { 0 } else { c.heap.size() };
    if let Form::Resting(ref mut resting) = actor.form
        && !c.settle(resting)
    {
        actor.form = Form::Own(std::mem::replace(c, world.fresh()));
    }
    Ok(actor)
}

/// Every parcel is sound: in the mailbox, in effects that are held, and the arguments.
fn check_messages(actor: &Actor, program: &Program) -> Load<()> {
    let module = program.module();
    let check = |types: &[RegType], parcel: &[u64]| parcel::check(module, program.layouts(), types, parcel);
    if actor.kind == MAIN {
        let plain = actor.mailbox.is_empty() && actor.arguments.is_empty();
        return if plain { Ok(()) } else { Err("the first container has messages".into()) };
    }
    let kind = program.kind(actor.kind);
    check(&kind.init.types, &actor.arguments)?;
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
    let Some(held) = &actor.held else { return Ok(()) };
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
    let last = actor.held.as_ref().map(|held| (held.effects.log.last(), &held.end));
    let early = actor.held.iter().flat_map(|held| held.effects.log.iter().rev().skip(1));
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
        (Status::Ready, None, None) => !c.waits || actor.doom.is_some(),
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

/// What the tables say of each other: who is queued, who waits for what.
fn check_tables(world: &mut World) -> Load<()> {
    let mut queued: Vec<u32> = world.queue.iter().copied().collect();
    queued.sort_unstable();
    if !queued.is_sorted_by(|a, b| a < b) {
        return Err("somebody is queued twice".into());
    }
    let ids = world.ids();
    let mut ready = 0;
    let mut asks = 0;
    for &id in &ids {
        let Some(actor) = world.find(id) else { continue };
        if id >= world.next_id {
            return Err("a container's number".into());
        }
        let (asked, timed) = (actor.asked.is_some(), actor.timer.is_some());
        let fits = match actor.status {
            Status::Ready => {
                ready += 1;
                !asked && !timed
            }
            Status::Idle => actor.mailbox.is_empty() && actor.pending.is_none() && !asked && !timed,
            Status::Asking { request } => asked && request < world.next_output && !timed,
            Status::Waiting { ask, to } => {
                asks += 1;
                !asked && world.asks.get(&ask).is_some_and(|a| a.asker == id && a.to == to)
            }
            Status::Sleeping => timed && !asked,
            Status::Held => actor.held.is_some() && !asked && !timed,
            Status::Collapsed => !asked && !timed,
        };
        let timer = actor.timer.is_none_or(|key| world.timers.parts().0.get(&key) == Some(&id));
        if !fits || !timer {
            return Err("a container waits for what is not there".into());
        }
    }
    let all_queued = world
        .queue
        .iter()
        .all(|&slot| world.slots[slot as usize].as_ref().is_some_and(|actor| actor.status == Status::Ready));
    if !all_queued || ready != world.queue.len() || asks != world.asks.len() {
        return Err("the queue does not hold what can run".into());
    }
    let mut made: Vec<u64> = ids.clone();
    for held in ids.iter().filter_map(|&id| world.find(id)?.held.as_deref()) {
        made.extend(held.effects.log.iter().filter_map(|effect| match effect {
            Effect::Spawn { id, .. } => Some(*id),
            _ => None,
        }));
    }
    made.sort_unstable();
    if !made.is_sorted_by(|a, b| a < b) || made.last().is_some_and(|&last| last >= world.next_id) {
        return Err("a container's number".into());
    }
    if world.end.is_some() && !ids.is_empty() {
        return Err("a world that ended has containers".into());
    }
    for id in ids {
        let Some(actor) = world.find(id) else { continue };
        if let Status::Asking { request } = actor.status
            && world.requests.insert(request, id).is_some()
        {
            return Err("two wait for one request".into());
        }
    }
    for ask in world.asks.values().copied().collect::<Vec<_>>() {
        if let Some(other) = world.find_mut(ask.to) {
            other.asks += 1;
        }
    }
    Ok(())
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
