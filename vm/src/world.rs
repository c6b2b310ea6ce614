//! A world: containers, the clock and the seeds, and counters for all that gets a number.
//!
//! A world is a value. It changes by [`crate::tick`] alone, and what the next tick does follows from it and from
//! that tick's inputs, on every host.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use codex_spec::instruction::FuncId;
use codex_spec::trap::Trap;
use rustc_hash::FxHashMap;

use crate::actor::{Actor, Conditions, Status, Worker};
use crate::collapse::{TrapReport, report};
use crate::container::{Container, MAIN};
use crate::hash::Hashes;
use crate::program::Program;
use crate::rest::Form;
use crate::sizes::TINY;
use crate::slab::Slab;
use crate::timers::Timers;

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
    /// Bytes of messages in a mailbox.
    pub mailbox: u64,
    /// Bytes of all heaps of the world together.
    pub world: u64,
}

impl Default for Limits {
    /// 8 GiB of heap, 4,000,000 calls, 64 M registers (512 MiB of them, if all are used), 1 MiB of messages; 64 GiB for the
    /// world.
    fn default() -> Limits {
        Limits { memory: 8 << 30, frames: 4_000_000, registers: 64 << 20, mailbox: 1 << 20, world: 64 << 30 }
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
    /// A container collapsed, and nobody took care of it.
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
    /// The number of the next ask.
    pub(crate) next_ask: u64,
    /// Messages that were sent to containers that were gone, or of another kind.
    pub(crate) dropped: u64,
    /// Bytes of all heaps.
    pub(crate) heaps: u64,
    pub(crate) slab: Slab,
    /// The rows of those that have something to do, in the order in which they came to have it.
    pub(crate) queue: VecDeque<u32>,
    pub(crate) timers: Timers,
    /// Asks that wait for a reply, by their number.
    pub(crate) asks: FxHashMap<u64, Ask>,
    /// Who waits for which request to the outside.
    pub(crate) requests: BTreeMap<u64, u64>,
    pub(crate) end: Option<End>,
    /// What containers run with: the host's.
    pub(crate) workers: Vec<Worker>,
    /// Room for what runs in a tick: the host's.
    pub(crate) work: Vec<crate::tick::run::Ran>,
    /// Threads that may run containers: the host's.
    pub(crate) threads: usize,
    /// Hashes that were computed: the host's.
    pub(crate) hashes: Hashes,
    /// Whether the host may be asked which pages of heaps were written to: the host's.
    pub(crate) watches: bool,
    /// Which way ticks take: the host's.
    pub(crate) way: Way,
}

/// Which way ticks take: for tests. The world is the same with each, but for the bugs, which only the machine with tiny limits
/// can have.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// A container that runs alone takes the short way.
    #[default]
    Usual,
    /// All take the general way.
    General,
    /// A bug: a container that ran is idle, whatever came for it meanwhile.
    IdleTooSoon,
    /// A bug: what a container that runs alone sends to itself arrives at once.
    SelfAtOnce,
    /// A bug: a message takes the short way past effects that wait in the log.
    PastTheLog,
    /// A bug: a message takes the short way into a mailbox that has no room for it.
    NoBound,
    /// A bug: the numbers that a container which runs alone did not use are lost.
    NumbersLost,
}

impl Way {
    /// Whether this is a bug to be made. Known to be `false` in the machine that people get.
    #[inline(always)]
    pub(crate) fn has(self, bug: Way) -> bool {
        TINY && self == bug
    }
}

