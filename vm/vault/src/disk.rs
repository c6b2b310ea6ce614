//! The storage seam: everything that a writer does to a disk goes through [`Disk`] and [`DiskFile`].
//!
//! [`RealDisk`] is the operating system's; the simulated one (feature `simulate`) counts the operations and fails
//! where it is told to. What the writers may rely on, and nothing else:
//!
//! - bytes written are on the disk once a later [`DiskFile::sync`] of that file has returned `Ok`;
//! - a name made, changed or removed is on the disk once a later [`Disk::sync_dir`] of its directory has;
//! - a rename happens whole or not at all;
//! - after a sync that failed, nothing is known about what was written since the last good one, ever.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Refusal, Result};

mod real;
#[cfg(feature = "simulate")]
pub mod simulate;

pub use real::RealDisk;

/// How to open a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// To read; it has to be there.
    Read,
    /// To read and write; it is made if it isn't there.
    Write,
    /// To read and write; it must not be there yet.
    New,
}

/// A lock, held until it is dropped or its process ends.
pub type Lock = Box<dyn Held>;

/// Something that holds a lock while it lives.
pub trait Held: fmt::Debug + Send + Sync {}

impl<T: fmt::Debug + Send + Sync> Held for T {}

/// A file system. Errors are the operating system's.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Opens a file.
    fn open(&self, path: &Path, how: Open) -> io::Result<Arc<dyn DiskFile>>;
    /// Makes a directory and those above it, where they aren't there.
    fn make_dir(&self, path: &Path) -> io::Result<()>;
    /// The names of a directory's files, sorted; none if it isn't there.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Gives a file another name in the same directory, in the place of what had it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file's name.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Returns when the names in a directory are on the disk.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Locks a file against other processes; `None` if one has it.
    fn lock(&self, path: &Path) -> io::Result<Option<Lock>>;
    /// Bytes of the disk that a directory is on: how many this process could still write, and all; `None` where that is not known.
    fn room(&self, _: &Path) -> io::Result<Option<(u64, u64)>> {
        Ok(None)
    }
}

/// An open file. Reads and writes are at stated places; a write at the end makes it longer.
#[allow(clippy::len_without_is_empty)]
pub trait DiskFile: Send + Sync + fmt::Debug {
    /// Reads some bytes; 0 only at the end.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize>;
    /// Writes some of the bytes, and says how many.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize>;
    /// How long it is.
    fn len(&self) -> io::Result<u64>;
    /// Cuts it, or makes it longer with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Returns when everything written so far is on the disk.
    fn sync(&self) -> io::Result<()>;
    /// The system's file, where there is one, to be mapped.
    fn system(&self) -> Option<&std::fs::File> {
        None
    }
}

/// Writes all the bytes.
pub(crate) fn write_all(file: &dyn DiskFile, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(offset, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                bytes = &bytes[count..];
                offset += count as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Reads until the buffer is full or the file ends, and says how much.
pub(crate) fn read_up_to(file: &dyn DiskFile, offset: u64, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match file.read_at(offset + filled as u64, &mut into[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// A whole file of at most `most` bytes.
pub(crate) fn read_whole(disk: &dyn Disk, path: &Path, most: u64) -> Result<Vec<u8>> {
    let file = disk.open(path, Open::Read).map_err(Error::io("open it", path))?;
    let found = file.len().map_err(Error::io("read its length", path))?;
    if found > most {
        return Err(Refusal::TooLarge { what: "a file of this kind", found, most }.into());
    }
    let mut bytes = vec![0; found as usize];
    let filled = read_up_to(&*file, 0, &mut bytes).map_err(Error::io("read it", path))?;
    bytes.truncate(filled);
    Ok(bytes)
}

/// Writes a whole file so that its name stands for all of it or isn't there: another name first, sync, rename, sync of the directory.
pub(crate) fn publish(disk: &dyn Disk, dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let fresh = dir.join(format!("{name}{FRESH}"));
    let path = dir.join(name);
    let file = disk.open(&fresh, Open::Write).map_err(Error::io("make it", &fresh))?;
    file.set_len(0).map_err(Error::io("empty it", &fresh))?;
    write_all(&*file, 0, bytes).map_err(Error::io("write it", &fresh))?;
    file.sync().map_err(Error::io("sync it", &fresh))?;
    disk.rename(&fresh, &path).map_err(Error::io("rename it", &fresh))?;
    sync_dir(disk, dir)
}

/// What ends the name of a file that isn't finished.
pub(crate) const FRESH: &str = ".new";

pub(crate) fn sync_dir(disk: &dyn Disk, dir: &Path) -> Result<()> {
    if crate::seeded::has(crate::seeded::Bug::SkipDirSync) {
        return Ok(());
    }
    disk.sync_dir(dir).map_err(Error::io("sync it", dir))
}

/// Removes a file, if it is there.
pub(crate) fn remove(disk: &dyn Disk, path: &Path) -> Result<()> {
    match disk.remove(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io("remove it", path)(e)),
        _ => Ok(()),
    }
}
