//! A region's bytes: a base of chunks, and an overlay of pages.
//!
//! A page that changed costs a page and not a chunk: changed pages are packed, 16 to a chunk, and a table says which page of
//! the region is where. The table is complete: it has the pages of earlier deltas too, so that a region is read from one
//! base and one table however long the chain of deltas is. When the overlay has grown to a stated part of the
//! region, the writer folds it into a new base.

use crate::bytes::{Sink, Source};
use crate::chunk::blob::{self, chunk_len};
use crate::chunk::{CHUNK, ChunkSource, PAGE, PAGES};
use crate::error::{Flaw, Result, Wrong};
use crate::id::ChunkId;

use super::manifest::Region;

/// The place of a page of zeros.
const NOWHERE: u32 = u32::MAX;

/// A page of an overlay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Which page of the region.
    pub page: u32,
    /// Which page of the overlay's chunks, 16 for each chunk; `None` is a page of zeros.
    pub slot: Option<u32>,
}

/// Changed pages, and the chunks that they are in.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Overlay {
    /// Each with how many pages it holds.
    pub(crate) chunks: Vec<(ChunkId, u8)>,
    /// By page.
    pub(crate) pages: Vec<Page>,
}

/// Where all bytes of a region are.
#[derive(Clone, Debug)]
pub struct RegionMap {
    /// Bytes.
    pub len: u64,
    /// The base's chunks.
    pub(crate) base: Vec<ChunkId>,
    /// The base's length, which decides the last chunk's.
    pub(crate) base_len: u64,
    /// Of the base, only so many bytes count.
    pub(crate) visible: u64,
    pub(crate) overlay: Overlay,
}

impl Overlay {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut to = Sink::default();
        to.u32(self.chunks.len() as u32);
        for (id, pages) in &self.chunks {
            to.bytes(&id.0);
            to.u8(*pages);
        }
        to.u32(self.pages.len() as u32);
        for page in &self.pages {
            to.u32(page.page);
            to.u32(page.slot.unwrap_or(NOWHERE));
        }
        to.0
    }

    /// Reads the overlay of a region that is `len` bytes long.
    pub(crate) fn decode(bytes: &[u8], len: u64) -> Result<Self, Flaw> {
        let mut from = Source::new(bytes, 0);
        let mut overlay = Overlay::default();
        for _ in 0..from.count(33, "the number of chunks")? {
            let chunk = (ChunkId(from.array()?), from.u8()?);
            if !(1..=PAGES as u8).contains(&chunk.1) {
                return Err(from.flaw(Wrong::Unknown { what: "number of pages", code: chunk.1.into() }));
            }
            overlay.chunks.push(chunk);
        }
        for _ in 0..from.count(8, "the number of pages")? {
            let at = from.offset();
            let (page, slot) = (from.u32()?, from.u32()?);
            let last = overlay.pages.last().map(|last: &Page| last.page);
            if last.is_some_and(|last| last >= page) || u64::from(page) * PAGE as u64 >= len {
                return Err(Flaw::new(at, Wrong::Order("pages")));
            }
            let slot = (slot != NOWHERE).then_some(slot);
            let here = |slot: u32| {
                overlay.chunks.get(slot as usize / PAGES).is_some_and(|c| slot as usize % PAGES < c.1.into())
            };
            if !slot.is_none_or(here) {
                return Err(Flaw::new(at + 4, Wrong::Unknown { what: "page of the overlay", code: page.into() }));
            }
            overlay.pages.push(Page { page, slot });
        }
        from.end()?;
        Ok(overlay)
    }

    /// The pages in `first..end`.
    pub(crate) fn between(&self, first: u32, end: u32) -> &[Page] {
        let at = |page| self.pages.partition_point(|p| p.page < page);
        &self.pages[at(first)..at(end)]
    }
}

impl Region {
    /// The region's overlay.
    pub(crate) fn overlay(&self, source: &dyn ChunkSource) -> Result<Overlay> {
        let Some(blob) = &self.overlay else { return Ok(Overlay::default()) };
        // 33 bytes a chunk and 8 a page, with no more chunks than pages.
        let most = 8 + 41 * self.len.div_ceil(PAGE as u64);
        let file = std::path::PathBuf::from(format!("page table {}", blob.root));
        if blob.len > most {
            let wrong = Wrong::Range { what: "the length of a page table", found: blob.len, most };
            return Err(Flaw::new(0, wrong).in_file(&file));
        }
        Overlay::decode(&blob::read(source, blob)?, self.len).map_err(|flaw| flaw.in_file(&file))
    }

