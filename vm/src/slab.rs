//! Where a world keeps its containers: rows that stay where they are, and a table from a container's number to its row.
//!
//! The table holds rows alone; the number to compare with stands in the row, which whoever asks wants to see anyway. It
//! is open addressing with double hashing (Knuth, TAOCP 3, 6.4). A number's low bits are its place, shifted by a hash of the
//! high ones: numbers given out one after the other lie side by side and never meet, and others are spread.
//!
//! Which row a container has, and so everything here, is the host's business.

use std::cell::UnsafeCell;

use crate::actor::Actor;

/// Rows that are mapped at once.
const CHUNK: usize = 128;
/// Places of the smallest table.
const FEW: usize = 16;
/// A place of the table in which nothing ever was.
const EMPTY: u32 = u32::MAX;
/// A place of the table in which something was.
const LEFT: u32 = u32::MAX - 1;

type Rows = [UnsafeCell<Option<Actor>>; CHUNK];

/// See the module's documentation.
pub(crate) struct Slab {
    chunks: Vec<Box<Rows>>,
    free: Vec<u32>,
    /// Rows that were ever used: those from here on are empty.
    end: u32,
    /// Rows by the number of their container; a power of two, at most three quarters not empty.
    places: Box<[u32]>,
    /// Places that are not empty.
    taken: usize,
    size: usize,
}

// SAFETY: a row is reached through `&Slab` only to read it, but for [`Slab::apart`], which has its own contract.
unsafe impl Sync for Slab {}

impl Default for Slab {
    fn default() -> Slab {
        Slab { chunks: Vec::new(), free: Vec::new(), end: 0, places: [EMPTY; FEW].into(), taken: 0, size: 0 }
    }
}

impl Slab {
    /// How many containers there are.
    pub(crate) fn len(&self) -> usize {
        self.size
    }

    /// The container in a row, if there is one.
    #[inline(always)]
    pub(crate) fn get(&self, row: u32) -> Option<&Actor> {
        // SAFETY: nobody writes to the row while the slab is shared.
        unsafe { (*self.cell(row)).as_ref() }
    }

    /// The same, to change it.
    #[inline(always)]
    pub(crate) fn get_mut(&mut self, row: u32) -> Option<&mut Actor> {
        // SAFETY: the borrow of the slab is exclusive.
        unsafe { (*self.cell(row)).as_mut() }
    }

    /// The container in a row, apart from the slab: it stays where it is until it is taken out.
    ///
    /// # Safety
    /// While the reference lives nothing else looks at this row or adds or removes containers.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)] // the contract above
    pub(crate) unsafe fn apart(&self, row: u32) -> Option<&mut Actor> {
        // SAFETY: the caller's promise.
        unsafe { (*self.cell(row)).as_mut() }
    }

    #[inline(always)]
    fn cell(&self, row: u32) -> *mut Option<Actor> {
        self.chunks[row as usize / CHUNK][row as usize % CHUNK].get()
    }

