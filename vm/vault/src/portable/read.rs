//! Reading a portable file that nobody vouches for: in memory bounded by its length, with the place of the first thing that is wrong.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustc_hash::{FxHashMap, FxHashSet};
use zstd::bulk::Decompressor;

use crate::bytes::{Source, hash};
use crate::chunk::{CHUNK, ChunkSource, blob};
use crate::disk::{Disk, DiskFile, Open, read_up_to};
use crate::error::{Error, Flaw, Result, Wrong};
use crate::id::{ChunkId, PublicKey, SaveId};
use crate::save::Save;
use crate::save::head::{Head, MOST, at};
use crate::save::load::{each_chunk, front};
use crate::saves::Saves;
use crate::seeded::{self, Bug};

use super::{ENTRY, Entry, Form, TRAILER, Trailer, short};

/// A portable file: its chunks, found by its table.
pub struct PortableFile {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    form: Form,
    entries: Vec<(Entry, u64)>,
    by_id: FxHashMap<ChunkId, usize>,
    /// Unpacking, and the bytes as they are in the file.
    scratch: Mutex<(Decompressor<'static>, Vec<u8>)>,
}

impl std::fmt::Debug for PortableFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PortableFile({}, {} chunks)", self.path.display(), self.entries.len())
    }
}

impl PortableFile {
    /// Opens a file: signature, signer, manifest and table are checked, chunks as they are read. `world_bytes` is how many bytes the
    /// regions may have together.
    ///
    /// # Errors
    /// The first thing that is wrong, with its offset; or the disk's error.
    pub fn open(
        disk: &dyn Disk,
        path: &Path,
        trusted: &BTreeSet<PublicKey>,
        world_bytes: u64,
    ) -> Result<Save<PortableFile>> {
        let file = disk.open(path, Open::Read).map_err(Error::io("open it", path))?;
        let len = file.len().map_err(Error::io("read its length", path))?;
        let flaw = |flaw: Flaw| flaw.in_file(path);
        let start = read(&*file, path, 0, len.min(MOST as u64))?;
        let head = Head::read(&start).map_err(flaw)?;
        if !trusted.contains(&head.header.signer) {
            return Err(flaw(Flaw::new(head.signer_at(), Wrong::UnknownKey(head.header.signer))));
        }
        let end = head.len() + head.header.manifest_len;
        // Not a byte is set aside that the file does not have.
        let whole = read(&*file, path, 0, len.min(end))?;
        let (head, manifest, end) = front(&whole, world_bytes).map_err(flaw)?;
        let (form, entries) = table(&*file, path, end, len)?;
        let by_id = entries.iter().enumerate().map(|(index, (entry, _))| (entry.id, index)).collect();
        let unpack = Decompressor::new().map_err(Error::io("unpack it", path))?;
        let scratch = Mutex::new((unpack, Vec::new()));
        let source = PortableFile { file, path: path.to_owned(), form, entries, by_id, scratch };
        Ok(Save { head, manifest, source, path: path.to_owned() })
    }

    /// Which chunks it has.
    pub fn form(&self) -> Form {
        self.form
    }

    fn stored(&self, index: usize, into: &mut [u8]) -> Result<()> {
        let (entry, offset) = self.entries[index];
        let flaw = |wrong| Flaw::new(offset, wrong).in_file(&self.path);
        if entry.len as usize != into.len() {
            let wrong =
                Wrong::Range { what: "the length of a chunk", found: entry.len.into(), most: into.len() as u64 };
            return Err(flaw(wrong));
        }
        let mut scratch = self.scratch.lock().unwrap_or_else(|e| e.into_inner());
        let (unpack, bytes) = &mut *scratch;
        bytes.resize(entry.stored as usize, 0);
        let filled = read_up_to(&*self.file, offset, bytes).map_err(Error::io("read it", &self.path))?;
        if filled < bytes.len() {
            return Err(flaw(Wrong::Ended));
        }
        if entry.stored == entry.len {
            into.copy_from_slice(bytes);
        } else {
            let as_stored = short(hash(bytes)) == entry.check;
            if !as_stored && !seeded::has(Bug::HashReencoded) {
                return Err(flaw(Wrong::Hash("a chunk's bytes in the file")));
            }
            // Into a buffer of the right length: it cannot unpack to more.
            let size = unpack.decompress_to_buffer(bytes, into).map_err(|_| flaw(Wrong::Packed))?;
            if size != into.len() {
                return Err(flaw(Wrong::Packed));
            }
            if seeded::has(Bug::HashReencoded) {
                let again = zstd::bulk::compress(into, 1).map_err(Error::io("pack it", &self.path))?;
                if short(hash(&again)) != entry.check {
                    return Err(flaw(Wrong::Hash("a chunk's bytes in the file")));
                }
            }
        }
        if crate::chunk::id(into) != entry.id || (entry.stored == entry.len && short(entry.id.0) != entry.check) {
            return Err(flaw(Wrong::Hash("a chunk")));
        }
        Ok(())
    }
}

impl ChunkSource for PortableFile {
    fn chunk(&self, id: &ChunkId, into: &mut [u8]) -> Result<()> {
        if blob::is_zeros(id, into.len()) {
            into.fill(0);
            return Ok(());
        }
        match self.by_id.get(id) {
            Some(&index) => self.stored(index, into),
            None => Err(Flaw::new(0, Wrong::Missing(*id)).in_file(&self.path)),
        }
    }
}

