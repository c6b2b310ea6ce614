//! A small heap as a block of words, and back: see [`crate::rest`].

use codex_spec::layout::FIRST_CELL;

use super::Heap;
use super::cells::{CLASSES, START, class};

/// Stands for the list of dead cells among the free lists.
const DEAD: u32 = CLASSES as u32;

/// The classes that cells of a heap with so many words behind page 0 can have. A cell has two units or more.
#[inline(always)]
fn classes(words: usize) -> std::ops::Range<usize> {
    2..class(words.max(1) as u64).0 + 1
}

/// So few words are copied one by one: a call costs as much, and a wide load waits for words that were just written.
const FEW: usize = 16;

/// Copies words.
///
/// # Safety
/// There are so many at both places, aligned and apart from each other.
#[inline(always)]
unsafe fn copy_words(from: *const u64, to: *mut u64, count: usize) {
    // SAFETY: the caller's promise. Volatile, or the compiler would make one wide copy of it.
    unsafe {
        match count {
            0..FEW => (0..count).for_each(|i| to.add(i).write_volatile(from.add(i).read_volatile())),
            _ => std::ptr::copy_nonoverlapping(from, to, count),
        }
    }
}

impl Heap {
    /// Words behind page 0.
    pub(crate) fn words(&self) -> usize {
        (self.top - FIRST_CELL as u64) as usize
    }

    /// The bytes behind page 0.
    pub(crate) fn cells(&self) -> &[u8] {
        &self.bytes()[START..]
    }

    /// Whether words name lists of a heap of so many words, each once, in order.
    pub(crate) fn are_lists(lists: &[u64], words: usize) -> bool {
        let fits = |number: u64| classes(words).contains(&(number as usize)) || number == DEAD as u64;
        lists.is_sorted_by(|a, b| a >> 32 < b >> 32) && lists.iter().all(|&l| fits(l >> 32) && l as u32 != 0)
    }

    /// The heads of lists that are not empty: the number of the class, or [`DEAD`], above the head.
    pub(crate) fn lists(&self) -> Vec<u64> {
        let mut lists = Vec::new();
        self.write_free_lists(&mut lists);
        lists
    }

    /// Appends what [`Heap::lists`] gives.
    pub(crate) fn write_free_lists(&self, block: &mut Vec<u64>) {
        for class in classes(self.words()) {
            let head = self.free_head(class);
            if head != 0 {
                block.push((class as u64) << 32 | head as u64);
            }
        }
        if self.dead_head() != 0 {
            block.push((DEAD as u64) << 32 | self.dead_head() as u64);
        }
    }

    pub(crate) fn write_cells(&self, block: &mut Vec<u64>) {
        let words = self.words();
        block.reserve(words);
        // SAFETY: the heap has so many words behind page 0, aligned as words are, and the block has room for them.
        unsafe {
            copy_words(self.memory.base().add(START).cast(), block.as_mut_ptr().add(block.len()), words);
            block.set_len(block.len() + words);
        }
        if cfg!(target_endian = "big") {
            let start = block.len() - words;
            block[start..].iter_mut().for_each(|word| *word = word.swap_bytes());
        }
    }

    /// Writes lists and cells into an empty block, and is as new: what [`Heap::write_free_lists`], [`Heap::write_cells`] and
    /// [`Heap::renew`] do one after the other. Gives where the lists end.
    #[inline(always)]
    pub(crate) fn leave(&mut self, block: &mut Vec<u64>) -> usize {
        let words = self.words();
        if words >= FEW {
            self.write_free_lists(block);
            let lists = block.len();
            self.write_cells(block);
            self.renew();
            return lists;
        }
        for class in classes(words) {
            let head = self.free_head(class);
            if head != 0 {
                block.push((class as u64) << 32 | head as u64);
                self.set_free_head(class, 0);
            }
        }
        if self.dead_head() != 0 {
            block.push((DEAD as u64) << 32 | self.dead_head() as u64);
            self.set_dead_head(0);
        }
        let lists = block.len();
        block.reserve_exact(words);
        // SAFETY: the heap has so many words behind page 0, aligned as words are, and the block has room for them.
        unsafe {
            let cells: *mut u64 = self.memory.base().add(START).cast();
            let to = block.as_mut_ptr().add(lists);
            for i in 0..words {
                to.add(i).write_volatile(u64::from_le(cells.add(i).read_volatile()));
                cells.add(i).write_volatile(0);
            }
            block.set_len(lists + words);
        }
        self.top = FIRST_CELL as u64;
        self.debt = 0;
        lists
    }

    /// Becomes the heap of a block. It must be as new.
    #[inline]
    pub(crate) fn read_back(&mut self, lists: &[u64], cells: &[u64]) {
        let to = self.restore(lists, cells.len() * 8);
        // SAFETY: there are so many bytes, aligned as words are.
        unsafe { copy_words(cells.as_ptr(), to.as_mut_ptr().cast(), cells.len()) };
        if cfg!(target_endian = "big") {
            to.as_chunks_mut::<8>().0.iter_mut().for_each(|word| word.reverse());
        }
    }

    /// Becomes a heap with these lists and so many bytes of cells, a multiple of 8, which the caller writes. It must be
    /// as new.
    #[inline]
    pub(crate) fn restore(&mut self, lists: &[u64], size: usize) -> &mut [u8] {
        let top = FIRST_CELL as u64 + size as u64 / 8;
        if top > self.room {
            self.make_room(top);
            self.room = self.room.max(top);
        }
        self.top = top;
        for &word in lists {
            match ((word >> 32) as u32, word as u32) {
                (DEAD, head) => self.set_dead_head(head),
                (class, head) => self.set_free_head(class as usize, head),
            }
        }
        &mut self.memory.bytes_mut(top as usize * 8)[START..]
    }

    /// Is as new: no cells, no lists, and zero where they were.
    pub(crate) fn renew(&mut self) {
        for class in classes(self.words()) {
            self.set_free_head(class, 0);
        }
        self.set_dead_head(0);
        let words = self.words();
        let cells: *mut u64 = self.memory.base().wrapping_add(START).cast();
        // SAFETY: the heap has so many words behind page 0.
        unsafe {
            match words {
                0..FEW => (0..words).for_each(|i| cells.add(i).write_volatile(0)),
                _ => cells.write_bytes(0, words),
            }
        }
        self.top = FIRST_CELL as u64;
        self.debt = 0;
        *self.tracked.get_mut().unwrap_or_else(|e| e.into_inner()) = None;
    }
}