    /// All containers, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Actor> {
        (0..self.end).filter_map(|row| self.get(row))
    }

    /// The row of a container, by its number.
    #[inline(always)]
    pub(crate) fn find(&self, id: u64) -> Option<u32> {
        let (mut place, step) = self.way(id);
        loop {
            match self.places[place] {
                EMPTY => return None,
                LEFT => {}
                row if self.id_of(row) == id => return Some(row),
                _ => {}
            }
            place = self.next(place, step);
        }
    }

    /// Adds a container, whose number must be new. Gives its row.
    pub(crate) fn insert(&mut self, actor: Actor) -> u32 {
        if (self.taken + 1) * 4 > self.places.len() * 3 {
            self.rebuild();
        }
        let id = actor.id;
        let row = self.free.pop().unwrap_or_else(|| self.new_row());
        // SAFETY: the borrow of the slab is exclusive.
        unsafe { *self.cell(row) = Some(actor) };
        self.enter(id, row);
        self.size += 1;
        row
    }

    fn new_row(&mut self) -> u32 {
        let row = self.end;
        if row as usize == self.chunks.len() * CHUNK {
            self.chunks.push(Box::new([const { UnsafeCell::new(None) }; CHUNK]));
        }
        self.end += 1;
        row
    }

    /// Takes a container out.
    pub(crate) fn remove(&mut self, row: u32) -> Option<Actor> {
        let (mut place, step) = self.way(self.get(row)?.id);
        while self.places[place] != row {
            place = self.next(place, step);
        }
        self.places[place] = LEFT;
        self.size -= 1;
        self.free.push(row);
        // SAFETY: the borrow of the slab is exclusive.
        unsafe { (*self.cell(row)).take() }
    }

    // ── The table ────────────────────────────────────────────────────────────────

    /// Where the search for a number begins, and how it goes on: by an odd step, so that it comes to every place.
    #[inline(always)]
    fn way(&self, id: u64) -> (usize, usize) {
        let high = id >> self.places.len().trailing_zeros();
        let mixed = high.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (id.wrapping_add(mixed >> 32)) as usize & (self.places.len() - 1);
        (place, (mixed >> 20) as usize ^ 0x2_9b15)
    }

    #[inline(always)]
    fn next(&self, place: usize, step: usize) -> usize {
        place.wrapping_add(step | 1) & (self.places.len() - 1)
    }

    #[inline(always)]
    fn id_of(&self, row: u32) -> u64 {
        self.get(row).map_or(0, |actor| actor.id)
    }

    fn enter(&mut self, id: u64, row: u32) {
        let (mut place, step) = self.way(id);
        while self.places[place] < LEFT {
            place = self.next(place, step);
        }
        self.taken += (self.places[place] == EMPTY) as usize;
        self.places[place] = row;
    }

    /// Makes a table of a size that fits, without places that were left.
    #[cold]
    fn rebuild(&mut self) {
        let size = ((self.size + 1) * 2).next_power_of_two().max(FEW);
        self.places = vec![EMPTY; size].into();
        self.taken = 0;
        for row in 0..self.end {
            if let Some(id) = self.get(row).map(|actor| actor.id) {
                self.enter(id, row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Random numbers come and go, like those of one container that makes many and of many that make few.
    #[test]
    fn what_is_there_is_found_and_nothing_else() {
        for stride in [1, 7, 16, 4096, 1 << 20, 12_501] {
            let mut slab = Slab::default();
            let mut model = BTreeMap::new();
            let mut draw = 1u64;
            for _ in 0..20_000 {
                draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(stride);
                let id = 1 + (draw >> 40) % 700 * stride;
                assert_eq!(slab.find(id), model.get(&id).copied());
                match model.remove(&id) {
                    Some(row) if draw >> 33 & 3 != 0 => assert_eq!(slab.remove(row).map(|a| a.id), Some(id)),
                    Some(row) => _ = model.insert(id, row),
                    None => _ = model.insert(id, slab.insert(Actor::new(id, 0, 0, &[]))),
                }
                assert_eq!(slab.len(), model.len());
            }
            let mut ids: Vec<u64> = slab.iter().map(|actor| actor.id).collect();
            ids.sort_unstable();
            assert!(ids.iter().eq(model.keys()));
            assert!(slab.end <= 700, "rows of those that are gone are used again");
        }
    }

    /// However numbers are given out, a search looks at few places.
    #[test]
    fn searches_are_short() {
        for stride in [1, 2, 16, 64, 4096, 12_501, 1 << 32] {
            // Two blocks of numbers.
            let ids = || (1..3000).chain(1_000_000..1_003_000u64).map(|n| n * stride);
            let mut slab = Slab::default();
            ids().for_each(|id| _ = slab.insert(Actor::new(id, 0, 0, &[])));
            let looks = |id: u64| {
                let (mut place, step) = slab.way(id);
                let mut looks = 1;
                while slab.id_of(slab.places[place]) != id {
                    place = slab.next(place, step);
                    looks += 1;
                }
                looks
            };
            let all: usize = ids().map(looks).sum();
            assert!(all < 6000 * 3, "{} places on average at a stride of {stride}", all as f64 / 6000.0);
        }
    }
}
