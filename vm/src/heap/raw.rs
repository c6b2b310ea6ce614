//! Text and bytes: flat cells, and slices that share a flat parent.
//!
//! - A slice of a slice refers to the flat parent, so chains don't grow.
//! - A slice of [`SMALL_SLICE`] bytes or less is a copy: it costs no more than the sharing would.
//! - The empty text and bytes are the word `EMPTY`.

use codex_spec::layout::builtin_layout as layouts;
use codex_spec::trap::Trap;

use super::Heap;
use super::cells::{EMPTY, header, layout_of};

/// Slices up to this many bytes are copied.
pub(crate) const SMALL_SLICE: usize = 32;
/// Room of the first cell that an append makes, in bytes.
const FIRST_CAPACITY: u64 = 16;

/// The layout of flat text.
pub(crate) const TEXT: u32 = layouts::TEXT.0;
/// The layout of flat bytes.
pub(crate) const BYTES: u32 = layouts::BYTES.0;

/// The layout of slices that goes with a flat layout, and whether a layout is one of slices.
const fn slice_layout(flat: u32) -> u32 {
    flat + 1
}
const _: () = assert!(layouts::TEXT_SLICE.0 == slice_layout(TEXT) && layouts::BYTES_SLICE.0 == slice_layout(BYTES));
const _: () = assert!(TEXT.is_multiple_of(2) && BYTES.is_multiple_of(2));

impl Heap {
    /// Where the bytes of a text or bytes are, and how many.
    ///
    /// # Safety
    /// `r` is a live text or bytes of this heap.
    #[inline(always)]
    pub(crate) unsafe fn raw_place(&self, r: u32) -> (usize, usize) {
        // SAFETY: the caller's promise: flat layouts are even, slices have offset and parent.
        unsafe {
            let length = self.length(r) as usize;
            if layout_of(self.upper(r)) & 1 == 0 {
                return (r as usize * 8 + 16, length);
            }
            let parent: u32 = self.memory.get(r as usize * 8 + 16);
            (parent as usize * 8 + 16 + self.capacity(r) as usize, length)
        }
    }

    /// The bytes of a text or bytes. They are valid until the next call that changes the heap.
    ///
    /// # Safety
    /// `r` is a live text or bytes of this heap.
    #[inline(always)]
    pub(crate) unsafe fn raw<'a>(&self, r: u32) -> &'a [u8] {
        // SAFETY: the caller's promise.
        unsafe {
            let (at, length) = self.raw_place(r);
            self.memory.slice(at, length)
        }
    }

    /// The characters of a text. They are valid until the next call that changes the heap.
    ///
    /// # Safety
    /// `r` is a live text of this heap.
    #[inline(always)]
    pub(crate) unsafe fn text<'a>(&self, r: u32) -> &'a str {
        // SAFETY: the caller's promise: a text is UTF-8.
        unsafe { std::str::from_utf8_unchecked(self.raw(r)) }
    }

    /// A new flat text or bytes of what stands outside of the heap.
    pub(crate) fn new_raw(&mut self, layout: u32, bytes: &[u8]) -> Result<u32, Trap> {
        if bytes.is_empty() {
            return Ok(EMPTY);
        }
        let length = bytes.len() as u64;
        let r = self.allocate_row(layout, 1, length, length)?;
        // SAFETY: the cell has room for them.
        unsafe { self.memory.copy_in(bytes, r as usize * 8 + 16) };
        self.pay_bytes(bytes.len());
        Ok(r)
    }

    /// A new flat cell with the bytes at an offset of this heap.
    ///
    /// # Safety
    /// The range is that of a live value's bytes.
    unsafe fn copy_raw(&mut self, layout: u32, at: usize, length: usize, capacity: u64) -> Result<u32, Trap> {
        if length == 0 && capacity == 0 {
            return Ok(EMPTY);
        }
        let r = self.allocate_row(layout, 1, length as u64, capacity)?;
        // SAFETY: the caller's promise; a new cell doesn't overlap a live one.
        unsafe { self.memory.copy(at, r as usize * 8 + 16, length) };
        self.pay_bytes(length);
        Ok(r)
    }

    /// A flat copy of a text or bytes with room for so many bytes.
    ///
    /// # Safety
    /// `r` is a live text or bytes cell of this heap.
    pub(crate) unsafe fn own_raw(&mut self, r: u32, capacity: u64) -> Result<u32, Trap> {
        // SAFETY: the caller's promise.
        unsafe {
            let (at, length) = self.raw_place(r);
            let flat = layout_of(self.upper(r)) & !1;
            self.copy_raw(flat, at, length, capacity)
        }
    }

    /// A unique text or bytes with room for `more` bytes behind its last.
    ///
    /// # Safety
    /// `r` is a unique text or bytes of this heap, or `EMPTY`; `layout` is the flat layout of its type.
    #[inline(always)]
    pub(crate) unsafe fn reserve(&mut self, r: u32, layout: u32, more: usize) -> Result<u32, Trap> {
        // SAFETY: the caller's promise.
        unsafe {
            let needed = self.length(r) as u64 + more as u64;
            if layout_of(self.upper(r)) & 1 == 0 && needed <= self.capacity(r) as u64 {
                return Ok(r);
            }
            self.reserve_slowly(r, layout, needed)
        }
    }

