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
//! The hash is blake3; what is hashed begins with the name of its kind. A container's hash is kept until it changes.
//!
//! Not in it, because it is the host's: what memory is mapped and where, which functions are loaded, dead registers.

use blake3::Hasher;

use crate::actor::Actor;
use crate::container::Container;
use crate::frames::view;
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

/// The hash of a world's state. Takes time in proportion to what changed since the last one, and a little for each
/// container.
pub fn hash(world: &World) -> StateHash {
    let mut h = start("world");
    h.number(codex_spec::semantics::VERSION.into());
    h.raw(&world.program.id());
    write_world(&mut h, world);
    let mut scratch = None;
    let leaf = |id: u64| -> Option<(u64, StateHash)> {
        let actor = world.find(id)?;
        let hash = actor.hash.get_or_init(|| Box::new(world.look(actor, &mut scratch, |c| container(actor, c))));
        Some((id, **hash))
    };
    let leaves: Vec<(u64, StateHash)> = world.ids().into_iter().filter_map(leaf).collect();
    if !leaves.is_empty() {
        h.raw(&tree(&leaves, 60));
    }
    finish(&h)
}

/// The tree of some containers, which differ only in the bits below `shift + DIGIT`.
fn tree(containers: &[(u64, StateHash)], shift: u32) -> StateHash {
    if let [(_, only)] = containers {
        return *only;
    }
    let digit = |(id, _): &(u64, StateHash)| id >> shift & ((1 << DIGIT) - 1);
    let mut h = start("containers");
    for group in containers.chunk_by(|a, b| digit(a) == digit(b)) {
        h.number(digit(&group[0]));
        h.raw(&tree(group, shift.saturating_sub(DIGIT)));
    }
    finish(&h)
}

/// The hash of a container's state.
pub(crate) fn container(actor: &Actor, c: &Container) -> StateHash {
    let mut h = start("container");
    write_container(&mut h, actor, c);
    if seeded::has(Bug::HashDeadRegisters) {
        (1..=c.stack.depth()).filter_map(|n| view(c, n)).for_each(|frame| h.numbers(frame.registers));
    }
    heap(&mut h, c);
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

/// The hash of a container's own state: the same, without mailbox and what it waits for. For tests that compare worlds
/// at different ticks.
pub fn alone(c: &Container) -> StateHash {
    let mut h = start("container");
    write_container(&mut h, &Actor::new(c.id, c.kind, 0, &[]), c);
    heap(&mut h, c);
    finish(&h)
}

fn heap(h: &mut Hasher, c: &Container) {
    h.words(&c.heap.lists());
    h.number(c.heap.size());
    h.raw(&pages(c.heap.cells()));
}

/// The root of the tree of a heap's pages.
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
