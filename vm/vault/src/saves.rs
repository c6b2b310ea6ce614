//! The saves of a vault: making, listing, opening, checking them. A handle that can be cloned and used from any thread.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};

use crate::chunk::ChunkSource;
use crate::chunk::store::{ChunkWriter, Store};
use crate::disk::{Disk, publish, read_whole, remove, sync_dir};
use crate::error::{Error, Flaw, Refusal, Result, Wrong};
use crate::fence::Fence;
use crate::id::{ChunkId, PublicKey, SaveId};
use crate::identity::Identity;
use crate::journal::Blob;
use crate::keys::{self, Key};
use crate::registry::{self, Change, SaveRow};
use crate::save::head::{Head, Header, Kind, at};
use crate::save::load::{FRONT, front};
use crate::save::write::contents;
use crate::save::{Descent, Draft, Manifest, Save};

/// The saves of a vault.
#[derive(Clone, Debug)]
pub struct Saves(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) vault: PathBuf,
    pub(crate) identity: Identity,
    pub(crate) semantics: u32,
    /// Bytes that the regions of a save may have together.
    pub(crate) world_bytes: u64,
    pub(crate) store: Arc<Store>,
    /// The owner, for people.
    pub(crate) name: String,
    /// Who may write, and with which key it signs; none for a look from outside.
    pub(crate) owner: Option<(Fence, Key)>,
    pub(crate) trusted: RwLock<BTreeSet<PublicKey>>,
    /// Files in `saves/` that are no save, found when the vault was opened.
    pub(crate) damaged: Vec<(SaveId, Flaw)>,
    /// Held by whoever writes chunks until something refers to them; and alone by the collector.
    pub(crate) collecting: RwLock<()>,
    /// Long inputs whose records are not in the journal on the disk yet.
    pub(crate) uncommitted: Mutex<Vec<Blob>>,
}

impl ChunkSource for Saves {
    fn chunk(&self, id: &ChunkId, into: &mut [u8]) -> Result<()> {
        self.0.store.chunk(id, into)
    }
}

pub(crate) fn dir(vault: &Path) -> PathBuf {
    vault.join("saves")
}

pub(crate) fn file_name(id: &SaveId) -> String {
    format!("{id}.save")
}

/// The saves that have a file.
pub(crate) fn files(disk: &dyn Disk, vault: &Path) -> Result<Vec<SaveId>> {
    let dir = dir(vault);
    let names = disk.list(&dir).map_err(Error::io("list it", &dir))?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(".save")?.parse().ok()).collect())
}

impl Inner {
    fn path(&self, id: &SaveId) -> PathBuf {
        dir(&self.vault).join(file_name(id))
    }

    /// A save's head and manifest, checked.
    pub(crate) fn front(&self, id: &SaveId) -> Result<(Head, Manifest)> {
        let path = self.path(id);
        let bytes = match read_whole(&*self.disk, &path, FRONT) {
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(Refusal::NoSave(*id).into());
            }
            bytes => bytes?,
        };
        self.check_front(&bytes, id).map_err(|flaw| flaw.in_file(&path))
    }

    fn check_front(&self, bytes: &[u8], id: &SaveId) -> Result<(Head, Manifest), Flaw> {
        let (head, manifest, end) = front(bytes, self.world_bytes)?;
        if head.id != *id {
            return Err(Flaw::new(0, Wrong::Hash("the header")));
        }
        if end != bytes.len() as u64 {
            return Err(Flaw::new(end, Wrong::Trailing));
        }
        self.admit(&head)?;
        Ok((head, manifest))
    }

    /// Whether a save may be here at all: signed by a trusted key, of this world.
    pub(crate) fn admit(&self, head: &Head) -> Result<(), Flaw> {
        let header = &head.header;
        if !self.trusted.read().unwrap_or_else(|e| e.into_inner()).contains(&header.signer) {
            return Err(Flaw::new(head.signer_at(), Wrong::UnknownKey(header.signer)));
        }
        if header.world != self.identity.world {
            return Err(Flaw::new(at::WORLD, Wrong::World(header.world)));
        }
        Ok(())
    }
}

