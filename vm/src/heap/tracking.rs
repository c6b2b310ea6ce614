//! What of a large heap changed: since its pages were hashed last, and since they were last saved.
//!
//! A page goes through three sets. *Stale*: written to since its hash was computed, or never hashed. *Changed*: its hash is another than at the
//! last save that is on the disk. *Saving*: changed, and in a save that is being made. Stale pages come from the host, which knows what was
//! written to ([`codex_pages`]); where it does not, every page is stale whenever somebody looks, and comparing hashes
//! says the same. So both ways lead to the same changed pages.
//!
//! Keeps true, between ticks:
//!
//! - A page that is neither written to since the last look nor stale has the hash that the tree has.
//! - A page that differs from the last save is written to, stale, changed or saving. It leaves these sets when the save that has it is on
//!   the disk, and not before ([`Known::saved`]); if that save fails it is changed again ([`Known::failed`]).
//!
//! Pages are those of the cells: page 0 of the memory, with the heads of lists, is not among them.

use std::sync::Arc;

use codex_pages::{Fill, Watch};

use super::Heap;
use super::cells::START;
use super::page_set::PageSet;
use crate::hash::pages::{PageTree, page};
use crate::hash::{PAGE, StateHash};
use crate::loan::{Lent, Loan};
use crate::seeded::{Bug, has};

const _: () = assert!(START == PAGE && codex_pages::PAGE == PAGE);

/// Bytes of cells from which on a heap is large: its pages are tracked, and it is a region of its own in a save.
pub(crate) const LARGE: usize = 64 << 10;

/// What is known of a heap's pages. It may be away: the thread that makes a save has it until it has hashed what it copied.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) tree: PageTree,
    /// Pages that differ from `base`, but for those in `saving`.
    pub(crate) changed: PageSet,
    /// Pages in a save that is being made.
    saving: PageSet,
    /// The save that the sets count from.
    pub(crate) base: Option<Base>,
}

/// A save, as a heap knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// Which save it was, of those that this process made or loaded.
    pub(crate) save: u64,
    /// Bytes of cells in it.
    pub(crate) length: usize,
}

/// What a large heap has beside its memory.
#[derive(Debug, Default)]
pub(crate) struct Tracked {
    pub(crate) known: Arc<Loan<Known>>,
    watch: Option<Watch>,
    stale: PageSet,
    /// Bytes of cells when somebody looked last.
    length: usize,
    /// Here once the memory is filled, for one that is filled as it is touched.
    filled: Option<Arc<Loan<()>>>,
}

/// The memory of a heap that somebody has to fill as it is touched: see [`Fill`]. Page 0 is not among what is filled.
pub(crate) struct Later {
    pub(crate) fill: Fill,
    /// What is known of the pages: to be given back, complete, when all are filled.
    pub(crate) known: Lent<Known>,
    /// To be dropped when all pages are filled, and not before.
    pub(crate) filled: Lent<()>,
}

/// The bytes of a page of cells.
pub(crate) fn page_of(cells: &[u8], number: usize) -> &[u8] {
    &cells[number * PAGE..cells.len().min((number + 1) * PAGE)]
}

impl Known {
    /// Takes in pages of a heap of so many bytes of cells.
    pub(crate) fn update<'a>(&mut self, length: usize, pages: impl Iterator<Item = (usize, &'a [u8])>) {
        self.tree.resize(length.div_ceil(PAGE));
        for (number, bytes) in pages {
            if self.tree.set(number, page(bytes)) {
                self.changed.insert(number);
            }
        }
    }

    /// The pages that a save would have, as far as their hashes are known.
    pub(crate) fn for_a_save(&mut self) -> &PageSet {
        self.failed();
        &self.changed
    }

    /// A save begins: the changed pages are in its hands. They are given, with those of a save of which nobody said how it went.
    pub(crate) fn begin_save(&mut self) -> PageSet {
        self.failed();
        let changed = std::mem::take(&mut self.changed);
        if !has(Bug::ClearEarly) {
            self.saving = changed.clone();
        }
        changed
    }

    /// The save is on the disk.
    pub(crate) fn saved(&mut self, base: Base) {
        self.saving = PageSet::default();
        self.base = Some(base);
    }

    /// The save failed: what it had is changed as before.
    pub(crate) fn failed(&mut self) {
        let saving = std::mem::take(&mut self.saving);
        self.changed.add(&saving);
    }
}

