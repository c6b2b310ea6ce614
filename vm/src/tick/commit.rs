//! The third part of a tick: what containers did becomes part of the world, in the order in which they ran.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use codex_spec::layout::RegType;
use codex_spec::module::{Lifecycle, Unanswered};
use codex_spec::port::Request;
use codex_spec::trap::Trap;

use super::inputs::go_on;
use super::run::Ran;
use super::{Item, TickReport};
use crate::actor::{Actor, Held, Quantum, Status};
use crate::collapse::TrapReport;
use crate::container::MAIN;
use crate::dump::revive;
use crate::effects::{Effect, Effects};
use crate::heap::transfer::text_parcel;
use crate::interpreter::messages::Pending;
use crate::kept::Kept;
use crate::mailbox::{Mailbox, Message};
use crate::rest::Form;
use crate::world::{Ask, End, Way, World};

/// The variant of `container.Resumption` that a container hears when its parent put it back.
const RESTORED: u64 = 2;

/// What became of an effect.
enum Fate {
    Done,
    /// There is no room in this container's mailbox.
    NoRoom(u64),
}

/// Commits what the containers of a tick did.
pub(super) fn commit(world: &mut World, mut ran: Vec<Ran>, report: &mut TickReport) {
    for r in &ran {
        world.heaps = world.heaps.wrapping_add_signed(r.grown);
    }
    let workers = std::mem::take(&mut world.workers);
    let mut commit = Commit::new(world, report);
    for r in &mut ran {
        if commit.world.end.is_some() {
            break;
        }
        let end = std::mem::replace(&mut r.end, Quantum::Idle);
        commit.one(r.row, workers[r.worker as usize].effects(), r.effects.clone(), end, r.grown);
    }
    world.workers = workers;
    world.work = ran;
}

/// Ends a world in which nothing can happen any more.
pub(super) fn finish(world: &mut World, report: &mut TickReport) {
    let over = world.queue.is_empty() && world.timers.first().is_none() && world.requests.is_empty();
    if !over || world.end.is_some() {
        return;
    }
    match stuck(world) {
        None => world.end = Some(End::Finished),
        Some((id, words)) => {
            let why = world.report(id, Trap::Deadlock, words);
            Commit::new(world, report).fail(id, why);
        }
    }
}

/// The first container that waits for something that will never be, and a list of all that do.
fn stuck(world: &World) -> Option<(u64, String)> {
    let mut first = None;
    let mut words = String::new();
    for id in world.ids() {
        let Some(actor) = world.find(id) else { continue };
        let what = match actor.status {
            Status::Waiting { to, .. } => match world.find(to) {
                Some(other) => format!("waits for {}", world.name(to, other.kind)),
                None => format!("waits for #{to}"),
            },
            Status::Held => "waits for room in a mailbox".to_owned(),
            _ => continue,
        };
        first = first.or(Some(id));
        words.push_str(&format!("{} {what}\n", world.name(id, actor.kind)));
    }
    first.map(|id| (id, words))
}

pub(super) struct Commit<'a> {
    world: &'a mut World,
    report: &'a mut TickReport,
    /// Those whose held effects may find room now. (They take their turns here, since one may make room for the next.)
    senders: VecDeque<u64>,
}

