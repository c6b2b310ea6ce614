//! What native code finds in the machine, and the functions that it calls.
//!
//! Native code is made from a `Verified` module alone, so the words that it passes are of the kinds that the verifier proved: that
//! is the argument of each `unsafe` here.

use std::mem::offset_of;

use codex_native::{Activation, Helpers, Machine, Seed};

use crate::container::Container;
use crate::heap::Heap;
use crate::heap::cells::{DEAD_HEAD, EXACT, FREE_HEADS};
use crate::interpreter::edge::Senses;
use crate::interpreter::op::Word;
use crate::interpreter::records::free_token;
use crate::interpreter::registers::Regs;
use crate::interpreter::text;
use crate::interpreter::{Stop, dispatch};

/// Where things are.
pub(super) fn machine(seed: Seed) -> Machine {
    Machine {
        activation: offset_of!(Container, activation) as i32,
        heap_base: (offset_of!(Container, heap) + Heap::BASE) as i32,
        heap_debt: (offset_of!(Container, heap) + Heap::DEBT) as i32,
        dead_head: DEAD_HEAD as i32,
        free_heads: FREE_HEADS as i32,
        exact_classes: EXACT as u32,
        helpers: Helpers {
            step: step as *const () as usize,
            die: die as *const () as usize,
            allocate: allocate as *const () as usize,
            hollow: hollow as *const () as usize,
            free_token: give_back as *const () as usize,
            equal: equal as *const () as usize,
            order: order as *const () as usize,
            find: find as *const () as usize,
            hash: hash as *const () as usize,
            probe: probe as *const () as usize,
        },
        seed,
    }
}

/// The activation of a container about to run native code that writes records and scratch registers here.
pub(super) fn activation(c: &Container, senses: &Senses, tables: (*const usize, *const usize)) -> Activation {
    Activation {
        functions: tables.0,
        closures: tables.1,
        literals: c.literals.places().0,
        globals: c.globals.places().0,
        ready: c.globals.places().1.cast(),
        hash_seed: senses.hash_seed,
        clock: senses.clock,
        senses: (&raw const *senses).cast(),
        ..Activation::IDLE
    }
}

/// Runs one loaded instruction, which ends with a `Halt`, on the scratch registers. Gives the fuel that is left; `i64::MIN` if it
/// failed, and then the activation has the reason and the fuel.
///
/// # Safety
/// `c` is the container that runs; `words` were loaded for this.
unsafe extern "C" fn step(c: *mut Container, fuel: i64, words: *const Word) -> i64 {
    // SAFETY: the caller's promise, and the module's documentation.
    unsafe {
        let c = &mut *c;
        let senses = *c.activation.senses.cast::<Senses>();
        c.pc = words;
        c.fuel = fuel;
        match dispatch(c, &senses, Regs(c.activation.scratch)) {
            Stop::Trap(trap) => {
                c.activation.trap = trap as u64;
                c.activation.fuel = c.fuel;
                i64::MIN
            }
            // No other instruction that stops is compiled as a step.
            _ => c.fuel,
        }
    }
}

/// # Safety
/// `r` is a live reference without owners.
unsafe extern "C" fn die(c: *mut Container, r: u64) {
    // SAFETY: the caller's promise.
    unsafe { (*c).heap.die(r as u32) }
}

/// # Safety
/// `c` is the container that runs.
unsafe extern "C" fn allocate(c: *mut Container, units: u64, upper: u64) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { (*c).heap.allocate_record(units as u32, upper as u32).map_or(0, u64::from) }
}

/// # Safety
/// `r` is a live record whose only owner is the caller.
unsafe extern "C" fn hollow(c: *mut Container, r: u64) {
    // SAFETY: the caller's promise.
    unsafe { (*c).heap.hollow(r as u32) }
}

/// # Safety
/// `r` is a token.
unsafe extern "C" fn give_back(c: *mut Container, r: u64) {
    // SAFETY: the caller's promise.
    unsafe { free_token(&mut *c, r as u32) }
}

/// # Safety
/// Both are live text or bytes.
unsafe extern "C" fn equal(c: *mut Container, a: u64, b: u64) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { text::equal(&mut *c, a as u32, b as u32).into() }
}

/// # Safety
/// Both are live text or bytes.
unsafe extern "C" fn order(c: *mut Container, a: u64, b: u64) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { text::order(&mut *c, a as u32, b as u32) }
}

/// # Safety
/// `a` and `needle` are live text or bytes.
unsafe extern "C" fn find(c: *mut Container, a: u64, needle: u64, from: i64) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { text::first(&mut *c, a as u32, needle as u32, from) }
}

/// # Safety
/// `value` is live text or bytes.
unsafe extern "C" fn hash(c: *mut Container, state: i64, value: u64) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { text::mixed(&mut *c, state, value as u32) }
}

/// # Safety
/// `slots` is a live list of words.
unsafe extern "C" fn probe(c: *mut Container, slots: u64, hash: i64, start: i64) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { (*c).heap.probe(slots as u32, hash, start) }
}
