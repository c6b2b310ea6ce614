//! Writing a portable file: chunks are read and checked on one thread, compressed and written on another.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};

use rustc_hash::FxHashSet;
use zstd::bulk::Compressor;

use crate::bytes::{Sink, hash};
use crate::chunk::{CHUNK, ChunkSource, blob};
use crate::disk::{Disk, DiskFile, FRESH, Open, sync_dir, write_all};
use crate::error::{Error, Refusal, Result};
use crate::id::{ChunkId, SaveId};
use crate::saves::Saves;

use super::{Entry, Form, Trailer, short};

/// Chunks that are on their way between the threads.
const DEPTH: usize = 64;
/// Bytes that are written at once.
const BUFFER: usize = 1 << 20;

impl Saves {
    /// Writes a save to one portable file, synced. `level` is zstd's, 1 for speed.
    ///
    /// # Errors
    /// If the save is damaged, a delta's parent isn't here, or the disk fails; the file isn't there then.
    pub fn export(&self, id: &SaveId, disk: &dyn Disk, path: &Path, form: Form, level: i32) -> Result<()> {
        let save = self.open(id)?;
        let mut left_out = FxHashSet::default();
        if form == Form::SinceParent {
            let parent = save.header().parent.ok_or(Refusal::NoSave(SaveId::default()))?;
            self.open(&parent)?.each_chunk(|id, _| {
                left_out.insert(*id);
                Ok(())
            })?;
        }
        let fresh = path.with_extension(format!("codexsave{FRESH}"));
        let file = disk.open(&fresh, Open::Write).map_err(Error::io("make it", &fresh))?;
        file.set_len(0).map_err(Error::io("empty it", &fresh))?;
        let mut out = Out { file: &*file, path: &fresh, at: 0, buffer: Vec::with_capacity(2 * BUFFER) };
        out.bytes(&[save.head.bytes.as_slice(), &save.manifest.encode()].concat())?;
        let entries = std::thread::scope(|scope| {
            let (full, chunks) = sync_channel(DEPTH);
            let (empty, buffers) = channel();
            let out = &mut out;
            let writer = scope.spawn(move || pack(chunks, &empty, out, level));
            let read = save.each_chunk(|id, len| {
                if blob::is_zeros(id, len) || !left_out.insert(*id) {
                    return Ok(());
                }
                let mut bytes: Vec<u8> = buffers.try_recv().unwrap_or_else(|_| Vec::with_capacity(CHUNK));
                bytes.resize(len, 0);
                self.chunk(id, &mut bytes)?;
                // A writer that has failed says why below.
                full.send(Chunk { id: *id, bytes }).map_err(|_| Error::Stopped)
            });
            drop(full);
            let written = writer.join().expect("the writer does not panic");
            written.and_then(|entries| read.map(|()| entries))
        })?;
        end(&mut out, &entries, form)?;
        file.sync().map_err(Error::io("sync it", &fresh))?;
        disk.rename(&fresh, path).map_err(Error::io("rename it", &fresh))?;
        path.parent().filter(|dir| !dir.as_os_str().is_empty()).map_or(Ok(()), |dir| sync_dir(disk, dir))
    }
}

struct Chunk {
    id: ChunkId,
    bytes: Vec<u8>,
}

/// Compresses and writes chunks as they come, and gives their entries. Buffers go back to be filled again.
fn pack(chunks: Receiver<Chunk>, empty: &Sender<Vec<u8>>, out: &mut Out<'_>, level: i32) -> Result<Vec<Entry>> {
    let mut compressor = Compressor::new(level).map_err(Error::io("compress for it", out.path))?;
    let mut packed = vec![0; zstd::zstd_safe::compress_bound(CHUNK)];
    let mut entries = Vec::new();
    for Chunk { id, bytes } in chunks {
        let size =
            compressor.compress_to_buffer(&bytes, &mut packed).map_err(Error::io("compress for it", out.path))?;
        let (stored, check) = if size < bytes.len() {
            (&packed[..size], short(hash(&packed[..size])))
        } else {
            // Its name is the hash of these very bytes.
            (&bytes[..], short(id.0))
        };
        entries.push(Entry { id, len: bytes.len() as u32, stored: stored.len() as u32, check });
        out.bytes(stored)?;
        let _ = empty.send(bytes);
    }
    Ok(entries)
}

fn end(out: &mut Out<'_>, entries: &[Entry], form: Form) -> Result<()> {
    let mut table = Sink::default();
    entries.iter().for_each(|entry| entry.encode(&mut table));
    let trailer = Trailer { table: out.len(), count: entries.len() as u32, form, hash: hash(&table.0) };
    out.bytes(&table.0)?;
    out.bytes(&trailer.encode())?;
    out.flush()
}

/// A file being written from start to end.
struct Out<'a> {
    file: &'a dyn DiskFile,
    path: &'a Path,
    at: u64,
    buffer: Vec<u8>,
}

impl Out<'_> {
    fn len(&self) -> u64 {
        self.at + self.buffer.len() as u64
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        write_all(self.file, self.at, &self.buffer).map_err(Error::io("write it", self.path))?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
