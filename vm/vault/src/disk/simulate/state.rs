//! What the simulated disk holds, and how it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// The unit in which a write can be torn.
const SECTOR: usize = 512;

/// A kind of operation that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    /// A file is made.
    Create,
    /// Bytes are written.
    Write,
    /// A file's length is set.
    SetLen,
    /// A file is synced.
    Sync,
    /// A file gets another name.
    Rename,
    /// A name is removed.
    Remove,
    /// A directory is synced.
    SyncDir,
}

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An error, and nothing was done.
    Error,
    /// Only half of the bytes are written, and the writer is told so.
    Short,
    /// An error, and some sectors of the bytes were written.
    Torn,
    /// A sync fails: some of what was on the way is on the disk, the rest never will be.
    FailedSync,
    /// From here on nothing can be made or made longer.
    Full,
    /// The power goes out: this and all further operations fail until [`super::SimDisk::crash`].
    Off,
}

impl Fault {
    /// Whether this can happen to such an operation.
    pub fn fits(self, op: Op) -> bool {
        match self {
            Fault::Short | Fault::Torn => op == Op::Write,
            Fault::FailedSync => op == Op::Sync,
            Fault::Full => matches!(op, Op::Create | Op::Write | Op::SetLen),
            Fault::Error | Fault::Off => true,
        }
    }
}

/// What a crash keeps of what was still on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// Everything.
    Everything,
    /// Any subset, writes possibly in part.
    Some,
}

#[derive(Clone, Debug)]
pub(super) enum Change {
    Write(u64, Vec<u8>),
    SetLen(u64),
}

