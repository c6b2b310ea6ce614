//! What the state of a world is: one order of numbers and bytes, which the hash takes in and an image keeps.
//!
//! Little-endian numbers of 64 bits; lists have their length first. A frame is stored by function, block and
//! instruction with the values of the registers that are live there, so nothing depends on how code is loaded.
//! Heaps are not in it: the hash has a tree of their pages, an image has their bytes.

use codex_spec::layout::RegType;
use codex_spec::module::Unanswered;
use codex_spec::trap::Trap;

use crate::actor::{Actor, Held, Quantum, Status};
use crate::collapse::TrapReport;
use crate::container::Container;
use crate::effects::{Effect, Effects};
use crate::frames::view;
use crate::interpreter::messages::{Pending, reg_type_code};
use crate::seeded::{self, Bug};
use crate::world::{End, World};

/// Where a state is written to.
pub(crate) trait Sink {
    fn raw(&mut self, bytes: &[u8]);

    fn number(&mut self, n: u64) {
        self.raw(&n.to_le_bytes());
    }

    fn numbers(&mut self, numbers: &[u64]) {
        numbers.iter().for_each(|&n| self.number(n));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.raw(bytes);
    }

    fn words(&mut self, words: &[u64]) {
        self.number(words.len() as u64);
        self.numbers(words);
    }

    fn optional(&mut self, n: Option<u64>) {
        self.number(n.is_some().into());
        if let Some(n) = n {
            self.number(n);
        }
    }
}

