//! What the tests share: a vault on the simulated disk, and a small world to put into it.
#![allow(dead_code, unreachable_pub)]

pub mod life;

use std::path::Path;
use std::sync::Arc;

use codex_vault::disk::simulate::SimDisk;
use codex_vault::id::{SaveId, StateHash, TimelineId, WorldId};
use codex_vault::journal::{Payload, Position, Reader, Record};
use codex_vault::save::{Change, Descent, Draft, Locator, RegionInput};
use codex_vault::{Error, Identity, Key, Options, Result, Vault};

/// Where the tests' vault is.
pub const DIR: &str = "/vault";

pub fn dir() -> &'static Path {
    Path::new(DIR)
}

/// The key of the tests' vaults.
pub fn key() -> Key {
    Key::from_secret([7; 32])
}

pub fn identity() -> Identity {
    Identity { world: WorldId([1; 16]), timeline: TimelineId([2; 16]), root: key().public(), origin: None }
}

/// Options with small segments, so that there are several.
pub fn options() -> Options {
    Options { segment_bytes: 2048, ..Options::new(key(), "a test") }
}

pub fn create(disk: &SimDisk) -> Result<()> {
    Vault::create(disk, dir(), &identity(), key().public())
}

pub fn open(disk: &SimDisk) -> Result<Vault> {
    Vault::open(Arc::new(disk.clone()), dir(), options())
}

/// A disk with an empty vault.
pub fn fresh(seed: u64) -> SimDisk {
    let disk = SimDisk::new(seed);
    create(&disk).expect("a good disk");
    disk
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// A world of one region, whose dirty pages are tracked as a machine would.
#[derive(Clone)]
pub struct World {
    pub tick: u64,
    pub heap: Vec<u8>,
    pub dirty: Vec<u32>,
    /// The save that `dirty` counts from.
    pub base: Option<SaveId>,
    pub meta: Vec<u8>,
}

impl World {
    pub fn new(pages: usize) -> Self {
        World { tick: 0, heap: vec![0; pages * 4096], dirty: Vec::new(), base: None, meta: b"the rest".to_vec() }
    }

    pub fn write(&mut self, random: &mut Random) {
        let at = random.below(self.heap.len() as u64) as usize;
        self.heap[at] = random.next() as u8 | 1;
        self.dirty.push((at / 4096) as u32);
        self.dirty.sort_unstable();
        self.dirty.dedup();
    }

    pub fn state_hash(&self) -> StateHash {
        StateHash(*codex_vault::chunk::id(&self.heap).0.first_chunk().unwrap())
    }

    /// Saves, full or as a delta to the last save; the dirty set is cleared only when the save has been made.
    pub fn save(&mut self, vault: &Vault, full: bool) -> Result<SaveId> {
        let dirty = self.dirty.clone();
        let change = if full || self.base.is_none() { Change::Whole } else { Change::Pages(&dirty) };
        let bytes: &[u8] = &self.heap;
        let regions = [RegionInput { container: 5, len: bytes.len() as u64, change, bytes: &bytes }];
        let mut draft = draft(self.tick, self.base, vault.position(), self.state_hash(), &regions);
        draft.meta = &self.meta;
        let id = vault.saves().save(&draft)?;
        self.dirty.clear();
        self.base = Some(id);
        Ok(id)
    }
}

pub fn draft<'a>(
    tick: u64,
    parent: Option<SaveId>,
    position: Position,
    state_hash: StateHash,
    regions: &'a [RegionInput<'a>],
) -> Draft<'a> {
    Draft {
        parent,
        descent: if parent.is_some() { Descent::GoesOn } else { Descent::First },
        tick,
        state_hash,
        position,
        locator: Locator {
            origin: "a test".to_owned(),
            heartbeat: tick as i64,
            resurrect_from: vec!["/vault".to_owned()],
        },
        wall: tick as i64,
        modules: &[b"a module"],
        state: b"the state",
        meta: b"the rest",
        regions,
    }
}

/// The bytes of the region that the tests' worlds have.
pub fn heap<S: codex_vault::chunk::ChunkSource>(save: &codex_vault::save::Save<S>) -> Result<Vec<u8>> {
    let region = save.manifest().region(5).expect("the region");
    let map = save.map(region)?;
    let mut heap = vec![0xee; region.len as usize];
    map.read(save.source(), |offset, bytes| {
        heap[offset as usize..offset as usize + bytes.len()].copy_from_slice(bytes);
        Ok(())
    })?;
    Ok(heap)
}

/// All records that a reader gives.
pub fn records(mut reader: Reader) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        records.push(entry.record);
    }
    Ok(records)
}

/// The payloads of the inputs among some records.
pub fn inputs(vault: &Vault, records: &[Record]) -> Result<Vec<Vec<u8>>> {
    let payloads = records.iter().filter_map(|record| match record {
        Record::Input { payload, .. } => Some(payload),
        _ => None,
    });
    payloads.map(|payload: &Payload| vault.input(payload)).collect()
}

/// Whether an error is about stored bytes, with a place.
pub fn is_bad(e: &Error) -> bool {
    matches!(e, Error::Bad { .. })
}
