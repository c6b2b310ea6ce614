//! `.codexsave`: a save in one file, compressed, that needs nothing else.
//!
//! ```text
//! head | manifest | chunks, one behind the other | table: one entry for each chunk | trailer
//! ```
//!
//! Chunks stand in the order in which a reader of the manifest comes to need them, so there is one right file for a save and a level of
//! compression. Every byte is held by something: the head by its signature, the manifest by the head, the table by the
//! trailer, a chunk's stored bytes by its entry and its unpacked bytes by its name.
//! A file *since the parent* leaves out what the parent has; it can only be read into a vault that has the parent.

mod read;
mod write;

pub use read::PortableFile;

use crate::bytes::{Sink, Source, check};
use crate::error::{Flaw, Wrong};
use crate::id::ChunkId;

const MAGIC: &[u8; 8] = b"CODEXEND";
/// Bytes of an entry.
const ENTRY: usize = 32 + 4 + 4 + 8;
/// Bytes of the trailer.
const TRAILER: usize = 8 + 8 + 4 + 1 + 32 + 16;

/// Which chunks a portable file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All.
    Whole,
    /// All that the parent doesn't have.
    SinceParent,
}

/// A chunk in the file.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: ChunkId,
    /// Bytes when unpacked.
    len: u32,
    /// Bytes in the file: as many as `len` if it is not compressed.
    stored: u32,
    /// The start of the blake3 of the bytes in the file.
    check: [u8; 8],
}

impl Entry {
    fn encode(&self, to: &mut Sink) {
        to.bytes(&self.id.0);
        to.u32(self.len);
        to.u32(self.stored);
        to.bytes(&self.check);
    }

    fn decode(from: &mut Source<'_>) -> Result<Self, Flaw> {
        let at = from.offset();
        let entry = Entry { id: ChunkId(from.array()?), len: from.u32()?, stored: from.u32()?, check: from.array()? };
        let most = crate::chunk::CHUNK as u64;
        if entry.len == 0 || u64::from(entry.len) > most {
            let wrong = Wrong::Range { what: "the length of a chunk", found: entry.len.into(), most };
            return Err(Flaw::new(at + 32, wrong));
        }
        if entry.stored == 0 || entry.stored > entry.len {
            let wrong = Wrong::Range {
                what: "a chunk's length in the file",
                found: entry.stored.into(),
                most: entry.len.into(),
            };
            return Err(Flaw::new(at + 36, wrong));
        }
        Ok(entry)
    }
}

fn short(hash: [u8; 32]) -> [u8; 8] {
    hash[..8].try_into().expect("8 of 32")
}

/// The end of the file.
#[derive(Clone, Copy, Debug)]
struct Trailer {
    table: u64,
    count: u32,
    form: Form,
    hash: [u8; 32],
}

impl Trailer {
    fn encode(&self) -> Vec<u8> {
        let mut to = Sink::default();
        to.bytes(MAGIC);
        to.u64(self.table);
        to.u32(self.count);
        to.u8((self.form == Form::SinceParent).into());
        to.bytes(&self.hash);
        let check = check(&to.0);
        to.bytes(&check);
        to.0
    }

    fn decode(bytes: &[u8], base: u64) -> Result<Self, Flaw> {
        let mut from = Source::new(bytes, base);
        if from.take(8)? != MAGIC {
            return Err(Flaw::new(base, Wrong::Magic("the end of a save")));
        }
        let (table, count) = (from.u64()?, from.u32()?);
        let form = if from.presence("form")? { Form::SinceParent } else { Form::Whole };
        let hash = from.array()?;
        let end = from.offset();
        if from.array()? != check(&bytes[..(end - base) as usize]) {
            return Err(Flaw::new(end, Wrong::Hash("the trailer")));
        }
        Ok(Trailer { table, count, form, hash })
    }
}
