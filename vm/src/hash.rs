//! The hash of a world: one number that two worlds share exactly when they are in the same state.
//!
//! | part | is |
//! |---|---|
//! | world | semantics version, module id, settings, tick, clock, counters, end, the queue, the tree of containers |
//! | tree of containers | by id, six bits at a time from the top; a branch with one container is that container |
//! | container | id, status, request or reply, fuel, drawn random numbers, literals, constants, frames, heap |
//! | frame | function, block, instruction, and the registers that are live there |
//! | heap | its length, and the tree of its pages of 4 KiB, 64 to a node; the last page ends with the last cell |
//!
//! Numbers are little-endian and lists have their length first. The hash is blake3; what is hashed begins with the name of its kind.
//!
//! Not in it, because it is the host's: what memory is mapped and where, which functions are loaded, dead registers.

use blake3::Hasher;

use crate::container::{Container, Status};
use crate::frames::view;
use crate::world::{End, World};

/// A hash.
pub type StateHash = [u8; 32];

/// Bytes of a page.
pub const PAGE: usize = 4096;
/// Children of a node of a heap's tree.
const FAN_OUT: usize = 64;
/// Bits of an id that one level of the tree of containers looks at.
const DIGIT: u32 = 6;

/// The hash of a world's state.
pub fn hash(world: &World) -> StateHash {
    let mut h = start("world");
    h.update(&codex_spec::semantics::VERSION.to_le_bytes());
    h.update(&world.program.id());
    let s = &world.settings;
    let limits = &s.limits;
    number(&mut h, s.quantum);
    number(&mut h, s.width.into());
    for n in [limits.memory, limits.frames, limits.registers, s.seeds.timeline, s.seeds.hash] {
        number(&mut h, n);
    }
    for n in [world.tick, world.clock as u64, world.next_id, world.next_output] {
        number(&mut h, n);
    }
    let (kind, code) = match world.end {
        None => (0, 0),
        Some(End::Finished) => (1, 0),
        Some(End::Exit(code)) => (2, code),
        Some(End::Collapsed) => (3, 0),
    };
    number(&mut h, kind);
    number(&mut h, code as u64);
    number(&mut h, world.queue.len() as u64);
    world.queue.iter().for_each(|&id| number(&mut h, id));
    number(&mut h, world.containers.len() as u64);
    if !world.containers.is_empty() {
        h.update(&tree(&world.containers, 60));
    }
    finish(&h)
}

/// The tree of some containers, which differ only in the bits below `shift + DIGIT`.
fn tree(containers: &[Container], shift: u32) -> StateHash {
    if let [only] = containers {
        return container(only);
    }
    let digit = |c: &Container| c.id >> shift & ((1 << DIGIT) - 1);
    let mut h = start("containers");
    for group in containers.chunk_by(|a, b| digit(a) == digit(b)) {
        number(&mut h, digit(&group[0]));
        h.update(&tree(group, shift.saturating_sub(DIGIT)));
    }
    finish(&h)
}

/// The hash of a container's state.
pub fn container(c: &Container) -> StateHash {
    let mut h = start("container");
    number(&mut h, c.id);
    let (kind, request) = match c.status {
        Status::Runnable => (0, 0),
        Status::Waiting(request) => (1, request),
        Status::Replied => (2, 0),
    };
    number(&mut h, kind);
    number(&mut h, request);
    let asked = c.asked.as_ref().map(|(request, argument)| (u64::from(*request), argument));
    let reply = c.reply.as_ref().map(|(status, bytes)| (*status as u64, bytes));
    if let Some((what, bytes)) = asked.or(reply) {
        number(&mut h, what);
        number(&mut h, bytes.len() as u64);
        h.update(bytes);
    }
    number(&mut h, c.fuel as u64);
    number(&mut h, c.used);
    number(&mut h, c.drawn);
    for &literal in &c.literals {
        h.update(&literal.to_le_bytes());
    }
    for (&ready, &value) in c.ready.iter().zip(&c.globals) {
        h.update(&[ready as u8]);
        number(&mut h, value);
    }
    frames(&mut h, c);
    number(&mut h, c.heap.size());
    h.update(&pages(c.heap.bytes()));
    finish(&h)
}

fn frames(h: &mut Hasher, c: &Container) {
    let depth = c.stack.depth();
    number(h, depth as u64);
    for frame in (1..=depth).filter_map(|n| view(c, n)) {
        for n in [frame.id.0, frame.block, frame.index] {
            h.update(&n.to_le_bytes());
        }
        for &(register, _) in frame.live {
            h.update(&register.0.to_le_bytes());
            number(h, frame.value(register));
        }
    }
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

fn number(h: &mut Hasher, n: u64) {
    h.update(&n.to_le_bytes());
}

fn finish(h: &Hasher) -> StateHash {
    *h.finalize().as_bytes()
}

/// A hash as people see it.
pub fn to_hex(hash: &StateHash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
