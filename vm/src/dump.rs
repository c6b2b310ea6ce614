//! A whole world as bytes, and back, for tests: the world of one process goes on in another.
//!
//! Little-endian numbers, lists with their length first, in the order of [`dump`]'s calls. Frames are stored by function,
//! block and instruction with the values of the registers that are live there, as in the hash; so a dump does not depend
//! on how code is loaded, and `load(dump(w))` has the hash of `w`.
//!
//! [`load`] believes nothing: the module is verified, positions and tables are checked, and each container is walked.

use std::fmt;
use std::sync::Arc;

use codex_spec::codec;
use codex_spec::instruction::{FuncId, Inst};

use crate::container::{BOTTOM, Container, Status};
use crate::frames::{live_at, view, waits};
use crate::heap::Heap;
use crate::heap::walk::{WalkError, walk};
use crate::interpreter::stack::Frame;
use crate::program::{HALT, Program};
use crate::world::{End, Limits, Seeds, Settings, World};

const MAGIC: &[u8; 8] = b"codexdmp";

/// Why bytes are no dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// They end too early, or something in them can't be.
    Malformed(&'static str),
    /// The module is not sound.
    Module(String),
    /// A container's heap is not sound.
    Heap(WalkError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Malformed(what) => write!(f, "not a dump: {what}"),
            LoadError::Module(error) => write!(f, "the dump's module: {error}"),
            LoadError::Heap(error) => write!(f, "the dump's heap: {error}"),
        }
    }
}

impl std::error::Error for LoadError {}

type Load<T> = Result<T, LoadError>;

fn malformed<T>(what: &'static str) -> Load<T> {
    Err(LoadError::Malformed(what))
}

// ── Out ──────────────────────────────────────────────────────────────────────────

/// A world between ticks as bytes.
pub fn dump(world: &World) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    list(&mut out, &codec::encode(world.program.module()));
    let s = &world.settings;
    let limits = &s.limits;
    for n in [s.quantum, s.width.into(), limits.memory, limits.frames, limits.registers] {
        number(&mut out, n);
    }
    for n in [s.seeds.timeline, s.seeds.hash] {
        number(&mut out, n);
    }
    for n in [world.clock as u64, world.tick, world.next_id, world.next_output] {
        number(&mut out, n);
    }
    let (kind, code) = match world.end {
        None => (0, 0),
        Some(End::Finished) => (1, 0),
        Some(End::Exit(code)) => (2, code),
        Some(End::Collapsed) => (3, 0),
    };
    number(&mut out, kind);
    number(&mut out, code as u64);
    number(&mut out, world.queue.len() as u64);
    world.queue.iter().for_each(|&id| number(&mut out, id));
    number(&mut out, world.containers.len() as u64);
    world.containers.iter().for_each(|c| dump_container(&mut out, c));
    out
}

fn dump_container(out: &mut Vec<u8>, c: &Container) {
    number(out, c.id);
    match c.status {
        Status::Runnable => number(out, 0),
        Status::Waiting(request) => {
            let (what, argument) = c.asked.clone().unwrap_or_default();
            number(out, 1);
            number(out, request);
            number(out, what.into());
            list(out, &argument);
        }
        Status::Replied => {
            let (status, bytes) = c.reply.clone().unwrap_or_default();
            number(out, 2);
            number(out, status as u64);
            list(out, &bytes);
        }
    }
    for n in [c.fuel as u64, c.used, c.drawn] {
        number(out, n);
    }
    c.literals.iter().for_each(|&r| number(out, r.into()));
    for (&ready, &value) in c.ready.iter().zip(&c.globals) {
        number(out, ready.into());
        number(out, value);
    }
    let depth = c.stack.depth();
    number(out, depth as u64);
    for frame in (1..=depth).filter_map(|n| view(c, n)) {
        for n in [frame.id.0, frame.block, frame.index] {
            number(out, n.into());
        }
        frame.live.iter().for_each(|&(register, _)| number(out, frame.value(register)));
    }
    list(out, c.heap.bytes());
}

fn number(out: &mut Vec<u8>, n: u64) {
    out.extend_from_slice(&n.to_le_bytes());
}

fn list(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

// ── In ───────────────────────────────────────────────────────────────────────────

struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Load<&'a [u8]> {
        match self.left.split_at_checked(count) {
            Some((taken, left)) => {
                self.left = left;
                Ok(taken)
            }
            None => malformed("it ends too early"),
        }
    }

    fn number(&mut self) -> Load<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().unwrap_or_default()))
    }

    fn small(&mut self) -> Load<u32> {
        u32::try_from(self.number()?).or_else(|_| malformed("a number is too large"))
    }

    /// A count of things that take at least `size` bytes each.
    fn count(&mut self, size: usize) -> Load<usize> {
        let count = self.number()?;
        if count > (self.left.len() / size) as u64 {
            return malformed("a list is longer than what is left");
        }
        Ok(count as usize)
    }

    fn list(&mut self) -> Load<&'a [u8]> {
        let count = self.count(1)?;
        self.take(count)
    }
}