fn read(file: &dyn DiskFile, path: &Path, offset: u64, len: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![0; len as usize];
    let filled = read_up_to(file, offset, &mut bytes).map_err(Error::io("read it", path))?;
    bytes.truncate(filled);
    Ok(bytes)
}

/// Reads trailer and table of a file whose manifest ends at `start`; gives each chunk with its offset.
fn table(file: &dyn DiskFile, path: &Path, start: u64, len: u64) -> Result<(Form, Vec<(Entry, u64)>)> {
    let flaw = |offset, wrong| Flaw::new(offset, wrong).in_file(path);
    let end = len.saturating_sub(TRAILER as u64);
    if end < start {
        return Err(flaw(len, Wrong::Ended));
    }
    let trailer = Trailer::decode(&read(file, path, end, TRAILER as u64)?, end).map_err(|flaw| flaw.in_file(path))?;
    let size = u64::from(trailer.count) * ENTRY as u64;
    if trailer.table < start || trailer.table.checked_add(size) != Some(end) {
        let wrong = Wrong::Range { what: "the table's place", found: trailer.table, most: end };
        return Err(flaw(end + 8, wrong));
    }
    let bytes = read(file, path, trailer.table, size)?;
    if hash(&bytes) != trailer.hash {
        return Err(flaw(trailer.table, Wrong::Hash("the table")));
    }
    let mut from = Source::new(&bytes, trailer.table);
    let mut offset = start;
    let mut entries = Vec::with_capacity(trailer.count as usize);
    for _ in 0..trailer.count {
        let entry = Entry::decode(&mut from).map_err(|flaw| flaw.in_file(path))?;
        entries.push((entry, offset));
        offset += u64::from(entry.stored);
    }
    if offset != trailer.table {
        return Err(flaw(offset.min(trailer.table), Wrong::Broken("the table")));
    }
    Ok((trailer.form, entries))
}

/// Chunks of the file, and those of the vault for what the file leaves out.
struct Both<'a> {
    file: &'a PortableFile,
    saves: &'a Saves,
}

impl ChunkSource for Both<'_> {
    fn chunk(&self, id: &ChunkId, into: &mut [u8]) -> Result<()> {
        if self.file.form == Form::SinceParent && !self.file.by_id.contains_key(id) {
            return self.saves.chunk(id, into);
        }
        self.file.chunk(id, into)
    }
}

impl Save<PortableFile> {
    /// Reads and checks every byte of the file: its chunks are those that the manifest needs, in their order, and nothing else.
    ///
    /// # Errors
    /// The first thing that is wrong, with its offset. A file since its parent can only be checked by [`Saves::import`].
    pub fn check(&self) -> Result<()> {
        check(self, &self.source, |_, _| Ok(()))?;
        (0..self.manifest.modules.len()).try_for_each(|index| self.module(index).map(drop))
    }
}

/// Walks a file as its manifest says and gives each of its chunks, once.
fn check(
    save: &Save<PortableFile>,
    source: &dyn ChunkSource,
    mut take: impl FnMut(&ChunkId, &[u8]) -> Result<()>,
) -> Result<()> {
    let file = &save.source;
    let mut seen = FxHashSet::default();
    let mut next = 0;
    let mut buffer = vec![0; CHUNK];
    each_chunk(&save.manifest, source, |id, len| {
        if blob::is_zeros(id, len) || !seen.insert(*id) {
            return Ok(());
        }
        if file.form == Form::SinceParent && !file.by_id.contains_key(id) {
            return source.chunk(id, &mut buffer[..len]);
        }
        if let Some((entry, offset)) = file.entries.get(next)
            && entry.id != *id
        {
            let wrong = if file.by_id.contains_key(id) { Wrong::Stray(entry.id) } else { Wrong::Missing(*id) };
            return Err(Flaw::new(*offset, wrong).in_file(&file.path));
        }
        next += 1;
        source.chunk(id, &mut buffer[..len])?;
        take(id, &buffer[..len])
    })?;
    match file.entries.get(next) {
        Some((entry, offset)) => Err(Flaw::new(*offset, Wrong::Stray(entry.id)).in_file(&file.path)),
        None => Ok(()),
    }
}

impl Saves {
    /// Takes a portable file into the vault, after every byte of it has been checked.
    ///
    /// # Errors
    /// The first thing that is wrong, with its offset: also an unknown key, another world, a parent that isn't here or doesn't fit.
    pub fn import(&self, disk: &dyn Disk, path: &Path) -> Result<SaveId> {
        let (fence, _) = self.owner()?;
        fence.check()?;
        let _writing = self.0.collecting.read().unwrap_or_else(|e| e.into_inner());
        let save = PortableFile::open(disk, path, &self.trusted(), self.0.world_bytes)?;
        self.0.admit(&save.head).and_then(|()| self.follows(&save.head)).map_err(|flaw| flaw.in_file(path))?;
        if save.source.form == Form::SinceParent {
            let parent = save.header().parent.unwrap_or_default();
            let missing = |_| Flaw::new(at::PARENT, Wrong::Parent(parent)).in_file(path);
            self.open(&parent).map_err(missing)?;
        }
        let mut to = self.0.store.writer();
        let source = Both { file: &save.source, saves: self };
        check(&save, &source, |_, bytes| crate::chunk::ChunkSink::put(&mut to, bytes).map(drop))?;
        for module in &save.manifest.modules {
            if hash(&blob::read(&source, &module.bytes)?) != module.id.0 {
                return Err(Flaw::new(save.head.len(), Wrong::Hash("a module")).in_file(path));
            }
        }
        self.finish(save.head, &save.manifest, to, || Ok(()))
    }
}
