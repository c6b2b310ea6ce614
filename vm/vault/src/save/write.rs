//! Writing a save: chunks, sync, manifest, sync, read back, and only then is it a save.

use std::io;

use crate::chunk::blob::{self, Blob, chunk_len};
use crate::chunk::store::ChunkWriter;
use crate::chunk::{CHUNK, ChunkSink, ChunkSource, PAGE, PAGES};
use crate::error::{Error, Refusal, Result};
use crate::id::{ModuleId, SaveId, StateHash};
use crate::journal::Position;

use super::head::{Descent, Locator};
use super::manifest::{Manifest, Module, REGION, Region};
use super::region::{Overlay, Page, RegionMap};

/// An overlay above this part of its region is folded into a new base at the next save.
const FOLD: u64 = 8;

/// Bytes that can be read at any place. Each is read once for a save, in order.
pub trait ReadAt {
    /// Fills `into` with the bytes from `offset` on.
    ///
    /// # Errors
    /// If they cannot be had; the save fails with it.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;
}

impl ReadAt for &[u8] {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let from = self.get(offset as usize..).and_then(|rest| rest.get(..into.len()));
        into.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// What of a region is written.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// Nothing: it is as in the parent.
    Same,
    /// These pages of 4 KiB, ascending; the others are as in the parent, or zero where the parent's region was shorter.
    Pages(&'a [u32]),
    /// Everything.
    Whole,
}

/// A region to be saved.
#[derive(Clone, Copy)]
pub struct RegionInput<'a> {
    /// Its number.
    pub container: u64,
    /// Bytes, at most 32 GiB.
    pub len: u64,
    /// What of it is written.
    pub change: Change<'a>,
    /// Its bytes. With [`Change::Pages`] only those pages are read, and the page in which the shorter of both lengths ends.
    pub bytes: &'a dyn ReadAt,
}

/// A save to be made.
#[derive(Clone)]
pub struct Draft<'a> {
    /// The save it comes from. A delta is a delta to this.
    pub parent: Option<SaveId>,
    /// How it follows from the parent.
    pub descent: Descent,
    /// The tick at whose end the state is.
    pub tick: u64,
    /// The state's hash.
    pub state_hash: StateHash,
    /// The place in the journal after everything that entered up to `tick`.
    pub position: Position,
    /// Where it comes from.
    pub locator: Locator,
    /// Now, in milliseconds since 1970, UTC.
    pub wall: i64,
    /// The modules that the world runs: their stored bytes.
    pub modules: &'a [&'a [u8]],
    /// The state outside of the regions.
    pub state: &'a [u8],
    /// What else belongs to the world.
    pub meta: &'a [u8],
    /// The regions, ascending by number. Many small heaps belong into one region, or into `state`: a region costs about 100 bytes and a chunk.
    pub regions: &'a [RegionInput<'a>],
}

impl Draft<'_> {
    /// Whether some of it is as in the parent.
    pub(crate) fn is_delta(&self) -> bool {
        self.regions.iter().any(|region| !matches!(region.change, Change::Whole))
    }
}

/// Writes everything that a draft's manifest names, but for what the parent has.
pub(crate) fn contents(
    draft: &Draft<'_>,
    parent: Option<&Manifest>,
    source: &dyn ChunkSource,
    to: &mut ChunkWriter,
) -> Result<Manifest> {
    let mut modules = Vec::with_capacity(draft.modules.len());
    for bytes in draft.modules {
        modules.push(Module { id: ModuleId(crate::bytes::hash(bytes)), bytes: blob::write(to, bytes)? });
    }
    modules.sort_unstable_by_key(|module| module.id);
    modules.dedup_by_key(|module| module.id);
    let state = blob::write(to, draft.state)?;
    let meta = blob::write(to, draft.meta)?;
    let mut regions: Vec<Region> = Vec::with_capacity(draft.regions.len());
    for input in draft.regions {
        if regions.last().is_some_and(|last| last.container >= input.container) {
            return Err(Refusal::Regions(input.container).into());
        }
        if input.len > REGION {
            return Err(Refusal::TooLarge { what: "a region", found: input.len, most: REGION }.into());
        }
        let old = parent.and_then(|parent| parent.region(input.container));
        regions.push(match (input.change, old) {
            (Change::Whole, _) => whole(input, to)?,
            (Change::Pages(pages), Some(old)) => changed(input, pages, old, source, to)?,
            (Change::Same, Some(old)) => changed(input, &[], old, source, to)?,
            (_, None) => return Err(Refusal::NoParentRegion(input.container).into()),
        });
    }
    Ok(Manifest { modules, state, meta, regions })
}

fn read(input: &RegionInput<'_>, offset: u64, into: &mut [u8]) -> Result<()> {
    let path = std::path::PathBuf::from(format!("region {}", input.container));
    input.bytes.read_at(offset, into).map_err(Error::io("read it", &path))
}

fn whole(input: &RegionInput<'_>, to: &mut ChunkWriter) -> Result<Region> {
    let mut buffer = vec![0; CHUNK];
    let mut ids = Vec::new();
    for index in 0..input.len.div_ceil(CHUNK as u64) as usize {
        let chunk = &mut buffer[..chunk_len(input.len, index)];
        read(input, (index * CHUNK) as u64, chunk)?;
        ids.push(to.put(chunk)?);
    }
    let base = blob::tree(to, ids, input.len)?;
    Ok(Region { container: input.container, len: input.len, base, visible: input.len, overlay: None })
}