    /// Where all its bytes are. Reads the lists, and none of the bytes.
    ///
    /// # Errors
    /// If a list is missing, damaged or senseless.
    pub fn map(&self, source: &dyn ChunkSource) -> Result<RegionMap> {
        Ok(RegionMap {
            len: self.len,
            base: blob::leaves(source, &self.base)?,
            base_len: self.base.len,
            visible: self.visible,
            overlay: self.overlay(source)?,
        })
    }
}

impl RegionMap {
    /// How many chunks the region covers.
    pub fn chunks(&self) -> usize {
        self.len.div_ceil(CHUNK as u64) as usize
    }

    /// Whether pages are laid over chunk `index`.
    pub(crate) fn overlaid(&self, index: usize) -> bool {
        !self.overlay.between((index * PAGES) as u32, ((index + 1) * PAGES) as u32).is_empty()
    }

    /// The pages that are not as in the base.
    pub fn pages(&self) -> &[Page] {
        &self.overlay.pages
    }

    /// Fills `into` with the bytes of chunk `index` of the region: base, cut, and pages laid over. `into` is as long as
    /// the chunk, which is shorter than 64 KiB only at the region's end.
    ///
    /// # Errors
    /// If a chunk is missing or damaged.
    pub fn chunk(&self, source: &dyn ChunkSource, index: usize, into: &mut [u8]) -> Result<()> {
        let start = (index * CHUNK) as u64;
        self.base(source, index, into)?;
        let (first, end) = ((index * PAGES) as u32, ((index + 1) * PAGES) as u32);
        let mut cached = OverlayChunk::default();
        for page in self.overlay.between(first, end) {
            let at = (u64::from(page.page) * PAGE as u64 - start) as usize;
            let end = into.len().min(at + PAGE);
            cached.page(self, source, *page, &mut into[at..end])?;
        }
        Ok(())
    }

    /// Fills `into` with the base's part of chunk `index`.
    pub(crate) fn base(&self, source: &dyn ChunkSource, index: usize, into: &mut [u8]) -> Result<()> {
        let start = (index * CHUNK) as u64;
        let visible = self.visible.saturating_sub(start).min(into.len() as u64) as usize;
        if visible > 0 {
            let stored = chunk_len(self.base_len, index);
            if stored <= into.len() {
                source.chunk(&self.base[index], &mut into[..stored])?;
            } else {
                let mut whole = vec![0; stored];
                source.chunk(&self.base[index], &mut whole)?;
                into[..visible].copy_from_slice(&whole[..visible]);
            }
        }
        into[visible..].fill(0);
        Ok(())
    }

    /// Gives every byte of the region in order, a chunk at a time, with its offset: checked, in bounded memory.
    ///
    /// # Errors
    /// If a chunk is missing or damaged, or the receiver fails.
    pub fn read(&self, source: &dyn ChunkSource, mut take: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
        let mut buffer = vec![0; CHUNK];
        for index in 0..self.chunks() {
            let len = chunk_len(self.len, index);
            self.chunk(source, index, &mut buffer[..len])?;
            take((index * CHUNK) as u64, &buffer[..len])?;
        }
        Ok(())
    }

    /// Gives the pages that are not as in the base, with their offsets; the last may be cut by the region's end.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_pages(&self, source: &dyn ChunkSource, mut take: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
        let mut cached = OverlayChunk::default();
        let mut bytes = [0; PAGE];
        // In the order in which they are stored, so that each chunk is read once.
        let mut pages = self.overlay.pages.clone();
        pages.sort_unstable_by_key(|page| page.slot);
        for page in pages {
            let offset = u64::from(page.page) * PAGE as u64;
            let len = (self.len - offset).min(PAGE as u64) as usize;
            cached.page(self, source, page, &mut bytes[..len])?;
            take(offset, &bytes[..len])?;
        }
        Ok(())
    }
}

/// The overlay's chunk that was read last.
#[derive(Default)]
struct OverlayChunk {
    index: Option<usize>,
    bytes: Vec<u8>,
}

impl OverlayChunk {
    fn page(&mut self, map: &RegionMap, source: &dyn ChunkSource, page: Page, into: &mut [u8]) -> Result<()> {
        let Some(slot) = page.slot else {
            into.fill(0);
            return Ok(());
        };
        let (index, at) = (slot as usize / PAGES, slot as usize % PAGES * PAGE);
        if self.index != Some(index) {
            let (id, pages) = map.overlay.chunks[index];
            self.bytes.resize(usize::from(pages) * PAGE, 0);
            // Not the last chunk until it is whole.
            self.index = None;
            source.chunk(&id, &mut self.bytes)?;
            self.index = Some(index);
        }
        into.copy_from_slice(&self.bytes[at..at + into.len()]);
        Ok(())
    }
}
