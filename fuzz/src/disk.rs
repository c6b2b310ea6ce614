//! A disk in memory, for what fuzz targets store: it can be copied, tampered with, and *cut off*, as a process that is killed is.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use codex_vault::disk::{Disk, DiskFile, Lock, Open};

/// Names and contents.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// See the module's documentation. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    names: BTreeMap<PathBuf, Arc<Mutex<Vec<u8>>>>,
    locks: BTreeSet<PathBuf>,
    /// Changes so far.
    changes: u64,
    /// From this change on, nothing is kept any more: what there was then.
    cut: Option<(u64, Option<Files>)>,
}

impl State {
    fn files(&self) -> Files {
        let content = |file: &Arc<Mutex<Vec<u8>>>| file.lock().unwrap_or_else(|e| e.into_inner()).clone();
        self.names.iter().map(|(path, file)| (path.clone(), content(file))).collect()
    }

    /// Before each change.
    fn changes(&mut self) {
        self.changes += 1;
        if let Some((at, None)) = self.cut
            && self.changes > at
        {
            self.cut = Some((at, Some(self.files())));
        }
    }
}

impl MemoryDisk {
    /// A disk with these files.
    pub fn with(files: Files) -> MemoryDisk {
        let names = files.into_iter().map(|(path, bytes)| (path, Arc::new(Mutex::new(bytes)))).collect();
        MemoryDisk(Arc::new(Mutex::new(State { names, ..State::default() })))
    }

    /// Remembers what there is before this change, counted from now.
    pub fn cut_at(&self, change: u64) {
        let mut state = self.state();
        state.cut = Some((state.changes + change, None));
    }

    /// What a process that was killed at [`MemoryDisk::cut_at`] would have left: all, if it did not come so far.
    pub fn left(&self) -> Files {
        let state = self.state();
        match &state.cut {
            Some((_, Some(files))) => files.clone(),
            _ => state.files(),
        }
    }

    /// How many changes there were.
    pub fn changes(&self) -> u64 {
        self.state().changes
    }

    /// All files.
    pub fn files(&self) -> Files {
        self.state().files()
    }

    /// Puts a file there, or removes it.
    pub fn put(&self, path: &Path, bytes: Option<Vec<u8>>) {
        let mut state = self.state();
        match bytes {
            Some(bytes) => _ = state.names.insert(path.to_owned(), Arc::new(Mutex::new(bytes))),
            None => _ = state.names.remove(path),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Disk for MemoryDisk {
    fn open(&self, path: &Path, how: Open) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state();
        let bytes = match (state.names.get(path), how) {
            (Some(_), Open::New) => return Err(io::ErrorKind::AlreadyExists.into()),
            (Some(bytes), _) => bytes.clone(),
            (None, Open::Read) => return Err(io::ErrorKind::NotFound.into()),
            (None, _) => {
                state.changes();
                state.names.entry(path.to_owned()).or_default().clone()
            }
        };
        Ok(Arc::new(MemoryFile { disk: self.clone(), bytes }))
    }

    fn make_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        let inside = state.names.keys().filter(|path| path.parent() == Some(dir));
        Ok(inside.filter_map(|path| path.file_name()?.to_str()).map(str::to_owned).collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.changes();
        let file = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.changes();
        state.names.remove(path).map(drop).ok_or(io::ErrorKind::NotFound.into())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        let free = self.state().locks.insert(path.to_owned());
        Ok(free.then(|| Box::new(MemoryLock { disk: self.clone(), path: path.to_owned() }) as Lock))
    }
}

#[derive(Debug)]
struct MemoryFile {
    disk: MemoryDisk,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl MemoryFile {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl DiskFile for MemoryFile {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.bytes();
        let rest = usize::try_from(offset).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&self, offset: u64, from: &[u8]) -> io::Result<usize> {
        self.disk.state().changes();
        let (mut bytes, at) = (self.bytes(), offset as usize);
        let end = at + from.len();
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[at..end].copy_from_slice(from);
        Ok(from.len())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes().len() as u64)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.state().changes();
        self.bytes().resize(len as usize, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct MemoryLock {
    disk: MemoryDisk,
    path: PathBuf,
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.disk.state().locks.remove(&self.path);
    }
}
