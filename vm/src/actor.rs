//! What a world keeps of each container: the container itself, its mailbox, and what it waits for.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use codex_spec::module::Lifecycle;
use codex_spec::trap::Trap;

use crate::collapse::{TrapReport, report};
use crate::container::{Container, MAIN};
use crate::effects::{Effect, Effects};
use crate::interpreter::edge::Senses;
use crate::interpreter::messages::{Pending, begin, resume};
use crate::interpreter::{Stop, run};
use crate::kept::Kept;
use crate::mailbox::{Mailbox, Message};
use crate::post::Post;
use crate::program::Program;
use crate::rest::{Form, Resting, Who};
use crate::world::Settings;

/// What a container does between ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It is in the queue: it has something to do.
    Ready,
    /// Its mailbox is empty.
    Idle,
    /// It waits for the reply to a request, by the request's number.
    Asking {
        /// The request.
        request: u64,
    },
    /// It waits for another container.
    Waiting {
        /// The number of the ask.
        ask: u64,
        /// Who was asked.
        to: u64,
    },
    /// It waits for the clock.
    Sleeping,
    /// Its last effects wait for room in another's mailbox.
    Held,
    /// It collapsed, and its parent has not decided yet.
    Collapsed,
}

/// See the module's documentation.
pub(crate) struct Actor {
    pub(crate) id: u64,
    /// Who made it; 0 for the first.
    pub(crate) parent: u64,
    pub(crate) kind: u32,
    /// How many asks wait for it.
    pub(crate) asks: u32,
    pub(crate) status: Status,
    /// The messages that wait, and the parcel that it was spawned with, for a restart.
    pub(crate) mailbox: Mailbox,
    /// What it goes on with.
    pub(crate) pending: Option<Box<Pending>>,
    /// The ask that it was handling at the end of its last quantum.
    pub(crate) asker: u64,
    /// Bytes of heap at the same time.
    pub(crate) heap: u64,
    /// The last ask that it had begun with then.
    pub(crate) taken: u64,
    /// What few containers have. Made when it is needed; a container that becomes idle keeps none that is empty.
    pub(crate) rare: Option<Box<Rare>>,
    pub(crate) form: Form,
    /// Whether the tree of hashes knows it as it is ([`crate::hash`]); the host's.
    pub(crate) known: AtomicBool,
}

/// What few containers have at a time.
#[derive(Default)]
pub(crate) struct Rare {
    /// The timer that it waits for.
    pub(crate) timer: Option<(i64, u64)>,
    /// What it asked of the outside: a request's number in `spec::port`, and its argument.
    pub(crate) asked: Option<(u32, Vec<u8>)>,
    /// Itself at its last savepoint, if it may be put back there.
    pub(crate) kept: Option<Arc<Kept>>,
    /// A child's collapse of which it has to die.
    pub(crate) doom: Option<Box<str>>,
    /// Effects that wait for room in a mailbox, and what follows them.
    pub(crate) held: Option<Held>,
    /// Those whose messages wait for room in this mailbox, in order.
    pub(crate) waiters: Vec<u64>,
}

impl Rare {
    fn is_empty(&self) -> bool {
        let Rare { timer, asked, kept, doom, held, waiters } = self;
        timer.is_none() && asked.is_none() && kept.is_none() && doom.is_none() && held.is_none() && waiters.is_empty()
    }
}

/// Effects that wait, and how the quantum that had them ended.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) effects: Effects,
    pub(crate) next: usize,
    pub(crate) end: Quantum,
}

/// How a quantum ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Quantum {
    /// There is more to do.
    Fuel,
    /// It waits; the last effect says for what.
    Wait,
    /// Its mailbox is empty.
    Idle,
    /// It is done for good.
    Done,
    /// It ends the world.
    Exit(i64),
    /// It failed.
    Trap(Box<TrapReport>),
}

/// What the containers of a tick run with, whoever runs them.
pub(crate) struct Conditions<'a> {
    pub(crate) program: &'a Arc<Program>,
    pub(crate) settings: &'a Settings,
    pub(crate) senses: Senses,
}

