//! Saves in an object store, each as one portable file: pushed and pulled by address (feature `remote`).
//!
//! What is pulled is a file from a stranger like any other, and goes through the same checks. Everything passes through a file on the local
//! disk, a part of 8 MiB at a time, so memory is bounded whatever the size.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use tokio::runtime::{Builder, Runtime};

use crate::disk::RealDisk;
use crate::error::{Error, Refusal, Result};
use crate::id::SaveId;
use crate::portable::Form;
use crate::saves::Saves;

/// Bytes that are sent at once.
const PART: usize = 8 << 20;
/// Parts that are on their way at once.
const PARTS: usize = 2;

/// Saves in an object store.
#[derive(Debug)]
pub struct Remote {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    runtime: Runtime,
}

fn failed(e: impl std::fmt::Display) -> Error {
    Error::Remote(e.to_string())
}

impl Remote {
    /// The saves under `prefix` of a store.
    ///
    /// # Errors
    /// If the system refuses a runtime.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str) -> Result<Self> {
        let runtime = Builder::new_current_thread().build().map_err(failed)?;
        Ok(Remote { store, prefix: Key::from(prefix), runtime })
    }

    /// The store at an address: `file:///a/directory`, or `memory:` for one that is gone with this value.
    ///
    /// # Errors
    /// If the address is not understood or the directory cannot be had.
    pub fn at(address: &str) -> Result<Self> {
        let store: Arc<dyn ObjectStore> = match address.split_once(':') {
            Some(("memory", "")) => Arc::new(InMemory::new()),
            Some(("file", rest)) => {
                let dir = rest.strip_prefix("//").filter(|dir| dir.starts_with('/'));
                let dir = dir.ok_or_else(|| Refusal::Address(address.to_owned()))?;
                std::fs::create_dir_all(dir).map_err(Error::io("make it", Path::new(dir)))?;
                Arc::new(LocalFileSystem::new_with_prefix(dir).map_err(failed)?)
            }
            _ => return Err(Refusal::Address(address.to_owned()).into()),
        };
        Remote::new(store, "")
    }

    fn key(&self, id: &SaveId) -> Key {
        self.prefix.clone().join(format!("{id}.codexsave"))
    }

    /// Puts a save into the store, with everything that it needs. `scratch` is a directory for a file on the way.
    ///
    /// # Errors
    /// If the save is damaged, or the disk or the store fails; nothing is in the store then.
    pub fn push(&self, saves: &Saves, id: &SaveId, scratch: &Path) -> Result<()> {
        let path = scratch.join(format!("{id}.push.codexsave"));
        let pushed = saves.export(id, &RealDisk, &path, Form::Whole, 1).and_then(|()| self.send(&path, id));
        let _ = std::fs::remove_file(&path);
        pushed
    }

    fn send(&self, path: &Path, id: &SaveId) -> Result<()> {
        let mut file = File::open(path).map_err(Error::io("open it", path))?;
        self.runtime.block_on(async {
            let upload = self.store.put_multipart(&self.key(id)).await.map_err(failed)?;
            let mut to = WriteMultipart::new_with_chunk_size(upload, PART);
            let mut part = vec![0; PART];
            loop {
                match file.read(&mut part) {
                    Ok(0) => break,
                    Ok(count) => {
                        to.wait_for_capacity(PARTS).await.map_err(failed)?;
                        to.write(&part[..count]);
                    }
                    Err(e) => {
                        let _ = to.abort().await;
                        return Err(Error::io("read it", path)(e));
                    }
                }
            }
            to.finish().await.map(drop).map_err(failed)
        })
    }

    /// Takes a save from the store into a vault, after every byte of it has been checked.
    ///
    /// # Errors
    /// If it isn't there, or as [`Saves::import`]; or if it is another save than its name says.
    pub fn pull(&self, saves: &Saves, id: &SaveId, scratch: &Path) -> Result<()> {
        let path = scratch.join(format!("{id}.pull.codexsave"));
        let pulled = self.fetch(id, &path).and_then(|()| saves.import(&RealDisk, &path));
        let _ = std::fs::remove_file(&path);
        match pulled? {
            found if found == *id => Ok(()),
            found => Err(Error::Remote(format!("under the name {id} is the save {found}"))),
        }
    }

    /// Takes a save from the store into a file, as it is: nothing of it is checked.
    ///
    /// # Errors
    /// If it isn't there, or the store or the disk fails.
    pub fn fetch(&self, id: &SaveId, path: &Path) -> Result<()> {
        let mut file = File::create(path).map_err(Error::io("make it", path))?;
        let key = self.key(id);
        self.runtime.block_on(async {
            let size = self.store.head(&key).await.map_err(failed)?.size;
            let mut at = 0;
            while at < size {
                let end = size.min(at + PART as u64);
                let part = self.store.get_range(&key, at..end).await.map_err(failed)?;
                file.write_all(&part).map_err(Error::io("write it", path))?;
                at = end;
            }
            Ok(())
        })
    }

    /// The saves in the store.
    ///
    /// # Errors
    /// If the store fails.
    pub fn list(&self) -> Result<Vec<SaveId>> {
        let found = self.runtime.block_on(self.store.list_with_delimiter(Some(&self.prefix))).map_err(failed)?;
        let names = found.objects.iter().filter_map(|object| object.location.filename());
        let mut ids: Vec<SaveId> = names.filter_map(|name| name.strip_suffix(".codexsave")?.parse().ok()).collect();
        ids.sort();
        Ok(ids)
    }
}
