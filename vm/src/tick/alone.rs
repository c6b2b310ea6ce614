//! A tick in which one container runs: in place, without a log of who ran.
//!
//! It does what [`super::run`] and [`super::commit`] do for one, in the same order, so it gives the same world; what it saves
//! is the way there. Messages to others take the short way ([`crate::post`]).

use super::TickReport;
use super::commit::Commit;
use crate::post::Post;
use crate::world::{Way, World};

/// Runs the first container of the queue and commits what it did.
pub(super) fn run(world: &mut World, report: &mut TickReport) {
    let Some(row) = world.queue.pop_front() else { return };
    if world.workers.is_empty() {
        world.workers.push(world.worker());
    }
    let first = world.next_id;
    let ids = first..first + world.program.spawns_in(world.settings.quantum);
    let post = Post::new(world);
    // SAFETY: until it has run, the world is used through the post alone; the post reaches others, never this row or the workers.
    let (actor, worker, with) = unsafe { post.runner(row) };
    worker.begin();
    let before = actor.heap;
    let (end, ids) = actor.run(worker, &with, ids, Some(post));
    let grown = actor.heap.wrapping_sub(before) as i64;
    let is_quiet = worker.effects().log.is_empty();
    report.add(worker);
    world.next_id = if world.way.has(Way::NumbersLost) { ids.end } else { ids.start };
    world.heaps = world.heaps.wrapping_add_signed(grown);
    if is_quiet {
        return Commit::new(world, report).stopped(row, end, grown);
    }
    let workers = std::mem::take(&mut world.workers);
    let effects = workers[0].effects();
    Commit::new(world, report).one(row, effects, 0..effects.log.len(), end, grown);
    world.workers = workers;
}
