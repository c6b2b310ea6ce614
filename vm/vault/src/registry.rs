//! The registry: what a vault's files say, in a form that is quick to ask.
//!
//! It is a redb database in the file `registry`, with four tables: where chunks are, up to where packs are listed, the saves,
//! the epochs. **It decides nothing**: every row follows from packs, saves and journal, which are written and synced before it. So
//! one that is missing, torn, damaged or of another version is thrown away and made again from them (`open`).

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, RwLock};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use rustc_hash::FxHashMap;

use crate::bytes::{Sink, Source};
use crate::chunk::Place;
use crate::disk::DiskFile;
use crate::error::{Error, Flaw, Result};
use crate::fence::Fence;
use crate::id::{ChunkId, SaveId, TimelineId};

mod backend;

use backend::Backend;

const CHUNKS: TableDefinition<'_, &[u8; 32], (u64, u64, u32)> = TableDefinition::new("chunks");
const PACKS: TableDefinition<'_, u64, u64> = TableDefinition::new("packs");
const SAVES: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("saves");
const EPOCHS: TableDefinition<'_, u64, &str> = TableDefinition::new("epochs");
const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
const FORMAT: u64 = 1;
/// Bytes of the database that are kept in memory.
const CACHE: usize = 16 << 20;

/// A save's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveRow {
    /// The save.
    pub id: SaveId,
    /// The tick of its state.
    pub tick: u64,
    /// Its timeline.
    pub timeline: TimelineId,
    /// The save it came from.
    pub parent: Option<SaveId>,
    /// When it was made, in milliseconds since 1970, UTC.
    pub wall: i64,
    /// Bytes of all its regions.
    pub bytes: u64,
}

/// What changes together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    pub(crate) chunks: Vec<(ChunkId, Place)>,
    pub(crate) no_chunks: Vec<ChunkId>,
    /// Packs, and up to where they are listed.
    pub(crate) packs: Vec<(u64, u64)>,
    pub(crate) no_packs: Vec<u64>,
    pub(crate) saves: Vec<SaveRow>,
    pub(crate) no_saves: Vec<SaveId>,
    pub(crate) epochs: Vec<(u64, String)>,
}

/// The database.
pub(crate) struct Registry {
    database: Database,
    /// The chunks' table as the last change left it, kept open: opening it costs ten times a look into it.
    chunks: RwLock<Option<Chunks>>,
}

type Chunks = redb::ReadOnlyTable<&'static [u8; 32], (u64, u64, u32)>;

type Redb<T> = std::result::Result<T, redb::Error>;

/// Asks the database something. It panics over some damage that it meets; here that is an error like any other, and the vault
/// makes the registry again when it is next opened.
fn ask<T>(question: impl FnOnce() -> Redb<T>) -> Redb<T> {
    std::panic::catch_unwind(AssertUnwindSafe(question))
        .unwrap_or_else(|_| Err(redb::Error::Corrupted("the database met damage".to_owned())))
}

impl Registry {
    /// Opens the database in a file, or makes it in an empty one.
    ///
    /// # Errors
    /// When it is damaged or of another version: then it is to be made again.
    pub(crate) fn open(file: Arc<dyn DiskFile>, fence: Fence) -> Redb<Self> {
        let backend = Backend { file, fence };
        ask(|| {
            let mut builder = Database::builder();
            builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
            let registry = Registry { database: builder.create_with_backend(backend)?, chunks: RwLock::new(None) };
            registry.prepare()?;
            Ok(registry)
        })
    }

    /// Makes the tables that aren't there, and looks at the version.
    fn prepare(&self) -> Redb<()> {
        let writing = self.database.begin_write()?;
        {
            let mut about = writing.open_table(ABOUT)?;
            let found = about.get("format")?.map(|v| v.value());
            if found.is_some_and(|format| format != FORMAT) {
                return Err(redb::Error::Corrupted("another version".to_owned()));
            }
            if found.is_some() {
                return Ok(());
            }
            about.insert("format", FORMAT)?;
            writing.open_table(CHUNKS)?;
            writing.open_table(PACKS)?;
            writing.open_table(SAVES)?;
            writing.open_table(EPOCHS)?;
        }
        Ok(writing.commit()?)
    }