#[derive(Clone, Debug, Default)]
pub(super) struct SimInode {
    pub(super) seen: Vec<u8>,
    pub(super) durable: Vec<u8>,
    pub(super) on_the_way: Vec<Change>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Create(PathBuf, usize),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl NameChange {
    fn dir(&self) -> Option<&Path> {
        match self {
            NameChange::Create(path, _) | NameChange::Remove(path) | NameChange::Rename(_, path) => path.parent(),
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            NameChange::Create(path, file) => {
                names.insert(path.clone(), *file);
            }
            NameChange::Remove(path) => {
                names.remove(path);
            }
            NameChange::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    names_on_the_way: Vec<NameChange>,
    pub(super) files: Vec<SimInode>,
    pub(super) locks: BTreeSet<PathBuf>,
    pub(super) trace: Vec<Op>,
    pub(super) written: u64,
    pub(super) plan: Option<(u64, Fault)>,
    pub(super) full: bool,
    pub(super) troubled: bool,
    pub(super) off: bool,
    /// Counts crashes: a file opened in another life is dead.
    pub(super) life: u64,
    random: u64,
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        State {
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            names_on_the_way: Vec::new(),
            files: Vec::new(),
            locks: BTreeSet::new(),
            trace: Vec::new(),
            written: 0,
            plan: None,
            full: false,
            troubled: false,
            off: false,
            life: 0,
            random: seed,
        }
    }

    pub(super) fn copy(&self, seed: u64) -> Self {
        State {
            names: self.names.clone(),
            durable_names: self.durable_names.clone(),
            names_on_the_way: self.names_on_the_way.clone(),
            files: self.files.clone(),
            ..State::new(seed)
        }
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn coin(&mut self) -> bool {
        self.random() & 1 == 1
    }

    pub(super) fn alive(&self) -> io::Result<()> {
        if self.off { Err(io::Error::other("the power is out")) } else { Ok(()) }
    }

    /// Counts an operation, and gives the fault that is planned for it. Faults that are the same for every
    /// operation are dealt with here.
    fn step(&mut self, op: Op) -> io::Result<Option<Fault>> {
        self.alive()?;
        let index = self.trace.len() as u64;
        self.trace.push(op);
        match self.plan {
            Some((at, fault)) if at <= index && fault.fits(op) => {
                self.plan = None;
                match fault {
                    Fault::Off => {
                        self.off = true;
                        Err(io::Error::other("the power went out"))
                    }
                    Fault::Full => {
                        self.full = true;
                        Ok(None)
                    }
                    Fault::Error => Err(io::Error::other("an error was asked for")),
                    fault => Ok(Some(fault)),
                }
            }
            _ => Ok(None),
        }
    }

    fn room(&self) -> io::Result<()> {
        if self.full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    pub(super) fn find(&self, path: &Path) -> io::Result<Option<usize>> {
        self.alive()?;
        Ok(self.names.get(path).copied())
    }

    fn change_name(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.names_on_the_way.push(change);
    }

    pub(super) fn create(&mut self, path: &Path) -> io::Result<usize> {
        self.step(Op::Create)?;
        self.room()?;
        let file = self.files.len();
        self.files.push(SimInode::default());
        self.change_name(NameChange::Create(path.to_owned(), file));
        Ok(file)
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(Op::Rename)?;
        self.find(from)?.ok_or(io::ErrorKind::NotFound)?;
        self.change_name(NameChange::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.find(path)?.ok_or(io::ErrorKind::NotFound)?;
        self.step(Op::Remove)?;
        self.change_name(NameChange::Remove(path.to_owned()));
        Ok(())
    }

    pub(super) fn sync_dir(&mut self, dir: &Path) -> io::Result<()> {
        self.step(Op::SyncDir)?;
        let on_the_way = std::mem::take(&mut self.names_on_the_way);
        for change in on_the_way {
            if change.dir() == Some(dir) {
                change.apply(&mut self.durable_names);
            } else {
                self.names_on_the_way.push(change);
            }
        }
        Ok(())
    }

    fn change(&mut self, file: usize, change: Change) {
        let file = &mut self.files[file];
        apply(&mut file.seen, &change);
        file.on_the_way.push(change);
    }

    pub(super) fn write(&mut self, file: usize, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let fault = self.step(Op::Write)?;
        if offset as usize + bytes.len() > self.files[file].seen.len() {
            self.room()?;
        }
        self.written += bytes.len() as u64;
        match fault {
            Some(Fault::Short) if bytes.len() > 1 => {
                let half = bytes.len() / 2;
                self.change(file, Change::Write(offset, bytes[..half].to_vec()));
                Ok(half)
            }
            Some(Fault::Torn) => {
                for (offset, sector) in self.torn(offset, bytes) {
                    self.change(file, Change::Write(offset, sector));
                }
                Err(io::Error::other("the write was torn"))
            }
            _ => {
                self.change(file, Change::Write(offset, bytes.to_vec()));
                Ok(bytes.len())
            }
        }
    }

    /// Any subset of a write's sectors.
    fn torn(&mut self, offset: u64, bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let first = SECTOR - offset as usize % SECTOR;
        let (head, rest) = bytes.split_at(first.min(bytes.len()));
        let mut at = offset;
        let mut kept = Vec::new();
        for sector in std::iter::once(head).chain(rest.chunks(SECTOR)) {
            if self.coin() {
                kept.push((at, sector.to_vec()));
            }
            at += sector.len() as u64;
        }
        kept
    }

    pub(super) fn set_len(&mut self, file: usize, len: u64) -> io::Result<()> {
        self.step(Op::SetLen)?;
        if len as usize > self.files[file].seen.len() {
            self.room()?;
        }
        self.change(file, Change::SetLen(len));
        Ok(())
    }

    pub(super) fn sync(&mut self, file: usize) -> io::Result<()> {
        let failed = self.step(Op::Sync)?.is_some();
        if failed {
            self.settle(file, Keep::Some);
            return Err(io::Error::other("the sync failed"));
        }
        self.settle(file, Keep::Everything);
        Ok(())
    }

    /// What is on the way to a file arrives, or is lost.
    fn settle(&mut self, file: usize, keep: Keep) {
        for change in std::mem::take(&mut self.files[file].on_the_way) {
            let arrived = match keep {
                Keep::Nothing => Vec::new(),
                Keep::Everything => vec![change],
                Keep::Some => match (self.random() % 3, change) {
                    (0, _) => Vec::new(),
                    (1, Change::Write(offset, bytes)) => {
                        self.torn(offset, &bytes).into_iter().map(|(at, sector)| Change::Write(at, sector)).collect()
                    }
                    (_, change) => vec![change],
                },
            };
            arrived.iter().for_each(|change| apply(&mut self.files[file].durable, change));
        }
    }

    pub(super) fn crash(&mut self, keep: Keep) {
        for file in 0..self.files.len() {
            self.settle(file, keep);
            self.files[file].seen = self.files[file].durable.clone();
        }
        for change in std::mem::take(&mut self.names_on_the_way) {
            let kept = match keep {
                Keep::Nothing => false,
                Keep::Everything => true,
                Keep::Some => self.coin(),
            };
            if kept {
                change.apply(&mut self.durable_names);
            }
        }
        self.names = self.durable_names.clone();
        self.locks.clear();
        self.life += 1;
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::SetLen(len) => bytes.resize(*len as usize, 0),
        Change::Write(offset, new) => {
            let start = *offset as usize;
            if bytes.len() < start + new.len() {
                bytes.resize(start + new.len(), 0);
            }
            bytes[start..start + new.len()].copy_from_slice(new);
        }
    }
}
