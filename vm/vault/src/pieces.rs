//! A region a stored chunk at a time, in any order: each chunk is read and checked once, and gives all pages that it has.
//!
//! Keeps true: over all pieces each page of the region is given exactly once; nothing is given of a chunk that is not what its name says.

use crate::chunk::blob::chunk_len;
use crate::chunk::{CHUNK, ChunkSource, PAGE, PAGES};
use crate::error::Result;
use crate::save::RegionMap;

/// See the module's documentation.
#[derive(Clone, Debug)]
pub struct Pieces {
    map: RegionMap,
    /// The overlay's pages by their place among its chunks: place, page.
    places: Vec<(u32, u32)>,
}

impl Pieces {
    /// The pieces of a region.
    pub fn new(map: RegionMap) -> Self {
        let stored = map.pages().iter().filter_map(|page| Some((page.slot?, page.page)));
        let mut places: Vec<(u32, u32)> = stored.collect();
        places.sort_unstable();
        Pieces { map, places }
    }

    /// Pages of the region; the last may be cut by its end.
    pub fn pages(&self) -> usize {
        self.map.len.div_ceil(PAGE as u64) as usize
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.map.chunks() + self.map.overlay.chunks.len()
    }

    /// The piece that has a page of the region.
    pub fn of_page(&self, page: usize) -> usize {
        let pages = self.map.pages();
        let laid = pages.binary_search_by_key(&(page as u32), |laid| laid.page).ok().and_then(|at| pages[at].slot);
        match laid {
            Some(slot) => self.map.chunks() + slot as usize / PAGES,
            None => page / PAGES,
        }
    }

    /// Reads and checks a piece, and gives its pages: runs of whole pages, each with its first page's number. What is behind the region's end
    /// is zero. It may give nothing.
    ///
    /// # Errors
    /// If the chunk is missing or damaged, with its place; nothing has been given then.
    pub fn read(&self, source: &dyn ChunkSource, piece: usize, mut give: impl FnMut(usize, &[u8])) -> Result<()> {
        match piece.checked_sub(self.map.chunks()) {
            None => self.read_base(source, piece, &mut give),
            Some(laid) => self.read_laid(source, laid, &mut give),
        }
    }

    /// A chunk of the base, but for the pages laid over it. Pages of zeros laid over it count as its own.
    fn read_base(&self, source: &dyn ChunkSource, index: usize, give: &mut dyn FnMut(usize, &[u8])) -> Result<()> {
        let first = index * PAGES;
        let last = self.pages().min(first + PAGES);
        let laid = self.map.overlay.between(first as u32, last as u32);
        let elsewhere = |page: usize| laid.iter().any(|laid| laid.page as usize == page && laid.slot.is_some());
        if (first..last).all(elsewhere) {
            return Ok(());
        }
        let mut bytes = vec![0; CHUNK];
        self.map.base(source, index, &mut bytes[..chunk_len(self.map.len, index)])?;
        for zero in laid.iter().filter(|laid| laid.slot.is_none()) {
            bytes[(zero.page as usize - first) * PAGE..][..PAGE].fill(0);
        }
        let mut page = first;
        while page < last {
            let end = (page..last).find(|&page| elsewhere(page)).unwrap_or(last);
            if end > page {
                give(page, &bytes[(page - first) * PAGE..(end - first) * PAGE]);
            }
            page = end + 1;
        }
        Ok(())
    }

    /// A chunk of the overlay: those of its pages that still count.
    fn read_laid(&self, source: &dyn ChunkSource, index: usize, give: &mut dyn FnMut(usize, &[u8])) -> Result<()> {
        let (id, pages) = self.map.overlay.chunks[index];
        let mut bytes = vec![0; usize::from(pages) * PAGE];
        source.chunk(&id, &mut bytes)?;
        let first = (index * PAGES) as u32;
        let from = self.places.partition_point(|&(slot, _)| slot < first);
        let here = self.places[from..].iter().take_while(|&&(slot, _)| slot < first + PAGES as u32);
        for &(slot, page) in here {
            let at = (slot - first) as usize * PAGE;
            let in_region = (self.map.len - u64::from(page) * PAGE as u64).min(PAGE as u64) as usize;
            bytes[at + in_region..at + PAGE].fill(0);
            give(page as usize, &bytes[at..at + PAGE]);
        }
        Ok(())
    }
}