impl Sink for Vec<u8> {
    fn raw(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

impl Sink for blake3::Hasher {
    fn raw(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// All of a world but its module and its containers.
pub(crate) fn write_world(out: &mut impl Sink, world: &World) {
    let (s, limits) = (&world.settings, &world.settings.limits);
    for n in [s.quantum, s.width.into(), s.seeds.timeline, s.seeds.hash] {
        out.number(n);
    }
    for n in [limits.memory, limits.frames, limits.registers, limits.mailbox, limits.world] {
        out.number(n);
    }
    for n in [world.tick, world.clock as u64, world.next_id, world.next_output, world.next_ask, world.dropped] {
        out.number(n);
    }
    let (kind, code) = match world.end {
        None => (0, 0),
        Some(End::Finished) => (1, 0),
        Some(End::Exit(code)) => (2, code),
        Some(End::Collapsed) => (3, 0),
    };
    out.number(kind);
    out.number(code as u64);
    out.number(world.queue.len() as u64);
    for &slot in &world.queue {
        out.number(world.slab.get(slot).map_or(0, |actor| actor.id));
    }
    let (timers, next) = world.timers.parts();
    out.number(next);
    out.number(timers.len() as u64);
    for (&(at, number), &id) in timers {
        out.numbers(&[at as u64, number, id]);
    }
    let mut asks: Vec<_> = world.asks.iter().collect();
    asks.sort_unstable_by_key(|(number, _)| **number);
    out.number(asks.len() as u64);
    for (&number, ask) in asks {
        out.numbers(&[number, ask.asker, ask.to, ask.kind.into(), ask.handler.into()]);
    }
    out.number(world.slab.len() as u64);
}

/// All of a container but its heap.
pub(crate) fn write_container(out: &mut impl Sink, actor: &Actor, c: &Container) {
    for n in [actor.id, actor.kind.into(), actor.parent] {
        out.number(n);
    }
    write_status(out, actor);
    out.words(actor.mailbox.words());
    let rare = actor.seldom();
    out.words(actor.mailbox.arguments());
    out.words(&rare.waiters);
    out.number(rare.doom.is_some().into());
    out.bytes(rare.doom.as_deref().unwrap_or_default().as_bytes());
    out.number(rare.held.is_some().into());
    if let Some(held) = &rare.held {
        write_held(out, held);
    }
    for n in [c.fuel as u64, c.used, c.drawn, c.handling.code().into(), c.asker, c.taken, c.child, c.waits.into()] {
        out.number(n);
    }
    out.optional(c.state);
    let literals = c.literals.sorted();
    out.number(literals.len() as u64);
    literals.iter().for_each(|&(number, word)| out.number((number as u64) << 32 | word as u64));
    let globals = c.globals.sorted();
    out.number(globals.len() as u64);
    for (number, value) in globals {
        out.number(number.into());
        out.number(value);
    }
    write_frames(out, c);
}

fn write_status(out: &mut impl Sink, actor: &Actor) {
    let (kind, a, b) = match actor.status {
        Status::Ready => (0, 0, 0),
        Status::Idle => (1, 0, 0),
        Status::Asking { request } => (2, request, 0),
        Status::Waiting { ask, to } => (3, ask, to),
        Status::Sleeping => (4, 0, 0),
        Status::Held => (5, 0, 0),
        Status::Collapsed => (6, 0, 0),
    };
    out.numbers(&[kind, a, b]);
    let rare = actor.seldom();
    let (at, number) = rare.timer.unwrap_or_default();
    out.numbers(&[rare.timer.is_some().into(), at as u64, number]);
    out.number(rare.asked.is_some().into());
    if let Some(asked) = &rare.asked {
        out.number(asked.0.into());
        out.bytes(&asked.1);
    }
    match actor.pending.as_deref() {
        None => out.number(0),
        Some(Pending::Reply(status, bytes)) => {
            out.number(1);
            out.number(*status as u64);
            out.bytes(bytes);
        }
        Some(Pending::Answer(parcel)) => {
            out.number(2);
            out.words(parcel);
        }
        Some(Pending::None(why)) => {
            out.number(3);
            out.number(*why as u64);
        }
        Some(Pending::Slept) => out.number(4),
    }
}

fn write_held(out: &mut impl Sink, held: &Held) {
    match &held.end {
        Quantum::Fuel => out.number(0),
        Quantum::Wait => out.number(1),
        Quantum::Idle => out.number(2),
        Quantum::Done => out.number(3),
        Quantum::Exit(code) => {
            out.number(4);
            out.number(*code as u64);
        }
        Quantum::Trap(report) => {
            out.number(5);
            write_report(out, report);
        }
    }
    let effects = &held.effects;
    out.number((effects.log.len() - held.next) as u64);
    effects.log[held.next..].iter().for_each(|effect| write_effect(out, effect, effects));
}

fn write_effect(out: &mut impl Sink, effect: &Effect, all: &Effects) {
    match effect {
        Effect::Print { stream, text } => {
            out.numbers(&[0, *stream as u64]);
            out.bytes(&all.texts.as_bytes()[text.clone()]);
        }
        Effect::Request { request, argument } => {
            out.numbers(&[1, (*request).into()]);
            out.bytes(&all.arguments[argument.clone()]);
        }
        Effect::Spawn { id, kind, parcel } => {
            out.numbers(&[2, *id, (*kind).into()]);
            out.words(&all.parcels[parcel.clone()]);
        }
        Effect::Send { to, kind, handler, parcel } => {
            out.numbers(&[3, *to, (*kind).into(), (*handler).into()]);
            out.words(&all.parcels[parcel.clone()]);
        }
        Effect::Ask { to, kind, handler, within, parcel } => {
            out.numbers(&[4, *to, (*kind).into(), (*handler).into()]);
            out.optional(within.map(|ms| ms as u64));
            out.words(&all.parcels[parcel.clone()]);
        }
        Effect::Reply { ask, typ, parcel } => {
            out.numbers(&[5, *ask, reg_type_code(*typ)]);
            out.words(&all.parcels[parcel.clone()]);
        }
        Effect::Sleep { milliseconds } => out.numbers(&[6, *milliseconds as u64]),
        Effect::Stop { link } => out.numbers(&[7, *link]),
        Effect::Restart { child } => out.numbers(&[8, *child]),
        Effect::Bury { child } => out.numbers(&[9, *child]),
        Effect::Restore { child } => out.numbers(&[10, *child]),
    }
}

fn write_report(out: &mut impl Sink, report: &TrapReport) {
    out.number(report.reason as u64);
    out.bytes(report.details.as_bytes());
    out.number(report.omitted as u64);
    out.number(report.trace.len() as u64);
    for place in &report.trace {
        out.bytes(place.function.as_bytes());
        out.number(place.place.is_some().into());
        if let Some((file, line, column)) = &place.place {
            out.bytes(file.as_bytes());
            out.numbers(&[(*line).into(), (*column).into()]);
        }
    }
}

fn write_frames(out: &mut impl Sink, c: &Container) {
    let depth = c.stack.depth();
    out.number(depth as u64);
    for frame in (1..=depth).filter_map(|n| view(c, n)) {
        for n in [frame.id.0, frame.block, frame.index] {
            out.number(n.into());
        }
        frame.live.iter().for_each(|&(register, _)| out.number(frame.value(register)));
    }
}

// ── Back ─────────────────────────────────────────────────────────────────────────

/// What is wrong with a stored state, in words.
pub(crate) type Read<T> = Result<T, &'static str>;

/// A stored state. It believes nothing.
pub(crate) struct Source<'a> {
    pub(crate) left: &'a [u8],
}

impl<'a> Source<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let (taken, left) = self.left.split_at_checked(count).ok_or("it ends too early")?;
        self.left = left;
        Ok(taken)
    }

    pub(crate) fn number(&mut self) -> Read<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().unwrap_or_default()))
    }

    pub(crate) fn small(&mut self) -> Read<u32> {
        u32::try_from(self.number()?).map_err(|_| "a number is too large")
    }

    pub(crate) fn flag(&mut self) -> Read<bool> {
        match self.number()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err("something is neither so nor not so"),
        }
    }

    /// A count of things that take at least `size` bytes each.
    pub(crate) fn count(&mut self, size: usize) -> Read<usize> {
        let count = self.number()?;
        match count <= (self.left.len() / size) as u64 {
            true => Ok(count as usize),
            false => Err("a list is longer than what is left"),
        }
    }

    pub(crate) fn bytes(&mut self) -> Read<&'a [u8]> {
        let count = self.count(1)?;
        self.take(count)
    }

    pub(crate) fn text(&mut self) -> Read<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| "a text is not UTF-8")
    }

    pub(crate) fn words(&mut self) -> Read<Vec<u64>> {
        (0..self.count(8)?).map(|_| self.number()).collect()
    }

    fn optional(&mut self) -> Read<Option<u64>> {
        Ok(if self.flag()? { Some(self.number()?) } else { None })
    }
}

