//! The hash of a world: one number that two worlds share exactly when they are in the same state.
//!
//! | part | is |
//! |---|---|
//! | world | semantics version, module id, what [`crate::state`] writes of a world, the tree of containers |
//! | tree of containers | by id, six bits at a time from the top; a branch with one container is that container |
//! | container | what `state` writes of it; the heads of its heap's lists; the heap; the hash of what is kept of it, if anything is |
//! | kept | what an image holds of a container at its savepoint: the state, and the tree of its pages |
//! | heap | its length, and the tree of its pages of 4 KiB, 64 to a node; page 0, which is always the same but for the lists, is left out, and the last page ends with the last cell |
//!
//! The hash is blake3; what is hashed begins with the name of its kind. All nodes of both trees are kept until something below them
//! changes ([`mod@containers`], [`mod@pages`]).
//!
//! Not in it, because it is the host's: what memory is mapped and where, which functions are loaded, dead registers.

pub(crate) mod containers;
pub(crate) mod pages;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use blake3::Hasher;

use crate::actor::Actor;
use crate::container::Container;
use crate::frames::view;
use crate::heap::cells::START;
use crate::heap::tracking::LARGE;
use crate::kept::Kept;
use crate::loan::Loan;
use crate::program::Program;
use crate::seeded::{self, Bug};
use crate::state::{Sink, write_container, write_world};
use crate::world::World;

/// A hash.
pub type StateHash = [u8; 32];

/// Bytes of a page.
pub const PAGE: usize = 4096;
/// Children of a node of a heap's tree.
const FAN_OUT: usize = 64;
/// Bits of an id that one level of the tree of containers looks at.
const DIGIT: u32 = 6;

/// The hash of a world's state. Takes time in proportion to what changed since the last one, and to what
/// [`crate::state`] writes of a world: queue, timers, asks.
pub fn hash(world: &World) -> StateHash {
    let mut scratch = None;
    let root = world.hashes.tree.with(|tree| {
        for (id, actor) in take_touched(world, tree) {
            match actor {
                None => tree.remove(id),
                Some(actor) => tree.set(id, world.look(actor, &mut scratch, |c| container(actor, c, world.watches))),
            }
        }
        tree.root()
    });
    let mut h = start_world(&world.program);
    write_world(&mut h, world);
    finish_world(h, root)
}

/// The hash of a world from its parts: what `state` writes of it, and the root of the tree of its containers.
pub(crate) fn world_of(program: &Program, state: &[u8], containers: Option<StateHash>) -> StateHash {
    let mut h = start_world(program);
    h.raw(state);
    finish_world(h, containers)
}

fn start_world(program: &Program) -> Hasher {
    let mut h = start("world");
    h.number(codex_spec::semantics::VERSION.into());
    h.raw(&program.id());
    h
}

fn finish_world(mut h: Hasher, containers: Option<StateHash>) -> StateHash {
    if let Some(root) = containers {
        h.raw(&root);
    }
    finish(&h)
}

/// What a world keeps of the hashes of its containers; the host's.
#[derive(Debug, Default)]
pub(crate) struct Hashes {
    pub(crate) tree: Arc<Loan<containers::Containers>>,
    /// Containers that went since the tree was brought up to date.
    gone: Mutex<Gone>,
}

#[derive(Debug, Default)]
struct Gone {
    /// None if nobody asked for a hash yet, or not for long. Then, and where it is empty, the tree knows nothing.
    list: Option<Vec<u64>>,
    /// With more than so many, making the tree anew is better than a list that grows.
    most: usize,
}

