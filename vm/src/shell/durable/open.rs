//! Beginning a durable run, and coming back to one.

use std::collections::BTreeMap;
use std::path::Path;

use codex_vault::chunk::ChunkSource;
use codex_vault::id::{PublicKey, SaveId, StateHash, TimelineId, WorldId, random};
use codex_vault::journal::{Reader, Record};
use codex_vault::save::{Descent, Save};
use codex_vault::{Check, Identity, Key, Options, PortableFile, Saves, Vault};

use super::fill::{self, Filling};
use super::save::{About, Saved, write, write_first};
use super::{Durable, Place, Promise, Settings, failure};
use crate::dump::{LoadError, Regions, load_image};
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
pub fn create(
    at: &Place,
    key: &Key,
    mut world: World,
    settings: Settings,
    arguments: &[String],
) -> Result<(Durable, World), Failure> {
    if !Vault::is_vault(&*at.disk, &at.dir) {
        let (id, timeline) = (WorldId(random()), TimelineId(random()));
        let identity = Identity { world: id, timeline, root: key.public(), origin: None };
        make(at, &identity, key)?;
    }
    let mut vault = open(at, key)?;
    world.settings.seeds.timeline = timeline_seed(&vault.saves().identity().timeline);
    let saved = write_first(&mut vault, &world, About { arguments: arguments.to_vec() })?;
    let secrets = vault.secrets(key).map_err(failure)?;
    Ok((Durable::new(vault, settings, saved, secrets), world))
}

/// Whether a directory holds a vault with a save to go on from.
pub fn has_world(at: &Place) -> Result<bool, Failure> {
    Ok(Vault::is_vault(&*at.disk, &at.dir) && Vault::has_saves(&*at.disk, &at.dir).map_err(failure)?)
}

fn make(at: &Place, identity: &Identity, key: &Key) -> Result<(), Failure> {
    at.disk.make_dir(&at.dir).map_err(|e| Failure::Host(format!("{}: {e}", at.dir.display())))?;
    Vault::create(&*at.disk, &at.dir, identity, key.public()).map_err(failure)
}

fn open(at: &Place, key: &Key) -> Result<Vault, Failure> {
    Vault::open(at.disk.clone(), &at.dir, Options::new(key.clone(), OWNER)).map_err(failure)
}

/// Opens a vault and brings its world to where the journal ends.
pub fn resume(at: &Place, key: &Key, settings: Settings) -> Result<Resumed, Failure> {
    let vault = open(at, key)?;
    let Found { mut world, filling, saved, journal, skipped } = newest_sound(at, &vault)?;
    let (first, save) = (world.ticks(), saved.id);
    let secrets = vault.secrets(key).map_err(failure)?;
    let mut durable = Durable::new(vault, settings, saved, secrets);
    durable.filling = Some(filling);
    let mut replay = Replay::new(durable.vault.saves(), journal, &world);
    replay.run(&mut world, |_, report, released| {
        durable.outbox.add(report, released);
        durable.outbox.forget(released);
        Ok(())
    })?;
    durable.released = replay.released;
    durable.intents = replay.intents;
    durable.outbox.forget(durable.released);
    durable.entered = replay.bytes;
    // With a watermark before each write, what is behind the last one was surely not written.
    let promise = durable.settings.console;
    let unsure = durable.outbox.numbers().filter(|_| promise == Promise::AtLeastOnce);
    Ok(Resumed { ticks: world.ticks() - first, save, skipped, unsure, world, durable })
}

/// A world to go on with.
struct Found {
    world: World,
    filling: Filling,
    saved: Saved,
    journal: Reader,
    skipped: Vec<(SaveId, String)>,
}

