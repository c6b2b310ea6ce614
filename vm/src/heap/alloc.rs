//! Cells are taken from the free list of their size class, else from the top of the heap.
//!
//! An allocation that finds dead cells waiting drops some of them first; only when none are left, no free cell fits
//! and the limit is reached is the heap out of memory. So the point where memory runs out is counted in
//! cells and is the same on every host.

use codex_spec::trap::Trap;

use super::Heap;
use super::cells::{class, header};
use crate::sizes::{POISON, SWEEP_AT_ALLOCATION, TINY};

impl Heap {
    /// A cell of so many units (2 or more; a multiple of its class's step), and whether all its bytes are zero. Its header is not
    /// written.
    #[inline(always)]
    pub(crate) fn allocate(&mut self, class: usize, units: u64) -> Result<(u32, bool), Trap> {
        if self.dead_head() != 0 {
            self.sweep(SWEEP_AT_ALLOCATION);
        }
        let head = self.free_head(class);
        if head != 0 {
            return Ok((self.unlink(class, head), false));
        }
        let r = self.top;
        if r + units <= self.room {
            self.top = r + units;
            return Ok((r as u32, true));
        }
        self.allocate_slowly(class, units)
    }

    /// Takes the head off a free list.
    #[inline(always)]
    fn unlink(&mut self, class: usize, head: u32) -> u32 {
        // SAFETY: the heads of free lists are free cells, with the next one in the upper half of their header.
        let next = unsafe { self.upper(head) };
        self.set_free_head(class, next);
        head
    }

    #[cold]
    #[inline(never)]
    fn allocate_slowly(&mut self, class: usize, units: u64) -> Result<(u32, bool), Trap> {
        let end = self.top + units;
        if end > self.limit {
            while self.dead_head() != 0 {
                self.sweep(super::BULK_ELEMENTS);
                self.debt += 1;
            }
            let head = self.free_head(class);
            if head == 0 {
                return Err(Trap::OutOfMemory);
            }
            return Ok((self.unlink(class, head), false));
        }
        self.make_room(end);
        let r = self.top;
        self.top = end;
        Ok((r as u32, true))
    }

    /// Maps memory up to this unit, which is within the limit.
    pub(super) fn make_room(&mut self, end: u64) {
        let mut tracked = std::mem::take(self.tracked.get_mut().unwrap_or_else(|e| e.into_inner()));
        if let Some(tracked) = &mut tracked {
            tracked.before_growth(self.memory.length());
        }
        self.memory.grow(end as usize * 8);
        self.room = self.limit.min(self.memory.length() as u64 / 8);
        if let Some(mut tracked) = tracked {
            tracked.after_growth(self);
            *self.tracked.get_mut().unwrap_or_else(|e| e.into_inner()) = Some(tracked);
        }
    }

    /// A record's or closure's cell, with its header and its last word zero: count 1.
    #[inline(always)]
    pub(crate) fn allocate_record(&mut self, units: u32, upper: u32) -> Result<u32, Trap> {
        let (number, size) = class(units as u64);
        let (r, _) = self.allocate(number, size)?;
        // SAFETY: the cell has `units` units.
        unsafe {
            self.memory.put((r as usize + units as usize - 1) * 8, 0u64);
            self.memory.put(r as usize * 8, 1u64 | (upper as u64) << 32);
            self.zero_tail(r, units as u64, size);
        }
        Ok(r)
    }

    /// Zeros what a class has more than a record needs.
    #[inline(always)]
    unsafe fn zero_tail(&mut self, r: u32, units: u64, size: u64) {
        if size > units {
            // SAFETY: the cell has `size` units.
            unsafe { self.memory.zero((r as usize + units as usize) * 8, (size - units) as usize * 8) }
        }
    }

    /// A list, text or bytes cell of this layout with room for at least `capacity` elements of `element` bytes, with
    /// header and second word. The first `length` elements are the caller's to write; what is behind them is zero.
    pub(crate) fn allocate_row(
        &mut self,
        layout: u32,
        element: usize,
        length: u64,
        capacity: u64,
    ) -> Result<u32, Trap> {
        let most = u32::MAX as u64;
        if length > most {
            return Err(Trap::OutOfMemory);
        }
        let capacity = capacity.clamp(length, most);
        let (number, size) = class((16 + capacity * element as u64).div_ceil(8).max(2));
        let (r, zero) = self.allocate(number, size)?;
        let capacity = ((size * 8 - 16) / element as u64).min(most);
        let at = r as usize * 8;
        // SAFETY: the cell has `size` units.
        unsafe {
            if !zero {
                let used = (16 + length as usize * element) & !7;
                self.memory.zero(at + used, size as usize * 8 - used);
            }
            self.memory.put(at, header(1, layout, 0));
            self.memory.put(at + 8, length | capacity << 32);
        }
        Ok(r)
    }

    /// Extends the last cell of the heap in place to `new` units of a class, if this is it. Gives whether it did.
    ///
    /// Not while a free cell of the new class waits: a program that makes, grows and drops lists over and over would
    /// turn cells of a small class into cells of a large one for ever, and the heap would grow without end.
    ///
    /// # Safety
    /// `r` is a cell of `old` units of this heap.
    pub(super) unsafe fn extend_last(&mut self, r: u32, old: u64, (class, new): (usize, u64)) -> bool {
        let end = r as u64 + new;
        if r as u64 + old != self.top || end > self.limit || self.free_head(class) != 0 {
            return false;
        }
        if end > self.room {
            self.make_room(end);
        }
        self.top = end;
        true
    }

    /// Puts a cell whose contents are gone on the free list of its class.
    ///
    /// # Safety
    /// `r` is a cell of `units` units of this heap, referred to by nobody.
    #[inline(always)]
    pub(crate) unsafe fn free(&mut self, r: u32, units: u64) {
        // SAFETY: the caller's promise.
        unsafe {
            self.put_back(r, units);
            self.poison(r, units);
        }
    }

    /// In the tiny machine: spoils what a freed cell keeps, behind the link.
    ///
    /// # Safety
    /// As for [`Heap::free`].
    #[inline(always)]
    pub(crate) unsafe fn poison(&mut self, r: u32, units: u64) {
        if TINY {
            self.memory.bytes_mut((r as usize + units as usize) * 8)[r as usize * 8 + 8..].fill(POISON);
        }
    }

    /// Puts a cell on the free list of its class. It keeps its bytes, but for the link.
    ///
    /// # Safety
    /// As for [`Heap::free`].
    #[inline(always)]
    pub(crate) unsafe fn put_back(&mut self, r: u32, units: u64) {
        let (number, _) = class(units);
        let next = self.free_head(number);
        // SAFETY: the caller's promise.
        unsafe { self.memory.put(r as usize * 8, (next as u64) << 32) };
        self.set_free_head(number, r);
    }
}
