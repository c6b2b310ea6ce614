//! Which tier runs a container, and when it changes.
//!
//! The interpreter runs a *slice* of fuel at a time. At the end of one the container stands at a function's start or a loop head:
//! there native code is entered, if there is some; else the fuel of the slice counts for the function, which is compiled
//! when it was hot for long. A call of a function that has code leaves the interpreter at once (`Op::Native`).
//! Fuel that a slice does not give is only set aside: where a container stops at last does not depend on slices.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use codex_native::Want;
use codex_spec::instruction::{BlockId, FuncId, Inst};
use codex_spec::liveness::Safepoints;

use super::enter::{Ended, enter};
use super::{Mode, Native, background};
use crate::collapse::position;
use crate::container::Container;
use crate::interpreter::edge::Senses;
use crate::interpreter::registers::Regs;
use crate::interpreter::{Stop, dispatch};
use crate::program::NATIVE;

/// Fuel of the first slice after native code, and of the longest.
const FIRST_SLICE: i64 = 64;
const LONGEST_SLICE: i64 = 2048;
/// Fuel that the interpreter uses in a function before it is compiled.
const HOT: u32 = 1500;

/// Runs a container from where it stopped until it stops again.
///
/// # Safety
/// As for `interpreter::run`.
pub(crate) unsafe fn run(c: &mut Container, senses: &Senses, native: &Native) -> Stop {
    let mut slice = Slice::new(native);
    let mut at_safepoint = true;
    loop {
        if at_safepoint && let Some(entry) = find(c, native) {
            // SAFETY: the entry is for this place, and fuel is not negative here.
            match unsafe { native_slice(c, senses, native, entry) } {
                After::Stop(stop) => return stop,
                After::Safepoint => continue,
                After::Loop => slice = Slice { length: i64::from(HOT), left: 0 },
                // A frame whose function has compiled loops gets to one soon.
                After::Interpreter if has_loops(c, native) => slice.left = 0,
                After::Interpreter => {}
            }
        }
        if std::ptr::eq(c.pc, &raw const NATIVE) {
            // SAFETY: there is a frame.
            let function = FuncId(unsafe { (*c.stack.top).function });
            c.pc = c.program.loaded(function).code.as_ptr();
        }
        let before = c.fuel;
        // SAFETY: the caller's promise.
        let stop = unsafe { interpret(c, senses, slice.left) };
        at_safepoint = matches!(stop, Stop::Fuel | Stop::Native);
        match stop {
            Stop::Fuel if c.fuel >= 0 => {
                heat(c, native, slice.length);
                slice.next(native);
            }
            Stop::Native => slice.left = (slice.left - (before - c.fuel)).max(0),
            _ => return stop,
        }
    }
}

/// The interpreter's fuel up to its next look around. Native code does not use it up: a loop that only calls has
/// its look too.
struct Slice {
    length: i64,
    left: i64,
}

impl Slice {
    fn new(native: &Native) -> Slice {
        let length = length(native, FIRST_SLICE);
        Slice { length, left: length }
    }

    fn next(&mut self, native: &Native) {
        self.length = length(native, (self.length * 2).min(LONGEST_SLICE));
        self.left = self.length;
    }
}

/// Whether the function of the frame on top has any native code: quick to say, for the many that have none.
fn has_code(c: &Container, native: &Native) -> bool {
    // SAFETY: as below.
    let function = unsafe { (*c.stack.top).function };
    let entry = native.entries.get(function as usize).is_some_and(|entry| entry.load(Ordering::Relaxed) != 0);
    entry || has_loops(c, native)
}

/// Whether the function of the frame on top has compiled loops.
fn has_loops(c: &Container, native: &Native) -> bool {
    // SAFETY: below the first frame there is a sentinel, which is a frame too.
    let function = unsafe { (*c.stack.top).function };
    native.looped.get(function as usize).is_some_and(|looped| looped.load(Ordering::Relaxed))
}

/// What follows native code.
enum After {
    /// The container stops.
    Stop(Stop),
    /// It is at the head of another loop, which may be compiled too.
    Safepoint,
    /// It is behind a loop. The next safepoint is probably the head of a loop around it, which is as hot.
    Loop,
    /// The interpreter goes on.
    Interpreter,
}

/// How long the next slice is.
fn length(native: &Native, slice: i64) -> i64 {
    match native.mode {
        Mode::Mixed(_) => (native.draw() % 24) as i64,
        _ => slice,
    }
}

/// Runs the interpreter for a slice.
///
/// # Safety
/// As for [`run`].
unsafe fn interpret(c: &mut Container, senses: &Senses, slice: i64) -> Stop {
    let aside = (c.fuel - slice).max(0);
    c.fuel -= aside;
    // SAFETY: the caller's promise: there is a frame.
    let stop = unsafe {
        let registers = Regs(c.stack.start().add((*c.stack.top).base as usize));
        dispatch(c, senses, registers)
    };
    c.fuel += aside;
    stop
}