/// What has to be looked at of a heap.
pub(crate) struct Stale {
    pub(crate) known: Arc<Loan<Known>>,
    /// Pages whose hash is not known. Whoever has them brings `known` up to date, or makes it new.
    pub(crate) pages: PageSet,
    /// Whether the host knew them. If not, they are all.
    pub(crate) exact: bool,
}

impl Tracked {
    /// Looks which pages were written to. `watch` says whether the host may be asked.
    fn look(&mut self, heap: &Heap, watch: bool) -> Stale {
        let cells = heap.cells().len();
        let pages = cells.div_ceil(PAGE);
        let exact = watch && self.take(START + cells);
        if !exact {
            self.stale.insert_all(0..pages);
            self.watch = if watch { heap.memory.watch() } else { None };
        }
        // What the heap grew by is new, whether or not somebody wrote to it; and the page that it ended in is longer.
        if !has(Bug::ForgetGrowth) {
            let hashed = self.known.with(|known| known.tree.len());
            self.stale.insert_all(hashed.min(self.length / PAGE)..pages);
        }
        self.stale.cut(pages);
        self.length = cells;
        Stale { known: self.known.clone(), pages: std::mem::take(&mut self.stale), exact }
    }

    /// Adds the pages in the first bytes of the memory that were written to. `false` if the host does not know them.
    fn take(&mut self, length: usize) -> bool {
        let Some(watch) = &mut self.watch else { return false };
        watch.take(length, |run| self.stale.insert_all(run.start.saturating_sub(1)..run.end.saturating_sub(1)))
    }

    /// The memory is about to move or to grow. What is being filled does neither: that is waited for.
    pub(super) fn before_growth(&mut self, mapped: usize) {
        if let Some(filled) = self.filled.take() {
            filled.with(|()| ());
        }
        if !self.take(mapped) {
            self.stale.insert_all(0..mapped.div_ceil(PAGE));
        }
        // A registration that stays does no harm, and the next one takes its place.
        self.watch.take().map(Watch::end);
    }

    /// The memory has moved or grown.
    pub(super) fn after_growth(&mut self, heap: &Heap) {
        self.watch = heap.memory.watch();
    }
}

impl Heap {
    /// The hash of the pages of the cells, at a cost in proportion to what was written to. `watch` says whether the host may be asked
    /// for that.
    pub(crate) fn pages_root(&self, watch: bool) -> StateHash {
        let stale = self.take_stale(watch);
        stale.known.with(|known| {
            let cells = self.cells();
            known.update(cells.len(), stale.pages.iter().map(|number| (number, page_of(cells, number))));
            known.tree.root()
        })
    }

    /// Becomes a heap with these lists and so many bytes of cells, which whoever has what is given fills later. It keeps nothing of
    /// what it was. `None` if the host can't; then it is as new.
    pub(crate) fn fill_later(&mut self, lists: &[u64], size: usize) -> Option<Later> {
        *self = Heap::new(self.layouts.clone(), self.limit());
        let end = START + size;
        // Room to grow: while it is being filled it can't move, and address space costs nothing.
        self.memory.grow((2 * end).min(self.limit() as usize).max(end));
        self.restore(lists, size);
        let mapped = self.memory.length().next_multiple_of(PAGE);
        // SAFETY: beyond page 0 nobody has touched the new memory, and nobody has a reference into it. `Later` is made to be filled, and
        // until then the only way to the cells are reads and writes of this heap, which wait.
        let begun = unsafe { Fill::begin(self.memory.base(), mapped, START / PAGE..end.div_ceil(PAGE)) };
        let Some((fill, watch)) = begun else {
            *self = Heap::new(self.layouts.clone(), self.limit());
            return None;
        };
        let filled = Arc::<Loan<()>>::default();
        let tracked = Tracked { watch: Some(watch), length: size, filled: Some(filled.clone()), ..Tracked::default() };
        let later = Later { fill, known: tracked.known.lend(), filled: filled.lend() };
        *self.tracked.get_mut().unwrap_or_else(|e| e.into_inner()) = Some(Box::new(tracked));
        Some(later)
    }

    /// The pages whose hashes are not known: they are in the caller's hands. `watch` as for [`Heap::pages_root`].
    pub(crate) fn take_stale(&self, watch: bool) -> Stale {
        // Half looked at, a heap would be known wrongly: after a panic everything is new again.
        let mut tracked = self.tracked.lock().unwrap_or_else(|e| {
            let mut tracked = e.into_inner();
            *tracked = None;
            self.tracked.clear_poison();
            tracked
        });
        tracked.get_or_insert_default().look(self, watch)
    }
}