/// The fields of a container that `write_container` stored before its frames, put into an actor and a container as new.
pub(crate) fn read_container(input: &mut Source<'_>, c: &mut Container) -> Read<Actor> {
    let (id, kind, parent) = (input.number()?, input.small()?, input.number()?);
    let mut actor = Actor::new(id, kind, parent, &[]);
    (c.id, c.kind) = (id, kind);
    read_status(input, &mut actor)?;
    let words = if seeded::has(Bug::ForgetMailbox) { input.words().map(|_| Vec::new())? } else { input.words()? };
    let arguments = input.words()?;
    let mailbox = crate::mailbox::Mailbox::from_words(&arguments, &words);
    actor.mailbox = mailbox.ok_or("a mailbox holds no whole messages")?;
    let waiters = input.words()?;
    if !waiters.is_empty() {
        actor.rare().waiters = waiters;
    }
    let doomed = input.flag()?;
    let doom = input.text()?;
    if doomed {
        actor.rare().doom = Some(doom.into());
    }
    if input.flag()? {
        actor.rare().held = Some(read_held(input)?);
    }
    c.fuel = input.number()? as i64;
    c.used = input.number()?;
    c.drawn = input.number()?;
    c.handling = crate::mailbox::Message::from_code(input.small()?);
    (c.asker, c.taken, c.child) = (input.number()?, input.number()?, input.number()?);
    (actor.asker, actor.taken) = (c.asker, c.taken);
    c.waits = input.flag()?;
    c.state = input.optional()?;
    for _ in 0..input.count(8)? {
        let word = input.number()?;
        let number = (word >> 32) as usize;
        if number >= c.literals.size() || !c.literals.fill(number, word as u32) {
            return Err("a literal's number");
        }
    }
    for _ in 0..input.count(16)? {
        let (number, value) = (input.small()? as usize, input.number()?);
        if number >= c.globals.size() || !c.globals.fill(number, value) {
            return Err("a constant's number");
        }
    }
    Ok(actor)
}

