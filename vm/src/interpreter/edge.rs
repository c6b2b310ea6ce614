//! Where a container meets its world: output, requests, randomness, constants.

use codex_spec::trap::Trap;

use super::op::Word;
use super::registers::Regs;
use crate::container::Container;

/// What a container can perceive of its world in a tick.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Senses {
    /// Milliseconds since 1970.
    pub(crate) clock: i64,
    /// The key for hashes.
    pub(crate) hash_seed: u64,
    /// The seed of ambient randomness.
    pub(crate) timeline_seed: u64,
}

/// # Safety
/// `w` is an `Output` of the frame `r`.
pub(super) unsafe fn output(c: &mut Container, r: Regs, w: &Word) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let text = c.heap.text(r.reference(w.b));
        c.heap.pay_bytes(text.len());
        c.effects.print(r.int(w.a), text);
    }
    Ok(())
}

/// Asks, gives up the argument, and waits.
///
/// # Safety
/// `w` is a `Request` of the frame `r`.
pub(super) unsafe fn request(c: &mut Container, r: Regs, w: &Word) {
    // SAFETY: the caller's promise.
    unsafe {
        let argument = r.reference(w.c);
        let bytes = c.heap.raw(argument);
        c.heap.pay_bytes(bytes.len());
        c.effects.request(w.d as u32, bytes);
        c.heap.release(argument);
    }
    c.waits = true;
}

/// Ambient random bits: a function of timeline seed, container and how many were drawn.
pub(super) fn ambient(c: &mut Container, senses: &Senses) -> u64 {
    c.drawn += 1;
    let seed = mix(senses.timeline_seed ^ mix(c.id));
    mix(seed.wrapping_add(c.drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// The finaliser of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// Whether a constant's slot is filled.
#[inline(always)]
pub(super) fn is_ready(c: &Container, w: &Word) -> bool {
    c.globals.is_filled(w.d as usize)
}

/// # Safety
/// `w` is a `GlobalGet` or `GlobalGetRef` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn global_get(c: &mut Container, r: Regs, w: &Word, is_ref: bool) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let slot = w.d as usize;
        if !c.globals.is_filled(slot) {
            return Err(Trap::Unreachable);
        }
        let value = c.globals.get(slot);
        if is_ref {
            c.heap.dup(value as u32);
        }
        r.set(w.a, value);
    }
    Ok(())
}

/// A slot is filled once; a second value is a program's mistake that the verifier can't see.
///
/// # Safety
/// `w` is a `GlobalSet` of the frame `r`.
pub(super) unsafe fn global_set(c: &mut Container, r: Regs, w: &Word) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    let value = unsafe { r.word(w.a) };
    if c.globals.fill(w.d as usize, value) { Ok(()) } else { Err(Trap::Unreachable) }
}

/// # Safety
/// `w` is a `Panic` of the frame `r`.
#[cold]
pub(super) unsafe fn panic(c: &mut Container, r: Regs, w: &Word) -> Trap {
    // SAFETY: the caller's promise.
    c.panic = Some(unsafe { c.heap.text(r.reference(w.a)) }.to_owned());
    Trap::Panic
}