impl Saves {
    /// The path of a save's file.
    pub(crate) fn path(&self, id: &SaveId) -> PathBuf {
        self.0.path(id)
    }

    /// Whose vault it is.
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// The keys that are trusted here.
    pub fn trusted(&self) -> BTreeSet<PublicKey> {
        self.0.trusted.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// Trusts a key from now on.
    ///
    /// # Errors
    /// If the disk fails, or this is a look from outside or a fenced owner.
    pub fn trust(&self, key: PublicKey) -> Result<()> {
        self.owner()?.0.check()?;
        let mut keys = self.trusted();
        keys.insert(key);
        keys::trust(&*self.0.disk, &self.0.vault, &keys)?;
        *self.0.trusted.write().unwrap_or_else(|e| e.into_inner()) = keys;
        Ok(())
    }

    pub(crate) fn owner(&self) -> Result<&(Fence, Key)> {
        self.0.owner.as_ref().ok_or(Error::Stopped)
    }

    /// The saves, the oldest tick first.
    ///
    /// # Errors
    /// If the registry fails; in a look from outside, if a save's file is damaged.
    pub fn list(&self) -> Result<Vec<SaveRow>> {
        if let Some(registry) = self.0.store.index.registry() {
            return registry.saves().map_err(registry::error);
        }
        let ids = files(&*self.0.disk, &self.0.vault)?;
        let mut rows = ids
            .iter()
            .map(|id| self.open(id).map(|save| row(&save.head, &save.manifest)))
            .collect::<Result<Vec<_>>>()?;
        rows.sort_by_key(|row| (row.tick, row.wall, row.id));
        Ok(rows)
    }

    /// Opens a save: signature, signer, manifest.
    ///
    /// # Errors
    /// If there is none, or the first thing that is wrong with it.
    pub fn open(&self, id: &SaveId) -> Result<Save<Saves>> {
        let (head, manifest) = self.0.front(id)?;
        Ok(Save { head, manifest, source: self.clone(), path: self.path(id) })
    }

    /// Whether a save follows from its parent as it says, if the parent is here.
    pub(crate) fn follows(&self, head: &Head) -> Result<(), Flaw> {
        let Some(parent) = head.header.parent else { return Ok(()) };
        let Ok(parent) = self.open(&parent) else { return Ok(()) };
        let parent = parent.header();
        if parent.tick > head.header.tick {
            return Err(Flaw::new(at::PARENT, Wrong::Later(parent.tick)));
        }
        if (parent.timeline == head.header.timeline) != (head.header.descent == Descent::GoesOn) {
            return Err(Flaw::new(at::TIMELINE, Wrong::Timeline(parent.timeline)));
        }
        Ok(())
    }

    /// Makes a save. When this returns `Ok` the save is on the disk, has been read back and checked, and the caller may forget
    /// which pages were dirty.
    ///
    /// # Errors
    /// If the disk fails or a newer owner is there, or the draft makes no sense. Then there is no such save as far as the
    /// caller is concerned: nothing may be forgotten, and the next try writes everything again.
    pub fn save(&self, draft: &Draft<'_>) -> Result<SaveId> {
        self.save_when(draft, || Ok(()))
    }

    /// As [`Self::save`]; when all chunks are on the disk, `ready` is asked before the save gets its name. It may wait, for what
    /// the save has to come after.
    ///
    /// # Errors
    /// Also those of `ready`: then there is no save.
    pub fn save_when(&self, draft: &Draft<'_>, ready: impl FnOnce() -> Result<()>) -> Result<SaveId> {
        let (fence, _) = self.owner()?;
        fence.check()?;
        let _writing = self.0.collecting.read().unwrap_or_else(|e| e.into_inner());
        let parent = draft.parent.map(|id| self.open(&id)).transpose()?;
        let mut to = self.0.store.writer();
        let manifest = contents(draft, parent.as_ref().map(Save::manifest), self, &mut to)?;
        let head = self.head(draft, &manifest)?;
        self.follows(&head).map_err(|flaw| flaw.in_file(&self.path(&head.id)))?;
        self.finish(head, &manifest, to, ready)
    }

    fn head(&self, draft: &Draft<'_>, manifest: &Manifest) -> Result<Head> {
        let (fence, key) = self.owner()?;
        let bytes = manifest.encode();
        let most = crate::save::head::MANIFEST;
        if bytes.len() as u64 > most {
            let found = bytes.len() as u64;
            return Err(Refusal::TooLarge { what: "a manifest", found, most }.into());
        }
        let identity = &self.0.identity;
        let header = Header {
            semantics: self.0.semantics,
            kind: if draft.is_delta() { Kind::Delta } else { Kind::Full },
            descent: draft.descent,
            root: identity.root,
            world: identity.world,
            timeline: identity.timeline,
            parent: draft.parent,
            tick: draft.tick,
            state: draft.state_hash,
            epoch: fence.epoch(),
            position: draft.position,
            locator: draft.locator.clone(),
            wall: draft.wall,
            signer: key.public(),
            manifest_len: bytes.len() as u64,
            manifest: crate::bytes::hash(&bytes),
        };
        Ok(Head::sign(header, key))
    }

    /// Chunks, sync, manifest, sync, read back, registry: the order in which a save comes to be.
    pub(crate) fn finish(
        &self,
        head: Head,
        manifest: &Manifest,
        to: ChunkWriter,
        ready: impl FnOnce() -> Result<()>,
    ) -> Result<SaveId> {
        let (fence, _) = self.owner()?;
        let mut change = to.sync()?;
        ready()?;
        let bytes = [head.bytes.as_slice(), &manifest.encode()].concat();
        publish(&*self.0.disk, &dir(&self.0.vault), &file_name(&head.id), &bytes)?;
        if let Err(e) = self.read_back(&head.id, &bytes, &change) {
            // What is in these packs is not what was written: nothing may be built on it.
            self.0.store.index.forget(change.chunks.iter().map(|(id, _)| id));
            self.0.store.close_spare();
            remove(&*self.0.disk, &self.path(&head.id))?;
            return Err(e);
        }
        fence.check()?;
        change.saves.push(row(&head, manifest));
        change.epochs.push((fence.epoch(), self.0.name.clone()));
        self.0.store.index.apply(change)?;
        Ok(head.id)
    }

    fn read_back(&self, id: &SaveId, written: &[u8], change: &Change) -> Result<()> {
        let path = self.path(id);
        if read_whole(&*self.0.disk, &path, FRONT)? != written {
            return Err(Flaw::new(0, Wrong::Hash("what was just written")).in_file(&path));
        }
        let mut buffer = vec![0; crate::chunk::CHUNK];
        for (id, place) in &change.chunks {
            self.0.store.read(id, place, &mut buffer[..place.len as usize])?;
        }
        Ok(())
    }

    /// The saves that a save comes from, its parent first, as far as they are here.
    ///
    /// # Errors
    /// If the lineage comes back to a save that was passed before: the registry is damaged.
    pub fn lineage(&self, id: &SaveId) -> Result<Vec<SaveId>> {
        let parents: BTreeMap<SaveId, Option<SaveId>> =
            self.list()?.into_iter().map(|row| (row.id, row.parent)).collect();
        let mut lineage = Vec::new();
        let mut passed = BTreeSet::from([*id]);
        let mut at = *id;
        while let Some(&Some(parent)) = parents.get(&at) {
            if !passed.insert(parent) {
                return Err(Flaw::new(at::PARENT, Wrong::Cycle(parent)).in_file(&self.path(id)));
            }
            lineage.push(parent);
            at = parent;
        }
        Ok(lineage)
    }

    /// Reads and checks every byte of a save. A chunk that is found damaged is no longer built upon: the next save that has it
    /// writes it anew.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn verify(&self, id: &SaveId) -> Result<()> {
        let save = self.open(id)?;
        self.follows(&save.head).map_err(|flaw| flaw.in_file(&save.path))?;
        self.lineage(id)?;
        let verified = save.verify();
        if matches!(verified, Err(Error::Bad { .. })) && self.0.owner.is_some() {
            self.distrust(&save)?;
        }
        verified
    }

