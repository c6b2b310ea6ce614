//! Beginning a durable run, and coming back to one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use codex_vault::chunk::ChunkSource;
use codex_vault::disk::RealDisk;
use codex_vault::id::{SaveId, StateHash, TimelineId, WorldId, random};
use codex_vault::journal::{Reader, Record};
use codex_vault::save::{Descent, Save};
use codex_vault::{Check, Identity, Key, Options, PortableFile, Saves, Vault};

use super::save::{Saved, write};
use super::{Durable, Settings, failure};
use crate::dump::{LoadError, load_image};
use crate::hash::hash;
use crate::program::Program;
use crate::shell::{Failure, record};
use crate::tick::{Input, TickReport, tick};
use crate::world::World;

/// What `vault` is called when it is opened.
const OWNER: &str = "codexvm";

/// What was found when a world came back.
pub struct Resumed {
    /// The world, as far as the journal goes.
    pub world: World,
    /// What is beside it.
    pub durable: Durable,
    /// The save that it was loaded from.
    pub save: SaveId,
    /// Ticks that were run again.
    pub ticks: u64,
    /// Newer saves that were not used, with the reason.
    pub skipped: Vec<(SaveId, String)>,
    /// Outputs whose fate is unknown: they may have been let out before the death, and are let out now.
    pub unsure: Option<(u64, u64)>,
}

/// A seed for randomness from a timeline's id.
pub(super) fn timeline_seed(timeline: &TimelineId) -> u64 {
    let hash = blake3::hash(&timeline.0);
    u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap_or_default())
}

/// Makes a vault for a world that has not begun, with its first save. The directory holds no vault yet, or one without a
/// save: that of a process that died before it had made one.
pub fn create(dir: &Path, key: &Key, mut world: World, settings: Settings) -> Result<(Durable, World), Failure> {
    if !Vault::is_vault(&RealDisk, dir) {
        let (id, timeline) = (WorldId(random()), TimelineId(random()));
        let identity = Identity { world: id, timeline, root: key.public(), origin: None };
        std::fs::create_dir_all(dir).map_err(|e| Failure::Host(format!("{}: {e}", dir.display())))?;
        Vault::create(&RealDisk, dir, &identity, key.public()).map_err(failure)?;
    }
    let mut vault = open(dir, key)?;
    world.settings.seeds.timeline = timeline_seed(&vault.saves().identity().timeline);
    let saved = write(&mut vault, &world, None, Descent::First)?;
    let secrets = vault.secrets(key).map_err(failure)?;
    Ok((Durable::new(vault, settings, saved, secrets), world))
}

/// Whether a directory holds a vault with a save to go on from.
pub fn has_world(dir: &Path) -> Result<bool, Failure> {
    Ok(Vault::is_vault(&RealDisk, dir) && !look(dir)?.list().map_err(failure)?.is_empty())
}

fn open(dir: &Path, key: &Key) -> Result<Vault, Failure> {
    Vault::open(Arc::new(RealDisk), dir, Options::new(key.clone(), OWNER)).map_err(failure)
}

/// Opens a vault and brings its world to where the journal ends.
pub fn resume(dir: &Path, key: &Key, settings: Settings) -> Result<Resumed, Failure> {
    let vault = open(dir, key)?;
    let recovery = vault.recover(Check::Quick).map_err(failure)?;
    let Some(save) = recovery.save else {
        return Err(Failure::Host(format!("{}: there is no save to go on from", dir.display())));
    };
    let skipped = recovery.skipped.into_iter().map(|(id, why)| (id, why.to_string())).collect();
    let mut world = world_of(&save)?;
    let first = world.ticks();
    let secrets = vault.secrets(key).map_err(failure)?;
    let mut durable = Durable::new(vault, settings, Saved::known_as(save.id()), secrets);
    let mut replay = Replay::new(durable.vault.saves(), recovery.journal);
    replay.run(&mut world, |report, released| {
        durable.outbox.add(report, released);
        durable.outbox.forget(released);
        Ok(())
    })?;
    durable.released = replay.released;
    durable.intents = replay.intents;
    durable.outbox.forget(durable.released);
    durable.entered = world.ticks() - first;
    let unsure = durable.outbox.numbers();
    Ok(Resumed { ticks: world.ticks() - first, save: save.id(), skipped, unsure, world, durable })
}

