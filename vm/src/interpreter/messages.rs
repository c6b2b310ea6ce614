//! Where a container meets others: making them, sending, asking, waiting, going on.

use codex_spec::layout::{RegType, Storage, TypeDef, field_offsets};
use codex_spec::module::{Lifecycle, Unanswered};
use codex_spec::trap::Trap;

use super::op::Word;
use super::registers::{Regs, extra, extra_words};
use crate::actor::Actor;
use crate::collapse::position;
use crate::container::Container;
use crate::effects::Effect;
use crate::heap::cells::is_ref;
use crate::heap::transfer;
use crate::mailbox::{Mailbox, Message, Taken};
use crate::post::Post;
use crate::program::{Program, Shape};

type Done<T = ()> = Result<T, Trap>;

/// Fuel for making a container, above that of copying its arguments.
pub(crate) const SPAWN_FUEL: i64 = 8;

/// The program of a container, apart from it. (To share its ownership for a moment would cost two atomic operations.)
fn program<'a>(c: &Container) -> &'a Program {
    // SAFETY: the container keeps the program, and none of the functions below replaces that or keeps the reference.
    unsafe { &*std::sync::Arc::as_ptr(&c.program) }
}

/// Kind and message of a word.
fn kind_and_handler(w: &Word) -> (u32, u32) {
    (w.d as u32, (w.d >> 32) as u32)
}

/// Packs the registers in extra words for the parameters of a shape behind some words, and gives up their references.
///
/// # Safety
/// `pc` is a word of the frame `r` with these arguments behind it.
unsafe fn pack_behind(c: &mut Container, r: Regs, pc: *const Word, shape: &Shape, out: &mut Vec<u64>) -> Done {
    let start = out.len();
    // SAFETY: the caller's promise; registers that hold references hold live ones, which are owned.
    unsafe {
        let words = (0..shape.refs.len()).map(|i| r.word(extra(pc, i)));
        if shape.is_plain {
            out.extend(words);
        } else {
            transfer::pack(&c.heap, words.zip(shape.refs.iter().copied()), out);
            for (i, _) in shape.refs.iter().enumerate().filter(|(_, is_ref)| **is_ref) {
                c.heap.release(r.reference(extra(pc, i)));
            }
        }
    }
    let words = out.len() - start;
    c.heap.pay_bytes(words * 8);
    match Mailbox::size_of(words) <= c.mailbox_limit {
        true => Ok(()),
        false => Err(Trap::MessageTooLarge),
    }
}

/// The same into the log.
///
/// # Safety
/// As for [`pack_behind`].
unsafe fn pack(c: &mut Container, r: Regs, pc: *const Word, shape: &Shape) -> Done<std::ops::Range<usize>> {
    let mut parcels = std::mem::take(&mut c.effects.parcels);
    let start = parcels.len();
    // SAFETY: the caller's promise.
    let packed = unsafe { pack_behind(c, r, pc, shape, &mut parcels) };
    c.effects.parcels = parcels;
    packed.map(|()| start..c.effects.parcels.len())
}

/// The word behind one with arguments.
unsafe fn behind(pc: *const Word, shape: &Shape) -> *const Word {
    // SAFETY: the word has that many extra words.
    unsafe { pc.add(1 + extra_words(shape.refs.len())) }
}

/// Makes a container. Gives the next word.
///
/// # Safety
/// `pc` is a `Spawn` of the frame `r`.
pub(super) unsafe fn spawn(c: &mut Container, r: Regs, pc: *const Word) -> Done<*const Word> {
    let program = program(c);
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let (kind, _) = kind_and_handler(w);
        let shape = &program.kind(kind).init;
        // The tick gave out enough of them: see `tick::run`.
        let id = c.ids.next().ok_or(Trap::Unreachable)?;
        let parcel = pack(c, r, pc, shape)?;
        c.heap.owe(SPAWN_FUEL);
        c.effects.log.push(Effect::Spawn { id, kind, parcel });
        r.set(w.a, id);
        Ok(behind(pc, shape))
    }
}

/// Sends a message. Gives the next word.
///
/// # Safety
/// `pc` is a `Send` of the frame `r`.
pub(super) unsafe fn send(c: &mut Container, r: Regs, pc: *const Word) -> Done<*const Word> {
    let program = program(c);
    // SAFETY: the caller's promise. A post is there only while it is good.
    unsafe {
        let w = &*pc;
        let (kind, handler) = kind_and_handler(w);
        let shape = &program.kind(kind).handlers[handler as usize];
        let to = r.word(w.a);
        match c.post {
            Some(post)
                if post.is_open(c.effects.log.len())
                    && let Some(receiver) = post.receiver(c.id, to, kind) =>
            {
                post_to(c, r, pc, shape, post, receiver)?;
            }
            _ => {
                let parcel = pack(c, r, pc, shape)?;
                c.effects.log.push(Effect::Send { to, kind, handler, parcel });
            }
        }
        Ok(behind(pc, shape))
    }
}