    /// Takes a save's damaged chunks out of the index. Their packs are listed anew at the next opening, so that what is put
    /// right by then counts again.
    fn distrust(&self, save: &Save<Saves>) -> Result<()> {
        let (mut bad, mut packs) = (Vec::new(), BTreeSet::new());
        let mut buffer = vec![0; crate::chunk::CHUNK];
        let walked = save.each_chunk(|id, len| {
            if matches!(self.chunk(id, &mut buffer[..len]), Err(Error::Bad { .. })) {
                packs.extend(self.0.store.place(id)?.map(|place| place.pack));
                bad.push(*id);
            }
            Ok(())
        });
        // A damaged list ends the walk, and has just been noted.
        if let Err(Error::Io { .. }) = walked {
            return walked;
        }
        self.0.store.index.forget(&bad);
        let no_packs = packs.into_iter().collect();
        self.0.store.index.apply(Change { no_chunks: bad, no_packs, ..Change::default() })
    }

    /// Files among the saves that were no saves when the vault was opened, and what is wrong with them.
    pub fn damaged(&self) -> &[(SaveId, Flaw)] {
        &self.0.damaged
    }

    /// Removes the names of saves, for good once this has returned.
    pub(crate) fn remove_files(&self, ids: &[SaveId]) -> Result<()> {
        ids.iter().try_for_each(|id| remove(&*self.0.disk, &self.path(id)))?;
        sync_dir(&*self.0.disk, &dir(&self.0.vault))
    }
}