/// A region of which some pages changed since `old`.
fn changed(
    input: &RegionInput<'_>,
    pages: &[u32],
    old: &Region,
    source: &dyn ChunkSource,
    to: &mut ChunkWriter,
) -> Result<Region> {
    if pages.is_empty() && input.len == old.len {
        return Ok(*old);
    }
    let (base, visible, mut overlay) = fold_if_large(old, source, to)?;
    let pages = all_changed(input.len, pages, old.len);
    overlay.pages.retain(|p| u64::from(p.page) * (PAGE as u64) < input.len && pages.binary_search(&p.page).is_err());
    let mut overlay = compact(overlay);
    pack(input, &pages, &mut overlay, to)?;
    let table = if overlay.pages.is_empty() { None } else { Some(blob::write(to, &overlay.encode())?) };
    Ok(Region { container: old.container, len: input.len, base, visible: visible.min(input.len), overlay: table })
}

/// The pages that are written: those that are said to have changed, and the one in which the shorter of both lengths ends, for what
/// stands behind that end on its page.
fn all_changed(len: u64, pages: &[u32], old_len: u64) -> Vec<u32> {
    let mut all: Vec<u32> = pages.iter().copied().filter(|&page| u64::from(page) * (PAGE as u64) < len).collect();
    let shorter = len.min(old_len);
    if len != old_len && !shorter.is_multiple_of(PAGE as u64) {
        all.push((shorter / PAGE as u64) as u32);
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// What a delta is laid over: the parent's base and overlay, or a new base if the overlay has grown too large.
fn fold_if_large(old: &Region, source: &dyn ChunkSource, to: &mut ChunkWriter) -> Result<(Blob, u64, Overlay)> {
    let overlay = old.overlay(source)?;
    if (overlay.chunks.len() * CHUNK) as u64 <= (old.len / FOLD).max(CHUNK as u64) {
        return Ok((old.base, old.visible, overlay));
    }
    let map = old.map(source)?;
    let mut buffer = vec![0; CHUNK];
    let mut ids = Vec::with_capacity(map.chunks());
    for index in 0..map.chunks() {
        let len = chunk_len(map.len, index);
        if !map.is_base(index) {
            map.chunk(source, index, &mut buffer[..len])?;
            ids.push(to.put(&buffer[..len])?);
        } else {
            ids.push(map.base[index]);
        }
    }
    Ok((blob::tree(to, ids, map.len)?, map.len, Overlay::default()))
}

/// Forgets chunks of which no page counts any more.
fn compact(overlay: Overlay) -> Overlay {
    let mut live = vec![false; overlay.chunks.len()];
    for slot in overlay.pages.iter().filter_map(|page| page.slot) {
        live[slot as usize / PAGES] = true;
    }
    let mut moved = vec![0; live.len()];
    let mut chunks = Vec::new();
    for (index, chunk) in overlay.chunks.into_iter().enumerate().filter(|(index, _)| live[*index]) {
        moved[index] = chunks.len() as u32;
        chunks.push(chunk);
    }
    let slot = |slot: u32| moved[slot as usize / PAGES] * PAGES as u32 + slot % PAGES as u32;
    let pages = overlay.pages.iter().map(|page| Page { slot: page.slot.map(slot), ..*page }).collect();
    Overlay { chunks, pages }
}

/// Writes pages, 16 to a chunk, and adds them to the overlay.
fn pack(input: &RegionInput<'_>, pages: &[u32], overlay: &mut Overlay, to: &mut ChunkWriter) -> Result<()> {
    let mut chunk = Vec::with_capacity(CHUNK);
    for &page in pages {
        let start = chunk.len();
        let offset = u64::from(page) * PAGE as u64;
        chunk.resize(start + PAGE, 0);
        let len = (input.len - offset).min(PAGE as u64) as usize;
        read(input, offset, &mut chunk[start..start + len])?;
        let zero = chunk[start..].iter().all(|&byte| byte == 0);
        let slot = (overlay.chunks.len() * PAGES + start / PAGE) as u32;
        overlay.pages.push(Page { page, slot: (!zero).then_some(slot) });
        if zero {
            chunk.truncate(start);
        }
        if chunk.len() == CHUNK {
            overlay.chunks.push((to.put(&chunk)?, PAGES as u8));
            chunk.clear();
        }
    }
    if !chunk.is_empty() {
        overlay.chunks.push((to.put(&chunk)?, (chunk.len() / PAGE) as u8));
    }
    overlay.pages.sort_unstable_by_key(|page| page.page);
    Ok(())
}

impl RegionMap {
    /// Whether chunk `index` is the base's chunk as it is stored.
    pub(crate) fn is_base(&self, index: usize) -> bool {
        let end = (index * CHUNK + chunk_len(self.len, index)) as u64;
        let same_len = index < self.base.len() && chunk_len(self.base_len, index) == chunk_len(self.len, index);
        same_len && end <= self.visible && !self.overlaid(index)
    }
}