    /// # Safety
    /// As for [`Heap::reserve`].
    #[cold]
    #[inline(never)]
    unsafe fn reserve_slowly(&mut self, r: u32, layout: u32, needed: u64) -> Result<u32, Trap> {
        // SAFETY: the caller's promise.
        unsafe {
            if layout_of(self.upper(r)) & 1 == 0 {
                return self.grow(r, layout, 1, needed.max(FIRST_CAPACITY));
            }
            let flat = self.own_raw(r, needed.max(FIRST_CAPACITY))?;
            self.release(r);
            Ok(flat)
        }
    }

    /// Appends the bytes of `b`: the value's word, which may be new.
    ///
    /// # Safety
    /// As for [`Heap::reserve`]; `b` is a live text or bytes of this heap.
    pub(crate) unsafe fn append_raw(&mut self, r: u32, b: u32, layout: u32) -> Result<u32, Trap> {
        // SAFETY: the caller's promise. The place of `b` is taken after the growth, which may move the heap.
        unsafe {
            let more = self.length(b) as usize;
            if more == 0 {
                return Ok(r);
            }
            let r = self.reserve(r, layout, more)?;
            let (from, _) = self.raw_place(b);
            let length = self.length(r);
            self.memory.copy(from, Self::items(r) + length as usize, more);
            self.set_length(r, length + more as u32);
            self.pay_bytes(more);
            Ok(r)
        }
    }

    /// Appends bytes from outside of the heap: the value's word, which may be new.
    ///
    /// # Safety
    /// As for [`Heap::reserve`].
    #[inline(always)]
    pub(crate) unsafe fn push_raw(&mut self, r: u32, bytes: &[u8], layout: u32) -> Result<u32, Trap> {
        // SAFETY: the caller's promise.
        unsafe {
            let r = self.reserve(r, layout, bytes.len())?;
            let length = self.length(r);
            self.memory.copy_in(bytes, Self::items(r) + length as usize);
            self.set_length(r, length + bytes.len() as u32);
            Ok(r)
        }
    }

    /// A new text of so many bytes, which the caller fills with UTF-8 at once.
    pub(crate) fn new_text_of(&mut self, length: u64) -> Result<u32, Trap> {
        if length == 0 {
            return Ok(EMPTY);
        }
        self.pay_bytes(length as usize);
        self.allocate_row(TEXT, 1, length, length)
    }

    /// Copies the bytes of a part to an offset; gives the offset behind them.
    ///
    /// # Safety
    /// `part` is a live text or bytes of this heap, and the target has room for it.
    pub(crate) unsafe fn fill(&mut self, at: usize, part: u32) -> usize {
        // SAFETY: the caller's promise.
        unsafe {
            let (from, length) = self.raw_place(part);
            self.memory.copy(from, at, length);
            at + length
        }
    }

    /// The bytes `from..from + length` of a value as one of the flat layout `flat` or a slice that goes with it.
    ///
    /// # Safety
    /// `r` is a live text or bytes of this heap, the range is within it, and for a text it is between characters.
    pub(crate) unsafe fn slice_raw(&mut self, r: u32, flat: u32, from: usize, length: usize) -> Result<u32, Trap> {
        if length == 0 {
            return Ok(EMPTY);
        }
        // SAFETY: the caller's promise.
        unsafe {
            let upper = layout_of(self.upper(r));
            if length == self.length(r) as usize && upper & !1 == flat {
                self.dup(r);
                return Ok(r);
            }
            let (at, _) = self.raw_place(r);
            if length <= SMALL_SLICE {
                return self.copy_raw(flat, at + from, length, length as u64);
            }
            let parent = if upper & 1 == 0 { r } else { self.memory.get(r as usize * 8 + 16) };
            let offset = (at + from - Self::items(parent)) as u64;
            let (slice, _) = self.allocate(3, 3)?;
            let place = slice as usize * 8;
            self.memory.put(place, header(1, slice_layout(flat), 0));
            self.memory.put(place + 8, length as u64 | offset << 32);
            self.memory.put(place + 16, parent as u64);
            self.dup(parent);
            Ok(slice)
        }
    }

    /// Gives up the reference words in a byte range of the heap, and takes some of what died apart.
    ///
    /// # Safety
    /// The range holds live owned reference words of this heap.
    pub(super) unsafe fn release_items(&mut self, start: usize, end: usize) {
        for at in (start..end).step_by(4) {
            // SAFETY: the caller's promise.
            unsafe { self.release(self.memory.get(at)) };
        }
    }
}

impl Heap {
    /// A new text with the bytes of a value that are UTF-8.
    ///
    /// # Safety
    /// `r` is live bytes of this heap, and UTF-8.
    pub(crate) unsafe fn copy_as_text(&mut self, r: u32) -> Result<u32, Trap> {
        // SAFETY: the caller's promise.
        unsafe {
            let (at, length) = self.raw_place(r);
            self.copy_raw(TEXT, at, length, length as u64)
        }
    }
}