/// What a replay did.
pub struct Replayed {
    /// The world at the journal's end.
    pub world: World,
    /// The save that it began with, and its tick.
    pub save: SaveId,
    /// See `save`.
    pub from: u64,
    /// Hashes that were compared.
    pub compared: u64,
}

/// Runs a vault's history again, from its newest save or from its oldest, and compares every hash that the journal has.
/// Nothing is let out, and nothing is written.
pub fn replay(dir: &Path, whole: bool) -> Result<Replayed, Failure> {
    let saves = look(dir)?;
    let rows = saves.list().map_err(failure)?;
    let row = if whole { rows.first() } else { rows.last() };
    let row = row.ok_or_else(|| Failure::Host(format!("{}: there is no save", dir.display())))?;
    let save = saves.open(&row.id).map_err(failure)?;
    let mut world = world_of(&save)?;
    let from = world.ticks();
    let journal = Reader::from(Arc::new(RealDisk), codex_vault::journal_dir(dir), save.header().position);
    let mut replay = Replay::new(&saves, journal);
    replay.run(&mut world, |_, _| Ok(()))?;
    Ok(Replayed { world, save: row.id, from, compared: replay.compared })
}

/// The saves of a vault, for reading: nothing is locked or changed.
pub fn look(dir: &Path) -> Result<Saves, Failure> {
    codex_vault::look(Arc::new(RealDisk), dir, MOST).map_err(failure)
}

/// Takes the world of a portable file into a new vault. It goes on there as a new timeline with randomness of its own, or,
/// if `take_over`, as its own timeline: then nothing fences who owned it before.
pub fn adopt(file: &Path, dir: &Path, key: &Key, take_over: bool) -> Result<(), Failure> {
    let trusted = [key.public()].into();
    let save = PortableFile::open(&RealDisk, file, &trusted, MOST).map_err(failure)?;
    let header = save.header().clone();
    let timeline = if take_over { header.timeline } else { TimelineId(random()) };
    let identity = Identity { world: header.world, timeline, root: header.root, origin: Some(save.id()) };
    std::fs::create_dir_all(dir).map_err(|e| Failure::Host(format!("{}: {e}", dir.display())))?;
    Vault::create(&RealDisk, dir, &identity, key.public()).map_err(failure)?;
    let mut vault = open(dir, key)?;
    let id = vault.saves().import(&RealDisk, file).map_err(failure)?;
    let save = vault.saves().open(&id).map_err(failure)?;
    let mut world = world_of(&save)?;
    if !take_over {
        world.settings.seeds.timeline = timeline_seed(&timeline);
    }
    let descent = if take_over { Descent::GoesOn } else { Descent::Forks };
    write(&mut vault, &world, Some(&Saved::known_as(id)), descent).map(drop)
}

/// Bytes that the regions of a portable file may have together.
const MOST: u64 = 64 << 30;

/// The world of a save. Its state must have the hash that the save says.
pub fn world_of(save: &Save<impl ChunkSource>) -> Result<World, Failure> {
    let module = save.module(0).map_err(failure)?;
    let program = Program::new(codex_spec::verify::load(&module).map_err(failure)?);
    let state = save.state().map_err(failure)?;
    let world = load_image(program, &state, &mut |id, cells| fill(save, id, cells));
    let world = world.map_err(|e| Failure::Host(format!("the save {}: {e}", save.id())))?;
    match StateHash(hash(&world)) == save.header().state {
        true => Ok(world),
        false => Err(Failure::Host(format!("the save {}: its state does not have the hash that it says", save.id()))),
    }
}

