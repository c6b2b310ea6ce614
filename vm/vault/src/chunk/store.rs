//! All packs of a vault: chunks found by their names, and written once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use crate::disk::{Disk, DiskFile, Open, read_up_to, sync_dir};
use crate::error::{Error, Flaw, Result, Wrong};
use crate::id::ChunkId;
use crate::registry::{Change, Index};
use crate::seeded::{self, Bug};

use super::pack::{self, PackWriter};
use super::{ChunkSink, ChunkSource, Place, blob};

/// Bytes after which another pack is begun.
const PACK: u64 = 256 << 20;

/// The packs and their index.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) dir: PathBuf,
    pub(crate) index: Index,
    files: Mutex<FxHashMap<u64, Arc<dyn DiskFile>>>,
    /// A pack that an earlier writer left open in good order.
    spare: Mutex<Option<PackWriter>>,
    next: AtomicU64,
}

impl Store {
    pub(crate) fn new(disk: Arc<dyn Disk>, dir: PathBuf, index: Index) -> Result<Self> {
        let last = packs(&*disk, &dir)?.last().copied().unwrap_or(0);
        let next = AtomicU64::new(last + 1);
        Ok(Store { disk, dir, index, files: Mutex::default(), spare: Mutex::default(), next })
    }

    /// The path of a pack.
    pub(crate) fn path(&self, pack: u64) -> PathBuf {
        self.dir.join(pack::name(pack))
    }

    /// An open pack.
    pub(crate) fn file(&self, pack: u64) -> Result<Arc<dyn DiskFile>> {
        let mut files = self.files.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(file) = files.get(&pack) {
            return Ok(file.clone());
        }
        let path = self.path(pack);
        let file = self.disk.open(&path, Open::Read).map_err(Error::io("open it", &path))?;
        files.insert(pack, file.clone());
        Ok(file)
    }

    /// Forgets an open pack, whose name is gone.
    pub(crate) fn close(&self, pack: u64) {
        self.files.lock().unwrap_or_else(|e| e.into_inner()).remove(&pack);
    }

    /// Begins no more writing to the pack that was left open, so that it can be looked at as a whole.
    pub(crate) fn close_spare(&self) {
        self.spare.lock().unwrap_or_else(|e| e.into_inner()).take();
    }

    /// Where a chunk is.
    pub(crate) fn place(&self, id: &ChunkId) -> Result<Option<Place>> {
        self.index.find(id)
    }

    /// Fills `into` with the bytes at a place, and checks that they are the chunk.
    pub(crate) fn read(&self, id: &ChunkId, place: &Place, into: &mut [u8]) -> Result<()> {
        self.fill(place, into)?;
        match super::id(into) {
            found if found == *id || seeded::has(Bug::SkipCheck) => Ok(()),
            _ => Err(Flaw::new(place.offset, Wrong::Hash("a chunk")).in_file(&self.path(place.pack))),
        }
    }

    /// Fills `into` with the bytes at a place, whatever they are.
    fn fill(&self, place: &Place, into: &mut [u8]) -> Result<()> {
        let path = self.path(place.pack);
        let flaw = |wrong| Flaw::new(place.offset, wrong).in_file(&path);
        if place.len as usize != into.len() {
            let found = place.len.into();
            return Err(flaw(Wrong::Range { what: "the length of a chunk", found, most: into.len() as u64 }));
        }
        let file = self.file(place.pack)?;
        let filled = read_up_to(&*file, place.offset, into).map_err(Error::io("read it", &path))?;
        if filled < into.len() {
            return Err(flaw(Wrong::Ended));
        }
        Ok(())
    }

    /// Something that writes chunks.
    pub(crate) fn writer(self: &Arc<Self>) -> ChunkWriter {
        let spare = self.spare.lock().unwrap_or_else(|e| e.into_inner()).take();
        ChunkWriter { store: self.clone(), packs: spare.into_iter().collect(), pending: FxHashMap::default() }
    }
}

impl ChunkSource for Store {
    fn chunk(&self, id: &ChunkId, into: &mut [u8]) -> Result<()> {
        if blob::is_zeros(id, into.len()) {
            into.fill(0);
            return Ok(());
        }
        let missing = || Flaw::new(0, Wrong::Missing(*id)).in_file(&self.dir);
        let place = self.place(id)?.ok_or_else(missing)?;
        match self.read(id, &place, into) {
            // The pack may have been compacted between the two.
            Err(Error::Io { .. }) => self.read(id, &self.place(id)?.ok_or_else(missing)?, into),
            done => done,
        }
    }
}

/// Chunks as they are on the disk, to be checked later by whoever reads them.
pub(crate) struct Unchecked<'a>(pub(crate) &'a Store);

impl ChunkSource for Unchecked<'_> {
    fn chunk(&self, id: &ChunkId, into: &mut [u8]) -> Result<()> {
        match self.0.place(id)? {
            Some(place) => self.0.fill(&place, into),
            None => Err(Flaw::new(0, Wrong::Missing(*id)).in_file(&self.0.dir)),
        }
    }
}

/// The numbers of the packs in a directory, ascending.
pub(crate) fn packs(disk: &dyn Disk, dir: &Path) -> Result<Vec<u64>> {
    let names = disk.list(dir).map_err(Error::io("list it", dir))?;
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| pack::parse(name)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Writes chunks that aren't there yet. Dropped before [`Self::sync`], it leaves nothing but garbage behind.
pub(crate) struct ChunkWriter {
    store: Arc<Store>,
    /// The last one is being written; the ones before are full.
    packs: Vec<PackWriter>,
    pending: FxHashMap<ChunkId, Place>,
}

impl ChunkWriter {
    /// Puts everything on the disk. What it gives is for the registry: until it is there, the chunks are known in memory.
    ///
    /// # Errors
    /// If the disk fails. Then nothing that was put counts, and nothing is appended to these packs any more.
    pub(crate) fn sync(mut self) -> Result<Change> {
        let mut change = Change::default();
        for pack in &mut self.packs {
            let end = pack.sync()?;
            change.packs.push((pack.number, end));
        }
        if !self.packs.is_empty() {
            sync_dir(&*self.store.disk, &self.store.dir)?;
        }
        change.chunks = self.pending.drain().collect();
        // In the order of the disk, for those who read it back.
        change.chunks.sort_unstable_by_key(|(_, place)| (place.pack, place.offset));
        self.store.index.note(&change.chunks);
        if let Some(pack) = self.packs.pop().filter(|pack| pack.len() < PACK) {
            *self.store.spare.lock().unwrap_or_else(|e| e.into_inner()) = Some(pack);
        }
        Ok(change)
    }

    /// Writes a chunk whether or not it is somewhere else.
    pub(crate) fn put_again(&mut self, id: ChunkId, bytes: &[u8]) -> Result<()> {
        if self.packs.last().is_none_or(|pack| pack.len() >= PACK) {
            let number = self.store.next.fetch_add(1, Ordering::Relaxed);
            self.packs.push(PackWriter::create(&*self.store.disk, &self.store.dir, number)?);
        }
        let pack = self.packs.last_mut().expect("just made");
        let place = pack.put(id, bytes)?;
        self.pending.insert(id, place);
        Ok(())
    }
}

impl ChunkSink for ChunkWriter {
    fn put(&mut self, bytes: &[u8]) -> Result<ChunkId> {
        let id = super::id(bytes);
        let known = blob::is_zeros(&id, bytes.len()) || self.pending.contains_key(&id);
        if !known && self.store.place(&id)?.is_none() {
            self.put_again(id, bytes)?;
        }
        Ok(id)
    }
}
