//! Keeping history within bounds: which saves stay, and what goes with the others.
//!
//! The order makes every crash harmless. Names of saves go first, and are synced; then journal segments that no kept save needs;
//! only then chunks that nothing refers to. A pack is removed when none of its chunks is needed, and when fewer than half of its
//! bytes are, these are first written again and synced. A crash in between leaves garbage for the next time, and
//! nothing that refers to what is gone.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rustc_hash::FxHashSet;

use crate::chunk::store::packs;
use crate::chunk::{CHUNK, Place, blob};
use crate::disk::{Open, remove, sync_dir};
use crate::error::{Error, Result};
use crate::id::{ChunkId, SaveId};
use crate::journal::{Payload, Reader, Record, segments};
use crate::registry::{Change, SaveRow};
use crate::saves::Saves;
use crate::vault::{Vault, journal_dir};

/// How much history is kept. The newest save always is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// So many of the newest saves are kept.
    pub newest: usize,
    /// And those that are younger than this, in milliseconds.
    pub younger_than: i64,
    /// And these.
    pub pinned: Vec<SaveId>,
    /// But no more than fit into so many bytes of the vault: then the oldest go first, whatever their age. Only the newest, and
    /// those that are pinned, stay in any case.
    pub bytes: u64,
}

impl Default for Policy {
    /// Eight saves, and those of the last day, as far as they fit into 64 GiB.
    fn default() -> Self {
        Policy { newest: 8, younger_than: 24 * 60 * 60 * 1000, pinned: Vec::new(), bytes: 64 << 30 }
    }
}

/// What was removed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Collected {
    /// Saves.
    pub saves: Vec<SaveId>,
    /// Segments of the journal.
    pub segments: usize,
    /// Packs.
    pub packs: usize,
    /// Bytes of those packs, less what was written again.
    pub bytes: u64,
}

/// Removes what is not kept, from any thread.
#[derive(Clone, Debug)]
pub struct Collector {
    saves: Saves,
    dir: PathBuf,
}

impl Vault {
    /// Commits what was appended to the journal; then as [`Collector::collect`].
    ///
    /// # Errors
    /// As there and as [`Vault::commit`].
    pub fn collect(&mut self, policy: &Policy, now: i64) -> Result<Collected> {
        self.commit()?;
        self.collector().collect(policy, now)
    }

    /// Bytes of the vault's journal, packs and saves.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn bytes(&self) -> Result<u64> {
        self.collector().bytes()
    }

    /// Bytes of the vault's disk: how many can still be written, and all; `None` where that is not known.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn room(&self) -> Result<Option<(u64, u64)>> {
        self.saves().0.disk.room(self.dir()).map_err(Error::io("look at its disk", self.dir()))
    }

    /// What collects from another thread.
    pub fn collector(&self) -> Collector {
        Collector { saves: self.saves().clone(), dir: self.dir().to_owned() }
    }
}

impl Collector {
    /// Removes saves beyond a policy, and everything that only they needed. Waits for saves and long inputs that are being
    /// written, and keeps others from beginning.
    ///
    /// # Errors
    /// If the disk fails, a newer owner is there, or a save that is kept cannot be read as far as its lists; what was not
    /// removed by then stays.
    pub fn collect(&self, policy: &Policy, now: i64) -> Result<Collected> {
        let saves = &self.saves;
        saves.owner()?.0.check()?;
        let _alone = saves.0.collecting.write().unwrap_or_else(|e| e.into_inner());
        let rows = saves.list()?;
        let (mut keep, drop) = choose(&rows, policy, now);
        let mut done = Collected::default();
        self.drop_saves(&keep, drop, &mut done)?;
        while self.bytes()? > policy.bytes {
            let (rest, drop) = shrink(&keep, policy);
            if drop.is_empty() {
                break;
            }
            self.drop_saves(&rest, drop, &mut done)?;
            keep = rest;
        }
        Ok(done)
    }

    /// Removes saves, and what only they needed.
    fn drop_saves(&self, keep: &[SaveRow], drop: Vec<SaveId>, done: &mut Collected) -> Result<()> {
        // What is written again must not go to a pack that is looked at.
        self.saves.0.store.close_spare();
        self.saves.remove_files(&drop)?;
        done.segments += self.drop_segments(keep)?;
        let live = self.live()?;
        self.drop_chunks(&live, &drop, done)?;
        done.saves.extend(drop);
        Ok(())
    }

    /// Bytes of the vault's journal, packs and saves.
    fn bytes(&self) -> Result<u64> {
        let mut bytes = 0;
        for part in ["journal", "packs", "saves"] {
            let dir = self.dir.join(part);
            for name in self.saves.0.disk.list(&dir).map_err(Error::io("list it", &dir))? {
                let path = dir.join(name);
                let file = self.saves.0.disk.open(&path, Open::Read).map_err(Error::io("open it", &path))?;
                bytes += file.len().map_err(Error::io("read its length", &path))?;
            }
        }
        Ok(bytes)
    }

    /// Removes the segments that end before the places of all kept saves of this timeline; gives how many.
    fn drop_segments(&self, keep: &[SaveRow]) -> Result<usize> {
        let timeline = self.saves.identity().timeline;
        let mut needed = None;
        for row in keep.iter().filter(|row| row.timeline == timeline) {
            let first = self.saves.open(&row.id)?.header().position.segment;
            needed = Some(needed.unwrap_or(first).min(first));
        }
        let Some(needed) = needed else { return Ok(0) };
        let dir = journal_dir(&self.dir);
        let names = segments(&*self.saves.0.disk, &dir)?.names;
        // The oldest first, so that what is left has no gap whenever this ends.
        let old: Vec<_> = names.iter().filter(|name| name.number < needed).collect();
        for name in &old {
            remove(&*self.saves.0.disk, &dir.join(name.file()))?;
            sync_dir(&*self.saves.0.disk, &dir)?;
        }
        Ok(old.len())
    }

