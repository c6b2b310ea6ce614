//! A container as it was at its last savepoint: what its parent may put it back to.
//!
//! Part of the world's state. It is held as an image holds a container, without what waits in the mailbox: the state, and the
//! cells of the heap. The state is that of a container whose savepoint has just been answered with `RESUMED`.
//!
//! Only programs that restore containers pay for it ([`crate::program::Program::restores`]).

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use codex_spec::port::STATUS_OK;

use crate::actor::Actor;
use crate::container::Container;
use crate::hash;
use crate::interpreter::messages::Pending;
use crate::state::{Sink, write_container};

/// The variant of the answer to a savepoint: its container was put back to it.
const RESUMED: u8 = 1;

/// No save.
const NEVER: u64 = u64::MAX;

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Kept {
    record: Vec<u8>,
    cells: Vec<u8>,
    hash: OnceLock<hash::StateHash>,
    /// The save of this process that has it, if one has; the host's.
    saved: AtomicU64,
}

impl Kept {
    /// What a container is now, in the middle of a savepoint.
    pub(crate) fn of(c: &Container) -> Kept {
        let mut actor = Actor::new(c.id, c.kind, 0, &[]);
        actor.pending = Some(Box::new(Kept::answer()));
        let mut record = Vec::new();
        write_container(&mut record, &actor, c);
        record.words(&c.heap.lists());
        Kept::from_parts(record, c.heap.cells().to_vec())
    }

    pub(crate) fn from_parts(record: Vec<u8>, cells: Vec<u8>) -> Kept {
        Kept { record, cells, hash: OnceLock::new(), saved: AtomicU64::new(NEVER) }
    }

    /// The state with the heads of the heap's lists, and the heap's cells.
    pub(crate) fn parts(&self) -> (&[u8], &[u8]) {
        (&self.record, &self.cells)
    }

    /// Whether it is in a save. It never changes, so it is the same in all later ones.
    pub(crate) fn is_in(&self, save: u64) -> bool {
        self.saved.load(Ordering::Relaxed) == save
    }

    /// A save that is on the disk has it.
    pub(crate) fn saved(&self, save: u64) {
        self.saved.store(save, Ordering::Relaxed);
    }

    /// What a container that was put back is told.
    pub(crate) fn answer() -> Pending {
        Pending::Reply(STATUS_OK, vec![RESUMED])
    }

    /// Bytes, as the world's limit counts them.
    pub(crate) fn size(&self) -> u64 {
        (self.record.len() + self.cells.len()) as u64
    }

    /// Its part of the world's hash.
    pub(crate) fn hash(&self) -> &hash::StateHash {
        self.hash.get_or_init(|| hash::kept(&self.record, &self.cells))
    }
}
