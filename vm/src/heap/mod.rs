//! A container's heap: cells in one growable run of memory, counted, reused, never moved.
//!
//! Invariants, which [`mod@walk`] checks and every function here keeps:
//!
//! - `memory` maps at least `top` units of 8 bytes; all bytes above `top` are zero.
//! - From the end of page 0 to `top`, cells follow each other without a gap. Each is reachable, free, dead or a token.
//! - A reachable cell's count equals the references to it, unless it is immortal.
//! - In a cell, padding and the slack behind the last element are zero, unless it is free, dead or a token.
//! - Nothing depends on addresses or on when memory was mapped: the same calls give the same bytes.
//!
//! Functions that take a reference word are `unsafe`: the word must be one that this heap gave out with the type
//! that the function works on, and not given up since. The verifier proves that of each register.

pub(crate) mod alloc;
pub(crate) mod cells;
pub(crate) mod copy;
pub(crate) mod drop;
pub(crate) mod list;
pub(crate) mod memory;
pub(crate) mod page_set;
pub(crate) mod parcel;
pub(crate) mod raw;
mod rest;
pub(crate) mod tracking;
pub(crate) mod transfer;
pub mod walk;

use std::sync::{Arc, Mutex};

use cells::{CLASSES, DEAD_HEAD, EMPTY, FREE_HEADS, IMMORTAL, Layout, START, header, layout_of};
use codex_spec::layout::FIRST_CELL;
use memory::Memory;

use crate::sizes::FIRST_BYTES;

/// Bytes handled for one unit of fuel by a bulk instruction.
pub const BULK_BYTES: u64 = 64 * 1024;
/// Elements handled for one unit of fuel by a bulk instruction.
pub const BULK_ELEMENTS: u64 = 4096;
/// A heap can't be larger: reference words have 32 bits.
pub const MAX_BYTES: u64 = 32 << 30;

/// See the module's documentation.
pub struct Heap {
    memory: Memory,
    /// In units of 8 bytes: the end of the last cell.
    top: u64,
    /// In units: cells may be added up to here without asking.
    room: u64,
    /// In units: the limit of the container.
    limit: u64,
    layouts: Arc<[Layout]>,
    /// Fuel that bulk work owes.
    debt: i64,
    /// What is known of a large heap's pages; the host's.
    tracked: Mutex<Option<Box<tracking::Tracked>>>,
}

impl Heap {
    /// Where in a heap the address of its first byte is.
    pub(crate) const BASE: usize = std::mem::offset_of!(Heap, memory) + Memory::BASE;

    /// Where in a heap the fuel is that bulk work owes.
    pub(crate) const DEBT: usize = std::mem::offset_of!(Heap, debt);

    /// An empty heap that may use so many bytes.
    pub(crate) fn new(layouts: Arc<[Layout]>, limit: u64) -> Heap {
        let mut heap = Heap::with_memory(layouts, limit, Memory::new(FIRST_BYTES), FIRST_CELL as u64);
        let page = heap.memory.bytes_mut(START);
        for variant in 0..EMPTY {
            let at = variant as usize * 8;
            page[at..at + 8].copy_from_slice(&header(IMMORTAL, 0, variant as u8).to_le_bytes());
        }
        let at = EMPTY as usize * 8;
        page[at..at + 8].copy_from_slice(&header(IMMORTAL, 0, 0).to_le_bytes());
        heap
    }

    fn with_memory(layouts: Arc<[Layout]>, limit: u64, memory: Memory, top: u64) -> Heap {
        let limit = Heap::most(limit) / 8;
        let room = limit.min(memory.length() as u64 / 8).max(top);
        Heap { memory, top, room, limit: limit.max(top), layouts, debt: 0, tracked: Mutex::default() }
    }

    /// Bytes that a heap with this limit may have.
    pub(crate) fn most(limit: u64) -> u64 {
        limit.clamp(START as u64, MAX_BYTES - 8) / 8 * 8
    }

    /// The bytes in use: up to the end of the last cell.
    pub fn bytes(&self) -> &[u8] {
        self.memory.bytes(self.top as usize * 8)
    }

    /// The logical size in bytes, to which the limit applies.
    pub fn size(&self) -> u64 {
        self.top * 8
    }

    /// The limit in bytes.
    pub fn limit(&self) -> u64 {
        self.limit * 8
    }

    /// Fuel owed for bulk work since the last call.
    #[inline(always)]
    pub(crate) fn take_debt(&mut self) -> i64 {
        std::mem::take(&mut self.debt)
    }

    /// Owes so much fuel.
    #[inline(always)]
    pub(crate) fn owe(&mut self, fuel: i64) {
        self.debt += fuel;
    }

    /// Owes fuel for bytes copied, compared, searched or filled.
    #[inline(always)]
    pub(crate) fn pay_bytes(&mut self, bytes: usize) {
        self.debt += (bytes as u64 / BULK_BYTES) as i64;
    }

    /// Owes fuel for elements copied or filled.
    #[inline(always)]
    pub(crate) fn pay_elements(&mut self, elements: usize) {
        self.debt += (elements as u64 / BULK_ELEMENTS) as i64;
    }

    /// The address of a cell; dead after any call that may allocate.
    #[inline(always)]
    pub(crate) fn address(&self, r: u32) -> *mut u8 {
        // A word below 2^32 in units of 8 stays far inside of the address space.
        self.memory.base().wrapping_add(r as usize * 8)
    }

    /// The row of a cell's layout.
    ///
    /// # Safety
    /// `r` is a cell of this heap, dead ones included.
    #[inline(always)]
    pub(crate) unsafe fn layout(&self, r: u32) -> &Layout {
        // SAFETY: a cell has a header, whose layout is in the table.
        unsafe { self.layouts.get_unchecked(layout_of(self.upper(r)) as usize) }
    }

