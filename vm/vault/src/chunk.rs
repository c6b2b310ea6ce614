//! Chunks: 64 KiB pieces of everything large, named by the blake3 of their bytes and stored once.
//!
//! A chunk's length is known from what refers to it, so a reader gives a buffer of that length and nothing is ever
//! unpacked into more. The chunk of 64 KiB of zeros is never stored.

use std::sync::LazyLock;

use crate::bytes::hash;
use crate::error::Result;
use crate::id::ChunkId;

pub(crate) mod blob;
pub(crate) mod pack;
pub(crate) mod store;

/// Bytes of a chunk; the last one of something may be shorter.
pub const CHUNK: usize = 64 << 10;
/// Bytes of a page.
pub const PAGE: usize = 4096;
/// Pages of a chunk.
pub const PAGES: usize = CHUNK / PAGE;
/// The longest thing that is kept as chunks.
pub const LONGEST: u64 = 64 << 30;

/// The chunk of zeros.
pub static ZEROS: LazyLock<ChunkId> = LazyLock::new(|| id(&[0; CHUNK]));

/// A chunk's name.
pub fn id(bytes: &[u8]) -> ChunkId {
    ChunkId(hash(bytes))
}

/// Where a chunk's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The pack's number.
    pub pack: u64,
    /// Bytes from its start; a multiple of [`PAGE`] where `len` is one.
    pub offset: u64,
    /// Bytes.
    pub len: u32,
}

/// Something that has chunks.
pub trait ChunkSource {
    /// Fills `into` with a chunk of exactly that length, whose hash has been checked.
    ///
    /// # Errors
    /// If the chunk is missing, damaged or of another length, with the place; or if the disk fails.
    fn chunk(&self, id: &ChunkId, into: &mut [u8]) -> Result<()>;
}

/// Something that takes chunks.
pub(crate) trait ChunkSink {
    /// Keeps a chunk, and gives its name.
    fn put(&mut self, bytes: &[u8]) -> Result<ChunkId>;
}
