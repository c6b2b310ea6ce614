//! Values on their way from one heap to another: a *parcel* is a self-contained block of words.
//!
//! A parcel is its values, one word each, then copies of the cells that they refer to, one after the other. A reference word in a
//! parcel is `FIRST_CELL` plus the cell's place among the copies; a word below that means what it means in a heap.
//!
//! - Sharing is kept: a cell is copied once, and its count in the parcel is the number of references in the parcel.
//! - Cells have no slack: slices are flat copies, lists have the capacity of their length.
//! - Neither way recurses or keeps a stack: copies are looked through in order, as by Cheney's collector (Cheney 1970,
//!   "A nonrecursive list compacting algorithm").
//! - Nothing depends on where cells lie in the sender's heap, so the same value gives the same parcel.

use codex_spec::layout::FIRST_CELL;
use codex_spec::trap::Trap;
use rustc_hash::FxHashMap;

use super::Heap;
use super::cells::{EMPTY, Kind, Layout, header, layout_of};

/// Appends the parcel of some values (word, and whether it is a reference) to `out`. They stay as they are.
///
/// # Safety
/// Each reference is a live word of this heap.
pub(crate) unsafe fn pack(heap: &Heap, values: impl ExactSizeIterator<Item = (u64, bool)>, out: &mut Vec<u64>) {
    let start = out.len();
    let base = start + values.len();
    out.resize(base, 0);
    let mut packer = Packer { heap, out, base, shared: FxHashMap::default() };
    for (i, (word, is_ref)) in values.enumerate() {
        // SAFETY: the caller's promise.
        packer.out[start + i] = if is_ref { unsafe { packer.place(word as u32) as u64 } } else { word };
    }
    // SAFETY: the caller's promise: what live cells refer to is live.
    unsafe { packer.contents() };
}

/// The parcel of a number and some texts.
pub(crate) fn text_parcel(number: u64, texts: &[&str]) -> Vec<u64> {
    let mut out = vec![number];
    out.resize(1 + texts.len(), EMPTY as u64);
    let base = out.len();
    for (i, text) in texts.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        out[1 + i] = FIRST_CELL as u64 + (out.len() - base) as u64;
        out.push(header(1, super::raw::TEXT, 0));
        out.push(text.len() as u64);
        append(&mut out, text.as_bytes());
    }
    out
}

struct Packer<'a> {
    heap: &'a Heap,
    out: &'a mut Vec<u64>,
    /// Where the copies begin.
    base: usize,
    /// Cells with several owners that were copied, and where to.
    shared: FxHashMap<u32, u32>,
}

impl Packer<'_> {
    /// The word in the parcel for a word of the heap; its cell is copied if that was not done.
    ///
    /// # Safety
    /// `r` is a live word of the heap.
    unsafe fn place(&mut self, r: u32) -> u32 {
        if r < FIRST_CELL {
            return r;
        }
        // SAFETY: the caller's promise.
        if unsafe { self.heap.count(r) } == 1 {
            // SAFETY: the caller's promise.
            return unsafe { self.copy(r) };
        }
        if let Some(&copy) = self.shared.get(&r) {
            if copy >= FIRST_CELL {
                self.out[self.base + (copy - FIRST_CELL) as usize] += 1;
            }
            return copy;
        }
        // SAFETY: the caller's promise.
        let copy = unsafe { self.copy(r) };
        self.shared.insert(r, copy);
        copy
    }

    /// Copies a cell, with references as they stand.
    ///
    /// # Safety
    /// `r` is a live cell of the heap.
    unsafe fn copy(&mut self, r: u32) -> u32 {
        let place = FIRST_CELL + (self.out.len() - self.base) as u32;
        // SAFETY: the caller's promise; a cell has the bytes that its layout and length say.
        let bytes: &[u8] = unsafe {
            let upper = self.heap.upper(r);
            let layout = self.heap.layout(r);
            let at = r as usize * 8;
            match layout.kind {
                Kind::Record | Kind::Closure => {
                    self.out.push(1 | (upper as u64) << 32);
                    self.heap.memory.slice(at + 8, layout.size as usize - 8)
                }
                kind => {
                    let length = self.heap.length(r);
                    if length == 0 {
                        return EMPTY;
                    }
                    let (number, bytes) = match kind {
                        Kind::ListWord | Kind::ListRef | Kind::ListByte => {
                            let bytes = self.heap.memory.slice(at + 16, length as usize * layout.element());
                            (layout_of(upper), bytes)
                        }
                        _ => (layout_of(upper) & !1, self.heap.raw(r)),
                    };
                    self.out.push(header(1, number, 0));
                    self.out.push(length as u64);
                    bytes
                }
            }
        };
        append(self.out, bytes);
        place
    }

    /// Replaces the references in all copies, which may make more copies.
    ///
    /// # Safety
    /// As for [`pack`].
    unsafe fn contents(&mut self) {
        let mut at = self.base;
        while at < self.out.len() {
            let layouts = &self.heap.layouts;
            let shape = shape(layouts, &self.out[at..]);
            for slot in shape.refs.step_by(4) {
                let r = half(self.out, at, slot);
                // SAFETY: the caller's promise.
                let copy = unsafe { self.place(r) };
                set_half(self.out, at, slot, copy);
            }
            at += shape.words;
        }
    }
}

