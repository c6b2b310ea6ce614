//! A world: containers, the clock and the seeds, and counters for all that gets a number.
//!
//! A world is a value. It changes by [`crate::tick`] alone, and what the next tick does follows from it and from
//! that tick's inputs, on every host.

use std::sync::Arc;

use codex_spec::instruction::FuncId;

use crate::container::{Container, Status};
use crate::interpreter::edge::Senses;
use crate::program::Program;

/// What a container may use at most. Counted in the machine's own units, so that each is reached at the same
/// point on every host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of heap, up to the end of its last cell; 32 GiB at most.
    pub memory: u64,
    /// Calls in each other.
    pub frames: u64,
    /// Registers of all calls together.
    pub registers: u64,
}

impl Default for Limits {
    /// 8 GiB of heap, 4,000,000 calls, 64 M registers (512 MiB of them, if all are used).
    fn default() -> Limits {
        Limits { memory: 8 << 30, frames: 4_000_000, registers: 64 << 20 }
    }
}

/// Where a world's randomness comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seeds {
    /// Of ambient random numbers; a fork gets a new one.
    pub timeline: u64,
    /// The key for hashes; a fork keeps it.
    pub hash: u64,
}

/// What a world is made with, and keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Fuel for each container in each tick: at least 1.
    pub quantum: u64,
    /// Containers that run in one tick at most: at least 1.
    pub width: u32,
    /// Limits of each container.
    pub limits: Limits,
    /// Where randomness comes from.
    pub seeds: Seeds,
    /// Milliseconds since 1970 when it begins.
    pub clock: i64,
}

impl Default for Settings {
    /// A quantum is about a millisecond of plain code.
    fn default() -> Settings {
        Settings { quantum: 100_000, width: 1024, limits: Limits::default(), seeds: Seeds::default(), clock: 0 }
    }
}

/// How a world ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// There was nothing left to do.
    Finished,
    /// A container said so.
    Exit(i64),
    /// Its first container collapsed.
    Collapsed,
}

/// See the module's documentation.
pub struct World {
    pub(crate) program: Arc<Program>,
    pub(crate) settings: Settings,
    /// Ticks so far.
    pub(crate) tick: u64,
    pub(crate) clock: i64,
    /// The number of the next container.
    pub(crate) next_id: u64,
    /// The number of the next output; requests are called by it.
    pub(crate) next_output: u64,
    /// In order of their numbers.
    pub(crate) containers: Vec<Container>,
    /// The numbers of those that can run, in the order in which they came to be able to.
    pub(crate) queue: Vec<u64>,
    pub(crate) end: Option<End>,
}

impl World {
    /// A world whose only container is about to run the program's entry.
    pub fn new(program: Arc<Program>, settings: Settings) -> World {
        let entry = program.module().entry;
        World::starting_at(program, entry, settings)
    }

    /// A world whose only container is about to run one of the module's tests.
    pub fn of_test(program: Arc<Program>, test: usize, settings: Settings) -> World {
        let entry = program.module().tests.get(test).map(|(_, function)| *function);
        World::starting_at(program, entry, settings)
    }

    fn starting_at(program: Arc<Program>, entry: Option<FuncId>, settings: Settings) -> World {
        let mut world = World::empty(program, settings);
        if let Some(entry) = entry {
            let id = world.next_id;
            world.next_id += 1;
            world.containers.push(Container::new(id, world.program.clone(), entry, &settings.limits));
            world.queue.push(id);
        } else {
            world.end = Some(End::Finished);
        }
        world
    }

    /// A world without containers.
    pub(crate) fn empty(program: Arc<Program>, settings: Settings) -> World {
        let settings = Settings { quantum: settings.quantum.max(1), width: settings.width.max(1), ..settings };
        World {
            program,
            settings,
            tick: 0,
            clock: settings.clock,
            next_id: 1,
            next_output: 1,
            containers: Vec::new(),
            queue: Vec::new(),
            end: None,
        }
    }

    /// Ticks so far.
    pub fn ticks(&self) -> u64 {
        self.tick
    }

    /// How it ended, if it did.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// Whether a tick without inputs would do anything.
    pub fn is_runnable(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Its containers, in order of their numbers.
    pub fn containers(&self) -> &[Container] {
        &self.containers
    }

    /// The requests that containers wait for: number, what is asked (`spec::port::Request`), argument.
    pub fn requests(&self) -> impl Iterator<Item = (u64, u32, &[u8])> {
        self.containers.iter().filter_map(|c| match (c.status, &c.asked) {
            (Status::Waiting(number), Some((request, argument))) => Some((number, *request, &argument[..])),
            _ => None,
        })
    }

    /// The program that its containers run.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// What it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn senses(&self) -> Senses {
        Senses { clock: self.clock, hash_seed: self.settings.seeds.hash, timeline_seed: self.settings.seeds.timeline }
    }

    /// The place of a container among the containers.
    pub(crate) fn find(&self, id: u64) -> Option<usize> {
        self.containers.binary_search_by_key(&id, |c| c.id).ok()
    }
}