    /// The upper half of a header: layout and tag.
    ///
    /// # Safety
    /// `r` is a cell of this heap or a variant's number.
    #[inline(always)]
    pub(crate) unsafe fn upper(&self, r: u32) -> u32 {
        // SAFETY: the caller's promise.
        unsafe { self.memory.get(r as usize * 8 + 4) }
    }

    /// The count of a cell.
    ///
    /// # Safety
    /// `r` is a cell of this heap or a variant's number.
    #[inline(always)]
    pub(crate) unsafe fn count(&self, r: u32) -> u32 {
        // SAFETY: the caller's promise.
        unsafe { self.memory.get(r as usize * 8) }
    }

    /// # Safety
    /// As for [`Heap::count`].
    #[inline(always)]
    unsafe fn set_count(&mut self, r: u32, count: u32) {
        // SAFETY: the caller's promise.
        unsafe { self.memory.put(r as usize * 8, count) }
    }

    /// One more owner.
    ///
    /// # Safety
    /// `r` is a live reference word of this heap.
    #[inline(always)]
    pub(crate) unsafe fn dup(&mut self, r: u32) {
        // SAFETY: the caller's promise. A count that reaches IMMORTAL stays there.
        unsafe {
            let count = self.count(r);
            if count != IMMORTAL {
                self.set_count(r, count + 1);
            }
        }
    }

    /// So many more owners.
    ///
    /// # Safety
    /// As for [`Heap::dup`].
    unsafe fn dup_times(&mut self, r: u32, times: u32) {
        // SAFETY: the caller's promise.
        unsafe { self.set_count(r, self.count(r).saturating_add(times)) }
    }

    /// One owner less of a cell that has others.
    ///
    /// # Safety
    /// As for [`Heap::dup`], and the count is above 1.
    #[inline(always)]
    unsafe fn release_shared(&mut self, r: u32) {
        // SAFETY: the caller's promise.
        unsafe {
            let count = self.count(r);
            if count != IMMORTAL {
                self.set_count(r, count - 1);
            }
        }
    }

    /// Makes a cell immortal: a literal.
    ///
    /// # Safety
    /// `r` is a live cell of this heap.
    pub(crate) unsafe fn immortalise(&mut self, r: u32) {
        // SAFETY: the caller's promise.
        unsafe { self.set_count(r, IMMORTAL) }
    }

    /// Whether the cell belongs to its holder alone.
    ///
    /// # Safety
    /// `r` is a live reference word of this heap.
    #[inline(always)]
    pub(crate) unsafe fn is_unique(&self, r: u32) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.count(r) == 1 }
    }

    /// Units of a cell, by its layout and capacity.
    ///
    /// # Safety
    /// `r` is a cell of this heap, dead ones included.
    #[inline(always)]
    pub(crate) unsafe fn units(&self, r: u32) -> u64 {
        // SAFETY: the caller's promise.
        unsafe { units_of(self.layout(r), self.capacity(r)) }
    }

    /// The first half of the second word: length of a list, text or bytes, slices included.
    ///
    /// # Safety
    /// `r` is a list, text or bytes of this heap.
    #[inline(always)]
    pub(crate) unsafe fn length(&self, r: u32) -> u32 {
        // SAFETY: the caller's promise.
        unsafe { self.memory.get(r as usize * 8 + 8) }
    }

    /// # Safety
    /// As for [`Heap::length`].
    #[inline(always)]
    unsafe fn set_length(&mut self, r: u32, length: u32) {
        // SAFETY: the caller's promise.
        unsafe { self.memory.put(r as usize * 8 + 8, length) }
    }

    /// The second half of the second word: capacity of a list, text or bytes; offset of a slice.
    ///
    /// # Safety
    /// `r` is a cell of this heap; only for those kinds does the number mean anything.
    #[inline(always)]
    unsafe fn capacity(&self, r: u32) -> u32 {
        // SAFETY: every cell has 16 bytes.
        unsafe { self.memory.get(r as usize * 8 + 12) }
    }

    /// The head of the list of dead cells.
    #[inline(always)]
    pub(crate) fn dead_head(&self) -> u32 {
        // SAFETY: page 0 is always mapped.
        unsafe { self.memory.get(DEAD_HEAD) }
    }

    #[inline(always)]
    fn set_dead_head(&mut self, r: u32) {
        // SAFETY: page 0 is always mapped.
        unsafe { self.memory.put(DEAD_HEAD, r) }
    }

    /// The head of a free list.
    #[inline(always)]
    fn free_head(&self, class: usize) -> u32 {
        debug_assert!(class < CLASSES);
        // SAFETY: page 0 is always mapped, and class numbers are below CLASSES.
        unsafe { self.memory.get(FREE_HEADS + class * 4) }
    }

    #[inline(always)]
    fn set_free_head(&mut self, class: usize, r: u32) {
        debug_assert!(class < CLASSES);
        // SAFETY: as for `free_head`.
        unsafe { self.memory.put(FREE_HEADS + class * 4, r) }
    }
}

/// Units of a cell with this layout and capacity.
#[inline(always)]
pub(crate) fn units_of(layout: &Layout, capacity: u32) -> u64 {
    use cells::Kind::*;
    match layout.kind {
        Record | Closure => layout.size as u64 / 8,
        TextSlice | BytesSlice => 3,
        ListWord | ListRef | ListByte | Text | Bytes => {
            cells::class((16 + capacity as u64 * layout.element() as u64).div_ceil(8)).1
        }
    }
}

#[cfg(test)]
mod tests;
