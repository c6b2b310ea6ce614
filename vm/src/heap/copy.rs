//! Making a value its holder's own: a shared cell is copied, one level.

use codex_spec::trap::Trap;

use super::Heap;
use super::cells::{EMPTY, IMMORTAL, Kind};
use codex_spec::layout::FIRST_CELL;

impl Heap {
    /// A word for the same value whose cell nobody else holds. Words that are no cells stay as they are.
    ///
    /// # Safety
    /// `r` is a live reference word of this heap, owned by the caller. It is given up if it is copied; on
    /// failure the caller still owns it.
    #[inline(never)]
    pub(crate) unsafe fn copy_shared(&mut self, r: u32) -> Result<u32, Trap> {
        if r < FIRST_CELL {
            return Ok(r);
        }
        // SAFETY: the caller's promise.
        unsafe {
            let copy = match self.layout(r).kind {
                Kind::Record | Kind::Closure => self.copy_record(r)?,
                Kind::ListWord | Kind::ListRef | Kind::ListByte => self.copy_list(r)?,
                Kind::Text | Kind::TextSlice | Kind::Bytes | Kind::BytesSlice => self.own_raw(r, 0)?,
            };
            self.release_shared(r);
            Ok(copy)
        }
    }

    /// # Safety
    /// `r` is a live record or closure of this heap.
    unsafe fn copy_record(&mut self, r: u32) -> Result<u32, Trap> {
        // SAFETY: the caller's promise; the copy has the same size.
        unsafe {
            let layout = self.layout(r);
            let (units, (start, end)) = (layout.size / 8, layout.refs);
            let upper = self.upper(r);
            let copy = self.allocate_record(units, upper)?;
            let (from, to) = (r as usize * 8, copy as usize * 8);
            self.memory.copy(from + 8, to + 8, units as usize * 8 - 8);
            self.dup_range(to + start as usize, to + end as usize);
            self.pay_bytes(units as usize * 8);
            Ok(copy)
        }
    }

    /// # Safety
    /// `r` is a live list cell of this heap.
    unsafe fn copy_list(&mut self, r: u32) -> Result<u32, Trap> {
        // SAFETY: the caller's promise.
        unsafe {
            let length = self.length(r) as usize;
            if length == 0 {
                return Ok(EMPTY);
            }
            self.copy_items(r, 0, length)
        }
    }

    /// A new list of the elements `from..from + length`, of which there is at least one.
    ///
    /// # Safety
    /// `r` is a live list cell of this heap, and the range is within its length.
    pub(crate) unsafe fn copy_items(&mut self, r: u32, from: usize, length: usize) -> Result<u32, Trap> {
        // SAFETY: the caller's promise; `allocate_row` leaves the first `length` elements to us.
        unsafe {
            let layout = self.layout(r);
            let (kind, element) = (layout.kind, layout.element());
            let number = super::cells::layout_of(self.upper(r));
            let copy = self.allocate_row(number, element, length as u64, length as u64)?;
            let to = copy as usize * 8 + 16;
            self.memory.copy(r as usize * 8 + 16 + from * element, to, length * element);
            if kind == Kind::ListRef {
                self.dup_range(to, to + length * 4);
            }
            self.pay_elements(length);
            Ok(copy)
        }
    }

    /// One more owner for each reference word in a byte range of the heap.
    ///
    /// # Safety
    /// The range holds live reference words of this heap.
    pub(super) unsafe fn dup_range(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            // SAFETY: the caller's promise.
            unsafe {
                let r: u32 = self.memory.get(at);
                let count = self.count(r);
                if count != IMMORTAL {
                    self.set_count(r, count + 1);
                }
            }
            at += 4;
        }
    }
}