impl<'a> Commit<'a> {
    pub(super) fn new(world: &'a mut World, report: &'a mut TickReport) -> Commit<'a> {
        Commit { world, report, senders: VecDeque::new() }
    }

    /// Commits what a container did whose heap grew by so much.
    pub(super) fn one(&mut self, row: u32, effects: &Effects, range: Range<usize>, end: Quantum, grown: i64) {
        let end = if grown > 0 { self.within_limit(row, end) } else { end };
        self.quantum(row, effects, range, end);
        self.held();
    }

    /// The same for one that did nothing beyond its own state.
    #[inline]
    pub(super) fn stopped(&mut self, row: u32, end: Quantum, grown: i64) {
        let end = if grown > 0 { self.within_limit(row, end) } else { end };
        self.end(row, end);
        self.held();
    }

    /// A container that grew may have brought the world over its limit.
    fn within_limit(&mut self, slot: u32, end: Quantum) -> Quantum {
        let limit = self.world.settings.limits.world;
        let over = self.world.heaps > limit;
        if !over || matches!(end, Quantum::Trap(_) | Quantum::Done | Quantum::Exit(_)) {
            return end;
        }
        let id = self.world.at(slot).id;
        let words = format!("the world's limit is {limit} bytes");
        let report = self.world.report(id, Trap::OutOfMemory, words);
        let actor = self.world.at(slot);
        actor.form = Form::drew(actor.form.drawn());
        Quantum::Trap(Box::new(report))
    }

    /// Commits one container's effects, from a place in a log on, and then how its quantum ended.
    #[inline]
    fn quantum(&mut self, slot: u32, effects: &Effects, range: Range<usize>, end: Quantum) {
        for at in range.clone() {
            if let Fate::NoRoom(to) = self.effect(slot, &effects.log[at], effects) {
                let held = Held { effects: effects.part(at..range.end), next: 0, end };
                let actor = self.world.at(slot);
                actor.status = Status::Held;
                actor.rare().held = Some(held);
                let id = actor.id;
                if let Some(other) = self.world.find_mut(to) {
                    other.rare().waiters.push(id);
                }
                return self.make_room(slot);
            }
        }
        self.end(slot, end);
    }

    /// Commits how a quantum ended.
    #[inline]
    fn end(&mut self, slot: u32, end: Quantum) {
        let too_soon = self.world.way.has(Way::IdleTooSoon);
        let actor = self.world.at(slot);
        let id = actor.id;
        match end {
            Quantum::Exit(code) => {
                self.output(id, Item::Exit(code));
                self.world.end = Some(End::Exit(code));
                return;
            }
            Quantum::Done => return self.remove(slot, Unanswered::Gone),
            Quantum::Trap(report) => return self.collapse(slot, *report),
            Quantum::Fuel => self.world.wake(slot),
            Quantum::Wait if actor.pending.is_some() || actor.is_doomed() => self.world.wake(slot),
            Quantum::Wait => {}
            Quantum::Idle if too_soon || actor.mailbox.is_empty() && !actor.is_doomed() => actor.rest(),
            Quantum::Idle => self.world.wake(slot),
        }
        self.make_room(slot);
    }

    fn output(&mut self, container: u64, item: Item) -> u64 {
        let number = self.world.next_output;
        self.world.next_output += 1;
        self.report.said().items.push((number, container, item));
        number
    }

    // ── Effects ──────────────────────────────────────────────────────────────────

    fn effect(&mut self, slot: u32, effect: &Effect, all: &Effects) -> Fate {
        let id = self.world.at(slot).id;
        match effect {
            Effect::Print { stream, text } => {
                let texts = &mut self.report.said().texts;
                let start = texts.len();
                texts.push_str(&all.texts[text.clone()]);
                let text = start..texts.len();
                self.output(id, Item::Print(*stream, text));
            }
            Effect::Request { request, argument } => self.request(slot, *request, &all.arguments[argument.clone()]),
            Effect::Spawn { id: child, kind, parcel } => self.spawn(id, *child, *kind, &all.parcels[parcel.clone()]),
            Effect::Send { to, kind, handler, parcel } => {
                let parcel = &all.parcels[parcel.clone()];
                return self.deliver(*to, *kind, Message::Handler(*handler), 0, parcel).unwrap_or_else(|| {
                    self.world.dropped += 1;
                    Fate::Done
                });
            }
            Effect::Ask { to, kind, handler, within, parcel } => {
                let ask = Ask { asker: id, to: *to, kind: *kind, handler: *handler };
                return self.ask(slot, ask, *within, &all.parcels[parcel.clone()]);
            }
            Effect::Reply { ask, typ, parcel } => self.reply(*ask, *typ, &all.parcels[parcel.clone()]),
            Effect::Sleep { milliseconds } => self.sleep(slot, *milliseconds),
            Effect::Stop { link } => self.stop(*link),
            Effect::Restart { child } => self.restart(id, *child),
            Effect::Restore { child } => self.restore(id, *child),
            Effect::Bury { child } => {
                if let Some(child) = self.collapsed_child(id, *child) {
                    self.remove(child, Unanswered::Collapsed);
                }
            }
        }
        Fate::Done
    }

    fn request(&mut self, slot: u32, request: u32, argument: &[u8]) {
        let arguments = &mut self.report.said().arguments;
        let start = arguments.len();
        arguments.extend_from_slice(argument);
        let actor = self.world.at(slot);
        actor.rare().asked = Some((request, argument.to_vec()));
        let id = actor.id;
        let number = self.output(id, Item::Request(request, start..start + argument.len()));
        self.world.at(slot).status = Status::Asking { request: number };
        self.world.requests.insert(number, id);
        if request == Request::Savepoint as u32 && self.world.program.restores() {
            self.keep(slot);
        }
    }

    /// Keeps what a container is at its savepoint, in place of what was kept. The first has no parent that could want it.
    fn keep(&mut self, slot: u32) {
        let world = &mut *self.world;
        let Some(actor) = world.slab.get(slot).filter(|actor| actor.kind != MAIN) else { return };
        let kept = world.look(actor, &mut None, Kept::of);
        world.heaps += kept.size();
        let actor = world.at(slot);
        let before = actor.kept_size();
        actor.rare().kept = Some(Arc::new(kept));
        world.heaps -= before;
    }

    fn spawn(&mut self, parent: u64, id: u64, kind: u32, parcel: &[u64]) {
        let mut actor = Actor::new(id, kind, parent, parcel);
        actor.first_messages(self.wants_started(kind));
        let slot = self.world.insert(actor);
        self.world.wake(slot);
    }

    /// Whether a kind of container wants to know that it was made.
    fn wants_started(&self, kind: u32) -> bool {
        self.world.program.kind(kind).shape(Message::Event(Lifecycle::Started as u8)).is_some()
    }

    /// Puts a message into a mailbox. `None` if there is no such container of this kind.
    fn deliver(&mut self, to: u64, kind: u32, message: Message, ask: u64, parcel: &[u64]) -> Option<Fate> {
        let limit = self.world.settings.limits.mailbox;
        let slot = self.world.slot(to)?;
        let actor = self.world.at(slot);
        if actor.kind != kind {
            return None;
        }
        if actor.mailbox.size() + Mailbox::size_of(parcel.len()) > limit || actor.has_waiters() {
            return Some(Fate::NoRoom(to));
        }
        self.put(slot, message, ask, parcel);
        Some(Fate::Done)
    }

    fn put(&mut self, slot: u32, message: Message, ask: u64, parcel: &[u64]) {
        let actor = self.world.at(slot);
        actor.mailbox.push(message, ask, parcel);
        if actor.status == Status::Idle {
            self.world.wake(slot);
        }
    }

    fn ask(&mut self, slot: u32, ask: Ask, within: Option<i64>, parcel: &[u64]) -> Fate {
        let number = self.world.next_ask;
        if self.world.closes_a_circle(ask.asker, ask.to) {
            self.world.at(slot).pending = Some(Box::new(Pending::None(Unanswered::Deadlock)));
            return Fate::Done;
        }
        match self.deliver(ask.to, ask.kind, Message::Handler(ask.handler), number, parcel) {
            None => self.world.at(slot).pending = Some(Box::new(Pending::None(Unanswered::Gone))),
            Some(Fate::NoRoom(to)) => return Fate::NoRoom(to),
            Some(Fate::Done) => {
                self.world.next_ask += 1;
                self.world.asks.insert(number, ask);
                if let Some(other) = self.world.find_mut(ask.to) {
                    other.asks += 1;
                }
                let timer = within.map(|ms| self.world.timers.set(self.world.clock.saturating_add(ms), ask.asker));
                let actor = self.world.at(slot);
                actor.status = Status::Waiting { ask: number, to: ask.to };
                if timer.is_some() {
                    actor.rare().timer = timer;
                }
            }
        }
        Fate::Done
    }

    fn reply(&mut self, number: u64, typ: RegType, parcel: &[u64]) {
        let Some(&ask) = self.world.asks.get(&number) else { return };
        let expected = self.world.program.module().handler(ask.kind, ask.handler).map(|h| h.reply);
        if expected == Some(typ) {
            self.world.forget_ask(number);
            self.world.cancel_timer(ask.asker);
            go_on(self.world, ask.asker, Pending::Answer(parcel.to_vec()));
        }
    }

    fn sleep(&mut self, slot: u32, milliseconds: i64) {
        let at = self.world.clock.saturating_add(milliseconds);
        let id = self.world.at(slot).id;
        if milliseconds <= 0 {
            self.world.at(slot).pending = Some(Box::new(Pending::Slept));
            return;
        }
        let timer = self.world.timers.set(at, id);
        let actor = self.world.at(slot);
        actor.rare().timer = Some(timer);
        actor.status = Status::Sleeping;
    }

    fn stop(&mut self, link: u64) {
        let Some(slot) = self.world.slot(link) else { return };
        if self.world.at(slot).kind != MAIN {
            self.put(slot, Message::Event(Lifecycle::Stopping as u8), 0, &[]);
        }
    }

    /// The slot of a child that collapsed and has not been decided about.
    fn collapsed_child(&mut self, parent: u64, child: u64) -> Option<u32> {
        let slot = self.world.slot(child)?;
        let actor = self.world.at(slot);
        (actor.parent == parent && actor.status == Status::Collapsed).then_some(slot)
    }

    fn restart(&mut self, parent: u64, child: u64) {
        let Some(slot) = self.collapsed_child(parent, child) else { return };
        let actor = self.world.at(slot);
        let (kind, before) = (actor.kind, actor.kept_size());
        if let Some(rare) = &mut actor.rare {
            rare.kept = None;
        }
        self.world.heaps -= before;
        let wants = self.wants_started(kind);
        self.world.at(slot).first_messages(wants);
        self.world.wake(slot);
    }

    /// Puts a child that collapsed back to its last savepoint; one that has none is made anew.
    fn restore(&mut self, parent: u64, child: u64) {
        let Some(slot) = self.collapsed_child(parent, child) else { return };
        let revived = self.world.at(slot).seldom().kept.clone().map(|kept| revive(&kept, self.world));
        let Some(Ok(revived)) = revived else { return self.restart(parent, child) };
        let event = Message::Event(Lifecycle::Resumed as u8);
        let wants = self.world.program.kind(revived.kind).shape(event).is_some();
        self.world.heaps += revived.heap;
        let actor = self.world.at(slot);
        actor.form = revived.form.having_drawn(actor.form.drawn());
        (actor.pending, actor.heap) = (revived.pending, revived.heap);
        (actor.asker, actor.taken) = (revived.asker, revived.taken);
        if wants {
            actor.mailbox.push_front(event, &[RESTORED]);
        }
        self.world.wake(slot);
    }

    // ── Ends ─────────────────────────────────────────────────────────────────────

    /// Those who wait for room in a mailbox go on, as far as there is some.
    #[inline]
    fn make_room(&mut self, slot: u32) {
        let Some(actor) = self.world.slab.get(slot) else { return };
        if !actor.has_waiters() || actor.mailbox.size() * 2 > self.world.settings.limits.mailbox {
            return;
        }
        self.senders.extend(std::mem::take(&mut self.world.at(slot).rare().waiters));
    }

    /// Commits effects that were held; those that find no room again wait again.
    #[inline]
    fn held(&mut self) {
        while self.world.end.is_none()
            && let Some(id) = self.senders.pop_front()
        {
            let Some(slot) = self.world.slot(id) else { continue };
            if let Some(held) = self.world.at(slot).rare.as_mut().and_then(|rare| rare.held.take()) {
                let range = held.next..held.effects.log.len();
                self.quantum(slot, &held.effects, range, held.end.clone());
            }
        }
    }

    /// Takes a container out of the world.
    fn remove(&mut self, slot: u32, why: Unanswered) {
        self.world.forget_wait(slot);
        let Some(actor) = self.world.take_out(slot) else { return };
        self.disappoint(actor.id, actor.asks, u64::MAX, why);
        self.senders.extend(actor.seldom().waiters.iter());
    }

    /// Tells those who asked a container, up to the ask of a number, that there will be no reply.
    fn disappoint(&mut self, id: u64, asks: u32, up_to: u64, why: Unanswered) {
        if asks == 0 {
            return;
        }
        let mine = |(_, ask): &(&u64, &Ask)| ask.to == id;
        let mut asks: Vec<u64> = self.world.asks.iter().filter(mine).map(|(&n, _)| n).collect();
        asks.sort_unstable();
        for number in asks.into_iter().filter(|&n| n <= up_to) {
            if let Some(ask) = self.world.forget_ask(number) {
                self.world.cancel_timer(ask.asker);
                go_on(self.world, ask.asker, Pending::None(why));
            }
        }
    }

    /// A container failed: its parent decides, or fails in turn.
    fn collapse(&mut self, slot: u32, report: TrapReport) {
        self.world.forget_wait(slot);
        let actor = self.world.at(slot);
        actor.status = Status::Collapsed;
        actor.pending = None;
        let heap = std::mem::take(&mut actor.heap);
        let (id, kind, parent) = (actor.id, actor.kind, actor.parent);
        let (asks, taken) = (actor.asks, actor.taken);
        self.world.heaps -= heap;
        self.disappoint(id, asks, taken, Unanswered::Collapsed);
        let event = Message::Event(Lifecycle::Collapsed as u8);
        let above = self.world.slot(parent).map(|slot| (slot, self.world.at(slot).kind));
        match above {
            Some((above, kind)) if kind != MAIN && self.world.program.kind(kind).shape(event).is_some() => {
                let parcel = text_parcel(id, &[report.reason.code(), &words(&report), &report.trace_text()]);
                self.put(above, event, 0, &parcel);
            }
            Some((above, _)) => {
                let details = format!("{}: {report}", self.world.name(id, kind));
                self.remove(slot, Unanswered::Collapsed);
                self.doom(above, details);
            }
            None => self.fail(id, report),
        }
    }

    /// A container has to die of its child's collapse, when it runs next.
    fn doom(&mut self, slot: u32, details: String) {
        self.world.forget_wait(slot);
        let actor = self.world.at(slot);
        actor.rare().doom = Some(details.into());
        match actor.status {
            Status::Ready | Status::Held => {}
            Status::Collapsed => actor.rare().doom = None,
            _ => self.world.wake(slot),
        }
    }

    /// Nobody takes care of a collapse: the world ends.
    fn fail(&mut self, id: u64, report: TrapReport) {
        let collapses = &mut self.report.said().collapses;
        let at = collapses.len();
        collapses.push(report);
        self.output(id, Item::Collapse(at));
        self.world.end = Some(End::Collapsed);
    }
}

/// Why a container failed, in words.
fn words(report: &TrapReport) -> String {
    match report.details.is_empty() {
        true => report.reason.message().to_owned(),
        false if report.reason == Trap::Panic => report.details.clone(),
        false => format!("{}: {}", report.reason.message(), report.details),
    }
}