fn read_status(input: &mut Source<'_>, actor: &mut Actor) -> Read<()> {
    actor.status = match [input.number()?, input.number()?, input.number()?] {
        [0, 0, 0] => Status::Ready,
        [1, 0, 0] => Status::Idle,
        [2, request, 0] => Status::Asking { request },
        [3, ask, to] => Status::Waiting { ask, to },
        [4, 0, 0] => Status::Sleeping,
        [5, 0, 0] => Status::Held,
        [6, 0, 0] => Status::Collapsed,
        _ => return Err("there is no such status"),
    };
    let (has_timer, at, number) = (input.flag()?, input.number()? as i64, input.number()?);
    if has_timer {
        actor.rare().timer = Some((at, number));
    }
    if !has_timer && (at, number) != (0, 0) {
        return Err("a timer that is none");
    }
    if input.flag()? {
        actor.rare().asked = Some((input.small()?, input.bytes()?.to_vec()));
    }
    actor.pending = match input.number()? {
        0 => None,
        1 => Some(Pending::Reply(input.number()? as i64, input.bytes()?.to_vec())),
        2 => Some(Pending::Answer(input.words()?)),
        3 => Some(Pending::None(unanswered(input.number()?)?)),
        4 => Some(Pending::Slept),
        _ => return Err("there is nothing like that to go on with"),
    }
    .map(Box::new);
    Ok(())
}

fn unanswered(number: u64) -> Read<Unanswered> {
    const ALL: [Unanswered; 4] = [Unanswered::Gone, Unanswered::Collapsed, Unanswered::TimedOut, Unanswered::Deadlock];
    ALL.into_iter().find(|why| *why as u64 == number).ok_or("there is no such reason")
}

fn read_held(input: &mut Source<'_>) -> Read<Held> {
    let end = match input.number()? {
        0 => Quantum::Fuel,
        1 => Quantum::Wait,
        2 => Quantum::Idle,
        3 => Quantum::Done,
        4 => Quantum::Exit(input.number()? as i64),
        5 => Quantum::Trap(Box::new(read_report(input)?)),
        _ => return Err("there is no such end of a quantum"),
    };
    let mut effects = Effects::default();
    for _ in 0..input.count(16)? {
        read_effect(input, &mut effects)?;
    }
    Ok(Held { effects, next: 0, end })
}

fn read_effect(input: &mut Source<'_>, effects: &mut Effects) -> Read<()> {
    let kind = input.number()?;
    if kind == 0 {
        let stream = input.number()? as i64;
        effects.print(stream, input.text()?);
        return Ok(());
    }
    if kind == 1 {
        let request = input.small()?;
        effects.request(request, input.bytes()?);
        return Ok(());
    }
    let mut parcel = |input: &mut Source<'_>| -> Read<std::ops::Range<usize>> {
        let start = effects.parcels.len();
        effects.parcels.extend(input.words()?);
        Ok(start..effects.parcels.len())
    };
    let effect = match kind {
        2 => Effect::Spawn { id: input.number()?, kind: input.small()?, parcel: parcel(input)? },
        3 => {
            Effect::Send { to: input.number()?, kind: input.small()?, handler: input.small()?, parcel: parcel(input)? }
        }
        4 => Effect::Ask {
            to: input.number()?,
            kind: input.small()?,
            handler: input.small()?,
            within: input.optional()?.map(|ms| ms as i64),
            parcel: parcel(input)?,
        },
        5 => Effect::Reply { ask: input.number()?, typ: reg_type(input.number()?)?, parcel: parcel(input)? },
        6 => Effect::Sleep { milliseconds: input.number()? as i64 },
        7 => Effect::Stop { link: input.number()? },
        8 => Effect::Restart { child: input.number()? },
        9 => Effect::Bury { child: input.number()? },
        10 => Effect::Restore { child: input.number()? },
        _ => return Err("there is no such effect"),
    };
    effects.log.push(effect);
    Ok(())
}

fn reg_type(code: u64) -> Read<RegType> {
    Ok(match code {
        0 => RegType::I64,
        1 => RegType::F64,
        n => RegType::Ref(codex_spec::instruction::TypeId(u32::try_from(n - 2).map_err(|_| "a type's number")?)),
    })
}

fn read_report(input: &mut Source<'_>) -> Read<TrapReport> {
    let reason = Trap::from_number(input.small()?).ok_or("there is no such trap")?;
    let details = input.text()?.to_owned();
    let omitted = input.number()? as usize;
    let mut trace = Vec::new();
    for _ in 0..input.count(16)? {
        let function = input.text()?.to_owned();
        let place = match input.flag()? {
            true => Some((input.text()?.to_owned(), input.small()?, input.small()?)),
            false => None,
        };
        trace.push(crate::collapse::TracePlace { function, place });
    }
    Ok(TrapReport { reason, details, trace, omitted })
}
