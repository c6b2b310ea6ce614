//! What a world keeps of each container: the container itself, its mailbox, and what it waits for.

use std::sync::Arc;

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
use crate::rest::Form;

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
    pub(crate) kind: u32,
    /// Who made it; 0 for the first.
    pub(crate) parent: u64,
    pub(crate) status: Status,
    pub(crate) mailbox: Mailbox,
    /// What it goes on with.
    pub(crate) pending: Option<Box<Pending>>,
    /// The timer that it waits for.
    pub(crate) timer: Option<(i64, u64)>,
    /// What it asked of the outside: a request's number in `spec::port`, and its argument.
    pub(crate) asked: Option<Box<(u32, Vec<u8>)>>,
    /// Itself at its last savepoint, if it may be put back there.
    pub(crate) kept: Option<Arc<Kept>>,
    /// The parcel that it was spawned with, for a restart.
    pub(crate) arguments: Box<[u64]>,
    /// A child's collapse of which it has to die.
    pub(crate) doom: Option<Box<str>>,
    /// Effects that wait for room in a mailbox, and what follows them.
    pub(crate) held: Option<Box<Held>>,
    /// Those whose messages wait for room in this mailbox, in order.
    pub(crate) waiters: Vec<u64>,
    /// Bytes of heap at the end of its last quantum.
    pub(crate) heap: u64,
    /// The ask that it is handling, and the last one that it began with, at the end of its last quantum.
    pub(crate) asker: u64,
    pub(crate) taken: u64,
    /// How many asks wait for it.
    pub(crate) asks: u32,
    pub(crate) form: Form,
    /// The hash of its state, if that was computed since it changed.
    pub(crate) hash: std::sync::OnceLock<Box<[u8; 32]>>,
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

/// What a thread runs containers with.
pub(crate) struct Worker {
    /// Small containers work in its memory.
    pub(crate) scratch: Box<Container>,
    pub(crate) effects: Effects,
    pub(crate) fuel: u64,
    /// The largest heap that was seen.
    pub(crate) heap: u64,
}

impl Actor {
    /// A container that has not begun.
    pub(crate) fn new(id: u64, kind: u32, parent: u64, arguments: Box<[u64]>) -> Actor {
        Actor {
            id,
            kind,
            parent,
            status: Status::Ready,
            mailbox: Mailbox::default(),
            pending: None,
            timer: None,
            asked: None,
            kept: None,
            arguments,
            doom: None,
            held: None,
            waiters: Vec::new(),
            heap: 0,
            asker: 0,
            taken: 0,
            asks: 0,
            form: Form::default(),
            hash: std::sync::OnceLock::new(),
        }
    }

    /// Bytes of what is kept of it.
    pub(crate) fn kept_size(&self) -> u64 {
        self.kept.as_ref().map_or(0, |kept| kept.size())
    }

    /// Puts what every container begins with before all else in its mailbox.
    pub(crate) fn first_messages(&mut self, wants_started: bool) {
        if wants_started {
            self.mailbox.push_front(Message::Event(Lifecycle::Started as u8), &[]);
        }
        self.mailbox.push_front(Message::Init, &self.arguments);
    }

    /// Runs it for a quantum. `ids` are numbers for what it makes, `fresh` makes memory for another container.
    pub(crate) fn run(
        &mut self,
        worker: &mut Worker,
        senses: &Senses,
        quantum: u64,
        ids: &mut std::ops::Range<u64>,
        fresh: &dyn Fn() -> Box<Container>,
    ) -> Quantum {
        self.hash.take();
        let c = match &mut self.form {
            Form::Own(own) => own,
            Form::Resting(resting) => {
                worker.scratch.wake(self.id, self.kind, resting);
                &mut worker.scratch
            }
        };
        std::mem::swap(&mut c.effects, &mut worker.effects);
        std::mem::swap(&mut c.ids, ids);
        c.fuel = c.fuel.min(0).saturating_add_unsigned(quantum);
        let used = c.used;
        let end = match c.fuel < 0 {
            true => Ok(Quantum::Fuel),
            false => work(c, &mut self.mailbox, self.pending.take(), self.doom.take(), senses),
        };
        let end = end.unwrap_or_else(|(trap, details)| Quantum::Trap(Box::new(report(c, trap, details))));
        self.mailbox.tidy();
        worker.fuel += c.used - used;
        self.heap = c.heap.size();
        (self.asker, self.taken) = (c.asker, c.taken);
        worker.heap = worker.heap.max(self.heap);
        std::mem::swap(&mut c.effects, &mut worker.effects);
        std::mem::swap(&mut c.ids, ids);
        let ends = matches!(end, Quantum::Done | Quantum::Trap(_) | Quantum::Exit(_));
        self.put_back(worker, ends, fresh);
        end
    }

    /// Keeps the container where it belongs after a quantum.
    fn put_back(&mut self, worker: &mut Worker, ends: bool, fresh: &dyn Fn() -> Box<Container>) {
        match &mut self.form {
            Form::Own(c) if ends => self.form = Form::drew(c.drawn),
            Form::Own(_) => {}
            Form::Resting(resting) => {
                if ends {
                    self.form = Form::drew(worker.scratch.drawn);
                    match worker.scratch.is_small() {
                        true => worker.scratch.renew(),
                        false => worker.scratch = fresh(),
                    }
                } else if !worker.scratch.settle(resting) {
                    self.form = Form::Own(std::mem::replace(&mut worker.scratch, fresh()));
                }
            }
        }
    }
}

/// Runs a container until its fuel or its messages are used up, or it stops in another way.
fn work(
    c: &mut Container,
    mailbox: &mut Mailbox,
    pending: Option<Box<Pending>>,
    doom: Option<Box<str>>,
    senses: &Senses,
) -> Result<Quantum, (Trap, Option<String>)> {
    if let Some(details) = doom {
        return Err((Trap::ChildCollapsed, Some(details.into())));
    }
    let plain = |trap| (trap, None);
    if let Some(pending) = pending {
        resume(c, *pending).map_err(plain)?;
    }
    loop {
        if c.stack.depth() == 0 {
            let Some(taken) = mailbox.pop() else { return Ok(Quantum::Idle) };
            c.used += 1;
            c.fuel -= 1;
            if !begin(c, taken).map_err(plain)? && ended(c) {
                return Ok(Quantum::Done);
            }
            let debt = c.heap.take_debt();
            c.used = c.used.wrapping_add(debt as u64);
            c.fuel -= debt;
            if c.fuel < 0 {
                return Ok(Quantum::Fuel);
            }
            continue;
        }
        match run(c, senses) {
            Stop::Fuel | Stop::Native => return Ok(Quantum::Fuel),
            Stop::Wait => return Ok(Quantum::Wait),
            Stop::Exit(code) => return Ok(Quantum::Exit(code)),
            Stop::Trap(trap) => return Err(plain(trap)),
            Stop::Done if c.kind == MAIN => return Ok(Quantum::Done),
            Stop::Done => {
                c.state = Some(c.result());
                if ended(c) {
                    return Ok(Quantum::Done);
                }
            }
        }
    }
}

/// Ends the handling of a message; says whether the container is done for good.
fn ended(c: &mut Container) -> bool {
    c.asker = 0;
    if c.child != 0 {
        c.effects.log.push(Effect::Bury { child: std::mem::take(&mut c.child) });
    }
    let stops = c.handling == Message::Event(Lifecycle::Stopping as u8);
    c.handling = Message::Init;
    stops
}