impl<'a> Conditions<'a> {
    pub(crate) fn new(program: &'a Arc<Program>, settings: &'a Settings, clock: i64) -> Conditions<'a> {
        let seeds = settings.seeds;
        let senses = Senses { clock, hash_seed: seeds.hash, timeline_seed: seeds.timeline };
        Conditions { program, settings, senses }
    }

    /// A container as new.
    pub(crate) fn fresh(&self) -> Box<Container> {
        Box::new(Container::new(0, MAIN, self.program.clone(), &self.settings.limits))
    }
}

/// What a thread runs containers with.
pub(crate) struct Worker {
    /// Small containers work in its memory. Its log takes the effects of all that the worker runs.
    pub(crate) scratch: Box<Container>,
    pub(crate) fuel: u64,
    /// The largest heap that was seen.
    pub(crate) heap: u64,
}

impl Worker {
    /// Has done nothing in this tick yet.
    pub(crate) fn begin(&mut self) {
        // A message that was too large has left its parcel there, and nothing in the log.
        let effects = &mut self.scratch.effects;
        if !effects.log.is_empty() || !effects.parcels.is_empty() {
            effects.clear();
        }
        (self.fuel, self.heap) = (0, 0);
    }

    /// The log.
    pub(crate) fn effects(&self) -> &Effects {
        &self.scratch.effects
    }

    /// Takes the memory that it works in, and goes on in other memory.
    fn exchange(&mut self, with: &Conditions<'_>) -> Box<Container> {
        let mut used = std::mem::replace(&mut self.scratch, with.fresh());
        std::mem::swap(&mut used.effects, &mut self.scratch.effects);
        used
    }
}

impl Actor {
    /// A container that has not begun.
    pub(crate) fn new(id: u64, kind: u32, parent: u64, arguments: &[u64]) -> Actor {
        Actor {
            id,
            parent,
            kind,
            asks: 0,
            status: Status::Ready,
            mailbox: Mailbox::new(arguments),
            pending: None,
            asker: 0,
            heap: 0,
            taken: 0,
            rare: None,
            form: Form::default(),
            known: AtomicBool::new(false),
        }
    }

    /// Bytes of what is kept of it.
    pub(crate) fn kept_size(&self) -> u64 {
        self.seldom().kept.as_ref().map_or(0, |kept| kept.size())
    }

    /// Puts what every container begins with before all else in its mailbox.
    pub(crate) fn first_messages(&mut self, wants_started: bool) {
        self.mailbox.begin(wants_started.then_some(Message::Event(Lifecycle::Started as u8)));
    }

    /// What few have, to add to it.
    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// What few have, to read it.
    pub(crate) fn seldom(&self) -> &Rare {
        static NONE: Rare = Rare { timer: None, asked: None, kept: None, doom: None, held: None, waiters: Vec::new() };
        self.rare.as_deref().unwrap_or(&NONE)
    }

