//! The second part of a tick: containers run, each on its own state only.
//!
//! Any number of threads may take part, in any order: a container sees nothing of the others until the tick
//! commits. What each did stands in the log of the worker that ran it.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::TickReport;
use crate::actor::{Actor, Quantum, Worker};
use crate::container::Container;
use crate::world::World;

/// A container that ran.
pub(crate) struct Ran {
    pub(super) slot: u32,
    /// Away from its slot only while the containers run.
    pub(super) actor: Option<Box<Actor>>,
    /// The worker whose log has its effects, and which of them.
    pub(super) worker: usize,
    pub(super) effects: Range<usize>,
    pub(super) end: Quantum,
    /// What its heap was before.
    pub(super) heap: u64,
    ids: Range<u64>,
}

/// Containers that a thread takes at once.
const CHUNK: usize = 16;
/// Containers for which a second thread is worth waking.
const WORTH_A_THREAD: usize = 64;

/// Runs the first containers of the queue. Their slots are empty until [`super::commit`].
pub(super) fn run(world: &mut World, report: &mut TickReport) -> Vec<Ran> {
    let mut work = std::mem::take(&mut world.work);
    take_from_queue(world, &mut work);
    let threads = if work.len() < WORTH_A_THREAD { 1 } else { world.threads.min(work.len() / CHUNK) };
    let mut workers = std::mem::take(&mut world.workers);
    while workers.len() < threads.max(1) {
        workers.push(world.worker());
    }
    for worker in &mut workers {
        worker.effects.clear();
        (worker.fuel, worker.heap) = (0, 0);
    }
    match threads {
        0 | 1 => run_all(world, &mut work, 0, &mut workers[0]),
        _ => run_shared(world, &mut work, &mut workers[..threads]),
    }
    give_back_ids(world, &work);
    for worker in &workers {
        report.fuel += worker.fuel;
        report.heap = report.heap.max(worker.heap);
    }
    world.workers = workers;
    work
}

/// The containers that run in this tick, with numbers for what they make.
fn take_from_queue(world: &mut World, work: &mut Vec<Ran>) {
    let count = world.queue.len().min(world.settings.width as usize);
    let share = world.program.spawns_in(world.settings.quantum);
    work.clear();
    for _ in 0..count {
        let Some(slot) = world.queue.pop_front() else { break };
        let Some(actor) = world.slots[slot as usize].take() else { continue };
        let ids = world.next_id..world.next_id + share;
        world.next_id = ids.end;
        let heap = actor.heap;
        work.push(Ran { slot, actor: Some(actor), worker: 0, effects: 0..0, end: Quantum::Idle, heap, ids });
    }
}

/// Numbers that the last containers did not use are not lost.
fn give_back_ids(world: &mut World, work: &[Ran]) {
    if let Some(last) = work.last() {
        world.next_id = last.ids.start;
    }
}

fn run_all(world: &World, work: &mut [Ran], number: usize, worker: &mut Worker) {
    let senses = world.senses();
    let fresh = || -> Box<Container> { world.fresh() };
    for ran in work {
        let start = worker.effects.log.len();
        let Some(actor) = &mut ran.actor else { continue };
        ran.end = actor.run(worker, &senses, world.settings.quantum, &mut ran.ids, &fresh);
        ran.worker = number;
        ran.effects = start..worker.effects.log.len();
    }
}

/// Threads take chunks until none is left.
fn run_shared(world: &World, work: &mut [Ran], workers: &mut [Worker]) {
    let chunks: Vec<Mutex<&mut [Ran]>> = work.chunks_mut(CHUNK).map(Mutex::new).collect();
    let next = AtomicUsize::new(0);
    let take = |number: usize, worker: &mut Worker| {
        while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Each chunk is taken once, so nobody waits here.
            let mut chunk = chunk.lock().unwrap_or_else(|e| e.into_inner());
            run_all(world, &mut chunk, number, worker);
        }
    };
    std::thread::scope(|scope| {
        let mut workers = workers.iter_mut().enumerate();
        let own = workers.next();
        for (number, worker) in workers {
            let take = &take;
            scope.spawn(move || take(number, worker));
        }
        if let Some((number, worker)) = own {
            take(number, worker);
        }
    });
}
