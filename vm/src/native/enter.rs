//! Into native code and out of it: from a container's top frame, and from exit records to frames.

use std::cell::RefCell;

use codex_native::{Activation, Place, Point};
use codex_spec::instruction::FuncId;
use codex_spec::layout::RegType;
use codex_spec::semantics::canonical;
use codex_spec::trap::Trap;
use corosensei::stack::DefaultStack;
use memmap2::MmapMut;

use super::Native;
use super::interface;
use crate::container::Container;
use crate::interpreter::control::leave;
use crate::interpreter::edge::Senses;
use crate::interpreter::stack::Frame;

/// Bytes of the stack that native code runs on.
const STACK: usize = 512 << 20;
/// Of them, for what native code calls, and for the frame that is entered.
const MARGIN: usize = 256 << 10;
/// A frame takes at least so much room, and so much for each register (`codex_native`'s frame cost).
const FRAME_ROOM: usize = 1024;
const REGISTER_ROOM: usize = 16;
/// Scratch registers: an instruction has at most as many operands as a function registers.
const SCRATCH: usize = (1 << 16) + 512;

/// How native code ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The frame returned; the interpreter goes on in the caller.
    Returned,
    /// At the start of a block.
    Entering,
    /// The interpreter goes on with an instruction.
    Before,
    /// An instruction failed.
    Trap(Trap),
}

/// What a thread needs to run native code. Between runs nothing in it means anything.
struct Workplace {
    stack: DefaultStack,
    /// Exit records: a frame writes at most as many words as its room in units of `REGISTER_ROOM`.
    records: MmapMut,
    scratch: MmapMut,
}

impl Workplace {
    fn new() -> Option<Workplace> {
        Some(Workplace {
            stack: DefaultStack::new(STACK).ok()?,
            records: MmapMut::map_anon(STACK / REGISTER_ROOM * 8 + (1 << 20)).ok()?,
            scratch: MmapMut::map_anon(SCRATCH * 8).ok()?,
        })
    }
}

thread_local! {
    static WORKPLACE: RefCell<Option<Workplace>> = const { RefCell::new(None) };
}

/// Runs the frame on top in native code from one of its entries on. `None` if the host has no room for native code.
///
/// # Safety
/// The entry is for the place at which the frame stands, and `c.fuel` is not negative.
pub(super) unsafe fn enter(c: &mut Container, native: &Native, entry: usize, senses: &Senses) -> Option<Ended> {
    WORKPLACE.with_borrow_mut(|place| {
        if place.is_none() {
            *place = Workplace::new();
        }
        let place = place.as_mut()?;
        let room = room(c);
        c.activation = Activation {
            cursor: place.records.as_mut_ptr().cast(),
            scratch: place.scratch.as_mut_ptr().cast(),
            ..interface::activation(c, senses, native.tables())
        };
        // SAFETY: entries have this signature; the frame's registers are mapped; what native code relies on is said at
        // `interface`.
        let fuel = unsafe {
            let entry: extern "C" fn(*mut Container, i64, i64, *mut u64) -> i64 = std::mem::transmute(entry);
            let registers = c.stack.start().add((*c.stack.top).base as usize);
            let (fuel, c) = (c.fuel, &raw mut *c);
            corosensei::on_stack(&mut place.stack, || entry(c, fuel, room, registers))
        };
        let ended = match fuel {
            0.. => {
                c.fuel = fuel;
                // SAFETY: an entry that returns has left the result there.
                returned(c, unsafe { *c.activation.scratch });
                Ended::Returned
            }
            _ => {
                c.fuel = c.activation.fuel;
                let used = c.activation.cursor as usize - place.records.as_ptr() as usize;
                // SAFETY: native code wrote the records up to the cursor.
                let records = unsafe { std::slice::from_raw_parts(place.records.as_ptr().cast(), used / 8) };
                native.with_points(|points| rebuild(c, points, records))
            }
        };
        c.activation = Activation::IDLE;
        Some(ended)
    })
}

/// What calls in native code may use of the machine's limits and of the stack; see `codex_native`'s frame cost.
fn room(c: &Container) -> i64 {
    let frames = c.stack.frames_left().saturating_mul(FRAME_ROOM);
    let registers = c.stack.registers_left().saturating_mul(REGISTER_ROOM);
    frames.min(registers).min(STACK - MARGIN) as i64
}

/// Ends the frame on top with a result.
fn returned(c: &mut Container, result: u64) {
    // SAFETY: there is a frame, which was just entered.
    let function = FuncId(unsafe { (*c.stack.top).function });
    let typ = c.program.module().functions[function.index()].result;
    // SAFETY: as above; below the first frame there is a sentinel.
    let (_, pc) = unsafe { leave(c, seen(typ, result)) };
    c.pc = pc;
}

/// A word as frames and cells have it.
fn seen(typ: RegType, word: u64) -> u64 {
    match typ {
        RegType::F64 => canonical(f64::from_bits(word)).to_bits(),
        RegType::I64 | RegType::Ref(_) => word,
    }
}

/// Makes frames of exit records, the outermost of which is the last and belongs to the frame on top.
fn rebuild(c: &mut Container, points: &[Point], records: &[u64]) -> Ended {
    let mut end = records.len();
    loop {
        let point = &points[records[end - 1] as usize];
        let count = if point.place == Place::TrapOutOfLine { 0 } else { point.registers.len() };
        let words = &records[end - 1 - count..end - 1];
        end -= 1 + count;
        if !write(c, point, words) {
            return Ended::Trap(Trap::StackOverflow);
        }
        let program = c.program.clone();
        let loaded = program.loaded(point.function);
        let instruction = loaded.instruction(point.block, point.index).unwrap_or(0);
        if end == 0 {
            c.pc = loaded.word_of(instruction).unwrap_or(loaded.code.as_ptr());
            return match point.place {
                Place::Entering => Ended::Entering,
                Place::Before | Place::Waiting => Ended::Before,
                Place::Trap(reason) => Ended::Trap(reason),
                Place::TrapOutOfLine => {
                    Ended::Trap(Trap::from_number(c.activation.trap as u32).unwrap_or(Trap::Unreachable))
                }
            };
        }
        let back = loaded.word_of(instruction + 1).unwrap_or(loaded.code.as_ptr());
        let registers = program.module().functions[point.function.index()].registers.len() as u32;
        let base = c.stack.frame(c.stack.depth()).base + registers;
        // Native code paid room for it, so there is room; the function is set with the frame's registers.
        if c.stack.push(Frame { back, base, function: point.function.0 }, 0).is_err() {
            return Ended::Trap(Trap::StackOverflow);
        }
    }
}

/// Writes the registers of a record into the frame on top, which becomes one of the record's function: tail calls in
/// native code may have replaced it. Gives whether there was room.
fn write(c: &mut Container, point: &Point, words: &[u64]) -> bool {
    let program = c.program.clone();
    let function = &program.module().functions[point.function.index()];
    let frame = c.stack.frame(c.stack.depth());
    let count = function.registers.len();
    if c.stack.make_room(frame.base as usize + count, false).is_err() {
        return false;
    }
    // SAFETY: there is a frame.
    unsafe { (*c.stack.top).function = point.function.0 };
    let scratch = c.activation.scratch;
    let registers = c.stack.registers_mut(frame.base, count);
    for (i, reg) in point.registers.iter().enumerate() {
        let word = match words.get(i) {
            Some(&word) => word,
            // SAFETY: the registers of an instruction that failed out of line are still there.
            None => unsafe { *scratch.add(i) },
        };
        registers[reg.0 as usize] = seen(function.registers[reg.0 as usize], word);
    }
    true
}