    /// Whether others wait for room in its mailbox.
    #[inline(always)]
    pub(crate) fn has_waiters(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| !rare.waiters.is_empty())
    }

    /// Whether it has to die of a child's collapse.
    #[inline(always)]
    pub(crate) fn is_doomed(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.doom.is_some())
    }

    /// Is idle: it keeps no room for what few have.
    #[inline(always)]
    pub(crate) fn rest(&mut self) {
        self.status = Status::Idle;
        if self.rare.as_ref().is_some_and(|rare| rare.is_empty()) {
            self.rare = None;
        }
    }

    pub(crate) fn who(&self) -> Who {
        Who { id: self.id, kind: self.kind, asker: self.asker, taken: self.taken }
    }

    /// Runs it for a quantum; what it does beyond its own state is added to the log of the worker's container. `ids` are
    /// numbers for what it makes, of which those that are left come back. `post` is there if it runs alone.
    pub(crate) fn run(
        &mut self,
        worker: &mut Worker,
        with: &Conditions<'_>,
        ids: Range<u64>,
        post: Option<Post>,
    ) -> (Quantum, Range<u64>) {
        *self.known.get_mut() = false;
        let who = self.who();
        let c: &mut Container = match &mut self.form {
            Form::Own(own) => {
                std::mem::swap(&mut own.effects, &mut worker.scratch.effects);
                own
            }
            Form::Resting(resting) => {
                worker.scratch.wake(who, resting);
                &mut worker.scratch
            }
        };
        c.ids = ids;
        c.post = post;
        let fuel = c.fuel.min(0).saturating_add_unsigned(with.settings.quantum);
        c.fuel = fuel;
        let used = c.used;
        let end = match fuel < 0 {
            true => Quantum::Fuel,
            false => work(c, &mut self.mailbox, self.pending.take(), take_doom(&mut self.rare), &with.senses),
        };
        c.used = c.used.wrapping_add(fuel.wrapping_sub(c.fuel) as u64);
        worker.fuel += c.used.wrapping_sub(used);
        c.post = None;
        let ids = c.ids.clone();
        self.mailbox.tidy();
        self.heap = c.heap.size();
        (self.asker, self.taken) = (c.asker, c.taken);
        worker.heap = worker.heap.max(self.heap);
        let ends = matches!(end, Quantum::Done | Quantum::Trap(_) | Quantum::Exit(_));
        self.put_back(worker, ends, with);
        (end, ids)
    }

    /// Keeps the container where it belongs after a quantum.
    #[inline(always)]
    fn put_back(&mut self, worker: &mut Worker, ends: bool, with: &Conditions<'_>) {
        match &mut self.form {
            Form::Own(own) => {
                std::mem::swap(&mut own.effects, &mut worker.scratch.effects);
                if ends {
                    self.form = Form::drew(own.drawn);
                }
            }
            Form::Resting(resting) if ends => {
                *resting = Resting::drew(worker.scratch.drawn);
                match worker.scratch.is_small() {
                    true => worker.scratch.renew(),
                    false => _ = worker.exchange(with),
                }
            }
            Form::Resting(resting) => {
                if !worker.scratch.settle(resting) {
                    self.form = Form::Own(worker.exchange(with));
                }
            }
        }
    }
}

fn take_doom(rare: &mut Option<Box<Rare>>) -> Option<Box<str>> {
    rare.as_mut()?.doom.take()
}

/// Runs a container until its fuel or its messages are used up, or it stops in another way.
#[inline(always)]
fn work(
    c: &mut Container,
    mailbox: &mut Mailbox,
    pending: Option<Box<Pending>>,
    doom: Option<Box<str>>,
    senses: &Senses,
) -> Quantum {
    if let Some(details) = doom {
        return failed(c, Trap::ChildCollapsed, Some(details.into()));
    }
    if let Some(pending) = pending {
        let fuel = c.fuel;
        if let Err(trap) = resume(c, *pending) {
            return failed(c, trap, None);
        }
        // What it costs to take in an answer is paid, and not counted as used.
        c.used = c.used.wrapping_sub(fuel.wrapping_sub(c.fuel) as u64);
    }
    loop {
        if c.stack.is_empty() {
            let Some(taken) = mailbox.pop() else { return Quantum::Idle };
            match begin(c, taken) {
                Ok(true) => {}
                Ok(false) if ended(c) => return Quantum::Done,
                Ok(false) => {}
                Err(trap) => return failed(c, trap, None),
            }
            c.fuel -= 1 + c.heap.take_debt();
            if c.fuel < 0 {
                return Quantum::Fuel;
            }
            continue;
        }
        match run(c, senses) {
            Stop::Fuel | Stop::Native => return Quantum::Fuel,
            Stop::Wait => return Quantum::Wait,
            Stop::Exit(code) => return Quantum::Exit(code),
            Stop::Trap(trap) => return failed(c, trap, None),
            Stop::Done if c.kind == MAIN => return Quantum::Done,
            Stop::Done => {
                c.state = Some(c.result());
                if ended(c) {
                    return Quantum::Done;
                }
            }
        }
    }
}

#[cold]
#[inline(never)]
fn failed(c: &Container, trap: Trap, details: Option<String>) -> Quantum {
    Quantum::Trap(Box::new(report(c, trap, details)))
}

/// Ends the handling of a message; says whether the container is done for good.
#[inline(always)]
fn ended(c: &mut Container) -> bool {
    c.asker = 0;
    if c.child != 0 {
        c.effects.log.push(Effect::Bury { child: std::mem::take(&mut c.child) });
    }
    let stops = c.handling == Message::Event(Lifecycle::Stopping as u8);
    c.handling = Message::Init;
    stops
}