/// The world that [`dump`] wrote.
pub fn load(bytes: &[u8]) -> Load<World> {
    let mut input = Reader { left: bytes };
    if input.take(MAGIC.len())? != MAGIC {
        return malformed("it does not begin like one");
    }
    let module = codex_spec::verify::load(input.list()?);
    let program = Program::new(module.map_err(|e| LoadError::Module(e.to_string()))?);
    let settings = load_settings(&mut input)?;
    let mut world = World::empty(program, settings);
    world.tick = input.number()?;
    world.next_id = input.number()?;
    world.next_output = input.number()?;
    let (kind, code) = (input.number()?, input.number()? as i64);
    world.end = match (kind, code) {
        (0, 0) => None,
        (1, 0) => Some(End::Finished),
        (2, code) => Some(End::Exit(code)),
        (3, 0) => Some(End::Collapsed),
        _ => return malformed("there is no such end"),
    };
    for _ in 0..input.count(8)? {
        world.queue.push(input.number()?);
    }
    for _ in 0..input.count(64)? {
        let container = load_container(&mut input, &world.program, &settings.limits)?;
        world.containers.push(container);
    }
    if !input.left.is_empty() {
        return malformed("something follows it");
    }
    check_tables(&world)?;
    Ok(world)
}

fn load_settings(input: &mut Reader<'_>) -> Load<Settings> {
    let (quantum, width) = (input.number()?, input.small()?);
    let limits = Limits { memory: input.number()?, frames: input.number()?, registers: input.number()? };
    let seeds = Seeds { timeline: input.number()?, hash: input.number()? };
    let clock = input.number()? as i64;
    if quantum == 0 || width == 0 {
        return malformed("a world that never runs");
    }
    Ok(Settings { quantum, width, limits, seeds, clock })
}

/// Ids ascend, the queue holds those that can run, each once.
fn check_tables(world: &World) -> Load<()> {
    let ids = world.containers.iter().map(|c| c.id);
    if !ids.clone().is_sorted_by(|a, b| a < b) || ids.clone().any(|id| id >= world.next_id) {
        return malformed("container ids are out of order");
    }
    let mut queued = world.queue.clone();
    queued.sort_unstable();
    let runs = |c: &&Container| !matches!(c.status, Status::Waiting(_));
    if !world.containers.iter().filter(runs).map(|c| c.id).eq(queued) {
        return malformed("the queue does not hold what can run");
    }
    if world.end.is_some() && !world.containers.is_empty() {
        return malformed("a world that ended has containers");
    }
    world.containers.iter().try_for_each(|c| walk(c).map_err(LoadError::Heap))
}

fn load_container(input: &mut Reader<'_>, program: &Arc<Program>, limits: &Limits) -> Load<Container> {
    let mut c = Container::bare(input.number()?, program.clone(), limits);
    c.status = match input.number()? {
        0 => Status::Runnable,
        1 => {
            let request = input.number()?;
            c.asked = Some((input.small()?, input.list()?.to_vec()));
            Status::Waiting(request)
        }
        2 => {
            c.reply = Some((input.number()? as i64, input.list()?.to_vec()));
            Status::Replied
        }
        _ => return malformed("there is no such status"),
    };
    c.fuel = input.number()? as i64;
    c.used = input.number()?;
    c.drawn = input.number()?;
    for i in 0..c.literals.len() {
        c.literals[i] = input.small()?;
    }
    for i in 0..c.globals.len() {
        c.ready[i] = match input.number()? {
            0 => false,
            1 => true,
            _ => return malformed("a constant is neither ready nor not"),
        };
        c.globals[i] = input.number()?;
    }
    let depth = input.count(24)?;
    if depth == 0 {
        return malformed("a container without a frame");
    }
    for number in 1..=depth {
        load_frame(input, &mut c, number, depth)?;
    }
    let bytes = input.list()?;
    if !bytes.len().is_multiple_of(8) || bytes.len() as u64 > Heap::most(limits.memory) {
        return malformed("the heap's size");
    }
    c.heap = Heap::from_bytes(program.layouts().clone(), limits.memory, bytes);
    Ok(c)
}

fn load_frame(input: &mut Reader<'_>, c: &mut Container, number: usize, depth: usize) -> Load<()> {
    let program = c.program.clone();
    let (id, block, index) = (FuncId(input.small()?), input.small()?, input.small()?);
    let Some(function) = program.module().functions.get(id.index()) else {
        return malformed("a frame's function");
    };
    let (back, base) = match number {
        1 => (&raw const HALT[1], BOTTOM),
        _ => caller(c, &program, number - 1, id)?,
    };
    let waits = waits(c, number, depth);
    let Some(live) = live_at(c, id, block, index, waits) else {
        return malformed("a frame's place");
    };
    let live = live.to_vec();
    let loaded = program.loaded(id);
    let Some(instruction) = loaded.instruction(block, index) else {
        return malformed("a frame's place");
    };
    let inst = &function.blocks[block as usize].code[index as usize];
    if waits && number == depth && !matches!(inst, Inst::Request { .. }) {
        return malformed("a container waits where it asks nothing");
    }
    let registers = function.registers.len() as u32;
    let frame = Frame { back, base, function: id.0 };
    c.stack.push(frame, registers).or_else(|_| malformed("more frames than the limit"))?;
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
) -> Load<(*const crate::interpreter::op::Word, u32)> {
    let frame = c.stack.frame(number);
    let function = &program.module().functions[frame.function as usize];
    let loaded = program.loaded(FuncId(frame.function));
    let instruction = loaded.instruction_at(c.pc);
    let (block, index) = loaded.portable(instruction);
    let result = match &function.blocks[block as usize].code[index as usize] {
        Inst::Call { dst, .. } | Inst::CallValue { dst, .. } => function.registers[dst.0 as usize],
        _ => return malformed("a frame waits where it calls nothing"),
    };
    if program.module().functions[callee.index()].result != result {
        return malformed("a call's result");
    }
    match loaded.word_of(instruction + 1) {
        Some(back) => Ok((back, frame.base + function.registers.len() as u32)),
        None => malformed("a frame's place"),
    }
}