/// Containers that the tree has to be told of: those that went, and those that it does not know as they are. The caller does that.
/// A glance at each container's row; the rest is in proportion to what changed.
pub(crate) fn take_touched<'w>(world: &'w World, tree: &mut containers::Containers) -> Vec<(u64, Option<&'w Actor>)> {
    let mut gone = world.hashes.gone.lock().unwrap_or_else(|e| e.into_inner());
    let known = gone.list.take().filter(|_| !tree.is_empty());
    let knows = known.is_some();
    if !knows {
        *tree = Default::default();
    }
    *gone = Gone { list: Some(Vec::new()), most: 1024 + 4 * world.size() };
    let went = known.unwrap_or_default().into_iter().filter(|&id| world.find(id).is_none()).map(|id| (id, None));
    let changed = world.actors().filter(|actor| !actor.known.swap(true, Ordering::Relaxed) || !knows);
    went.chain(changed.map(|actor| (actor.id, Some(actor)))).collect()
}

impl Hashes {
    /// A container went.
    pub(crate) fn forget(&mut self, id: u64) {
        let gone = self.gone.get_mut().unwrap_or_else(|e| e.into_inner());
        if let Some(list) = &mut gone.list {
            list.push(id);
            if list.len() > gone.most {
                gone.list = None;
            }
        }
    }
}

/// The hash of a container's state. `watch` says whether the host may be asked which pages were written to.
fn container(actor: &Actor, c: &Container, watch: bool) -> StateHash {
    let mut h = start("container");
    write_container(&mut h, actor, c);
    if seeded::has(Bug::HashDeadRegisters) {
        (1..=c.stack.depth()).filter_map(|n| view(c, n)).for_each(|frame| h.numbers(frame.registers));
    }
    h.words(&c.heap.lists());
    h.number(c.heap.size());
    match c.heap.cells().len() < LARGE {
        true => h.raw(&pages(c.heap.cells())),
        false => h.raw(&c.heap.pages_root(watch)),
    }
    if let Some(kept) = &actor.seldom().kept {
        h.raw(kept.hash());
    }
    finish(&h)
}

/// The hash of what is kept of a container.
pub(crate) fn kept(record: &[u8], cells: &[u8]) -> StateHash {
    let mut h = start("kept");
    h.bytes(record);
    h.raw(&pages(cells));
    finish(&h)
}

/// The hash of a container from its parts: what `state` writes of it with the heads of its heap's lists, the bytes of its cells, and
/// the root of the tree of their pages, and what is kept of it.
pub(crate) fn container_of(head: &[u8], cells: usize, pages: &StateHash, kept: Option<&Kept>) -> StateHash {
    let mut h = start("container");
    h.raw(head);
    h.number((START + cells) as u64);
    h.raw(pages);
    if let Some(kept) = kept {
        h.raw(kept.hash());
    }
    finish(&h)
}

/// The hash of a container's own state: the same, without mailbox and what it waits for. For tests that compare worlds
/// at different ticks.
pub fn alone(c: &Container) -> StateHash {
    let mut h = start("container");
    write_container(&mut h, &Actor::new(c.id, c.kind, 0, &[]), c);
    h.words(&c.heap.lists());
    h.number(c.heap.size());
    h.raw(&pages(c.heap.cells()));
    finish(&h)
}

/// The root of the tree of a heap's pages, made at once.
pub fn pages(bytes: &[u8]) -> StateHash {
    let mut level: Vec<StateHash> = bytes.chunks(PAGE).map(|page| leaf("page", page)).collect();
    while level.len() > 1 {
        let node = |children: &[StateHash]| leaf("node", children.as_flattened());
        level = level.chunks(FAN_OUT).map(node).collect();
    }
    level.first().copied().unwrap_or_default()
}

fn leaf(kind: &str, bytes: &[u8]) -> StateHash {
    let mut h = start(kind);
    h.update(bytes);
    finish(&h)
}

/// A hasher for a kind of part: the kind's name comes first, with its length.
fn start(kind: &str) -> Hasher {
    let mut h = Hasher::new();
    h.update(&[kind.len() as u8]);
    h.update(kind.as_bytes());
    h
}

fn finish(h: &Hasher) -> StateHash {
    *h.finalize().as_bytes()
}

/// A hash as people see it.
pub fn to_hex(hash: &StateHash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