/// An ask that waits for its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) asker: u64,
    pub(crate) to: u64,
    /// The message: kind and handler, which say of which type the reply is.
    pub(crate) kind: u32,
    pub(crate) handler: u32,
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
        let Some(entry) = entry else {
            world.end = Some(End::Finished);
            return world;
        };
        let id = world.next_id;
        world.next_id += 1;
        let mut main = world.fresh();
        (main.id, main.kind) = (id, MAIN);
        main.begin(entry, None, &[]);
        let mut actor = Actor::new(id, MAIN, 0, &[]);
        actor.form = Form::Own(main);
        let slot = world.insert(actor);
        world.queue.push_back(slot);
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
            next_ask: 1,
            dropped: 0,
            heaps: 0,
            slab: Slab::default(),
            queue: VecDeque::new(),
            timers: Timers::default(),
            asks: FxHashMap::default(),
            requests: BTreeMap::new(),
            end: None,
            workers: Vec::new(),
            work: Vec::new(),
            threads: 1,
            way: Way::Usual,
            hashes: Hashes::default(),
            watches: true,
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

    /// When the first timer is due, in milliseconds since 1970.
    pub fn next_timer(&self) -> Option<i64> {
        self.timers.first()
    }

    /// The world's clock: milliseconds since 1970.
    pub fn clock(&self) -> i64 {
        self.clock
    }

    /// Bytes of all heaps.
    pub fn memory(&self) -> u64 {
        self.heaps
    }

    /// The number of the last output.
    pub fn outputs(&self) -> u64 {
        self.next_output - 1
    }

    /// How many containers there are.
    pub fn size(&self) -> usize {
        self.slab.len()
    }

    /// Lets so many threads run containers. The world is the same with any number.
    pub fn set_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    /// Lets ticks take another way. For tests.
    #[doc(hidden)]
    pub fn set_way(&mut self, way: Way) {
        self.way = way;
    }

    /// Asks the host which pages of large heaps were written to, where it knows, or compares the hashes of all of them. The world is
    /// the same either way, and so is what is saved of it.
    pub fn set_watching(&mut self, watching: bool) {
        self.watches = watching;
    }

    /// Looks at each container, in the order of their numbers.
    pub fn each(&self, mut look: impl FnMut(&Container)) {
        let mut scratch = None;
        for id in self.ids() {
            if let Some(actor) = self.find(id) {
                self.look(actor, &mut scratch, &mut look);
            }
        }
    }

    /// All containers, as their rows stand.
    pub(crate) fn actors(&self) -> impl Iterator<Item = &Actor> {
        self.slab.iter()
    }

    /// The numbers of all containers, in order.
    pub(crate) fn ids(&self) -> Vec<u64> {
        let mut ids: Vec<u64> = self.slab.iter().map(|actor| actor.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Looks at a container, in memory that is lent for that.
    pub(crate) fn look<R>(
        &self,
        actor: &Actor,
        scratch: &mut Option<Box<Container>>,
        look: impl FnOnce(&Container) -> R,
    ) -> R {
        match &actor.form {
            Form::Own(c) => look(c),
            Form::Resting(resting) => {
                let c = scratch.get_or_insert_with(|| self.fresh());
                c.wake(actor.who(), resting);
                let seen = look(c);
                c.renew();
                seen
            }
        }
    }

    /// Whether containers wait for requests.
    pub fn has_requests(&self) -> bool {
        !self.requests.is_empty()
    }

    /// The requests that containers wait for: number, what is asked (`spec::port::Request`), argument.
    pub fn requests(&self) -> impl Iterator<Item = (u64, u32, &[u8])> {
        self.requests_after(0)
    }

    /// Those of them whose number is above this one.
    pub fn requests_after(&self, last: u64) -> impl Iterator<Item = (u64, u32, &[u8])> {
        let range = (Bound::Excluded(last), Bound::Unbounded);
        self.requests.range(range).filter_map(|(&number, &id)| {
            let asked = self.find(id)?.seldom().asked.as_ref()?;
            Some((number, asked.0, &asked.1[..]))
        })
    }

    /// The number of the last request that a container waits for.
    pub fn last_request(&self) -> Option<u64> {
        self.requests.last_key_value().map(|(&number, _)| number)
    }

    /// The request with this number, if a container waits for it.
    pub fn request(&self, number: u64) -> Option<(u64, u32, &[u8])> {
        self.requests_after(number.checked_sub(1)?).next().filter(|request| request.0 == number)
    }

    /// Whether a container waits for this request.
    pub fn waits_for(&self, request: u64) -> bool {
        self.requests.contains_key(&request)
    }

    /// The program that its containers run.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// What it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What containers run with in this tick.
    pub(crate) fn conditions(&self) -> Conditions<'_> {
        Conditions::new(&self.program, &self.settings, self.clock)
    }

    /// A container as new.
    pub(crate) fn fresh(&self) -> Box<Container> {
        self.conditions().fresh()
    }

    /// Something to run containers with.
    pub(crate) fn worker(&self) -> Worker {
        Worker { scratch: self.fresh(), fuel: 0, heap: 0 }
    }

    // ── Containers by number and by row ──────────────────────────────────────────

    pub(crate) fn insert(&mut self, actor: Actor) -> u32 {
        self.slab.insert(actor)
    }

    pub(crate) fn take_out(&mut self, row: u32) -> Option<Actor> {
        let actor = self.slab.remove(row)?;
        self.hashes.forget(actor.id);
        self.heaps -= actor.heap + actor.kept_size();
        Some(actor)
    }

    pub(crate) fn slot(&self, id: u64) -> Option<u32> {
        self.slab.find(id)
    }

    pub(crate) fn find(&self, id: u64) -> Option<&Actor> {
        self.slab.get(self.slot(id)?)
    }

    pub(crate) fn find_mut(&mut self, id: u64) -> Option<&mut Actor> {
        let slot = self.slot(id)?;
        Some(self.at(slot))
    }

    /// The container in a row that is in use. Its hash is computed anew when it is asked for.
    #[inline]
    pub(crate) fn at(&mut self, slot: u32) -> &mut Actor {
        let actor = self.slab.get_mut(slot).expect("a row that is named is in use");
        *actor.known.get_mut() = false;
        actor
    }

    // ── What containers wait for ─────────────────────────────────────────────────

    /// An ask gets no reply any more.
    pub(crate) fn forget_ask(&mut self, number: u64) -> Option<Ask> {
        let ask = self.asks.remove(&number)?;
        if let Some(other) = self.find_mut(ask.to) {
            other.asks -= 1;
        }
        Some(ask)
    }

    pub(crate) fn cancel_timer(&mut self, id: u64) {
        if let Some(key) = self.find_mut(id).and_then(|actor| actor.rare.as_mut()?.timer.take()) {
            self.timers.cancel(key);
        }
    }

    /// A container does not wait for what it waits for any more.
    pub(crate) fn forget_wait(&mut self, slot: u32) {
        let actor = self.at(slot);
        if let Some(rare) = &mut actor.rare {
            rare.asked = None;
        }
        let (id, status) = (actor.id, actor.status);
        self.cancel_timer(id);
        match status {
            Status::Waiting { ask, .. } => _ = self.forget_ask(ask),
            Status::Asking { request } => _ = self.requests.remove(&request),
            _ => {}
        }
    }

    /// Whether an ask would be the last of a circle: the one asked waits, directly or through others, for the asker.
    /// An ask that was passed on breaks the circle: whoever holds the reply may give it.
    pub(crate) fn closes_a_circle(&self, asker: u64, to: u64) -> bool {
        let mut at = to;
        for _ in 0..=self.slab.len() {
            if at == asker {
                return true;
            }
            let Some(Status::Waiting { ask, to }) = self.find(at).map(|actor| actor.status) else { return false };
            let passed_on = self.find(to).is_none_or(|other| ask <= other.taken && ask != other.asker);
            if passed_on {
                return false;
            }
            at = to;
        }
        false
    }

    /// Nothing is left of a world that ended.
    pub(crate) fn clear(&mut self) {
        self.slab = Slab::default();
        self.queue.clear();
        self.asks.clear();
        self.requests.clear();
        self.timers = Timers::default();
        self.heaps = 0;
        self.hashes = Hashes::default();
    }

    /// Lets a container run in a coming tick.
    pub(crate) fn wake(&mut self, slot: u32) {
        self.at(slot).status = Status::Ready;
        self.queue.push_back(slot);
    }

    /// Why a container that stopped can't go on.
    pub(crate) fn report(&self, id: u64, reason: Trap, words: String) -> TrapReport {
        let nowhere = TrapReport { reason, details: words.clone(), trace: Vec::new(), omitted: 0 };
        self.find(id).map_or(nowhere, |actor| self.look(actor, &mut None, |c| report(c, reason, Some(words))))
    }

    /// What people call a container: its kind and number.
    pub(crate) fn name(&self, id: u64, kind: u32) -> String {
        match self.program.module().names.containers.get(kind as usize) {
            Some((name, _)) => format!("{name}#{id}"),
            None if kind == MAIN => "main".to_owned(),
            None => format!("container #{id}"),
        }
    }
}