/// Runs native code.
///
/// # Safety
/// As for [`enter`].
unsafe fn native_slice(c: &mut Container, senses: &Senses, native: &Native, entry: usize) -> After {
    let before = c.fuel;
    let aside = match native.mode {
        Mode::Mixed(_) => (c.fuel - (native.draw() % 24) as i64).max(0),
        _ => 0,
    };
    c.fuel -= aside;
    // SAFETY: the caller's promise.
    let ended = unsafe { enter(c, native, entry, senses) };
    c.fuel += aside;
    native.entered.fetch_add(1, Ordering::Relaxed);
    native.left.fetch_add(u64::from(!matches!(ended, Some(Ended::Returned))), Ordering::Relaxed);
    native.fuel.fetch_add((before - c.fuel) as u64, Ordering::Relaxed);
    match ended {
        Some(Ended::Entering) if c.fuel < 0 => After::Stop(Stop::Fuel),
        Some(Ended::Entering) => next_loop(c, native),
        Some(Ended::Trap(trap)) => After::Stop(Stop::Trap(trap)),
        Some(Ended::Before) => {
            missed(c, native);
            After::Interpreter
        }
        Some(Ended::Returned) | None => After::Interpreter,
    }
}

/// The block at whose start the container stands, if it stands at one.
fn place(c: &Container) -> Option<(FuncId, BlockId)> {
    let (function, instruction) = position(c, c.stack.depth());
    let (block, index) = c.program.loaded(function).portable(instruction);
    (index == 0).then_some((function, BlockId(block)))
}

/// The entry for the place where the container stands.
fn find(c: &Container, native: &Native) -> Option<usize> {
    if c.fuel < 0 || c.stack.is_empty() || native.mode == Mode::On && !has_code(c, native) {
        return None;
    }
    let (function, block) = place(c)?;
    let eager = match native.mode {
        Mode::On | Mode::Off => false,
        Mode::Eager => true,
        Mode::Mixed(_) if native.draw().is_multiple_of(3) => return None,
        Mode::Mixed(_) => true,
    };
    if eager
        && native.entry(function, block).is_none()
        && let Some(want) = wanted(c, function, block)
        && native.ask(want)
    {
        native.make(&c.program, want);
    }
    native.entry(function, block)
}

/// What to compile to enter at a block; `None` if nothing can stop at its start.
fn wanted(c: &Container, function: FuncId, block: BlockId) -> Option<Want> {
    Safepoints::of(c.program.verified(), function)?.entering(block)?;
    Some(if block.0 == 0 { Want::Function(function) } else { Want::Loop(function, block) })
}

/// Counts the fuel of a slice for the function in which it ended.
fn heat(c: &Container, native: &Native, fuel: i64) {
    if native.mode != Mode::On {
        return;
    }
    let Some((function, block)) = place(c) else { return };
    let fuel = u32::try_from(fuel).unwrap_or(HOT);
    let before = native.heat[function.index()].fetch_add(fuel, Ordering::Relaxed);
    if before.saturating_add(fuel) < HOT {
        return;
    }
    // The first function of a container is not called again.
    if block.0 == 0 || c.stack.depth() > 1 {
        request(c, native, Want::Function(function));
    }
    if block.0 != 0 {
        request(c, native, Want::Loop(function, block));
    }
}

/// What follows a compiled loop. (The start of a function, where room is missing, is for the interpreter.)
fn next_loop(c: &Container, native: &Native) -> After {
    let Some((function, block)) = place(c) else { return After::Interpreter };
    match wanted(c, function, block) {
        Some(Want::Function(_)) => After::Interpreter,
        Some(want) => {
            if native.mode == Mode::On {
                request(c, native, want);
            }
            After::Safepoint
        }
        None => After::Loop,
    }
}

/// Native code was left before an instruction. If that calls a function without code, it will have some.
fn missed(c: &Container, native: &Native) {
    if native.mode != Mode::On {
        return;
    }
    let (function, instruction) = position(c, c.stack.depth());
    let module = c.program.module();
    let inst = module.functions[function.index()].blocks.iter().flat_map(|b| &b.code).nth(instruction);
    if let Some(Inst::Call { function, .. } | Inst::TailCall { function, .. }) = inst {
        let before = native.heat[function.index()].fetch_add(HOT / 8, Ordering::Relaxed);
        if before >= HOT {
            request(c, native, Want::Function(*function));
        }
    }
}

fn request(c: &Container, native: &Native, want: Want) {
    if native.ask(want) {
        background::compile(Arc::downgrade(&c.program), want);
    }
}
