//! A world between ticks, copied as far as its save needs it, so that it can run on while the save is made.
//!
//! In the pause nothing is hashed and nothing is written: the state outside of the large heaps is written to memory, and of the large
//! heaps the pages are copied that may differ from the last save. The hash of the state is computed from the copies.
//! (A heap of which the host does not know what was written to is the exception: its pages are hashed in the pause, to find what
//! has to be copied.)
//!
//! Keeps true: while a snapshot lives the world's kept hashes are with it, and whoever asks for one waits; after
//! [`Snapshot::hash`] they are back, as of the snapshot. A snapshot that is dropped before gives back hashes that know nothing.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use codex_vault::save::ReadAt;

use crate::container::Container;
use crate::dump::{Part, write_containers};
use crate::hash::containers::Containers;
use crate::hash::{PAGE, StateHash, container_of, pages, take_touched, world_of};
use crate::heap::page_set::PageSet;
use crate::heap::tracking::{Base, Known, LARGE, Stale, page_of};
use crate::kept::Kept;
use crate::loan::{Lent, Loan};
use crate::program::Program;
use crate::state::write_world;
use crate::world::World;

/// Memory that is not larger is kept for the next snapshot: touching new memory costs more than copying to it.
const KEEP: usize = 64 << 20;

/// See the module's documentation.
pub(crate) struct Snapshot<'w> {
    pub(crate) tick: u64,
    pub(crate) program: Arc<Program>,
    /// The world but for the cells of large heaps, as [`crate::dump`] writes it.
    pub(crate) state: Vec<u8>,
    /// Where in `state` the world ends and the containers begin.
    world: usize,
    /// Containers whose hashes are not known, or that are gone.
    touched: Vec<(u64, Option<Place>)>,
    tree: Option<Lent<Containers>>,
    /// The large heaps, by number.
    pub(crate) regions: Vec<Region<'w>>,
    /// The large heaps of what is kept of containers, by number.
    pub(crate) kept: Vec<KeptRegion>,
}

/// A container whose cells are in the state.
struct Place {
    head: Range<usize>,
    cells: Range<usize>,
    kept: Option<Arc<Kept>>,
}

/// What is kept of a container, with a large heap.
pub(crate) struct KeptRegion {
    /// The region's number.
    pub(crate) id: u64,
    pub(crate) kept: Arc<Kept>,
    /// Whether the parent has it.
    pub(crate) same: bool,
}

/// A large heap.
pub(crate) struct Region<'w> {
    /// The region's number: twice the container's.
    pub(crate) id: u64,
    /// Bytes of cells.
    pub(crate) size: usize,
    /// Whether it is other than a parent save, which has it too, in some pages only.
    pub(crate) delta: bool,
    /// The pages that differ, once the hash is computed. For a heap that is saved whole it means nothing.
    pub(crate) changed: Vec<u32>,
    pub(crate) bytes: Bytes<'w>,
    head: Range<usize>,
    /// What is kept of the container.
    kept: Option<Arc<Kept>>,
    /// Pages that the save may need.
    needed: PageSet,
    stale: PageSet,
    known: Option<Lent<Known>>,
    home: Arc<Loan<Known>>,
}

/// The bytes of a large heap's cells, as far as they are needed.
pub(crate) enum Bytes<'w> {
    /// Those of the heap, which stands still.
    Here(&'w [u8]),
    /// All of them.
    Whole(Vec<u8>),
    /// Pages, by number, one behind the other; the last may be shorter.
    Pages(Vec<u32>, Vec<u8>),
}