/// Appends bytes as whole words, the rest of the last one zero.
fn append(out: &mut Vec<u64>, bytes: &[u8]) {
    let (words, rest) = bytes.as_chunks::<8>();
    out.extend(words.iter().map(|w| u64::from_le_bytes(*w)));
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        out.push(u64::from_le_bytes(last));
    }
}

/// Four bytes at a byte offset of the cell that begins at a word.
pub(super) fn half(words: &[u64], cell: usize, offset: usize) -> u32 {
    (words[cell + offset / 8] >> (offset % 8 * 8)) as u32
}

fn set_half(words: &mut [u64], cell: usize, offset: usize, value: u32) {
    let shift = offset % 8 * 8;
    let word = &mut words[cell + offset / 8];
    *word = *word & !((u32::MAX as u64) << shift) | (value as u64) << shift;
}

/// How long a copy is, and where it has references.
pub(super) struct Shape {
    /// Words of the whole copy.
    pub(super) words: usize,
    /// Byte offsets of the references.
    pub(super) refs: std::ops::Range<usize>,
}

/// The shape of the copy that some words begin with. The layout must be one of the table.
pub(super) fn shape(layouts: &[Layout], words: &[u64]) -> Shape {
    let layout = &layouts[layout_of((words[0] >> 32) as u32) as usize];
    match layout.kind {
        Kind::Record | Kind::Closure => {
            Shape { words: layout.size as usize / 8, refs: layout.refs.0 as usize..layout.refs.1 as usize }
        }
        kind => {
            let bytes = words.get(1).map_or(0, |&n| n as usize) * layout.element();
            let refs = if kind == Kind::ListRef { 16..16 + bytes } else { 0..0 };
            Shape { words: 2 + bytes.div_ceil(8), refs }
        }
    }
}

/// Puts the cells of a parcel into a heap, and pays for it; `refs` says which of its values are references. The values then stand in the first
/// words of `parcel`; what is behind them is used up. On failure the heap is good for nothing but to be thrown away.
///
/// # Safety
/// `parcel` is what [`pack`] made in a heap of the same module, or was found sound by [`super::parcel`].
pub(crate) unsafe fn unpack(heap: &mut Heap, parcel: &mut [u64], refs: &[bool]) -> Result<(), Trap> {
    heap.pay_bytes(parcel.len() * 8);
    let (values, cells) = parcel.split_at_mut(refs.len());
    if cells.is_empty() {
        return Ok(());
    }
    let layouts = heap.layouts.clone();
    let mut at = 0;
    while at < cells.len() {
        let words = shape(&layouts, &cells[at..]).words;
        // SAFETY: the caller's promise: a whole copy stands here.
        let r = unsafe { adopt(heap, &layouts, &cells[at..at + words])? };
        // The new word stands where the count was.
        cells[at] = cells[at] & !(u32::MAX as u64) | r as u64;
        at += words;
    }
    let moved = |cells: &[u64], r: u32| match r.checked_sub(FIRST_CELL) {
        Some(place) => cells[place as usize] as u32,
        None => r,
    };
    let mut at = 0;
    while at < cells.len() {
        let shape = shape(&layouts, &cells[at..]);
        let cell = cells[at] as u32 as usize * 8;
        for slot in shape.refs.step_by(4) {
            let r = moved(cells, half(cells, at, slot));
            // SAFETY: the new cell has the same references at the same offsets.
            unsafe { heap.memory.put(cell + slot, r) };
        }
        at += shape.words;
    }
    for (value, _) in values.iter_mut().zip(refs).filter(|(_, is_ref)| **is_ref) {
        *value = moved(cells, *value as u32) as u64;
    }
    Ok(())
}

/// A new cell with the contents of a copy, references as they stand there.
///
/// # Safety
/// `copy` is one whole copy.
unsafe fn adopt(heap: &mut Heap, layouts: &[Layout], copy: &[u64]) -> Result<u32, Trap> {
    let (count, upper) = (copy[0] as u32, (copy[0] >> 32) as u32);
    let layout = &layouts[layout_of(upper) as usize];
    let (r, skip) = match layout.kind {
        Kind::Record | Kind::Closure => (heap.allocate_record(layout.size / 8, upper)?, 1),
        _ => (heap.allocate_row(layout_of(upper), layout.element(), copy[1], copy[1])?, 2),
    };
    // SAFETY: the new cell is at least as large as the copy.
    unsafe {
        for (i, word) in copy.iter().enumerate().skip(skip) {
            heap.memory.put((r as usize + i) * 8, *word);
        }
        if count != 1 {
            heap.set_count(r, count);
        }
    }
    Ok(r)
}