    /// All chunks that a save or a record refers to, or one that will be committed.
    fn live(&self) -> Result<FxHashSet<ChunkId>> {
        let mut live = FxHashSet::default();
        let saves = &self.saves;
        let mut alive = |id: &ChunkId, _: usize| {
            live.insert(*id);
            Ok(())
        };
        // Before the journal is read: what is committed meanwhile is in both.
        let uncommitted = saves.0.uncommitted.lock().unwrap_or_else(|e| e.into_inner()).clone();
        for input in uncommitted {
            blob::walk(saves, &input, &mut alive)?;
        }
        for id in crate::saves::files(&*self.saves.0.disk, &self.dir)? {
            let save = match saves.open(&id) {
                // One that was damaged when it was opened can't be read by anybody.
                Err(Error::Bad { .. }) if saves.damaged().iter().any(|(bad, _)| *bad == id) => continue,
                save => save?,
            };
            save.each_chunk(&mut alive)?;
        }
        let mut journal = Reader::new(self.saves.0.disk.clone(), journal_dir(&self.dir));
        while let Some(entry) = journal.next_entry()? {
            if let Record::Input { payload: Payload::Chunks(input), .. } = entry.record {
                blob::walk(saves, &input, &mut alive)?;
            }
        }
        Ok(live)
    }

    /// Removes packs without live chunks, and moves the live ones out of packs that are mostly garbage.
    fn drop_chunks(&self, live: &FxHashSet<ChunkId>, saves: &[SaveId], done: &mut Collected) -> Result<()> {
        let store = &self.saves.0.store;
        let mut found: BTreeMap<u64, Found> = BTreeMap::new();
        for pack in packs(&*store.disk, &store.dir)? {
            let bytes = store.file(pack)?.len().map_err(Error::io("read its length", &store.path(pack)))?;
            found.insert(pack, Found { bytes, ..Found::default() });
        }
        store.index.each_chunk(|id, place| {
            let Some(pack) = found.get_mut(&place.pack) else { return };
            if live.contains(&id) {
                pack.needed += u64::from(place.len);
                pack.live.push((id, place));
            } else {
                pack.dead.push(id);
            }
        })?;
        found.retain(|_, pack| pack.needed * 2 < pack.bytes);
        let mut change = self.move_live(&found)?;
        for (&number, pack) in &found {
            done.packs += 1;
            done.bytes += pack.bytes - pack.needed;
            change.no_chunks.extend(&pack.dead);
            change.no_packs.push(number);
        }
        change.no_saves.extend(saves);
        let forgotten = change.no_chunks.clone();
        store.index.forget(&forgotten);
        store.index.apply(change)?;
        for &number in found.keys() {
            remove(&*store.disk, &store.path(number))?;
            store.close(number);
        }
        sync_dir(&*store.disk, &store.dir)
    }

    /// Writes the live chunks of some packs again, and syncs them.
    fn move_live(&self, packs: &BTreeMap<u64, Found>) -> Result<Change> {
        let store = &self.saves.0.store;
        let mut to = store.writer();
        let mut buffer = vec![0; CHUNK];
        for pack in packs.values() {
            let mut live = pack.live.clone();
            live.sort_unstable_by_key(|(_, place)| place.offset);
            for (id, place) in live {
                let bytes = &mut buffer[..place.len as usize];
                store.read(&id, &place, bytes)?;
                to.put_again(id, bytes)?;
            }
        }
        to.sync()
    }
}

/// What a pack holds.
#[derive(Default)]
struct Found {
    bytes: u64,
    needed: u64,
    live: Vec<(ChunkId, Place)>,
    dead: Vec<ChunkId>,
}

/// Which saves are kept, and which are dropped; rows are the oldest first.
fn choose(rows: &[SaveRow], policy: &Policy, now: i64) -> (Vec<SaveRow>, Vec<SaveId>) {
    let newest = rows.len().saturating_sub(policy.newest.max(1));
    let kept = |(index, row): &(usize, &SaveRow)| {
        *index >= newest || now.saturating_sub(row.wall) < policy.younger_than || policy.pinned.contains(&row.id)
    };
    let (keep, drop): (Vec<_>, Vec<_>) = rows.iter().enumerate().partition(kept);
    (keep.into_iter().map(|(_, row)| row.clone()).collect(), drop.into_iter().map(|(_, row)| row.id).collect())
}

/// Of what is kept, the newer half and what is pinned; and what goes then.
fn shrink(keep: &[SaveRow], policy: &Policy) -> (Vec<SaveRow>, Vec<SaveId>) {
    let loose: Vec<SaveId> = keep.iter().map(|row| row.id).filter(|id| !policy.pinned.contains(id)).collect();
    let newest = keep.last().map(|row| row.id);
    let goes = loose.len().div_ceil(2).min(loose.len().saturating_sub(1));
    let drop: Vec<SaveId> = loose.into_iter().take(goes).filter(|id| Some(*id) != newest).collect();
    (keep.iter().filter(|row| !drop.contains(&row.id)).cloned().collect(), drop)
}
