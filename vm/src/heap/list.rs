//! Lists: elements of 8, 4 or 1 bytes in one cell, whose capacity doubles.

use codex_spec::trap::Trap;

use super::Heap;
use super::cells::{EMPTY, Kind, class};

/// Room of a list's first cell, in elements.
const FIRST_CAPACITY: u64 = 4;

impl Heap {
    /// The byte offset of a list's elements.
    #[inline(always)]
    pub(crate) fn items(r: u32) -> usize {
        r as usize * 8 + 16
    }

    /// Reads an element or field.
    ///
    /// # Safety
    /// The offset is that of an element or field of a live cell of this heap, stored as a `T`.
    #[inline(always)]
    pub(crate) unsafe fn read<T: Copy>(&self, at: usize) -> T {
        // SAFETY: the caller's promise.
        unsafe { self.memory.get(at) }
    }

    /// Writes an element or field.
    ///
    /// # Safety
    /// As for [`Heap::read`]; a reference word moves its ownership into the cell.
    #[inline(always)]
    pub(crate) unsafe fn write<T: Copy>(&mut self, at: usize, value: T) {
        // SAFETY: the caller's promise.
        unsafe { self.memory.put(at, value) }
    }

    /// Makes room for one more element behind the last: the list's word, which may be new, and the byte
    /// offset of the element, which the caller writes.
    ///
    /// # Safety
    /// `r` is a unique list of this heap, of this layout and element size, or `EMPTY`.
    #[inline(always)]
    pub(crate) unsafe fn push_slot(&mut self, r: u32, layout: u32, element: usize) -> Result<(u32, usize), Trap> {
        // SAFETY: the caller's promise.
        unsafe {
            let length = self.length(r);
            if length < self.capacity(r) {
                self.set_length(r, length + 1);
                return Ok((r, Self::items(r) + length as usize * element));
            }
            let r = self.grow(r, layout, element, length as u64 + 1)?;
            self.set_length(r, length + 1);
            Ok((r, Self::items(r) + length as usize * element))
        }
    }