/// The world of the newest save that can be used, whatever is wrong with those after it.
fn newest_sound(at: &Place, vault: &Vault) -> Result<Found, Failure> {
    let mut unsound: Vec<(SaveId, String)> = Vec::new();
    loop {
        let without: Vec<SaveId> = unsound.iter().map(|(id, _)| *id).collect();
        let recovery = vault.recover_without(&without, Check::Quick).map_err(|error| match unsound.last() {
            Some((_, why)) => Failure::Host(format!("{error}; of the oldest: {why}")),
            None => failure(error),
        })?;
        let Some(save) = recovery.save else {
            let skipped = recovery.skipped.into_iter().map(|(id, why)| (id, why.to_string()));
            let why: String = unsound.into_iter().chain(skipped).map(|(id, why)| format!("\n  {id}: {why}")).collect();
            return Err(Failure::Host(format!("{}: there is no save to go on from{why}", at.dir.display())));
        };
        match fill::begin(&save) {
            Ok((world, filling)) => {
                let mut skipped: Vec<_> = recovery.skipped.into_iter().map(|(id, why)| (id, why.to_string())).collect();
                skipped.extend(unsound);
                let saved = Saved::loaded(&save)?;
                return Ok(Found { world, filling, saved, journal: recovery.journal, skipped });
            }
            Err(Failure::Host(why)) => {
                // Finds its damaged chunks, so that the next save does not build on them.
                let _ = vault.saves().verify(&save.id());
                unsound.push((save.id(), why));
            }
            Err(failure) => return Err(failure),
        }
    }
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
/// Nothing is let out, and nothing is written. `see` is shown the world after each tick.
pub fn replay(at: &Place, whole: bool, see: &mut dyn FnMut(&World)) -> Result<Replayed, Failure> {
    let saves = look(at)?;
    let rows = saves.list().map_err(failure)?;
    let row = if whole { rows.first() } else { rows.last() };
    let row = row.ok_or_else(|| Failure::Host(format!("{}: there is no save", at.dir.display())))?;
    let save = saves.open(&row.id).map_err(failure)?;
    let mut world = world_of(&save)?;
    let from = world.ticks();
    let journal = Reader::from(at.disk.clone(), codex_vault::journal_dir(&at.dir), save.header().position);
    let mut replay = Replay::new(&saves, journal, &world);
    see(&world);
    replay.run(&mut world, |world, _, _| {
        see(world);
        Ok(())
    })?;
    Ok(Replayed { world, save: row.id, from, compared: replay.compared })
}

/// The saves of a vault, for reading: nothing is locked or changed.
pub fn look(at: &Place) -> Result<Saves, Failure> {
    codex_vault::look(at.disk.clone(), &at.dir, MOST).map_err(failure)
}

/// Opens a portable file of the same disk; its regions may be `most` bytes long together.
pub fn portable(at: &Place, file: &Path, signer: PublicKey, most: u64) -> Result<Save<PortableFile>, Failure> {
    PortableFile::open(&*at.disk, file, &[signer].into(), most).map_err(failure)
}

/// Takes the world of a portable file into a new vault. It goes on there as a new timeline with randomness of its own, or,
/// if `take_over`, as its own timeline: then nothing fences who owned it before. There is no vault before the file's
/// world has been loaded and found sound.
pub fn adopt(file: &Path, at: &Place, key: &Key, take_over: bool, most: u64) -> Result<(), Failure> {
    let save = portable(at, file, key.public(), most)?;
    save.check().map_err(failure)?;
    let mut world = world_of(&save)?;
    let header = save.header().clone();
    let timeline = if take_over { header.timeline } else { TimelineId(random()) };
    let identity = Identity { world: header.world, timeline, root: header.root, origin: Some(save.id()) };
    make(at, &identity, key)?;
    let mut vault = open(at, key)?;
    let id = vault.saves().import(&*at.disk, file).map_err(failure)?;
    if !take_over {
        world.settings.seeds.timeline = timeline_seed(&timeline);
    }
    let descent = if take_over { Descent::GoesOn } else { Descent::Forks };
    let parent = Saved::loaded(&vault.saves().open(&id).map_err(failure)?)?;
    write(&mut vault, &world, &parent, descent).map(drop)
}

/// Bytes that the regions of a vault's save may have together.
const MOST: u64 = 64 << 30;
/// Bytes that the regions of a portable file may have together, unless its reader says otherwise: a small file can claim
/// any number of them.
pub const MOST_OF_A_FILE: u64 = 4 << 30;

/// The world of a save. Its state must have the hash that the save says.
pub fn world_of(save: &Save<impl ChunkSource>) -> Result<World, Failure> {
    save.require(codex_spec::semantics::VERSION).map_err(failure)?;
    let module = save.module(0).map_err(failure)?;
    let program = Program::new(codex_spec::verify::load(&module).map_err(failure)?);
    let state = save.state().map_err(failure)?;
    let world = load_image(program, &state, &mut Cells(save));
    let world = world.map_err(|e| Failure::Host(format!("the save {}: {e}", save.id())))?;
    check_hash(&world, save).map(|()| world)
}

/// Fails if a world does not have the hash that its save says.
pub(super) fn check_hash(world: &World, save: &Save<impl ChunkSource>) -> Result<(), Failure> {
    match StateHash(hash(world)) == save.header().state {
        true => Ok(()),
        false => Err(Failure::Host(format!("the save {}: its state does not have the hash that it says", save.id()))),
    }
}

/// The regions of a save.
pub(super) struct Cells<'a, S>(pub(super) &'a Save<S>);

impl<S: ChunkSource> Regions for Cells<'_, S> {
    fn has(&self, id: u64, size: u64) -> bool {
        self.0.manifest().region(id).is_some_and(|region| region.len == size)
    }

    fn fill(&mut self, id: u64, cells: &mut [u8]) -> Result<(), LoadError> {
        let region = self.0.manifest().region(id).ok_or(LoadError::Malformed("a region is missing"))?;
        let read = |map: codex_vault::save::RegionMap| {
            map.read(self.0.source(), |offset, bytes| {
                // The memory is new, so zeros are there already: a stretch of them does not take any.
                if bytes.iter().any(|&byte| byte != 0) {
                    cells[offset as usize..][..bytes.len()].copy_from_slice(bytes);
                }
                Ok(())
            })
        };
        self.0.map(region).and_then(read).map_err(|e| LoadError::Region(e.to_string()))
    }
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
    /// Bytes of inputs that entered.
    bytes: u64,
}

impl<'v> Replay<'v> {
    /// All that left the world before its save was let out before the save was made.
    fn new(saves: &'v Saves, journal: Reader, world: &World) -> Replay<'v> {
        Replay { saves, journal, released: world.outputs(), compared: 0, intents: BTreeMap::new(), bytes: 0 }
    }

    /// Runs a world to the last tick that the journal knows of; `each` sees every tick, with the watermark so far.
    fn run(
        &mut self,
        world: &mut World,
        mut each: impl FnMut(&World, &TickReport, u64) -> Result<(), Failure>,
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
                    self.bytes += bytes.len() as u64;
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
        each: &mut impl FnMut(&World, &TickReport, u64) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        while world.ticks() < to && world.end().is_none() {
            let enters = if world.ticks() + 1 == to { std::mem::take(inputs) } else { Vec::new() };
            let report = tick(world, &enters);
            each(world, &report, self.released)?;
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
