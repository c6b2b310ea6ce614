//! Packs: files that chunks are appended to, uncompressed, so that they can be mapped.
//!
//! ```text
//! header: a page | batch | batch | …        batch: a page that lists up to 112 chunks | their bytes | zeros up to a page
//! ```
//!
//! A chunk whose length is a multiple of a page starts at a page, any other at a multiple of 8. So the list alone says
//! where everything is, a pack is indexed by reading one page for up to 7 MiB, and the chunks of a large region lie one
//! behind the other. A pack is never changed but at its end, and never again after an error.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bytes::{Sink, Source, check};
use crate::disk::{Disk, DiskFile, Open, read_up_to, write_all};
use crate::error::{Error, Flaw, Result, Wrong};
use crate::id::ChunkId;
use crate::seeded::{self, Bug};

use super::{CHUNK, PAGE, Place};

const MAGIC: &[u8; 8] = b"CODEXPAK";
const BATCH: &[u8; 8] = b"CODEXBAT";
const FORMAT: u32 = 1;
/// Chunks of a batch: as many as its page can list.
const MOST: usize = 112;

/// A pack's file name.
pub(crate) fn name(pack: u64) -> String {
    format!("{pack:016}.pack")
}

/// The number of the pack whose file is called so.
pub(crate) fn parse(name: &str) -> Option<u64> {
    name.strip_suffix(".pack")?.parse().ok()
}

/// Where a chunk starts that comes after `offset`.
fn align(offset: u64, len: usize) -> u64 {
    offset.next_multiple_of(if len.is_multiple_of(PAGE) { PAGE as u64 } else { 8 })
}

/// A pack that is being written.
#[derive(Debug)]
pub(crate) struct PackWriter {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    pub(crate) number: u64,
    /// Where the batch in memory will stand.
    at: u64,
    /// Up to where everything is on the disk.
    synced: u64,
    listed: Vec<(ChunkId, u32)>,
    /// The batch: its page, to be filled in, and the bytes so far.
    batch: Vec<u8>,
}

impl PackWriter {
    /// Makes a pack under the first free number from `number` on.
    pub(crate) fn create(disk: &dyn Disk, dir: &Path, mut number: u64) -> Result<Self> {
        let (file, path) = loop {
            let path = dir.join(name(number));
            match disk.open(&path, Open::New) {
                Ok(file) => break (file, path),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
                Err(e) => return Err(Error::io("make it", &path)(e)),
            }
        };
        let mut header = Sink::default();
        header.bytes(MAGIC);
        header.u32(FORMAT);
        header.u32(0);
        header.u64(number);
        let check = check(&header.0);
        header.bytes(&check);
        header.0.resize(PAGE, 0);
        write_all(&*file, 0, &header.0).map_err(Error::io("write it", &path))?;
        Ok(PackWriter {
            file,
            path,
            number,
            at: PAGE as u64,
            synced: PAGE as u64,
            listed: Vec::new(),
            batch: vec![0; PAGE],
        })
    }

    /// How long it is, with what is still in memory.
    pub(crate) fn len(&self) -> u64 {
        self.at + self.batch.len() as u64
    }

    /// Appends a chunk, and says where it will be.
    pub(crate) fn put(&mut self, id: ChunkId, bytes: &[u8]) -> Result<Place> {
        debug_assert!(bytes.len() <= CHUNK);
        if self.listed.len() == MOST {
            self.flush()?;
        }
        let start = align(self.batch.len() as u64, bytes.len());
        self.batch.resize(start as usize, 0);
        self.batch.extend_from_slice(bytes);
        self.listed.push((id, bytes.len() as u32));
        Ok(Place { pack: self.number, offset: self.at + start, len: bytes.len() as u32 })
    }

