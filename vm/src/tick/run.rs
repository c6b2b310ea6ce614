//! The second part of a tick: containers run, each on its own state only.
//!
//! Any number of threads may take part, in any order: a container sees nothing of the others until the tick
//! commits. What each did stands in the log of the worker that ran it.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::TickReport;
use crate::actor::{Conditions, Quantum, Worker};
use crate::sizes::{THREAD_TAKES, WORTH_A_THREAD};
use crate::slab::Slab;
use crate::world::World;

/// A container that ran.
pub(crate) struct Ran {
    /// Its row. Each is in the queue once, so no two of a tick are the same.
    pub(super) row: u32,
    /// The worker whose log has its effects, and which of them.
    pub(super) worker: u32,
    pub(super) effects: Range<usize>,
    pub(super) end: Quantum,
    /// By how many bytes its heap grew; negative if there is less of it.
    pub(super) grown: i64,
    ids: Range<u64>,
}

/// Runs the first containers of the queue, for [`super::commit`].
pub(super) fn run(world: &mut World, report: &mut TickReport) -> Vec<Ran> {
    let mut work = std::mem::take(&mut world.work);
    take_from_queue(world, &mut work);
    let threads = if work.len() < WORTH_A_THREAD { 1 } else { world.threads.min(work.len() / THREAD_TAKES) };
    let mut workers = std::mem::take(&mut world.workers);
    while workers.len() < threads.max(1) {
        workers.push(world.worker());
    }
    for worker in &mut workers {
        worker.begin();
    }
    let (slab, with) = (&world.slab, &world.conditions());
    match threads {
        0 | 1 => run_all(slab, with, &mut work, 0, &mut workers[0]),
        _ => run_shared(slab, with, &mut work, &mut workers[..threads]),
    }
    if let Some(last) = work.last() {
        // Numbers that the last containers did not use are not lost.
        world.next_id = last.ids.start;
    }
    for worker in &workers {
        report.add(worker);
    }
    world.workers = workers;
    work
}

/// The containers that run in this tick, with numbers for what they make.
fn take_from_queue(world: &mut World, work: &mut Vec<Ran>) {
    let count = world.queue.len().min(world.settings.width as usize);
    let share = world.program.spawns_in(world.settings.quantum);
    let mut next = world.next_id;
    work.clear();
    work.extend(world.queue.drain(..count).map(|row| {
        let ids = next..next + share;
        next = ids.end;
        Ran { row, worker: 0, effects: 0..0, end: Quantum::Idle, grown: 0, ids }
    }));
    world.next_id = next;
}

fn run_all(slab: &Slab, with: &Conditions<'_>, work: &mut [Ran], number: u32, worker: &mut Worker) {
    for ran in work {
        let start = worker.effects().log.len();
        // SAFETY: rows of a tick differ, each is in the work of one thread, and the slab is left alone until all have run.
        let Some(actor) = (unsafe { slab.apart(ran.row) }) else { continue };
        let before = actor.heap;
        (ran.end, ran.ids) = actor.run(worker, with, ran.ids.clone(), None);
        ran.grown = actor.heap.wrapping_sub(before) as i64;
        ran.worker = number;
        ran.effects = start..worker.effects().log.len();
    }
}

/// Threads take chunks until none is left.
fn run_shared(slab: &Slab, with: &Conditions<'_>, work: &mut [Ran], workers: &mut [Worker]) {
    let chunks: Vec<Mutex<&mut [Ran]>> = work.chunks_mut(THREAD_TAKES).map(Mutex::new).collect();
    let next = AtomicUsize::new(0);
    let take = |number: u32, worker: &mut Worker| {
        while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Each chunk is taken once, so nobody waits here.
            let mut chunk = chunk.lock().unwrap_or_else(|e| e.into_inner());
            run_all(slab, with, &mut chunk, number, worker);
        }
    };
    std::thread::scope(|scope| {
        let mut workers = (0..).zip(workers);
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
