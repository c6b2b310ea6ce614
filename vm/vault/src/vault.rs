//! A vault, opened for writing by its owner: the journal's writer, the saves, and the way back after a death.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::chunk::blob;
use crate::disk::{Disk, Lock, sync_dir};
use crate::error::{Error, Flaw, Refusal, Result, Wrong};
use crate::fence::{self, Fence};
use crate::id::{PublicKey, SaveId};
use crate::identity::{FILE, Identity};
use crate::journal::{self, Payload, Position, Reader, Record, SMALL};
use crate::keys::{self, Key};
use crate::open;
use crate::registry::SaveRow;
use crate::save::Save;
use crate::saves::Saves;
use crate::secrets::Secrets;

/// How to open a vault.
#[derive(Clone, Debug)]
pub struct Options {
    /// The key that signs saves.
    pub key: Key,
    /// Who opens it, for people: written beside the epoch and into the journal.
    pub owner: String,
    /// The VM semantics of this build.
    pub semantics: u32,
    /// Bytes after which a journal segment is closed and a new one begun.
    pub segment_bytes: u64,
    /// Bytes that the regions of a save may have together; a save that claims more is refused.
    pub world_bytes: u64,
    /// Does not take the lock, as if the file system had none.
    #[cfg(feature = "simulate")]
    pub without_lock: bool,
}

impl Options {
    /// The usual: this build's semantics, segments of 64 MiB, worlds of at most 64 GiB.
    pub fn new(key: Key, owner: impl Into<String>) -> Self {
        Options {
            key,
            owner: owner.into(),
            semantics: codex_spec::semantics::VERSION,
            segment_bytes: 64 << 20,
            world_bytes: 64 << 30,
            #[cfg(feature = "simulate")]
            without_lock: false,
        }
    }
}

/// How much of a state is checked before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Signature, manifest, lists, and that every chunk is somewhere; the chunks' bytes as they are read.
    Quick,
    /// Every byte.
    Whole,
}

/// Where to go on.
#[derive(Debug)]
pub struct Recovery {
    /// The newest save that passed; none if the journal has everything from the start.
    pub save: Option<Save<Saves>>,
    /// Newer saves that did not pass, with the reason.
    pub skipped: Vec<(SaveId, Error)>,
    /// What entered after it.
    pub journal: Reader,
}

/// A vault open for writing.
#[derive(Debug)]
pub struct Vault {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    pub(crate) journal: journal::Writer,
    saves: Saves,
    _lock: Option<Lock>,
}

/// The directory of a vault's journal.
pub fn journal_dir(vault: &Path) -> PathBuf {
    vault.join("journal")
}

