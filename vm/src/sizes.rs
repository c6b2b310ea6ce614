//! How much is mapped at first and how far a sweep goes: as people get it, and tiny, for tests.
//!
//! With the feature `tiny` (only `vm/tiny` has it) memory starts with a page, grows by pages and moves each time; a freed cell
//! is poisoned; dead cells are taken apart a few at a time; threads share what little there is to run. So what keeps a pointer
//! too long, reads a dead cell, or counts on a list being dropped at once, fails soon. Programs print the same; where cells lie, and
//! so the state's hash, is another.

/// Whether this is the machine with tiny limits.
pub(crate) const TINY: bool = cfg!(feature = "tiny");

/// Bytes of a heap that are mapped at first.
pub(crate) const FIRST_BYTES: usize = if TINY { 4096 } else { 64 * 1024 };
/// Memory grows by single pages up to so many bytes, and doubles from there.
pub(crate) const GROW_BY_PAGES_BELOW: usize = if TINY { 128 * 1024 } else { 0 };
/// Frames that are mapped at first.
pub(crate) const FIRST_FRAMES: usize = if TINY { 2 } else { 1 << 12 };
/// Registers that are mapped at first.
pub(crate) const FIRST_REGISTERS: usize = if TINY { 16 } else { 1 << 14 };
/// Dead cells and elements handled by each allocation that finds some.
pub(crate) const SWEEP_AT_ALLOCATION: u64 = if TINY { 1 } else { 64 };
/// Dead cells and elements handled by one drop.
pub(crate) const SWEEP_AT_DROP: u64 = if TINY { 3 } else { 1024 };
/// Containers of a tick for which a second thread is worth waking, and how many a thread takes at once.
pub(crate) const WORTH_A_THREAD: usize = if TINY { 2 } else { 64 };
/// See [`WORTH_A_THREAD`].
pub(crate) const THREAD_TAKES: usize = if TINY { 1 } else { 16 };
/// What a freed cell is filled with in the tiny machine.
pub(crate) const POISON: u8 = 0xa5;
