//! Opening: what the files say, and making the registry agree with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};

use crate::chunk::CHUNK;
use crate::chunk::pack::Scan;
use crate::chunk::store::{Store, packs};
use crate::disk::{Disk, FRESH, Open, read_up_to, remove, sync_dir, write_all};
use crate::error::{Error, Flaw, Result, Wrong};
use crate::fence::Fence;
use crate::id::{ChunkId, SaveId};
use crate::identity::Identity;
use crate::journal::{Header, Position, Reader, Record, segments};
use crate::keys;
use crate::registry::{self, Change, Index, Registry};
use crate::saves::{self, Inner, Saves};
use crate::vault::{Options, journal_dir};

/// The header of the journal's last segment.
pub(crate) fn last_segment(disk: Arc<dyn Disk>, vault: &Path) -> Result<Option<Header>> {
    let dir = journal_dir(vault);
    match segments(&*disk, &dir)?.names.last() {
        None => Ok(None),
        Some(&name) => Reader::header_of(&*disk, &dir, name).map(Some),
    }
}

/// The number of the journal's first segment.
pub(crate) fn first_segment(disk: &dyn Disk, vault: &Path) -> Result<Option<u64>> {
    Ok(segments(disk, &journal_dir(vault))?.names.first().map(|name| name.number))
}

/// Finds the end of the journal and the last tick of a horizon; removes what a fenced owner or a crash left beside it.
pub(crate) fn journal_end(disk: Arc<dyn Disk>, vault: &Path, identity: &Identity) -> Result<(Position, u64)> {
    let dir = journal_dir(vault);
    // A name that only memory has seen is no name to build upon.
    sync_dir(&*disk, &dir)?;
    let found = segments(&*disk, &dir)?;
    for name in &found.stale {
        remove(&*disk, &dir.join(name.file()))?;
    }
    sweep(&*disk, &dir)?;
    let Some(last) = found.names.last() else { return Ok(Default::default()) };
    // The segments before it were read when it was begun, and are read again from where a save points.
    let header = Reader::header_of(&*disk, &dir, *last)?;
    if (header.world, header.timeline) != (identity.world, identity.timeline) {
        return Err(Flaw::new(16, Wrong::World(header.world)).in_file(&dir.join(last.file())));
    }
    let mut tick = header.first_tick;
    let mut reader = Reader::at_segment(disk.clone(), dir.clone(), last.number);
    while let Some(entry) = reader.next_entry()? {
        if let Record::Horizon { tick: horizon } = entry.record {
            tick = tick.max(horizon);
        }
    }
    let end = reader.end().position;
    settle(&*disk, &dir.join(last.file()), reader.safe().offset, end.offset)?;
    Ok((end, tick))
}

/// Puts a stretch of a file on the disk that was read and found sound. That it can be read says nothing about the disk: it may
/// be in memory alone, and after a sync that failed no other sync would write it. So the same bytes are written once more.
fn settle(disk: &dyn Disk, path: &Path, mut from: u64, end: u64) -> Result<()> {
    let file = disk.open(path, Open::Write).map_err(Error::io("open it", path))?;
    let mut buffer = vec![0; CHUNK];
    while from < end {
        let part = &mut buffer[..(end - from).min(CHUNK as u64) as usize];
        let filled = read_up_to(&*file, from, part).map_err(Error::io("read it", path))?;
        if filled < part.len() {
            return Err(Flaw::new(from, Wrong::Ended).in_file(path));
        }
        write_all(&*file, from, part).map_err(Error::io("write it", path))?;
        from += part.len() as u64;
    }
    file.sync().map_err(Error::io("sync it", path))
}

/// Removes files that were never finished.
fn sweep(disk: &dyn Disk, dir: &Path) -> Result<()> {
    let names = disk.list(dir).map_err(Error::io("list it", dir))?;
    names.iter().filter(|name| name.ends_with(FRESH)).try_for_each(|name| remove(disk, &dir.join(name)))
}

/// The saves, with a registry that agrees with packs, saves and journal.
pub(crate) fn saves(
    disk: Arc<dyn Disk>,
    vault: &Path,
    identity: &Identity,
    options: &Options,
    fence: Fence,
) -> Result<Saves> {
    sweep(&*disk, &saves::dir(vault))?;
    sync_dir(&*disk, &saves::dir(vault))?;
    sync_dir(&*disk, &vault.join("packs"))?;
    let registry = open_registry(&*disk, vault, &fence)?;
    let known = Known::read(&registry).map_err(registry::error)?;
    let index = Index::new(Some(registry));
    let store = Arc::new(Store::new(disk.clone(), vault.join("packs"), index)?);
    let mut change = Change::default();
    list_packs(&store, &known, &mut change)?;
    store.index.note(&change.chunks);
    let mut inner = Inner {
        trusted: RwLock::new(keys::trusted(&*disk, vault)?),
        disk,
        vault: vault.to_owned(),
        identity: *identity,
        semantics: options.semantics,
        world_bytes: options.world_bytes,
        store,
        name: options.owner.clone(),
        owner: Some((fence, options.key.clone())),
        damaged: Vec::new(),
        collecting: RwLock::new(()),
        uncommitted: Mutex::default(),
    };
    inner.damaged = list_saves(&inner, &known, &mut change)?;
    // Epochs alone are not worth a sync: the next save notes its own.
    if !change.is_empty() {
        list_epochs(&inner, &known, &mut change)?;
        inner.store.index.apply(change)?;
    }
    Ok(Saves(Arc::new(inner)))
}

