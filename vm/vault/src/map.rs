//! A region in memory without reading it: the base's chunks mapped from their packs, copy on write, and the overlay's pages copied over them.
//!
//! What it keeps true: the memory holds exactly what [`RegionMap::read`] would give, as long as the packs on the disk are what their names
//! say. Whoever maps trusts the disk until [`Unseen::check`] has passed over all of [`Mapped::unseen`]; what belongs to neither is checked at once.
//!
//! Chunks of a batch that follow each other are one mapping, so a region takes about one for every 7 MiB. Packs never change
//! where something was written, and one that is removed lives on under its mappings.

use std::ffi::c_void;
use std::ops::Range;
use std::ptr;

use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

use crate::chunk::blob::{chunk_len, is_zeros};
use crate::chunk::store::Unchecked;
use crate::chunk::{CHUNK, ChunkSource, PAGE, Place};
use crate::error::{Error, Result};
use crate::id::ChunkId;
use crate::save::RegionMap;
use crate::saves::Saves;

/// Memory that belongs to this value alone. Unmapped when it is dropped.
#[derive(Debug)]
pub struct Mapped {
    start: *mut c_void,
    len: usize,
    /// Runs of chunks whose bytes have not been looked at.
    runs: Vec<Run>,
}

// SAFETY: the memory is this value's alone, and plain bytes.
unsafe impl Send for Mapped {}

/// Chunks that lie one behind the other in a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    chunks: Range<usize>,
    place: Place,
}

impl Saves {
    /// Maps a region, copy on write: nothing that is written to it reaches the vault.
    ///
    /// # Errors
    /// If a list or a page that has to be copied is missing or damaged, or the system refuses a mapping.
    pub fn map(&self, region: &RegionMap) -> Result<Mapped> {
        let len = (region.len as usize).next_multiple_of(PAGE).max(PAGE);
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: without a fixed address the system chooses one where nothing is.
        let start = unsafe { mmap_anonymous(ptr::null_mut(), len, ProtFlags::READ | ProtFlags::WRITE, flags) };
        let start = start.map_err(|e| Error::io("map a region of it", &self.0.vault)(e.into()))?;
        let mut mapped = Mapped { start, len, runs: self.runs(region)? };
        for run in &mapped.runs {
            self.map_run(start, run)?;
        }
        self.copy_rest(region, &mut mapped)?;
        Ok(mapped)
    }

    /// The base's whole chunks that can be mapped, those that lie together as one.
    fn runs(&self, region: &RegionMap) -> Result<Vec<Run>> {
        let mut runs: Vec<Run> = Vec::new();
        for index in (0..region.chunks()).filter(|&index| region.mappable(index)) {
            let Some(place) = self.0.store.place(&region.base[index])? else { continue };
            if !place.offset.is_multiple_of(PAGE as u64) || place.len as usize != CHUNK {
                continue;
            }
            match runs.last_mut() {
                Some(run) if run.chunks.end == index && run.next() == (place.pack, place.offset) => run.chunks.end += 1,
                _ => runs.push(Run { chunks: index..index + 1, place }),
            }
        }
        Ok(runs)
    }

    fn map_run(&self, start: *mut c_void, run: &Run) -> Result<()> {
        let (file, path) = (self.0.store.file(run.place.pack)?, self.0.store.path(run.place.pack));
        let end = run.place.offset + run.len() as u64;
        let whole = file.len().map_err(Error::io("read its length", &path))? >= end;
        let system = file.system().filter(|_| whole);
        let system = system.ok_or_else(|| Error::io("map it", &path)(std::io::ErrorKind::Unsupported.into()))?;
        let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
        // SAFETY: the run's chunks lie within the region, whose length `map` reserved from `start` on, and nobody has a
        // reference into it yet. The file is at least as long as the run, and packs are never cut behind a synced chunk.
        let done = unsafe {
            let at = start.byte_add(run.chunks.start * CHUNK);
            mmap(at, run.len(), ProtFlags::READ | ProtFlags::WRITE, flags, system, run.place.offset)
        };
        done.map(drop).map_err(|e| Error::io("map it", &path)(e.into()))
    }

    /// Copies what is not mapped: short and cut chunks of the base, and the overlay's pages.
    fn copy_rest(&self, region: &RegionMap, mapped: &mut Mapped) -> Result<()> {
        let runs = mapped.runs.clone();
        let mut covered = vec![false; region.chunks()];
        runs.into_iter().for_each(|run| covered[run.chunks].fill(true));
        let bytes = mapped.bytes_mut();
        for index in (0..region.chunks()).filter(|&index| !region.is_empty(index)) {
            if !covered[index] {
                let at = index * CHUNK;
                region.chunk(self, index, &mut bytes[at..at + chunk_len(region.len, index)])?;
            }
        }
        region.read_pages(&Unchecked(&self.0.store), |offset, page| {
            bytes[offset as usize..offset as usize + page.len()].copy_from_slice(page);
            Ok(())
        })
    }
}

impl RegionMap {
    /// Whether chunk `index` of the base counts as a whole, and is stored somewhere.
    fn mappable(&self, index: usize) -> bool {
        let end = ((index + 1) * CHUNK) as u64;
        index < self.base.len() && end <= self.visible.min(self.base_len) && !is_zeros(&self.base[index], CHUNK)
    }

    /// Whether chunk `index` is zeros but for pages laid over it.
    fn is_empty(&self, index: usize) -> bool {
        let start = (index * CHUNK) as u64;
        start >= self.visible || is_zeros(&self.base[index], chunk_len(self.base_len, index))
    }
}

impl Run {
    fn len(&self) -> usize {
        self.chunks.len() * CHUNK
    }

    /// Where the chunk would lie that goes on with it.
    fn next(&self) -> (u64, u64) {
        (self.place.pack, self.place.offset + self.len() as u64)
    }
}

impl Mapped {
    /// The memory.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: `start` and `len` are a mapping that lives as long as `self`; `&self` allows reading only. The files under it are
        // never changed where they are mapped.
        unsafe { std::slice::from_raw_parts(self.start.cast(), self.len) }
    }

    /// The memory, to be changed.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` makes it the only reference.
        unsafe { std::slice::from_raw_parts_mut(self.start.cast(), self.len) }
    }

    /// How many pieces of packs it is mapped from.
    pub fn mappings(&self) -> usize {
        self.runs.len()
    }

    /// The region's chunks that are in memory without a look at their bytes: mapped ones, and those of the overlay's pages.
    pub fn unseen<'a>(&'a self, region: &'a RegionMap) -> impl Iterator<Item = Unseen> + 'a {
        let mapped = self.runs.iter().flat_map(|run| run.chunks.clone());
        let base = mapped.map(|index| Unseen { id: region.base[index], len: CHUNK });
        let pages = region.overlay.chunks.iter();
        base.chain(pages.map(|&(id, pages)| Unseen { id, len: usize::from(pages) * PAGE }))
    }
}

/// A chunk that is in use and has not been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unseen {
    id: ChunkId,
    len: usize,
}

impl Unseen {
    /// Checks it, as it is on the disk. In any order, also in the background.
    ///
    /// # Errors
    /// If the chunk is damaged, with its place: the world that has this memory has to stop.
    pub fn check(&self, source: &dyn ChunkSource) -> Result<()> {
        source.chunk(&self.id, &mut vec![0; self.len])
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's, and no reference into it outlives it. It cannot fail for a range that was mapped.
        let _ = unsafe { munmap(self.start, self.len) };
    }
}
