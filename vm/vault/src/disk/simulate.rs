//! A disk in memory that counts what is done to it and, at a chosen operation, fails as disks do.
//!
//! It keeps two pictures: what programs see, and what would be there after the power went out. A write joins the second
//! picture at the file's next good sync, a name at its directory's. A crash keeps none, all, or any subset of what
//! was still on the way, a write possibly in part (by sectors of 512 bytes). A sync that fails leaves a random part
//! of the writes on the disk and forgets the rest: programs still see them, and no later sync makes them safe.
//!
//! Made directories are on the disk at once: the writer only makes them when it makes a vault.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Disk, DiskFile, Lock, Open};

mod state;

use state::State;
pub use state::{Fault, Keep, Op};

/// The simulated disk. Clones are the same disk.
#[derive(Clone, Debug)]
pub struct SimDisk(Arc<Mutex<State>>);

impl SimDisk {
    /// An empty disk; `seed` decides everything that is left to chance.
    pub fn new(seed: u64) -> Self {
        SimDisk(Arc::new(Mutex::new(State::new(seed))))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// What was done so far, in order; a fault's index counts these.
    pub fn trace(&self) -> Vec<Op> {
        self.state().trace.clone()
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.state().written
    }

    /// The first operation that fits, from this index on, fails; counted from now on.
    pub fn fail(&self, index: u64, fault: Fault) {
        let mut state = self.state();
        let at = state.trace.len() as u64 + index;
        state.plan = Some((at, fault));
        state.troubled = true;
    }

    /// Whether a fault was asked for since the last crash or kill.
    pub fn troubled(&self) -> bool {
        self.state().troubled
    }

    /// No fault is waiting any more, and a full disk has room again.
    pub fn heal(&self) {
        let mut state = self.state();
        state.plan = None;
        state.full = false;
    }

    /// The power goes out and comes back: what was on the way is lost but for what `keep` says, open files are
    /// dead, locks are free.
    pub fn crash(&self, keep: Keep) {
        let mut state = self.state();
        state.crash(keep);
        state.off = false;
        state.plan = None;
        state.full = false;
        state.troubled = false;
    }

    /// The process dies, and the system lives on: nothing is lost, open files are dead, locks are free.
    pub fn kill(&self) {
        let mut state = self.state();
        state.life += 1;
        state.locks.clear();
        state.off = false;
        state.plan = None;
        state.full = false;
        state.troubled = false;
    }

    /// The paths of all files.
    pub fn files(&self) -> Vec<PathBuf> {
        self.state().names.keys().cloned().collect()
    }

    /// A file's bytes, as programs see them.
    pub fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(path).map(|&file| state.files[file].seen.clone())
    }

    /// Changes a file's bytes behind everybody's back, on the disk too.
    pub fn tamper(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let file = state.names[path];
        let file = &mut state.files[file];
        change(&mut file.seen);
        file.durable = file.seen.clone();
        file.on_the_way.clear();
    }

    /// Another disk with the same content.
    pub fn copy(&self, seed: u64) -> SimDisk {
        SimDisk(Arc::new(Mutex::new(self.state().copy(seed))))
    }
}

impl Disk for SimDisk {
    fn open(&self, path: &Path, how: Open) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state();
        let file = match (state.find(path)?, how) {
            (Some(_), Open::New) => return Err(io::ErrorKind::AlreadyExists.into()),
            (Some(file), _) => file,
            (None, Open::Read) => return Err(io::ErrorKind::NotFound.into()),
            (None, _) => state.create(path)?,
        };
        Ok(Arc::new(SimFile { disk: self.clone(), file, life: state.life }))
    }

    fn make_dir(&self, _: &Path) -> io::Result<()> {
        self.state().alive()
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        state.alive()?;
        let inside = state.names.keys().filter(|path| path.parent() == Some(dir));
        let names: BTreeSet<_> = inside.filter_map(|path| path.file_name()?.to_str()).map(str::to_owned).collect();
        Ok(names.into_iter().collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.state().rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.state().remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.state().sync_dir(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        let mut state = self.state();
        state.alive()?;
        if !state.locks.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(Box::new(SimLock { disk: self.clone(), path: path.to_owned(), life: state.life })))
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    file: usize,
    life: u64,
}

impl SimFile {
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.state();
        state.alive()?;
        if state.life == self.life { Ok(state) } else { Err(io::Error::other("opened before the crash")) }
    }
}

impl DiskFile for SimFile {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let state = self.state()?;
        let seen = &state.files[self.file].seen;
        let rest = seen.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.state()?.write(self.file, offset, bytes)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.state()?.files[self.file].seen.len() as u64)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.state()?.set_len(self.file, len)
    }

    fn sync(&self) -> io::Result<()> {
        self.state()?.sync(self.file)
    }
}

#[derive(Debug)]
struct SimLock {
    disk: SimDisk,
    path: PathBuf,
    life: u64,
}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.life == self.life {
            state.locks.remove(&self.path);
        }
    }
}