/// A look at a vault's saves from outside, also while another process owns it: nothing is written, no registry is read.
///
/// # Errors
/// If there is no vault, or a file cannot be read.
pub fn look(disk: Arc<dyn Disk>, vault: &Path, world_bytes: u64) -> Result<Saves> {
    let identity = Identity::read(&*disk, vault)?;
    let store = Arc::new(Store::new(disk.clone(), vault.join("packs"), Index::new(None))?);
    for pack in packs(&*disk, &store.dir)? {
        let (file, path) = (store.file(pack)?, store.path(pack));
        let mut scan = Scan::new(&*file, &path, pack, 0)?;
        while let Some(batch) = scan.next_batch()? {
            store.index.note(&batch);
        }
    }
    let trusted = RwLock::new(keys::trusted(&*disk, vault)?);
    Ok(Saves(Arc::new(Inner {
        disk,
        vault: vault.to_owned(),
        identity,
        semantics: codex_spec::semantics::VERSION,
        world_bytes,
        store,
        name: String::new(),
        owner: None,
        trusted,
        damaged: Vec::new(),
        collecting: RwLock::new(()),
        uncommitted: Mutex::default(),
    })))
}

/// What the registry says.
struct Known {
    packs: BTreeMap<u64, u64>,
    saves: BTreeSet<SaveId>,
    epochs: BTreeSet<u64>,
}

impl Known {
    fn read(registry: &Registry) -> std::result::Result<Self, redb::Error> {
        Ok(Known {
            packs: registry.packs()?,
            saves: registry.saves()?.into_iter().map(|row| row.id).collect(),
            epochs: registry.epochs()?.into_iter().map(|(epoch, _)| epoch).collect(),
        })
    }
}

/// Opens the registry, or begins a new one in the place of one that cannot be used.
fn open_registry(disk: &dyn Disk, vault: &Path, fence: &Fence) -> Result<Registry> {
    let path = vault.join("registry");
    let open = || {
        let file = disk.open(&path, Open::Write).map_err(Error::io("open it", &path))?;
        let registry = Registry::open(file, fence.clone());
        Ok::<_, Error>(registry.and_then(|registry| Known::read(&registry).map(|_| registry)))
    };
    if let Ok(registry) = open()? {
        return Ok(registry);
    }
    remove(disk, &path)?;
    open()?.map_err(registry::error)
}

/// Lists what packs have beyond what the registry knows. What a crash may have left in part is read and checked: nothing is built on
/// a chunk that is not what its name says.
fn list_packs(store: &Store, known: &Known, change: &mut Change) -> Result<()> {
    let there = packs(&*store.disk, &store.dir)?;
    let gone: Vec<u64> = known.packs.keys().copied().filter(|pack| !there.contains(pack)).collect();
    if !gone.is_empty() {
        store.index.each_chunk(|id, place| {
            if gone.contains(&place.pack) {
                change.no_chunks.push(id);
            }
        })?;
        change.no_packs = gone;
    }
    let lost: BTreeSet<ChunkId> = change.no_chunks.iter().copied().collect();
    for pack in there {
        let from = known.packs.get(&pack).copied().unwrap_or(0);
        let (file, path) = (store.file(pack)?, store.path(pack));
        let len = file.len().map_err(Error::io("read its length", &path))?;
        if len <= from {
            continue;
        }
        // It may be in memory alone, if its writer was killed.
        let file = store.disk.open(&path, Open::Write).map_err(Error::io("open it", &path))?;
        file.sync().map_err(Error::io("sync it", &path))?;
        let mut scan = Scan::new(&*file, &path, pack, from)?;
        while let Some(batch) = scan.next_batch()? {
            for (id, place) in batch {
                if store.place(&id)?.is_some() && !lost.contains(&id) {
                    continue;
                }
                match store.read(&id, &place, &mut vec![0; CHUNK][..place.len as usize]) {
                    Ok(()) => change.chunks.push((id, place)),
                    Err(Error::Bad { .. }) => {}
                    Err(e) => return Err(e),
                }
            }
        }
        if scan.at != from {
            change.packs.push((pack, scan.at));
        }
    }
    change.no_chunks.retain(|id| !change.chunks.iter().any(|(found, _)| found == id));
    Ok(())
}

/// Lists the saves that the registry doesn't know; gives those that are damaged.
fn list_saves(inner: &Inner, known: &Known, change: &mut Change) -> Result<Vec<(SaveId, Flaw)>> {
    let there = saves::files(&*inner.disk, &inner.vault)?;
    let mut damaged = Vec::new();
    for id in &there {
        match inner.front(id) {
            Ok((head, manifest)) if !known.saves.contains(id) => change.saves.push(saves::row(&head, &manifest)),
            Ok(_) => {}
            Err(Error::Bad { flaw, .. }) => {
                damaged.push((*id, flaw));
                change.no_saves.push(*id);
            }
            Err(e) => return Err(e),
        }
    }
    change.no_saves.extend(known.saves.iter().filter(|id| !there.contains(id)));
    Ok(damaged)
}

/// Lists the epochs of the journal's segments that the registry doesn't know.
fn list_epochs(inner: &Inner, known: &Known, change: &mut Change) -> Result<()> {
    let dir = journal_dir(&inner.vault);
    let names = segments(&*inner.disk, &dir)?.names;
    let epochs: BTreeSet<u64> =
        names.iter().map(|name| name.epoch).filter(|epoch| !known.epochs.contains(epoch)).collect();
    for epoch in epochs {
        change.epochs.push((epoch, String::new()));
    }
    Ok(())
}
