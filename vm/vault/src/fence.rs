//! Who may write to a vault: a lock for processes of one host, and epochs for owners who do not know of each other.
//!
//! The lock is the system's, on the file `lock`, which holds the owner's process id for messages. It can be defeated (a network
//! file system without locks, a copy of a virtual machine), so each opening for writing also claims an *epoch*: it
//! makes `epochs/N` with a number above all others, which only one can do. An owner looks for a higher number **after** each
//! sync and before it acknowledges; a new owner claims **before** it reads. So whatever an older owner acknowledged the
//! new one reads, and whatever the new one did not read is never acknowledged.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, Lock, Open, read_whole, remove, sync_dir, write_all};
use crate::error::{Error, Result};
use crate::seeded::{self, Bug};

/// The right to write, until a newer owner comes.
#[derive(Clone, Debug)]
pub(crate) struct Fence {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    mine: u64,
}

impl Fence {
    /// Claims an epoch above all that were claimed and above `seen`, the highest that the vault's files speak of.
    pub(crate) fn claim(disk: Arc<dyn Disk>, vault: &Path, seen: u64, owner: &str) -> Result<Self> {
        let dir = vault.join("epochs");
        let older = claimed(&*disk, &dir)?;
        let mut mine = older.last().copied().unwrap_or(0).max(seen) + 1;
        let file = loop {
            let path = dir.join(name(mine));
            match disk.open(&path, Open::New) {
                Ok(file) => break file,
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => mine += 1,
                Err(e) => return Err(Error::io("claim it", &path)(e)),
            }
        };
        let path = dir.join(name(mine));
        write_all(&*file, 0, owner.as_bytes()).map_err(Error::io("write it", &path))?;
        // The name is the claim; what is in the file is for people.
        sync_dir(&*disk, &dir)?;
        for epoch in older.into_iter().filter(|&epoch| epoch < mine) {
            remove(&*disk, &dir.join(name(epoch)))?;
        }
        Ok(Fence { disk, dir, mine })
    }

    /// This owner's epoch.
    pub(crate) fn epoch(&self) -> u64 {
        self.mine
    }

    /// Fails if there is a newer owner.
    pub(crate) fn check(&self) -> Result<()> {
        if seeded::has(Bug::SkipFence) {
            return Ok(());
        }
        match claimed(&*self.disk, &self.dir)?.last() {
            Some(&newer) if newer > self.mine => Err(Error::Fenced { mine: self.mine, newer }),
            _ => Ok(()),
        }
    }
}

fn name(epoch: u64) -> String {
    format!("{epoch:016}")
}

/// The epochs that have a file, ascending.
fn claimed(disk: &dyn Disk, dir: &Path) -> Result<Vec<u64>> {
    let names = disk.list(dir).map_err(Error::io("list it", dir))?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// Takes a vault's lock.
pub(crate) fn lock(disk: &dyn Disk, vault: &Path) -> Result<Lock> {
    let path = vault.join("lock");
    let Some(lock) = disk.lock(&path).map_err(Error::io("lock it", &path))? else {
        let pid = read_whole(disk, &path, 64).ok().and_then(|bytes| String::from_utf8(bytes).ok()?.trim().parse().ok());
        return Err(Error::Held { path: vault.to_owned(), pid });
    };
    let file = disk.open(&path, Open::Write).map_err(Error::io("open it", &path))?;
    file.set_len(0).map_err(Error::io("empty it", &path))?;
    write_all(&*file, 0, format!("{}\n", std::process::id()).as_bytes()).map_err(Error::io("write it", &path))?;
    Ok(lock)
}