impl<'w> Snapshot<'w> {
    /// A world as it is. `parent` says which save a delta would be to.
    pub(crate) fn take(world: &'w World, parent: Option<u64>) -> Snapshot<'w> {
        let mut tree = world.hashes.tree.lend();
        let mut touched: Vec<(u64, Option<Place>)> =
            take_touched(world, &mut tree).into_iter().map(|(id, _)| (id, None)).collect();
        touched.sort_unstable_by_key(|&(id, _)| id);
        touched.dedup_by_key(|&mut (id, _)| id);
        let mut state = Vec::new();
        write_world(&mut state, world);
        let end = state.len();
        let (mut regions, mut kept_regions) = (Vec::new(), Vec::new());
        let mut next = touched.iter_mut().peekable();
        write_containers(world, &mut state, |part| {
            let Part { id, head, cells, large, kept } = part;
            while next.next_if(|(other, _)| *other < id).is_some() {}
            let is_touched = next.next_if(|(other, _)| *other == id);
            let large_kept = kept.filter(|kept| kept.parts().1.len() >= LARGE);
            kept_regions.extend(large_kept.map(|kept| {
                let same = parent.is_some_and(|parent| kept.is_in(parent));
                KeptRegion { id: id * 2 + 1, kept: kept.clone(), same }
            }));
            if let Some(c) = large {
                let mut region = Region::take(c, id * 2, head, world.watches, parent);
                region.kept = kept.cloned();
                regions.push(region);
            } else if let (Some((_, place)), Some(cells)) = (is_touched, cells) {
                *place = Some(Place { head, cells, kept: kept.cloned() });
            }
        });
        let (tick, program) = (world.ticks(), world.program().clone());
        Snapshot { tick, program, state, world: end, touched, tree: Some(tree), regions, kept: kept_regions }
    }

    /// Bytes of the state: all that a full save would have.
    pub(crate) fn bytes(&self) -> u64 {
        let heaps = self.regions.iter().map(|region| region.size);
        let kept = self.kept.iter().map(|region| region.kept.parts().1.len());
        (self.state.len() + heaps.sum::<usize>() + kept.sum::<usize>()) as u64
    }

    /// Copies what it needs of the heaps, if that is no more than so many bytes. `room` is memory to copy to.
    pub(crate) fn detach(self, most: usize, mut room: Vec<u8>) -> Result<Snapshot<'static>, Box<Snapshot<'w>>> {
        let needed: usize = self.regions.iter().map(Region::needed_bytes).sum();
        if needed > most {
            return Err(Box::new(self));
        }
        let regions = self.regions.into_iter().map(|region| region.detach(std::mem::take(&mut room))).collect();
        let Snapshot { tick, program, state, world, touched, tree, kept, .. } = self;
        Ok(Snapshot { tick, program, state, world, touched, tree, regions, kept })
    }

    /// The hash of the state. From here on the regions know which pages differ, and the world has its hashes back.
    pub(crate) fn hash(&mut self) -> StateHash {
        let Some(mut tree) = self.tree.take() else { unreachable!("a snapshot is hashed once") };
        for (id, place) in &self.touched {
            match place {
                None => tree.remove(*id),
                Some(place) => {
                    let cells = &self.state[place.cells.clone()];
                    let head = &self.state[place.head.clone()];
                    tree.set(*id, container_of(head, cells.len(), &pages(cells), place.kept.as_deref()));
                }
            }
        }
        for region in &mut self.regions {
            let root = region.hash();
            let head = &self.state[region.head.clone()];
            tree.set(region.id / 2, container_of(head, region.size, &root, region.kept.as_deref()));
        }
        world_of(&self.program, &self.state[..self.world], tree.root())
    }

    /// The save is on the disk, and is called so.
    pub(crate) fn saved(&self, save: u64) {
        for region in &self.regions {
            region.home.with(|known| known.saved(Base { save, length: region.size }));
        }
        self.kept.iter().for_each(|region| region.kept.saved(save));
    }

    /// The save failed.
    pub(crate) fn failed(&self) {
        self.regions.iter().for_each(|region| region.home.with(Known::failed));
    }

    /// Memory that was copied to, to be used again.
    pub(crate) fn into_room(mut self) -> Vec<u8> {
        let rooms = self.regions.iter_mut().map(|region| std::mem::replace(&mut region.bytes, Bytes::Here(&[])));
        let room = rooms.filter_map(|bytes| match bytes {
            Bytes::Here(_) => None,
            Bytes::Whole(room) | Bytes::Pages(_, room) => Some(room),
        });
        room.filter(|room| room.capacity() <= KEEP).max_by_key(Vec::capacity).unwrap_or_default()
    }
}

impl<'w> Region<'w> {
    fn take(c: &'w Container, id: u64, head: Range<usize>, watch: bool, parent: Option<u64>) -> Region<'w> {
        let Stale { known: home, mut pages, exact } = c.heap.take_stale(watch);
        let (cells, mut known) = (c.heap.cells(), home.lend());
        let base = known.base.filter(|base| Some(base.save) == parent);
        if base.is_some() && !exact {
            known.update(cells.len(), pages.iter().map(|number| (number, page_of(cells, number))));
            pages = PageSet::default();
        }
        let mut needed = PageSet::default();
        match base {
            None => needed.insert_all(0..cells.len().div_ceil(PAGE)),
            Some(base) => {
                needed.add(&pages);
                needed.add(known.for_a_save());
                // Where the shorter of both ends, the writer of a delta looks itself.
                needed.insert(base.length.min(cells.len()) / PAGE);
                needed.cut(cells.len().div_ceil(PAGE));
            }
        }
        let (delta, known) = (base.is_some(), Some(known));
        let bytes = Bytes::Here(cells);
        let (size, changed, kept) = (cells.len(), Vec::new(), None);
        Region { id, size, delta, changed, bytes, head, kept, needed, stale: pages, known, home }
    }

    fn needed_bytes(&self) -> usize {
        self.needed.count() * PAGE
    }

    fn detach(mut self, mut room: Vec<u8>) -> Region<'static> {
        let bytes = match std::mem::replace(&mut self.bytes, Bytes::Here(&[])) {
            Bytes::Here(cells) => {
                room.clear();
                if self.delta {
                    room.reserve(self.needed_bytes());
                    self.needed.iter().for_each(|number| room.extend_from_slice(page_of(cells, number)));
                    Bytes::Pages(self.needed.iter().map(|number| number as u32).collect(), room)
                } else {
                    room.extend_from_slice(cells);
                    Bytes::Whole(room)
                }
            }
            Bytes::Whole(all) => Bytes::Whole(all),
            Bytes::Pages(numbers, pages) => Bytes::Pages(numbers, pages),
        };
        let Region { id, size, delta, .. } = self;
        let (head, needed, stale) =
            (self.head.clone(), std::mem::take(&mut self.needed), std::mem::take(&mut self.stale));
        let (known, home, kept) = (self.known.take(), self.home.clone(), self.kept.take());
        Region { id, size, delta, changed: Vec::new(), bytes, head, kept, needed, stale, known, home }
    }