/// Reads the cells of a container.
fn fill(save: &Save<impl ChunkSource>, id: u64, cells: &mut [u8]) -> Result<(), LoadError> {
    let missing = LoadError::Malformed("a region is missing, or of another length");
    let region = save.manifest().region(id).filter(|region| region.len == cells.len() as u64).ok_or(missing)?;
    let read = |map: codex_vault::save::RegionMap| {
        map.read(save.source(), |offset, bytes| {
            cells[offset as usize..][..bytes.len()].copy_from_slice(bytes);
            Ok(())
        })
    };
    save.map(region).and_then(read).map_err(|e| LoadError::Module(e.to_string()))
}

/// A journal on its way through a world.
struct Replay<'v> {
    saves: &'v Saves,
    journal: Reader,
    /// Outputs up to this number were let out.
    released: u64,
    /// Hashes that were compared.
    compared: u64,
    intents: BTreeMap<u64, u64>,
}

impl<'v> Replay<'v> {
    fn new(saves: &'v Saves, journal: Reader) -> Replay<'v> {
        Replay { saves, journal, released: 0, compared: 0, intents: BTreeMap::new() }
    }

    /// Runs a world to the last tick that the journal knows of; `each` sees every tick, with the watermark so far.
    fn run(
        &mut self,
        world: &mut World,
        mut each: impl FnMut(&TickReport, u64) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let start = world.ticks();
        let mut inputs: Vec<Input> = Vec::new();
        let mut at = 0;
        while let Some(entry) = self.journal.next_entry().map_err(failure)? {
            match entry.record {
                Record::Input { tick, .. } if tick <= start => {}
                Record::Input { tick, payload } => {
                    if tick != at {
                        self.until(world, at, &mut inputs, &mut each)?;
                        at = tick;
                    }
                    let bytes = self.saves.input(&payload).map_err(failure)?;
                    let input = record::decode(&bytes);
                    inputs.push(input.ok_or_else(|| Failure::Host(format!("the journal: tick {tick} has no input")))?);
                }
                Record::Horizon { tick } if tick > start => {
                    self.until(world, at, &mut inputs, &mut each)?;
                    self.until(world, tick, &mut inputs, &mut each)?;
                    at = tick;
                }
                Record::Beat { tick, hash: expected, .. } if tick > start => {
                    self.until(world, at, &mut inputs, &mut each)?;
                    self.until(world, tick, &mut inputs, &mut each)?;
                    at = tick;
                    self.compare(world, expected)?;
                }
                Record::Released { output } => self.released = self.released.max(output),
                Record::Note { text } => self.note(&text),
                _ => {}
            }
        }
        self.until(world, at, &mut inputs, &mut each)
    }

    /// Ticks a world up to a tick; the inputs enter at it.
    fn until(
        &mut self,
        world: &mut World,
        to: u64,
        inputs: &mut Vec<Input>,
        each: &mut impl FnMut(&TickReport, u64) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        while world.ticks() < to && world.end().is_none() {
            let enters = if world.ticks() + 1 == to { std::mem::take(inputs) } else { Vec::new() };
            let report = tick(world, &enters);
            each(&report, self.released)?;
        }
        inputs.clear();
        Ok(())
    }

    fn compare(&mut self, world: &World, expected: StateHash) -> Result<(), Failure> {
        let found = StateHash(hash(world));
        self.compared += 1;
        match found == expected {
            true => Ok(()),
            false => Err(Failure::Host(format!(
                "tick {}: the state's hash is {found}, and was {expected} when the journal was written",
                world.ticks()
            ))),
        }
    }

    /// An append that was about to be made: `append REQUEST OFFSET`.
    fn note(&mut self, text: &str) {
        let mut words = text.split(' ');
        if words.next() == Some("append")
            && let (Some(Ok(request)), Some(Ok(offset))) = (words.next().map(str::parse), words.next().map(str::parse))
        {
            self.intents.insert(request, offset);
        }
    }
}
