//! The short way of a message: from a container that runs alone straight into the receiver's mailbox.
//!
//! When one container runs in a tick, nobody else looks at the world until it stops. So what it sends need not wait in its
//! log for the commit: the receiver finds it in the same place, and is woken in the same order. That holds only as long as
//!
//! - nothing stands in the log, since effects take place in their order, and one that is held holds those behind it;
//! - the receiver is another one: what a container sends to itself is for a later tick;
//! - the message has room, and is of the receiver's kind.
//!
//! Else the message goes into the log like any other effect.

use std::ptr::NonNull;

use crate::actor::{Actor, Conditions, Status, Worker};
use crate::world::{Way, World};

/// What a container that runs alone reaches others by: its world.
#[derive(Clone, Copy)]
pub(crate) struct Post(NonNull<World>);

// SAFETY: a container has it only while it runs alone, on the thread that holds the world.
unsafe impl Send for Post {}
// SAFETY: through a shared reference nothing is reached.
unsafe impl Sync for Post {}

impl Post {
    /// The post of a world. Good until the world is used in another way.
    pub(crate) fn new(world: &mut World) -> Post {
        Post(world.into())
    }

    /// The container in a row, the first worker, and what they run with: apart from each other, and from what the other
    /// functions reach.
    ///
    /// # Safety
    /// The post is good, and the world is not used in another way, while the references live. There is such a container, and a
    /// worker.
    pub(crate) unsafe fn runner<'a>(self, row: u32) -> (&'a mut Actor, &'a mut Worker, Conditions<'a>) {
        // SAFETY: the caller's promise.
        unsafe {
            let world = self.0.as_ptr();
            let actor = (*world).slab.apart(row).expect("a row in the queue is in use");
            let worker = &mut (&mut (*world).workers)[0];
            (actor, worker, Conditions::new(&(*world).program, &(*world).settings, (*world).clock))
        }
    }

    /// Whether messages may take the short way, with so many effects in the log.
    ///
    /// # Safety
    /// The post is good.
    #[inline(always)]
    pub(crate) unsafe fn is_open(self, effects: usize) -> bool {
        // SAFETY: the caller's promise.
        effects == 0 || unsafe { (*self.0.as_ptr()).way.has(Way::PastTheLog) }
    }

    /// Another container of this kind that takes messages, and its row.
    ///
    /// # Safety
    /// The post is good; `from` runs, and nothing else has a reference to a container.
    #[inline(always)]
    pub(crate) unsafe fn receiver<'a>(self, from: u64, to: u64, kind: u32) -> Option<(u32, &'a mut Actor)> {
        let world = self.0.as_ptr();
        // SAFETY: the caller's promise.
        if to == from && !unsafe { (*world).way.has(Way::SelfAtOnce) } {
            return None;
        }
        // SAFETY: the caller's promise; the one that runs is in another row.
        let (row, actor) = unsafe {
            let slab = &(*world).slab;
            let row = slab.find(to)?;
            (row, slab.apart(row)?)
        };
        (actor.kind == kind && !actor.has_waiters()).then_some((row, actor))
    }

    /// Whether a mailbox that held so many bytes has room for so many more.
    ///
    /// # Safety
    /// The post is good.
    #[inline(always)]
    pub(crate) unsafe fn has_room(self, size: u64, more: u64) -> bool {
        let world = self.0.as_ptr();
        // SAFETY: the caller's promise.
        unsafe { size + more <= (*world).settings.limits.mailbox || (*world).way.has(Way::NoBound) }
    }

    /// A message was put into the mailbox of the container in this row.
    ///
    /// # Safety
    /// The post is good.
    #[inline(always)]
    pub(crate) unsafe fn delivered(self, row: u32, actor: &mut Actor) {
        *actor.known.get_mut() = false;
        if actor.status == Status::Idle {
            actor.status = Status::Ready;
            // SAFETY: the caller's promise.
            unsafe { (*self.0.as_ptr()).queue.push_back(row) };
        }
    }
}