    /// Writes the batch in memory.
    fn flush(&mut self) -> Result<()> {
        if self.listed.is_empty() {
            return Ok(());
        }
        self.batch.resize(self.batch.len().next_multiple_of(PAGE), 0);
        let list = list_page(self.number, self.at, &self.listed);
        self.batch[..list.len()].copy_from_slice(&list);
        write_all(&*self.file, self.at, &self.batch).map_err(Error::io("append to it", &self.path))?;
        self.at += self.batch.len() as u64;
        self.listed.clear();
        self.batch.truncate(PAGE);
        self.batch.fill(0);
        Ok(())
    }

    /// Puts everything on the disk but the file's name, and says up to where it is.
    pub(crate) fn sync(&mut self) -> Result<u64> {
        self.flush()?;
        let synced = if seeded::has(Bug::ClearBeforeSync) { Ok(()) } else { self.file.sync() };
        if let Err(e) = synced {
            // The system may show these bytes to the next process though they will never be on the disk: out of its sight with them.
            let cut = self.file.set_len(self.synced);
            return Err(Error::io("sync it", &self.path)(cut.err().unwrap_or(e)));
        }
        self.synced = self.at;
        Ok(self.at)
    }
}

fn list_page(pack: u64, at: u64, listed: &[(ChunkId, u32)]) -> Vec<u8> {
    let mut page = Sink::default();
    page.bytes(BATCH);
    page.u32(listed.len() as u32);
    page.u32(0);
    page.u64(pack);
    page.u64(at);
    for (id, len) in listed {
        page.bytes(&id.0);
        page.u32(*len);
    }
    let check = check(&page.0);
    page.bytes(&check);
    page.0
}

/// A pack being listed: reads one page for each batch.
pub(crate) struct Scan<'a> {
    file: &'a dyn DiskFile,
    path: &'a Path,
    pack: u64,
    len: u64,
    /// Where the next batch stands.
    pub(crate) at: u64,
}

impl<'a> Scan<'a> {
    /// Lists from `from`, where a batch starts; 0 is the start of the pack.
    pub(crate) fn new(file: &'a dyn DiskFile, path: &'a Path, pack: u64, from: u64) -> Result<Self> {
        let len = file.len().map_err(Error::io("read its length", path))?;
        Ok(Scan { file, path, pack, len, at: from.max(PAGE as u64) })
    }

    /// The chunks of the next batch, or `None` where no whole batch follows: the end, or what was being written when the power went out.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Vec<(ChunkId, Place)>>> {
        let mut page = [0; PAGE];
        if self.at + PAGE as u64 > self.len {
            return Ok(None);
        }
        read_up_to(self.file, self.at, &mut page).map_err(Error::io("read it", self.path))?;
        let Ok(listed) = parse_list(&page, self.pack, self.at) else { return Ok(None) };
        let mut offset = PAGE as u64;
        let mut found = Vec::with_capacity(listed.len());
        for (id, len) in listed {
            offset = align(offset, len as usize);
            found.push((id, Place { pack: self.pack, offset: self.at + offset, len }));
            offset += u64::from(len);
        }
        let end = self.at + offset.next_multiple_of(PAGE as u64);
        if end > self.len {
            return Ok(None);
        }
        self.at = end;
        Ok(Some(found))
    }
}

fn parse_list(page: &[u8], pack: u64, at: u64) -> Result<Vec<(ChunkId, u32)>, Flaw> {
    let mut from = Source::new(page, at);
    let wrong = Flaw::new(at, Wrong::Magic("a batch of this pack"));
    if from.take(8)? != BATCH {
        return Err(wrong);
    }
    let count = from.u32()?;
    if from.u32()? != 0 || from.u64()? != pack || from.u64()? != at || count as usize > MOST {
        return Err(wrong);
    }
    let mut listed = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let entry = (ChunkId(from.array()?), from.u32()?);
        if entry.1 as usize > CHUNK {
            return Err(wrong);
        }
        listed.push(entry);
    }
    let end = (from.offset() - at) as usize;
    if from.array()? != check(&page[..end]) { Err(wrong) } else { Ok(listed) }
}