/// Writes a message into the mailbox of a container in a row; into the log, if there is no room.
///
/// # Safety
/// As for [`send`]; the post is good, and the receiver is from it.
#[inline]
unsafe fn post_to(
    c: &mut Container,
    r: Regs,
    pc: *const Word,
    shape: &Shape,
    post: Post,
    (row, actor): (u32, &mut Actor),
) -> Done {
    let count = shape.refs.len();
    // SAFETY: the caller's promise.
    unsafe {
        let (kind, handler) = kind_and_handler(&*pc);
        let size = actor.mailbox.size();
        if shape.is_plain && post.has_room(size, Mailbox::size_of(count)) {
            actor.mailbox.push_words(Message::Handler(handler), (0..count).map(|i| r.word(extra(pc, i))));
            c.heap.pay_bytes(count * 8);
            post.delivered(row, actor);
            return Ok(());
        }
        let to = actor.id;
        let is_there = actor.mailbox.push_with(Message::Handler(handler), |words| {
            let start = words.len();
            pack_behind(c, r, pc, shape, words)?;
            let has_room = post.has_room(size, Mailbox::size_of(words.len() - start));
            if !has_room {
                let parcel = c.effects.keep(&words[start..]);
                c.effects.log.push(Effect::Send { to, kind, handler, parcel });
            }
            Ok(has_room)
        })?;
        if is_there {
            post.delivered(row, actor);
        }
    }
    Ok(())
}

/// Asks, and waits.
///
/// # Safety
/// `pc` is an `Ask` of the frame `r`, or, if `tries`, a `TryAsk`.
pub(super) unsafe fn ask(c: &mut Container, r: Regs, pc: *const Word, tries: bool) -> Done {
    let program = program(c);
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let (kind, handler) = kind_and_handler(w);
        let shape = &program.kind(kind).handlers[handler as usize];
        let within = (tries && r.int(w.c) >= 0).then(|| r.int(w.c));
        let to = r.word(w.b);
        let parcel = pack(c, r, pc, shape)?;
        c.effects.log.push(Effect::Ask { to, kind, handler, within, parcel });
    }
    c.waits = true;
    Ok(())
}

/// Answers an ask; a reply that nobody waits for is only paid for.
///
/// # Safety
/// `w` is a `Reply` of the frame `r`.
pub(super) unsafe fn reply(c: &mut Container, r: Regs, w: &Word) {
    let typ = reg_type(w.d);
    let start = c.effects.parcels.len();
    // SAFETY: the caller's promise.
    unsafe {
        let (ask, value) = (r.word(w.a), r.word(w.b));
        if ask == 0 && !is_ref(typ) {
            return;
        }
        transfer::pack(&c.heap, [(value, is_ref(typ))].into_iter(), &mut c.effects.parcels);
        if is_ref(typ) {
            c.heap.release(value as u32);
        }
        let parcel = start..c.effects.parcels.len();
        c.heap.pay_bytes(parcel.len() * 8);
        match ask {
            0 => c.effects.parcels.truncate(start),
            _ => c.effects.log.push(Effect::Reply { ask, typ, parcel }),
        }
    }
}

/// A register's type in a word's `d`, and back.
pub(crate) fn reg_type_code(typ: RegType) -> u64 {
    match typ {
        RegType::I64 => 0,
        RegType::F64 => 1,
        RegType::Ref(t) => 2 + t.0 as u64,
    }
}

fn reg_type(code: u64) -> RegType {
    match code {
        0 => RegType::I64,
        1 => RegType::F64,
        n => RegType::Ref(codex_spec::instruction::TypeId((n - 2) as u32)),
    }
}

/// Waits for the clock.
pub(super) fn sleep(c: &mut Container, milliseconds: i64) {
    c.effects.log.push(Effect::Sleep { milliseconds });
    c.waits = true;
}