/// A save's row in the registry.
pub(crate) fn row(head: &Head, manifest: &Manifest) -> SaveRow {
    let header = &head.header;
    SaveRow {
        id: head.id,
        tick: header.tick,
        timeline: header.timeline,
        parent: header.parent,
        wall: header.wall,
        bytes: manifest.bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;
    use crate::id::{StateHash, TimelineId, WorldId};
    use crate::save::Locator;
    use crate::vault::{Options, Vault};

    /// Two saves whose rows in the registry say that each is the other's parent.
    #[test]
    fn a_lineage_in_a_circle_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::from_secret([7; 32]);
        let (world, timeline) = (WorldId([1; 16]), TimelineId([2; 16]));
        let identity = Identity { world, timeline, root: key.public(), origin: None };
        Vault::create(&RealDisk, dir.path(), &identity, key.public()).unwrap();
        let vault = Vault::open(Arc::new(RealDisk), dir.path(), Options::new(key, "a test")).unwrap();
        let save = |tick, parent: Option<SaveId>| {
            let descent = if parent.is_some() { Descent::GoesOn } else { Descent::First };
            let (state_hash, locator) = (StateHash([tick as u8; 32]), Locator::default());
            let (position, wall) = (vault.position(), 0);
            let (modules, state, meta, regions) = (&[&b"a module"[..]][..], &b"a state"[..], &[][..], &[][..]);
            let draft =
                Draft { parent, descent, tick, state_hash, position, locator, wall, modules, state, meta, regions };
            vault.saves().save(&draft).unwrap()
        };
        let first = save(1, None);
        let second = save(2, Some(first));
        vault.saves().verify(&second).unwrap();
        let mut rows = vault.saves().list().unwrap();
        rows[0].parent = Some(second);
        vault.saves().0.store.index.apply(Change { saves: rows, ..Change::default() }).unwrap();
        for id in [first, second] {
            match vault.saves().verify(&id) {
                Err(Error::Bad { flaw, .. }) => assert_eq!(flaw.wrong, Wrong::Cycle(id)),
                other => panic!("{other:?}"),
            }
        }
    }
}