    pub(crate) fn find(&self, id: &ChunkId) -> Redb<Option<Place>> {
        let look = |chunks: &Chunks| {
            let found = chunks.get(&id.0)?.map(|row| row.value());
            Ok(found.map(|(pack, offset, len)| Place { pack, offset, len }))
        };
        ask(|| {
            if let Some(chunks) = &*self.chunks.read().unwrap_or_else(|e| e.into_inner()) {
                return look(chunks);
            }
            let mut kept = self.chunks.write().unwrap_or_else(|e| e.into_inner());
            look(kept.insert(self.database.begin_read()?.open_table(CHUNKS)?))
        })
    }

    /// All rows about chunks, one at a time.
    pub(crate) fn each_chunk(&self, mut visit: impl FnMut(ChunkId, Place)) -> Redb<()> {
        ask(|| {
            for row in self.database.begin_read()?.open_table(CHUNKS)?.iter()? {
                let (id, place) = row?;
                let (pack, offset, len) = place.value();
                visit(ChunkId(*id.value()), Place { pack, offset, len });
            }
            Ok(())
        })
    }

    pub(crate) fn packs(&self) -> Redb<BTreeMap<u64, u64>> {
        ask(|| {
            let table = self.database.begin_read()?.open_table(PACKS)?;
            let rows = table.iter()?.map(|row| row.map(|(pack, end)| (pack.value(), end.value())));
            rows.collect::<Result<_, _>>().map_err(Into::into)
        })
    }

    pub(crate) fn epochs(&self) -> Redb<Vec<(u64, String)>> {
        ask(|| {
            let table = self.database.begin_read()?.open_table(EPOCHS)?;
            let rows = table.iter()?.map(|row| row.map(|(epoch, owner)| (epoch.value(), owner.value().to_owned())));
            rows.collect::<Result<_, _>>().map_err(Into::into)
        })
    }

    /// The saves, by tick; a row that does not decode is a damaged registry.
    pub(crate) fn saves(&self) -> Redb<Vec<SaveRow>> {
        let mut rows = ask(|| {
            let mut rows = Vec::new();
            for row in self.database.begin_read()?.open_table(SAVES)?.iter()? {
                let (id, bytes) = row?;
                let row = SaveRow::decode(SaveId(*id.value()), bytes.value());
                rows.push(row.map_err(|flaw| redb::Error::Corrupted(format!("a save's row: {flaw}")))?);
            }
            Ok(rows)
        })?;
        rows.sort_by_key(|row| (row.tick, row.wall, row.id));
        Ok(rows)
    }

    /// Changes rows, all or none; they are on the disk when this returns.
    pub(crate) fn apply(&self, change: &Change) -> Redb<()> {
        ask(|| {
            let writing = self.database.begin_write()?;
            // Held over the commit, so that nobody opens the table as it was.
            let mut kept = self.chunks.write().unwrap_or_else(|e| e.into_inner());
            *kept = None;
            change.write(&writing)?;
            Ok(writing.commit()?)
        })
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Registry")
    }
}

impl Change {
    /// Whether there is nothing to change.
    pub(crate) fn is_empty(&self) -> bool {
        let chunks = self.chunks.is_empty() && self.no_chunks.is_empty();
        let packs = self.packs.is_empty() && self.no_packs.is_empty();
        chunks && packs && self.saves.is_empty() && self.no_saves.is_empty() && self.epochs.is_empty()
    }

    fn write(&self, to: &redb::WriteTransaction) -> Redb<()> {
        let mut chunks = to.open_table(CHUNKS)?;
        for (id, place) in &self.chunks {
            chunks.insert(&id.0, (place.pack, place.offset, place.len))?;
        }
        for id in &self.no_chunks {
            chunks.remove(&id.0)?;
        }
        let mut packs = to.open_table(PACKS)?;
        for &(pack, end) in &self.packs {
            packs.insert(pack, end)?;
        }
        for &pack in &self.no_packs {
            packs.remove(pack)?;
        }
        let mut saves = to.open_table(SAVES)?;
        for row in &self.saves {
            saves.insert(&row.id.0, row.encode().as_slice())?;
        }
        for id in &self.no_saves {
            saves.remove(&id.0)?;
        }
        let mut epochs = to.open_table(EPOCHS)?;
        for (epoch, owner) in &self.epochs {
            epochs.insert(epoch, owner.as_str())?;
        }
        Ok(())
    }
}