    /// The hash of all pages; the changed ones are in the save's hands.
    fn hash(&mut self) -> StateHash {
        let Some(mut known) = self.known.take() else { unreachable!("a snapshot is hashed once") };
        known.update(self.size, self.stale.iter().filter_map(|number| Some((number, self.bytes.page(number)?))));
        self.changed = known.begin_save().iter().map(|number| number as u32).collect();
        known.tree.root()
    }
}

impl Drop for Region<'_> {
    fn drop(&mut self) {
        // Nobody hashed what was stale.
        if let Some(known) = &mut self.known {
            **known = Known::default();
        }
    }
}

impl Bytes<'_> {
    /// A page, if it is among them.
    fn page(&self, number: usize) -> Option<&[u8]> {
        let at = number * PAGE;
        match self {
            Bytes::Here(cells) => (at < cells.len()).then(|| page_of(cells, number)),
            Bytes::Whole(cells) => (at < cells.len()).then(|| page_of(cells, number)),
            Bytes::Pages(numbers, bytes) => {
                let place = numbers.binary_search(&(number as u32)).ok()?;
                Some(page_of(bytes, place))
            }
        }
    }
}

impl ReadAt for Bytes<'_> {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        match self {
            Bytes::Here(cells) => cells.read_at(offset, into),
            Bytes::Whole(cells) => cells.as_slice().read_at(offset, into),
            Bytes::Pages(..) => {
                let (number, at) = (offset as usize / PAGE, offset as usize % PAGE);
                let page = self.page(number).and_then(|page| page.get(at..at + into.len()));
                into.copy_from_slice(page.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}
