//! A whole world as bytes, and back: the world of one process goes on in another.
//!
//! What [`crate::state`] writes of the world, then for each container its state, the heads of its heap's lists, how many bytes its
//! cells take, and whether they follow or are a *region* of their own, kept apart ([`Image`]); then the same of what it was at its
//! last savepoint, if that is kept. It does not depend on how code is loaded, and what is loaded has the hash of what was written.
//!
//! Loading believes nothing: positions and tables are checked, and each container and each message is walked.

mod container;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use codex_spec::codec;

use crate::actor::Status;
use crate::container::Container;
use crate::effects::Effect;
use crate::heap::Heap;
use crate::heap::tracking::{LARGE, Later};
use crate::heap::walk::WalkError;
use crate::kept::Kept;
use crate::program::Program;
use crate::rest::Form;
use crate::state::{Read, Sink, Source, write_container, write_world};
use crate::timers::Timers;
use crate::world::{Ask, End, Limits, Seeds, Settings, World};

pub(crate) use container::revive;
use container::{load_container, write_cells};

const MAGIC: &[u8; 8] = b"codexdmp";

/// A world between ticks, but for its module: a state, and the cells of large heaps.
pub struct Image<'a> {
    /// Everything but the regions.
    pub state: Vec<u8>,
    /// Numbers, ascending, and the bytes of the cells of large heaps: twice the container's number, or one more for what is kept
    /// of it.
    pub regions: Vec<(u64, &'a [u8])>,
}

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
    write_containers(world, &mut image.state, |part| {
        image.regions.extend(part.large.map(|c| (part.id * 2, c.heap.cells())));
        let kept = part.kept.map(|kept| kept.parts().1).filter(|cells| cells.len() >= LARGE);
        image.regions.extend(kept.map(|cells| (part.id * 2 + 1, cells)));
    });
    image
}

/// A container in an image, and where in the image's state it is.
pub(crate) struct Part<'w> {
    /// Its number.
    pub(crate) id: u64,
    /// Its state and the heads of its heap's lists: the first of what its hash is of.
    pub(crate) head: Range<usize>,
    /// The cells, if they are no region.
    pub(crate) cells: Option<Range<usize>>,
    /// The container, if its cells are a region.
    pub(crate) large: Option<&'w Container>,
    /// What is kept of it.
    pub(crate) kept: Option<&'w Arc<Kept>>,
}

/// Writes all containers but for regions. `each` is told of each.
pub(crate) fn write_containers<'w>(world: &'w World, state: &mut Vec<u8>, mut each: impl FnMut(Part<'w>)) {
    let mut scratch = None;
    for id in world.ids() {
        let Some(actor) = world.find(id) else { continue };
        let start = state.len();
        let (head, cells) = world.look(actor, &mut scratch, |c| {
            write_container(state, actor, c);
            state.words(&c.heap.lists());
            let head = start..state.len();
            (head, write_cells(state, c.heap.cells()))
        });
        let large = match &actor.form {
            Form::Own(c) if cells.is_none() => Some(&**c),
            _ => None,
        };
        state.number(actor.seldom().kept.is_some().into());
        if let Some(kept) = &actor.seldom().kept {
            let (record, cells) = kept.parts();
            state.bytes(record);
            write_cells(state, cells);
        }
        each(Part { id, head, cells, large, kept: actor.seldom().kept.as_ref() });
    }
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
    /// Whether the region of this number is so long. Asked before memory for it is taken.
    fn has(&self, id: u64, size: u64) -> bool;

    /// Reads all of its bytes, into memory that is zero.
    ///
    /// # Errors
    /// If they are missing or damaged.
    fn fill(&mut self, id: u64, cells: &mut [u8]) -> Result<(), LoadError>;

    /// Whether it takes over to fill a container's region later.
    fn later(&mut self, _id: u64, _region: &mut Region<'_>) -> bool {
        false
    }
}

/// A container's region that is about to be loaded.
pub struct Region<'a> {
    heap: &'a mut Heap,
    lists: &'a [u64],
    size: usize,
}

impl Region<'_> {
    /// Bytes of its cells.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Takes over to fill the cells later, as they are touched, with what a sound heap was; they are not walked. `None` if the
    /// host can't.
    pub(crate) fn later(&mut self) -> Option<Later> {
        self.heap.fill_later(self.lists, self.size)
    }
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
    load_parts(program, state, regions, |_| ()).map(|(world, _)| world)
}

/// Where in a state a container was found.
pub(crate) struct Found {
    pub(crate) id: u64,
    pub(crate) head: Range<usize>,
    /// The cells, if they are no region.
    pub(crate) cells: Option<Range<usize>>,
    pub(crate) kept: Option<Arc<Kept>>,
}

/// The same; `each` is told where each container is. Gives where in the state the world ends, too.
pub(crate) fn load_parts(
    program: Arc<Program>,
    state: &[u8],
    regions: &mut dyn Regions,
    mut each: impl FnMut(Found),
) -> Load<(World, usize)> {
    let mut input = Source { left: state };
    let (mut world, queue, count) = load_world(&mut input, program)?;
    let end = state.len() - input.left.len();
    let mut scratch = world.fresh();
    for _ in 0..count {
        let (actor, found) = load_container(&mut input, &mut scratch, &world, state.len(), regions)?;
        each(found);
        if world.slot(actor.id).is_some() {
            return Err("two containers of one number".into());
        }
        world.heaps += actor.heap + actor.kept_size();
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
    Ok((world, end))
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
        let (asked, timed) = (actor.seldom().asked.is_some(), actor.seldom().timer.is_some());
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
            Status::Held => actor.seldom().held.is_some() && !asked && !timed,
            Status::Collapsed => !asked && !timed,
        };
        let timer = actor.seldom().timer.is_none_or(|key| world.timers.parts().0.get(&key) == Some(&id));
        if !fits || !timer {
            return Err("a container waits for what is not there".into());
        }
    }
    let all_queued =
        world.queue.iter().all(|&slot| world.slab.get(slot).is_some_and(|actor| actor.status == Status::Ready));
    if !all_queued || ready != world.queue.len() || asks != world.asks.len() {
        return Err("the queue does not hold what can run".into());
    }
    let mut made: Vec<u64> = ids.clone();
    for held in ids.iter().filter_map(|&id| world.find(id)?.seldom().held.as_ref()) {
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
