//! A blob: bytes of any length as a tree of chunks.
//!
//! Level 0 are the bytes, cut every 64 KiB. Level *n* + 1 are the ids of level *n* one after the other, cut the same way, up
//! to the level with one chunk: the root. So the length decides the shape, and nothing in the tree can claim to be longer than it is.

use crate::error::Result;
use crate::id::ChunkId;
pub(crate) use crate::journal::Blob;

use super::{CHUNK, ChunkSink, ChunkSource, ZEROS};

const ID: usize = 32;

/// Lengths in bytes of the levels of a blob, from the bytes themselves to the root.
fn levels(len: u64) -> Vec<u64> {
    let mut levels = vec![len];
    while levels[levels.len() - 1] > CHUNK as u64 {
        let chunks = levels[levels.len() - 1].div_ceil(CHUNK as u64);
        levels.push(chunks * ID as u64);
    }
    levels
}

/// The length of chunk `index` of something that is `len` long.
pub(crate) fn chunk_len(len: u64, index: usize) -> usize {
    (len - (index * CHUNK) as u64).min(CHUNK as u64) as usize
}

/// Keeps bytes.
pub(crate) fn write(sink: &mut dyn ChunkSink, bytes: &[u8]) -> Result<Blob> {
    let ids = bytes.chunks(CHUNK).map(|chunk| sink.put(chunk)).collect::<Result<Vec<_>>>()?;
    tree(sink, ids, bytes.len() as u64)
}

/// Keeps the lists above chunks that are kept already.
pub(crate) fn tree(sink: &mut dyn ChunkSink, mut ids: Vec<ChunkId>, len: u64) -> Result<Blob> {
    while ids.len() > 1 {
        let list: Vec<u8> = ids.iter().flat_map(|id| id.0).collect();
        ids = list.chunks(CHUNK).map(|chunk| sink.put(chunk)).collect::<Result<_>>()?;
    }
    Ok(Blob { len, root: ids.first().copied().unwrap_or_default() })
}

/// All of a blob's chunks, level by level from the root; gives the ids of level 0. Only what is above level 0 is read.
pub(crate) fn walk(
    source: &dyn ChunkSource,
    blob: &Blob,
    mut visit: impl FnMut(&ChunkId, usize) -> Result<()>,
) -> Result<Vec<ChunkId>> {
    if blob.len == 0 {
        return Ok(Vec::new());
    }
    let levels = levels(blob.len);
    let mut ids = vec![blob.root];
    let mut buffer = vec![0; CHUNK];
    for level in (0..levels.len()).rev() {
        let mut below = Vec::new();
        for (index, id) in ids.iter().enumerate() {
            let len = chunk_len(levels[level], index);
            visit(id, len)?;
            if level > 0 {
                source.chunk(id, &mut buffer[..len])?;
                let ids = buffer[..len].chunks_exact(ID);
                below.extend(ids.map(|id| ChunkId(id.try_into().expect("32 bytes"))));
            }
        }
        if level > 0 {
            ids = below;
        }
    }
    Ok(ids)
}

/// The ids of a blob's bytes.
pub(crate) fn leaves(source: &dyn ChunkSource, blob: &Blob) -> Result<Vec<ChunkId>> {
    walk(source, blob, |_, _| Ok(()))
}

/// A blob's bytes. The caller has bounded the length.
pub(crate) fn read(source: &dyn ChunkSource, blob: &Blob) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for (index, id) in leaves(source, blob)?.iter().enumerate() {
        let start = bytes.len();
        // Grows only as chunks are really there.
        bytes.resize(start + chunk_len(blob.len, index), 0);
        source.chunk(id, &mut bytes[start..])?;
    }
    Ok(bytes)
}

/// Whether this is the chunk of zeros, which is stored nowhere.
pub(crate) fn is_zeros(id: &ChunkId, len: usize) -> bool {
    len == CHUNK && *id == *ZEROS
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[derive(Default)]
    struct Memory(HashMap<ChunkId, Vec<u8>>);

    impl ChunkSink for Memory {
        fn put(&mut self, bytes: &[u8]) -> Result<ChunkId> {
            let id = crate::chunk::id(bytes);
            self.0.insert(id, bytes.to_vec());
            Ok(id)
        }
    }

    impl ChunkSource for Memory {
        fn chunk(&self, id: &ChunkId, into: &mut [u8]) -> Result<()> {
            into.copy_from_slice(&self.0[id]);
            Ok(())
        }
    }

    #[test]
    fn bytes_of_any_length_come_back() {
        for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 17, 2049 * CHUNK] {
            let bytes: Vec<u8> = (0..len).map(|i| (i / 7 + i / CHUNK) as u8).collect();
            let mut memory = Memory::default();
            let blob = write(&mut memory, &bytes).unwrap();
            assert_eq!(read(&memory, &blob).unwrap(), bytes);
            let mut seen = 0;
            walk(&memory, &blob, |_, len| {
                seen += len;
                Ok(())
            })
            .unwrap();
            let all: u64 = levels(blob.len).iter().sum();
            assert_eq!(seen as u64, all, "every chunk of every level is visited");
        }
    }
}