impl SaveRow {
    fn encode(&self) -> Vec<u8> {
        let mut to = Sink::default();
        to.u64(self.tick);
        to.bytes(&self.timeline.0);
        to.u8(self.parent.is_some().into());
        to.bytes(&self.parent.unwrap_or_default().0);
        to.i64(self.wall);
        to.u64(self.bytes);
        to.0
    }

    fn decode(id: SaveId, bytes: &[u8]) -> Result<Self, Flaw> {
        let mut from = Source::new(bytes, 0);
        let (tick, timeline) = (from.u64()?, TimelineId(from.array()?));
        let present = from.presence("parent")?;
        let parent = SaveId(from.array()?);
        let row =
            SaveRow { id, tick, timeline, parent: present.then_some(parent), wall: from.i64()?, bytes: from.u64()? };
        from.end()?;
        Ok(row)
    }
}

/// Where chunks are: in the registry and, until it has them, in memory; or all in memory, for a look at a vault that another owns.
#[derive(Debug)]
pub(crate) struct Index {
    registry: Option<Registry>,
    fresh: RwLock<FxHashMap<ChunkId, Place>>,
}

impl Index {
    pub(crate) fn new(registry: Option<Registry>) -> Self {
        Index { registry, fresh: RwLock::default() }
    }

    /// The registry of a vault open for writing.
    pub(crate) fn registry(&self) -> Option<&Registry> {
        self.registry.as_ref()
    }

    pub(crate) fn find(&self, id: &ChunkId) -> Result<Option<Place>> {
        if let Some(&place) = self.fresh.read().unwrap_or_else(|e| e.into_inner()).get(id) {
            return Ok(Some(place));
        }
        self.registry.as_ref().map_or(Ok(None), |registry| registry.find(id).map_err(error))
    }

    /// Notes chunks that are on the disk and not in the registry.
    pub(crate) fn note(&self, chunks: &[(ChunkId, Place)]) {
        self.fresh.write().unwrap_or_else(|e| e.into_inner()).extend(chunks.iter().copied());
    }

    /// Forgets what was noted of chunks.
    pub(crate) fn forget<'a>(&self, chunks: impl IntoIterator<Item = &'a ChunkId>) {
        let mut fresh = self.fresh.write().unwrap_or_else(|e| e.into_inner());
        chunks.into_iter().for_each(|id| {
            fresh.remove(id);
        });
    }

    /// All chunks.
    pub(crate) fn each_chunk(&self, mut visit: impl FnMut(ChunkId, Place)) -> Result<()> {
        let fresh = self.fresh.read().unwrap_or_else(|e| e.into_inner()).clone();
        if let Some(registry) = &self.registry {
            registry
                .each_chunk(|id, place| {
                    if !fresh.contains_key(&id) {
                        visit(id, place);
                    }
                })
                .map_err(error)?;
        }
        fresh.into_iter().for_each(|(id, place)| visit(id, place));
        Ok(())
    }

    /// Changes the registry, with everything that was noted.
    pub(crate) fn apply(&self, mut change: Change) -> Result<()> {
        let Some(registry) = &self.registry else { return Ok(()) };
        let noted = self.fresh.read().unwrap_or_else(|e| e.into_inner()).clone();
        let told: rustc_hash::FxHashSet<ChunkId> = change.chunks.iter().map(|(id, _)| *id).collect();
        change.chunks.extend(noted.iter().filter(|(id, _)| !told.contains(*id)).map(|(id, place)| (*id, *place)));
        change.chunks.sort_unstable_by_key(|(id, _)| *id);
        registry.apply(&change).map_err(error)?;
        let mut fresh = self.fresh.write().unwrap_or_else(|e| e.into_inner());
        fresh.retain(|id, place| noted.get(id) != Some(place));
        Ok(())
    }
}

/// The registry's error as one of ours.
pub(crate) fn error(e: redb::Error) -> Error {
    let path = std::path::Path::new("registry");
    match e {
        redb::Error::Io(e) => Error::io("use it", path)(std::io::Error::other(e)),
        e => Error::io("use it", path)(std::io::Error::other(e)),
    }
}