/// Begins with a message: its values into the heap, and a frame for its function. `false` if the kind has none for it.
#[inline]
pub(crate) fn begin(c: &mut Container, taken: Taken<'_>) -> Done<bool> {
    let program = program(c);
    let shape = program.kind(c.kind).shape(taken.message);
    c.handling = taken.message;
    c.asker = taken.ask;
    c.taken = c.taken.max(taken.ask);
    c.child = match taken.message {
        Message::Event(number) if number == Lifecycle::Collapsed as u8 => taken.parcel[0],
        _ => 0,
    };
    let Some(shape) = shape else { return Ok(false) };
    match shape.is_plain {
        true => c.heap.pay_bytes(taken.parcel.len() * 8),
        // SAFETY: a mailbox holds what `pack` made for this message's parameters.
        false => unsafe { transfer::unpack(&mut c.heap, taken.parcel, &shape.refs)? },
    }
    let state = if taken.message == Message::Init { None } else { c.state.take() };
    c.begin(shape.function, state, &taken.parcel[..shape.refs.len()]);
    Ok(true)
}

/// What a container that waits goes on with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pending {
    /// The reply to a request: a status and bytes.
    Reply(i64, Vec<u8>),
    /// The answer to an ask: a parcel of one value.
    Answer(Vec<u64>),
    /// There is no answer.
    None(Unanswered),
    /// The time is over.
    Slept,
}

/// Gives a container what it waited for, on its own fuel.
pub(crate) fn resume(c: &mut Container, pending: Pending) -> Done {
    c.waits = false;
    // SAFETY: a container that waits stopped at an instruction of its top frame that waits.
    unsafe {
        let r = Regs(c.stack.start().add((*c.stack.top).base as usize));
        let pc = c.pc;
        let w = &*pc;
        let next = match pending {
            Pending::Slept => pc.add(1),
            Pending::Reply(status, bytes) => {
                let bytes = c.heap.new_raw(crate::heap::raw::BYTES, &bytes)?;
                r.set_int(w.a, status);
                r.set_ref(w.b, bytes);
                pc.add(1)
            }
            Pending::Answer(mut parcel) => {
                let value = answer(c, w, &mut parcel)?;
                r.set(w.a, value);
                behind_ask(c, pc)
            }
            Pending::None(reason) if w.is(super::op::Op::TryAsk) => {
                let value = outcome(c, w, 1, reason as u64)?;
                r.set(w.a, value);
                behind_ask(c, pc)
            }
            Pending::None(Unanswered::Deadlock) => return Err(Trap::Deadlock),
            Pending::None(_) => return Err(Trap::Unanswered),
        };
        c.pc = next;
    }
    c.fuel -= c.heap.take_debt();
    Ok(())
}

/// The word behind an ask.
unsafe fn behind_ask(c: &Container, pc: *const Word) -> *const Word {
    // SAFETY: the caller's promise: `pc` is an `Ask` or `TryAsk`.
    unsafe {
        let (kind, handler) = kind_and_handler(&*pc);
        behind(pc, &c.program.kind(kind).handlers[handler as usize])
    }
}

/// The value of an answer, in the heap; for `try_ask`, inside its outcome.
unsafe fn answer(c: &mut Container, w: &Word, parcel: &mut [u64]) -> Done<u64> {
    let (kind, handler) = kind_and_handler(w);
    let typ = c.program.module().containers[kind as usize].handlers[handler as usize].reply;
    // SAFETY: the tick lets only a value of this type through, packed in a heap of this module.
    unsafe { transfer::unpack(&mut c.heap, parcel, &[is_ref(typ)])? };
    match w.is(super::op::Op::TryAsk) {
        true => outcome(c, w, 0, parcel[0]),
        false => Ok(parcel[0]),
    }
}

/// A value of `try_ask`'s type: the variant with one field.
fn outcome(c: &mut Container, w: &Word, variant: usize, value: u64) -> Done<u64> {
    let program = program(c);
    let (function, _) = position(c, c.stack.depth());
    let module = program.module();
    let typ = module.functions[function.index()].registers[w.a as usize];
    let layout = match typ {
        RegType::Ref(t) => match &module.types[t.index()] {
            TypeDef::Data(variants) => variants.get(variant).copied().flatten(),
            _ => None,
        },
        _ => None,
    };
    let Some(layout) = layout else { unreachable!("verified: a type of two variants with a field each") };
    let row = &program.layouts()[layout.index()];
    let r = c.heap.allocate_record(row.size / 8, layout.0 | (row.tag as u32) << 24)?;
    let storage = program.only_field(layout);
    let at = r as usize * 8 + field_offsets(&[storage]).offsets[0] as usize;
    // SAFETY: the new cell has this one field.
    unsafe {
        match storage {
            Storage::I64 | Storage::F64 => c.heap.write(at, value),
            Storage::Ref(_) => c.heap.write(at, value as u32),
            Storage::Byte => c.heap.write(at, value as u8),
        }
    }
    Ok(r as u64)
}
