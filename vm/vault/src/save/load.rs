//! Reading a save: signature, manifest and lists at once; bytes as they are asked for, each chunk checked.

use crate::bytes::hash;
use crate::chunk::blob::{self, Blob};
use crate::chunk::{CHUNK, ChunkSource};
use crate::error::{Flaw, Result, Wrong};
use crate::id::{ChunkId, ModuleId, SaveId};

use super::head::{Head, Header, MANIFEST, at};
use super::manifest::{Manifest, Region};
use super::region::RegionMap;

/// The longest blob that is read into memory as a whole: a state, a module, or what belongs to the world.
const WHOLE: u64 = 1 << 30;

/// A save that has been opened: its signature is right, its signer is known, and its manifest is what was signed.
#[derive(Clone, Debug)]
pub struct Save<S> {
    pub(crate) head: Head,
    pub(crate) manifest: Manifest,
    pub(crate) source: S,
    /// The file, for messages.
    pub(crate) path: std::path::PathBuf,
}

impl<S: ChunkSource> Save<S> {
    /// Its name.
    pub fn id(&self) -> SaveId {
        self.head.id
    }

    /// What was signed.
    pub fn header(&self) -> &Header {
        &self.head.header
    }

    /// What it is made of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Where the chunks are.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// The machine's state outside of the regions.
    ///
    /// # Errors
    /// If a chunk is missing or damaged, or it is longer than 1 GiB.
    pub fn state(&self) -> Result<Vec<u8>> {
        self.blob(&self.manifest.state, "the state")
    }

    /// What else belongs to the world.
    ///
    /// # Errors
    /// As [`Self::state`].
    pub fn meta(&self) -> Result<Vec<u8>> {
        self.blob(&self.manifest.meta, "what belongs to the world")
    }

    /// The stored bytes of the module with this place in the manifest.
    ///
    /// # Errors
    /// As [`Self::state`], or if there is none, or the bytes are not that module's.
    pub fn module(&self, index: usize) -> Result<Vec<u8>> {
        let Some(module) = self.manifest.modules.get(index) else {
            let none = Wrong::Unknown { what: "module", code: index as u64 };
            return Err(Flaw::new(self.head.len(), none).in_file(&self.path));
        };
        let bytes = self.blob(&module.bytes, "a module")?;
        if ModuleId(hash(&bytes)) != module.id {
            return Err(Flaw::new(self.head.len(), Wrong::Hash("a module")).in_file(&self.path));
        }
        Ok(bytes)
    }

    /// Where the bytes of a region are.
    ///
    /// # Errors
    /// If one of its lists is missing or damaged.
    pub fn map(&self, region: &Region) -> Result<RegionMap> {
        region.map(&self.source)
    }

    /// Fails if the state needs VM semantics other than these.
    ///
    /// # Errors
    /// Only that.
    pub fn require(&self, semantics: u32) -> Result<()> {
        match self.head.header.semantics {
            found if found != semantics => Err(Flaw::new(at::SEMANTICS, Wrong::Semantics(found)).in_file(&self.path)),
            _ => Ok(()),
        }
    }

    /// Reads every byte, and checks it: hashes, lists, counts.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        let mut buffer = vec![0; CHUNK];
        self.each_chunk(|id, len| self.source.chunk(id, &mut buffer[..len]))?;
        (0..self.manifest.modules.len()).try_for_each(|index| self.module(index).map(drop))
    }

    /// Visits all its chunks, one that is there twice possibly twice; reads the lists, and checks that they make sense.
    pub(crate) fn each_chunk(&self, visit: impl FnMut(&ChunkId, usize) -> Result<()>) -> Result<()> {
        each_chunk(&self.manifest, &self.source, visit)
    }

    fn blob(&self, blob: &Blob, what: &'static str) -> Result<Vec<u8>> {
        if blob.len > WHOLE {
            let wrong = Wrong::Range { what, found: blob.len, most: WHOLE };
            return Err(Flaw::new(self.head.len(), wrong).in_file(&self.path));
        }
        blob::read(&self.source, blob)
    }
}

/// Visits all chunks that a manifest names, in one order for every reader and writer.
pub(crate) fn each_chunk(
    manifest: &Manifest,
    source: &dyn ChunkSource,
    mut visit: impl FnMut(&ChunkId, usize) -> Result<()>,
) -> Result<()> {
    let modules = manifest.modules.iter().map(|module| &module.bytes);
    for blob in modules.chain([&manifest.state, &manifest.meta]) {
        blob::walk(source, blob, &mut visit)?;
    }
    for region in &manifest.regions {
        blob::walk(source, &region.base, &mut visit)?;
        if let Some(table) = &region.overlay {
            blob::walk(source, table, &mut visit)?;
            for (id, pages) in region.overlay(source)?.chunks {
                visit(&id, usize::from(pages) * crate::chunk::PAGE)?;
            }
        }
    }
    Ok(())
}

/// Reads head and manifest from the start of a file's bytes; gives where the manifest ends.
pub(crate) fn front(bytes: &[u8], most: u64) -> Result<(Head, Manifest, u64), Flaw> {
    let head = Head::read(&bytes[..bytes.len().min(super::head::MOST)])?;
    let start = head.len();
    let end = start + head.header.manifest_len;
    let Some(stored) = bytes.get(start as usize..end as usize) else {
        return Err(Flaw::new(bytes.len() as u64, Wrong::Ended));
    };
    if hash(stored) != head.header.manifest {
        return Err(Flaw::new(start, Wrong::Hash("the manifest")));
    }
    let manifest = Manifest::decode(stored, start, most)?;
    Ok((head, manifest, end))
}

/// The longest file of head and manifest.
pub(crate) const FRONT: u64 = super::head::MOST as u64 + MANIFEST;
