//! One growable run of zeroed memory, mapped from the host.
//!
//! Invariants:
//!
//! - `base` is the start of a mapping of `length` bytes that this value owns.
//! - Bytes that were never written are zero; the host provides pages when they are first touched.
//! - Growing may move the mapping: a pointer taken from [`Memory::base`] is dead after [`Memory::grow`].
//!
//! A host without memory ends the process, as it does for any Rust allocation: a world can't
//! be told about it, since another host would not run out at the same point.

use codex_pages::{PAGE, Watch};
use memmap2::{MmapMut, MmapOptions};

use crate::sizes::{GROW_BY_PAGES_BELOW, TINY};

/// See the module's documentation.
pub(crate) struct Memory {
    map: MmapMut,
    base: *mut u8,
    length: usize,
}

// SAFETY: the mapping belongs to this value alone; `base` is only a copy of its address.
unsafe impl Send for Memory {}
// SAFETY: through a shared reference memory is only read, or written under the caller's own argument.
unsafe impl Sync for Memory {}

impl Memory {
    /// Where in this value the address of the first byte is.
    pub(super) const BASE: usize = std::mem::offset_of!(Memory, base);

    /// A mapping of at least `length` bytes.
    pub(crate) fn new(length: usize) -> Memory {
        let length = length.max(4096);
        let mut map = or_die(MmapOptions::new().len(length).map_anon(), length);
        let base = map.as_mut_ptr();
        Memory { map, base, length }
    }

    /// Where it starts; 4096-byte aligned.
    #[inline(always)]
    pub(crate) fn base(&self) -> *mut u8 {
        self.base
    }

    /// How many bytes are mapped.
    #[inline(always)]
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Makes it at least `length` bytes long, keeping its contents.
    #[cold]
    #[inline(never)]
    pub(crate) fn grow(&mut self, length: usize) {
        if length <= self.length {
            return;
        }
        let length = match GROW_BY_PAGES_BELOW.saturating_sub(self.length) {
            0 => length.max(self.length.saturating_mul(2)),
            _ => length.next_multiple_of(4096),
        };
        if TINY {
            move_to_another(&mut self.map, length)
        } else {
            remap(&mut self.map, length)
        }
        self.base = self.map.as_mut_ptr();
        self.length = length;
    }

    /// Watches which of its pages are written to, if the host can. A mapping ends with a whole page.
    pub(super) fn watch(&self) -> Option<Watch> {
        Watch::begin(self.base, self.length.next_multiple_of(PAGE))
    }

    /// The first `length` bytes.
    pub(crate) fn bytes(&self, length: usize) -> &[u8] {
        &self.map[..length]
    }

    /// The first `length` bytes, for writing.
    pub(crate) fn bytes_mut(&mut self, length: usize) -> &mut [u8] {
        &mut self.map[..length]
    }

    /// Reads a value at a byte offset.
    ///
    /// # Safety
    /// `at + size_of::<T>()` is within the mapping and `at` is a multiple of `T`'s alignment; `T` is a plain number.
    #[inline(always)]
    pub(crate) unsafe fn get<T: Copy>(&self, at: usize) -> T {
        debug_assert!(at + size_of::<T>() <= self.length, "read at {at:#x} of {:#x}", self.length);
        // SAFETY: the caller's promise.
        unsafe { self.base.add(at).cast::<T>().read() }
    }

    /// Writes a value at a byte offset.
    ///
    /// # Safety
    /// As for [`Memory::get`], and no reference to these bytes is alive.
    #[inline(always)]
    pub(crate) unsafe fn put<T: Copy>(&self, at: usize, value: T) {
        debug_assert!(at + size_of::<T>() <= self.length, "write at {at:#x} of {:#x}", self.length);
        // SAFETY: the caller's promise.
        unsafe { self.base.add(at).cast::<T>().write(value) }
    }

    /// Bytes at an offset.
    ///
    /// # Safety
    /// `at + length` is within the mapping, and nothing writes there while the slice lives.
    #[inline(always)]
    pub(crate) unsafe fn slice<'a>(&self, at: usize, length: usize) -> &'a [u8] {
        debug_assert!(at + length <= self.length);
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.base.add(at), length) }
    }

    /// Copies bytes; the ranges may overlap.
    ///
    /// # Safety
    /// Both ranges are within the mapping.
    #[inline(always)]
    pub(crate) unsafe fn copy(&self, from: usize, to: usize, length: usize) {
        debug_assert!(from + length <= self.length && to + length <= self.length);
        // SAFETY: the caller's promise.
        unsafe { std::ptr::copy(self.base.add(from), self.base.add(to), length) }
    }

    /// Copies bytes from elsewhere.
    ///
    /// # Safety
    /// The target is within the mapping, and `from` does not overlap it.
    #[inline(always)]
    pub(crate) unsafe fn copy_in(&self, from: &[u8], to: usize) {
        debug_assert!(to + from.len() <= self.length);
        // SAFETY: the caller's promise.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), self.base.add(to), from.len()) }
    }

    /// Writes zeros.
    ///
    /// # Safety
    /// The range is within the mapping.
    #[inline(always)]
    pub(crate) unsafe fn zero(&self, at: usize, length: usize) {
        debug_assert!(at + length <= self.length);
        // SAFETY: the caller's promise.
        unsafe { std::ptr::write_bytes(self.base.add(at), 0, length) }
    }
}

#[cfg(target_os = "linux")]
fn remap(map: &mut MmapMut, length: usize) {
    // SAFETY: the only pointer into the mapping is `base`, which the caller sets anew.
    let moved = unsafe { map.remap(length, memmap2::RemapOptions::new().may_move(true)) };
    // Memory that was filled in parts is more than one mapping to the host, which moves only one at a time.
    if moved.is_err() {
        move_to_another(map, length);
    }
}

#[cfg(not(target_os = "linux"))]
fn remap(map: &mut MmapMut, length: usize) {
    move_to_another(map, length);
}

/// A larger mapping elsewhere, with the same contents; the old one is gone.
fn move_to_another(map: &mut MmapMut, length: usize) {
    let mut larger = or_die(MmapOptions::new().len(length).map_anon(), length);
    larger[..map.len()].copy_from_slice(map);
    *map = larger;
}

fn or_die<T>(result: std::io::Result<T>, length: usize) -> T {
    result.unwrap_or_else(|_| match std::alloc::Layout::from_size_align(length, 4096) {
        Ok(layout) => std::alloc::handle_alloc_error(layout),
        Err(_) => std::process::abort(),
    })
}