impl Vault {
    /// Makes a vault in a directory that holds none. It trusts the Root and this key.
    ///
    /// # Errors
    /// If there is a vault already, or the disk fails; what was begun can be made again.
    pub fn create(disk: &dyn Disk, dir: &Path, identity: &Identity, key: PublicKey) -> Result<()> {
        match Identity::read(disk, dir) {
            Err(Error::Refused(Refusal::NoVault(_))) => {}
            Ok(_) => return Err(Refusal::Exists(dir.to_owned()).into()),
            Err(e) => return Err(e),
        }
        for part in ["journal", "packs", "saves", "epochs"] {
            let path = dir.join(part);
            disk.make_dir(&path).map_err(Error::io("make it", &path))?;
        }
        keys::trust(disk, dir, &[key, identity.root].into())?;
        identity.write(disk, dir)?;
        match dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => sync_dir(disk, parent),
            None => Ok(()),
        }
    }

    /// Opens a vault for writing: takes the lock and a higher epoch, makes good what a crash left, begins a new segment.
    ///
    /// # Errors
    /// If there is no vault, another process has it, it was last written under other VM semantics (nothing has been
    /// touched then), an acknowledged part of the journal is damaged, or the disk fails.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, options: Options) -> Result<Self> {
        let identity = Identity::read(&*disk, dir)?;
        let lock = Self::lock(&*disk, dir, &options)?;
        let seen = open::last_segment(disk.clone(), dir)?;
        if let Some(header) = seen.as_ref().filter(|header| header.semantics != options.semantics) {
            return Err(Refusal::Semantics { vault: header.semantics, ours: options.semantics }.into());
        }
        let who = format!("process {}, {}", std::process::id(), options.owner);
        let fence = Fence::claim(disk.clone(), dir, seen.map_or(0, |header| header.epoch), &who)?;
        let (end, tick) = open::journal_end(disk.clone(), dir, &identity)?;
        let saves = open::saves(disk.clone(), dir, &identity, &options, fence.clone())?;
        let settings = journal::Settings {
            semantics: options.semantics,
            world: identity.world,
            timeline: identity.timeline,
            segment_bytes: options.segment_bytes,
        };
        let epoch = fence.epoch();
        let journal = journal::Writer::start(disk.clone(), journal_dir(dir), fence, settings, end, tick)?;
        let mut vault = Vault { disk, dir: dir.to_owned(), journal, saves, _lock: lock };
        vault.append(&Record::Owner { epoch, name: who })?;
        vault.commit()?;
        Ok(vault)
    }

    fn lock(disk: &dyn Disk, dir: &Path, options: &Options) -> Result<Option<Lock>> {
        #[cfg(feature = "simulate")]
        if options.without_lock {
            return Ok(None);
        }
        let _ = options;
        fence::lock(disk, dir).map(Some)
    }

    /// The secrets of its world, which this key opens.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn secrets(&self, key: &Key) -> Result<Secrets> {
        Secrets::open(self.disk.clone(), &self.dir, key)
    }

    /// The saves; the handle can go to another thread.
    pub fn saves(&self) -> &Saves {
        &self.saves
    }

    /// Appends a record to the journal; it is on the disk once a later [`Self::commit`] has returned `Ok`.
    ///
    /// # Errors
    /// If it is an input of more than 64 KiB: [`Self::append_input`] takes those.
    pub fn append(&mut self, record: &Record) -> Result<()> {
        self.journal.append(record)
    }

    /// Appends a record and writes it at once, without a sync: see [`journal::Writer::append_unsynced`].
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn append_unsynced(&mut self, record: &Record) -> Result<()> {
        self.journal.append_unsynced(record)
    }

    /// Appends an input of any length; a long one is put on the disk as chunks at once, and by its hash into the journal.
    ///
    /// # Errors
    /// If the disk fails; the input has not been appended then.
    pub fn append_input(&mut self, tick: u64, payload: &[u8]) -> Result<()> {
        if payload.len() <= SMALL {
            return self.append(&Record::input(tick, payload));
        }
        if payload.len() as u64 > crate::chunk::LONGEST {
            let (found, most) = (payload.len() as u64, crate::chunk::LONGEST);
            return Err(Refusal::TooLarge { what: "an input", found, most }.into());
        }
        let saves = self.saves.clone();
        let _writing = saves.0.collecting.read().unwrap_or_else(|e| e.into_inner());
        let mut to = saves.0.store.writer();
        let blob = blob::write(&mut to, payload)?;
        to.sync()?;
        saves.0.uncommitted.lock().unwrap_or_else(|e| e.into_inner()).push(blob);
        self.append(&Record::Input { tick, payload: Payload::Chunks(blob) })
    }

    /// Puts everything that was appended on the disk with one sync.
    ///
    /// # Errors
    /// As [`journal::Writer::commit`]: the owner has to stop.
    pub fn commit(&mut self) -> Result<Position> {
        let end = self.journal.commit()?;
        self.saves.0.uncommitted.lock().unwrap_or_else(|e| e.into_inner()).clear();
        Ok(end)
    }

    /// The epoch of this owner.
    pub fn epoch(&self) -> u64 {
        self.saves.owner().map_or(0, |(fence, _)| fence.epoch())
    }

    /// The end of what is acknowledged in the journal.
    pub fn position(&self) -> Position {
        self.journal.position()
    }

    /// Bytes of an input.
    ///
    /// # Errors
    /// If a chunk of it is missing or damaged.
    pub fn input(&self, payload: &Payload) -> Result<Vec<u8>> {
        self.saves.input(payload)
    }

    /// The state to go on from: the newest save of this timeline that passes its checks, and the journal after it.
    ///
    /// # Errors
    /// If no save passes and the journal's start is gone, or the disk fails.
    pub fn recover(&self, check: Check) -> Result<Recovery> {
        self.recover_without(&[], check)
    }

    /// [`Self::recover`], but not from these saves: their caller found them unusable.
    ///
    /// # Errors
    /// As [`Self::recover`].
    pub fn recover_without(&self, unusable: &[SaveId], check: Check) -> Result<Recovery> {
        let identity = *self.saves.identity();
        let mut skipped: Vec<(SaveId, Error)> = Vec::new();
        for (id, flaw) in self.saves.damaged() {
            skipped.push((*id, flaw.clone().in_file(&self.saves.path(id))));
        }
        let rows = self.saves.list()?;
        let ours = |row: &&SaveRow| row.timeline == identity.timeline || identity.origin == Some(row.id);
        for row in rows.iter().rev().filter(ours).filter(|row| !unusable.contains(&row.id)) {
            match self.usable(&row.id, check) {
                Ok(save) => {
                    // Another vault's places mean nothing here.
                    let own = identity.origin != Some(row.id);
                    let position = if own { save.header().position } else { Position::default() };
                    return Ok(Recovery { save: Some(save), skipped, journal: self.read_from(position) });
                }
                Err(e @ Error::Bad { .. }) => skipped.push((row.id, e)),
                Err(e) => return Err(e),
            }
        }
        if identity.origin.is_some() || open::first_segment(&*self.disk, &self.dir)? != Some(1) {
            return Err(Refusal::NoState.into());
        }
        Ok(Recovery { save: None, skipped, journal: self.read_from(Position::default()) })
    }

    fn usable(&self, id: &SaveId, check: Check) -> Result<Save<Saves>> {
        let save = self.saves.open(id)?;
        save.require(self.saves.0.semantics)?;
        match check {
            Check::Whole => self.saves.verify(id)?,
            Check::Quick => save.each_chunk(|id, len| {
                let there = blob::is_zeros(id, len) || self.saves.0.store.place(id)?.is_some();
                let missing = || Flaw::new(0, Wrong::Missing(*id)).in_file(&self.saves.0.store.dir);
                if there { Ok(()) } else { Err(missing()) }
            })?,
        }
        Ok(save)
    }

    /// Reads the journal from a place.
    pub fn read_from(&self, position: Position) -> Reader {
        Reader::from(self.disk.clone(), journal_dir(&self.dir), position)
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether a vault has the file of a save, sound or not.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn has_saves(disk: &dyn Disk, dir: &Path) -> Result<bool> {
        crate::saves::files(disk, dir).map(|files| !files.is_empty())
    }

    /// Whether a directory holds a vault.
    pub fn is_vault(disk: &dyn Disk, dir: &Path) -> bool {
        disk.open(&dir.join(FILE), crate::disk::Open::Read).is_ok()
    }
}

impl Saves {
    /// Bytes of an input.
    ///
    /// # Errors
    /// If a chunk of it is missing or damaged.
    pub fn input(&self, payload: &Payload) -> Result<Vec<u8>> {
        match payload {
            Payload::Here(bytes) => Ok(bytes.clone()),
            Payload::Chunks(blob) => blob::read(self, blob),
        }
    }
}
