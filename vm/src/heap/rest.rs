//! A small heap as a block of words, and back: see [`crate::rest`].

use codex_spec::layout::FIRST_CELL;

use super::Heap;
use super::cells::{CLASSES, DEAD_HEAD, FREE_HEADS, START};

/// Stands for the list of dead cells among the free lists.
const DEAD: u32 = CLASSES as u32;
/// Bytes of eight heads, and of all of them in eights; behind the last one page 0 is zero.
const EIGHT: usize = 32;
const HEADS: usize = (CLASSES * 4).next_multiple_of(EIGHT);
const _: () = assert!(FREE_HEADS + HEADS <= START);

/// Whether eight lists are empty.
#[inline(always)]
fn are_empty(heads: &[u8; EIGHT]) -> bool {
    let words = heads.as_chunks::<8>().0;
    words.iter().fold(0, |all, word| all | u64::from_le_bytes(*word)) == 0
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

    /// Whether words name lists of a heap, each once, in order.
    pub(crate) fn are_lists(lists: &[u64]) -> bool {
        lists.is_sorted_by(|a, b| a >> 32 < b >> 32)
            && lists.iter().all(|&list| list >> 32 <= DEAD as u64 && list as u32 != 0)
    }

    /// The heads of lists that are not empty: the number of the class, or [`DEAD`], above the head.
    pub(crate) fn lists(&self) -> Vec<u64> {
        let mut lists = Vec::new();
        self.write_free_lists(&mut lists);
        lists
    }

    /// Appends what [`Heap::lists`] gives. Most lists are empty, so they are looked at eight at a time.
    pub(crate) fn write_free_lists(&self, block: &mut Vec<u64>) {
        let heads = &self.memory.bytes(START)[FREE_HEADS..FREE_HEADS + HEADS];
        for (eight, heads) in heads.as_chunks::<EIGHT>().0.iter().enumerate() {
            if are_empty(heads) {
                continue;
            }
            for (class, head) in (8 * eight as u64..).zip(heads.as_chunks::<4>().0) {
                let head = u32::from_le_bytes(*head);
                if head != 0 {
                    block.push(class << 32 | head as u64);
                }
            }
        }
        if self.dead_head() != 0 {
            block.push((DEAD as u64) << 32 | self.dead_head() as u64);
        }
    }

    pub(crate) fn write_cells(&self, block: &mut Vec<u64>) {
        block.extend(self.cells().as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)));
    }

    /// Becomes the heap of a block. It must be as new.
    pub(crate) fn read_back(&mut self, lists: &[u64], cells: &[u64]) {
        let to = self.restore(lists, cells.len() * 8);
        for (to, word) in to.as_chunks_mut::<8>().0.iter_mut().zip(cells) {
            *to = word.to_le_bytes();
        }
    }

    /// Becomes a heap with these lists and so many bytes of cells, a multiple of 8, which the caller writes. It must be
    /// as new.
    pub(crate) fn restore(&mut self, lists: &[u64], size: usize) -> &mut [u8] {
        let top = FIRST_CELL as u64 + size as u64 / 8;
        if top > self.room {
            self.memory.grow(top as usize * 8);
            self.room = self.limit.min(self.memory.length() as u64 / 8).max(top);
        }
        self.top = top;
        let bytes = self.memory.bytes_mut(top as usize * 8);
        for &word in lists {
            let (class, head) = ((word >> 32) as u32, word as u32);
            let at = if class == DEAD { DEAD_HEAD } else { FREE_HEADS + class as usize * 4 };
            bytes[at..at + 4].copy_from_slice(&head.to_le_bytes());
        }
        &mut bytes[START..]
    }

    /// Is as new: no cells, no lists, and zero where they were.
    pub(crate) fn renew(&mut self) {
        let top = self.top as usize * 8;
        let bytes = self.memory.bytes_mut(top);
        bytes[START..].fill(0);
        for heads in bytes[FREE_HEADS..FREE_HEADS + HEADS].as_chunks_mut::<EIGHT>().0 {
            if !are_empty(heads) {
                heads.fill(0);
            }
        }
        bytes[DEAD_HEAD..DEAD_HEAD + 4].fill(0);
        self.top = FIRST_CELL as u64;
        self.debt = 0;
    }
}