    /// Gives a list, text or bytes room for at least `needed` elements; at least doubles it.
    ///
    /// # Safety
    /// `r` is a unique list, flat text or flat bytes of this heap, of this layout and element size, or `EMPTY`.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn grow(&mut self, r: u32, layout: u32, element: usize, needed: u64) -> Result<u32, Trap> {
        let most = u32::MAX as u64;
        if needed > most {
            return Err(Trap::OutOfMemory);
        }
        if r == EMPTY {
            return self.allocate_row(layout, element, 0, needed.max(FIRST_CAPACITY));
        }
        // SAFETY: the caller's promise; the new cell has room for the old elements.
        unsafe {
            let capacity = self.capacity(r) as u64;
            let wanted = (capacity * 2).max(needed).min(most);
            let (number, size) = class((16 + wanted * element as u64).div_ceil(8));
            let old = self.units(r);
            if self.extend_last(r, old, (number, size)) {
                let capacity = ((size * 8 - 16) / element as u64).min(most);
                self.memory.put(r as usize * 8 + 12, capacity as u32);
                return Ok(r);
            }
            let length = self.length(r) as usize;
            let larger = self.allocate_row(layout, element, length as u64, wanted)?;
            self.memory.copy(Self::items(r), Self::items(larger), length * element);
            self.pay_bytes(length * element);
            self.free(r, old);
            Ok(larger)
        }
    }

    /// Takes the last element off a list: its byte offset, where zeros are now, and what was there in the low bytes.
    ///
    /// # Safety
    /// `r` is a unique list of this heap with elements of `T`.
    #[inline(always)]
    pub(crate) unsafe fn pop<T: Copy + Default>(&mut self, r: u32) -> Option<T> {
        // SAFETY: the caller's promise.
        unsafe {
            let length = self.length(r);
            if length == 0 {
                return None;
            }
            let at = Self::items(r) + (length as usize - 1) * size_of::<T>();
            let value = self.memory.get(at);
            self.memory.put(at, T::default());
            self.set_length(r, length - 1);
            Some(value)
        }
    }

    /// Appends all elements of another list: the list's word, which may be new.
    ///
    /// # Safety
    /// `r` is a unique list of this heap of this layout, or `EMPTY`; `other` a live one of the same type.
    pub(crate) unsafe fn append(&mut self, r: u32, other: u32, layout: u32) -> Result<u32, Trap> {
        // SAFETY: the caller's promise.
        unsafe {
            let more = self.length(other);
            if more == 0 {
                return Ok(r);
            }
            let row = &self.layouts[layout as usize];
            let (kind, element) = (row.kind, row.element());
            let length = self.length(r);
            let sum = length as u64 + more as u64;
            let r = if sum > self.capacity(r) as u64 { self.grow(r, layout, element, sum)? } else { r };
            let to = Self::items(r) + length as usize * element;
            self.memory.copy(Self::items(other), to, more as usize * element);
            if kind == Kind::ListRef {
                self.dup_range(to, to + more as usize * 4);
            }
            self.set_length(r, sum as u32);
            self.pay_elements(more as usize);
            Ok(r)
        }
    }

    /// Keeps the first `keep` elements, of which there are at least that many.
    ///
    /// # Safety
    /// `r` is a unique list of this heap, or `EMPTY`.
    pub(crate) unsafe fn truncate(&mut self, r: u32, keep: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let length = self.length(r) as usize;
            if keep >= length {
                return;
            }
            let layout = self.layout(r);
            let (kind, element) = (layout.kind, layout.element());
            let (start, end) = (Self::items(r) + keep * element, Self::items(r) + length * element);
            if kind == Kind::ListRef {
                self.release_items(start, end);
            }
            self.memory.zero(start, end - start);
            self.set_length(r, keep as u32);
            self.pay_elements(length - keep);
        }
    }

    /// A list of `count` times a value, given by its low bytes; reference words are owned by the caller `count` times.
    ///
    /// # Safety
    /// `layout` is a list's layout with elements stored as `T`.
    pub(crate) unsafe fn repeat<T: Copy>(&mut self, layout: u32, value: T, count: i64) -> Result<u32, Trap> {
        if count <= 0 {
            return Ok(EMPTY);
        }
        let r = self.allocate_row(layout, size_of::<T>(), count as u64, count as u64)?;
        // SAFETY: the cell has room for `count` elements, and nothing else points into it.
        unsafe {
            let items = self.address(r).add(16).cast::<T>();
            for i in 0..count as usize {
                items.add(i).write(value);
            }
        }
        self.pay_elements(count as usize);
        Ok(r)
    }

    /// A list of `count` times a reference, whose single ownership is taken.
    ///
    /// # Safety
    /// `layout` is a layout of lists of references; `value` is a live word of this heap.
    pub(crate) unsafe fn repeat_ref(&mut self, layout: u32, value: u32, count: i64) -> Result<u32, Trap> {
        // SAFETY: the caller's promise.
        unsafe {
            if count <= 0 {
                self.release(value);
                return Ok(EMPTY);
            }
            let r = self.repeat(layout, value, count)?;
            self.dup_times(value, (count - 1) as u32);
            Ok(r)
        }
    }

    /// One probe of a hash index; see `probe` in the instruction table.
    ///
    /// # Safety
    /// `slots` is a live list of words of this heap.
    pub(crate) unsafe fn probe(&mut self, slots: u32, hash: i64, start: i64) -> i64 {
        // SAFETY: the caller's promise; `at` stays below the length.
        unsafe {
            let length = self.length(slots) as u64;
            if length == 0 {
                return -1;
            }
            let wanted = (hash as u64 >> 32) as u32;
            let items = Self::items(slots);
            let mut at = if length.is_power_of_two() { start as u64 & (length - 1) } else { start as u64 % length };
            for step in 0..length {
                let slot: u64 = self.memory.get(items + at as usize * 8);
                if slot == 0 || (slot >> 32) as u32 == wanted {
                    self.pay_elements(step as usize);
                    return at as i64;
                }
                at += 1;
                if at == length {
                    at = 0;
                }
            }
            self.pay_elements(length as usize);
            -1
        }
    }
}

impl Heap {
    /// Takes a reference out of a field or element, which is open then.
    ///
    /// # Safety
    /// The offset is that of a reference in a unique cell of this heap.
    #[inline(always)]
    pub(crate) unsafe fn take(&mut self, at: usize) -> u32 {
        // SAFETY: the caller's promise.
        unsafe {
            let r = self.memory.get(at);
            self.memory.put(at, 0u32);
            r
        }
    }

    /// The number of a value's variant, with or without fields.
    ///
    /// # Safety
    /// `r` is a live data reference word of this heap.
    #[inline(always)]
    pub(crate) unsafe fn tag(&self, r: u32) -> u8 {
        // SAFETY: the caller's promise; below the first cell stand headers with the tag of their number.
        unsafe { self.memory.get(r as usize * 8 + 7) }
    }
}
