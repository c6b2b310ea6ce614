//! Giving up references. Nothing here recurses: a cell that dies with references in it goes on the list of dead
//! cells, threaded through the counts of its members, and is taken apart in bounded steps.
//!
//! A long list is taken apart from its end, so that it can wait half done: its length says what is left.

use super::Heap;
use super::cells::{IMMORTAL, Kind};
use crate::sizes::SWEEP_AT_DROP;

impl Heap {
    /// One owner less; the last one takes the cell along, and what it held in turn.
    ///
    /// # Safety
    /// `r` is a live reference word of this heap, owned by the caller.
    #[inline(always)]
    pub(crate) unsafe fn release(&mut self, r: u32) {
        // SAFETY: the caller's promise.
        unsafe {
            let count = self.count(r);
            if count == 1 {
                self.die(r);
            } else if count != IMMORTAL {
                self.set_count(r, count - 1);
            }
        }
    }

    /// # Safety
    /// `r` is a live cell of this heap without owners.
    #[inline(never)]
    pub(crate) unsafe fn die(&mut self, r: u32) {
        // SAFETY: the caller's promise.
        unsafe {
            if self.bury(r) {
                self.sweep(SWEEP_AT_DROP);
            }
        }
    }

    /// Frees a cell without references at once; else puts it on the list of dead cells. Gives whether it is there.
    ///
    /// # Safety
    /// `r` is a live cell of this heap without owners.
    #[inline(always)]
    unsafe fn bury(&mut self, r: u32) -> bool {
        // SAFETY: the caller's promise.
        unsafe {
            if self.layout(r).is_leaf() {
                self.free(r, self.units(r));
                return false;
            }
            let next = self.dead_head();
            self.set_count(r, next);
        }
        self.set_dead_head(r);
        true
    }

    /// Gives up the reference words in a byte range of the heap; what dies by it waits on the list of dead cells.
    ///
    /// # Safety
    /// The range holds live owned reference words of this heap.
    #[inline(always)]
    unsafe fn release_range(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            // SAFETY: the caller's promise.
            unsafe {
                let r: u32 = self.memory.get(at);
                let count = self.count(r);
                if count == 1 {
                    self.bury(r);
                } else if count != IMMORTAL {
                    self.set_count(r, count - 1);
                }
            }
            at += 4;
        }
    }

    /// Takes dead cells apart: about `budget` cells and elements.
    #[inline(never)]
    pub(crate) fn sweep(&mut self, budget: u64) {
        let mut left = budget as i64;
        while left > 0 {
            let r = self.dead_head();
            if r == 0 {
                return;
            }
            // SAFETY: the list holds dead cells of this heap, which still have layout and contents.
            left -= unsafe { self.take_apart(r, left as u64) } as i64;
        }
    }

    /// Takes apart the first of the dead cells, or at most `budget` elements of it. Gives what was done.
    ///
    /// # Safety
    /// `r` is the head of the list of dead cells.
    #[inline(always)]
    unsafe fn take_apart(&mut self, r: u32, budget: u64) -> u64 {
        let at = r as usize * 8;
        // SAFETY: the caller's promise. A dead cell's count is the link to the next.
        unsafe {
            let layout = self.layout(r);
            match layout.kind {
                Kind::ListRef => self.shorten_dead(r, budget),
                Kind::TextSlice | Kind::BytesSlice => {
                    self.set_dead_head(self.count(r));
                    self.put_back(r, 3);
                    self.release_range(at + 16, at + 20);
                    self.poison(r, 3);
                    1
                }
                _ => {
                    let (start, end) = layout.refs;
                    let units = layout.size as u64 / 8;
                    self.set_dead_head(self.count(r));
                    self.put_back(r, units);
                    self.release_range(at + start as usize, at + end as usize);
                    self.poison(r, units);
                    1 + (end - start) as u64 / 4
                }
            }
        }
    }

    /// Gives up at most `budget` of the last elements of a dead list, and the list after the last of them. The list stays in
    /// front of what died by it.
    ///
    /// # Safety
    /// `r` is the head of the list of dead cells, a list of references.
    unsafe fn shorten_dead(&mut self, r: u32, budget: u64) -> u64 {
        // SAFETY: the caller's promise.
        unsafe {
            let length = self.length(r) as u64;
            let done = length.min(budget);
            let rest = length - done;
            let items = r as usize * 8 + 16;
            self.set_dead_head(self.count(r));
            self.release_range(items + rest as usize * 4, items + length as usize * 4);
            if rest == 0 {
                self.free(r, self.units(r));
            } else {
                self.set_length(r, rest as u32);
                let next = self.dead_head();
                self.set_count(r, next);
                self.set_dead_head(r);
            }
            done + 1
        }
    }

    /// Gives up what a record holds, but not its cell, which becomes a token.
    ///
    /// # Safety
    /// `r` is a live record of this heap whose only owner is the caller.
    pub(crate) unsafe fn hollow(&mut self, r: u32) {
        // SAFETY: the caller's promise.
        unsafe {
            let (start, end) = self.layout(r).refs;
            let at = r as usize * 8;
            self.set_count(r, 0);
            self.release_range(at + start as usize, at + end as usize);
        }
        if self.dead_head() != 0 {
            self.sweep(SWEEP_AT_DROP);
        }
    }
}

impl Heap {
    /// Gives up a record whose fields were moved out (it is unique) or shared. Gives its cell in the first case, as a token;
    /// else 0.
    ///
    /// # Safety
    /// `r` is a live record of this heap, owned by the caller, with other owners unless `unique`.
    #[inline(always)]
    pub(crate) unsafe fn give_up_cell(&mut self, r: u32, unique: bool) -> u32 {
        // SAFETY: the caller's promise.
        unsafe {
            if unique {
                self.set_count(r, 0);
                return r;
            }
            self.release_shared(r);
        }
        0
    }
}
