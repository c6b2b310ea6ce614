//! Images that are wrong in ways which hashes and signatures do not show: everything about them is signed by the right key.

use codex_spec::verify;
use codex_vault::id::{SaveId, StateHash, TimelineId, WorldId};
use codex_vault::journal::Position;
use codex_vault::save::{Change, Descent, Draft, Locator, RegionInput};
use codex_vault::{Form, Identity, Options, Vault};
use codex_vm::dump::{LoadError, Regions, load_image};
use codex_vm::heap::walk::walk;
use codex_vm::program::Program;
use codex_vm::shell::durable;
use codex_vm::world::World;
use codex_vm::{dump, hash};

use crate::Random;
use crate::disk::MemoryDisk;
use crate::worlds::{Snapshot, go_on, key, place, portable, snapshots};

/// Bytes that a world of the targets may be long.
const MOST: u64 = 64 << 20;
/// Ticks that a world runs that was let through.
const TICKS: usize = 30;

/// Any bytes as a portable file: refused with a place inside of it, or it is the world that it says.
pub fn save(bytes: &[u8]) {
    let disk = MemoryDisk::default();
    disk.put(portable(), Some(bytes.to_vec()));
    if let Ok(world) = open(&disk) {
        harmless(world, None);
    }
    assert_eq!(disk.files()[portable()], bytes, "the file is as it was");
}

/// Opens the portable file of a disk as `codexvm resume` does, up to its first instruction.
pub fn open(disk: &MemoryDisk) -> Result<World, String> {
    let words = |failure| format!("{failure:?}");
    let save = durable::portable(&place(disk), portable(), key().public(), MOST).map_err(words)?;
    save.check().map_err(|error| {
        assert!(matches!(error, codex_vault::Error::Bad { .. }), "{error}");
        error.to_string()
    })?;
    durable::world_of(&save).map_err(words)
}

/// A world of which some parts were changed at will, then hashed, signed and stored by the real code: refused, or sound.
pub fn image(bytes: &[u8]) {
    let mut random = Random::from_bytes(bytes);
    let mut snapshot = random.pick(snapshots()).clone();
    let quantum = snapshot.state[..8].to_vec();
    for _ in 0..1 + random.below(3) {
        change(&mut snapshot, &mut random);
    }
    let believed = believed(&snapshot);
    let state = believed.as_ref().map_or(StateHash([1; 32]), |world| StateHash(hash::hash(world)));
    let disk = MemoryDisk::default();
    store(&disk, &snapshot, state);
    match (open(&disk), believed) {
        (Err(why), Err(_)) => assert!(!why.is_empty()),
        (Ok(world), Ok(_)) => harmless(world, Some(&quantum)),
        (Err(why), Ok(_)) => panic!("a sound state is refused when it is stored: {why}"),
        (Ok(_), Err(why)) => panic!("it is refused ({why}), but not when it is stored"),
    }
}

/// What the machine says of a changed state before it is stored.
fn believed(snapshot: &Snapshot) -> Result<World, String> {
    let verified = verify::load(&snapshot.module).map_err(|e| e.to_string())?;
    let world = load_image(Program::new(verified), &snapshot.state, &mut Parts(snapshot));
    world.map_err(|e| e.to_string())
}

/// The regions of a snapshot.
struct Parts<'a>(&'a Snapshot);

impl Regions for Parts<'_> {
    fn has(&self, id: u64, size: u64) -> bool {
        self.0.regions.iter().any(|(other, cells)| *other == id && cells.len() as u64 == size)
    }

    fn fill(&mut self, id: u64, cells: &mut [u8]) -> Result<(), LoadError> {
        let region = self.0.regions.iter().find(|(other, _)| *other == id);
        cells.copy_from_slice(&region.ok_or(LoadError::Malformed("a region"))?.1);
        Ok(())
    }
}

/// Runs a world that was let through for a while; its heaps stay sound, and what it says of itself can be loaded. One whose quantum
/// was changed may have endless ticks, and does not run.
fn harmless(mut world: World, quantum: Option<&[u8]>) {
    let sound = |world: &World| world.each(|c| walk(c).unwrap_or_else(|e| panic!("{e}")));
    sound(&world);
    let again = dump::load(&dump::dump(&world)).unwrap_or_else(|e| panic!("it is loaded, but not again: {e}"));
    assert_eq!(hash::hash(&again), hash::hash(&world));
    if quantum.is_some_and(|quantum| dump::image(&world).state[..8] != *quantum) {
        return;
    }
    for _ in 0..TICKS {
        if world.end().is_some() {
            return;
        }
        go_on(&mut world);
        sound(&world);
    }
}

/// Makes a vault with a save of a snapshot, whatever it is, and writes it as a portable file.
pub fn store(disk: &MemoryDisk, snapshot: &Snapshot, state: StateHash) -> SaveId {
    let at = place(disk);
    let (world, timeline) = (WorldId([1; 16]), TimelineId([2; 16]));
    let identity = Identity { world, timeline, root: key().public(), origin: None };
    Vault::create(&*at.disk, &at.dir, &identity, key().public()).unwrap_or_else(|e| panic!("{e}"));
    let vault = Vault::open(at.disk.clone(), &at.dir, Options::new(key(), "a fuzz target"));
    let vault = vault.unwrap_or_else(|e| panic!("{e}"));
    let slices: Vec<(u64, &[u8])> = snapshot.regions.iter().map(|(id, cells)| (*id, &cells[..])).collect();
    let region = |(container, cells): &'_ (u64, &'_ [u8])| (*container, cells.len() as u64);
    let lengths: Vec<(u64, u64)> = slices.iter().map(region).collect();
    let regions: Vec<RegionInput<'_>> = lengths
        .iter()
        .zip(&slices)
        .map(|(&(container, len), (_, bytes))| RegionInput { container, len, change: Change::Whole, bytes })
        .collect();
    let draft = Draft {
        parent: None,
        descent: Descent::First,
        tick: snapshot.tick,
        state_hash: state,
        position: Position::default(),
        locator: Locator::default(),
        wall: 0,
        modules: &[&snapshot.module],
        state: &snapshot.state,
        meta: &[],
        regions: &regions,
    };
    let id = vault.saves().save(&draft).unwrap_or_else(|e| panic!("{e}"));
    let exported = vault.saves().export(&id, &*at.disk, portable(), Form::Whole, 1);
    exported.unwrap_or_else(|e| panic!("{e}"));
    id
}

/// Changes one thing.
fn change(snapshot: &mut Snapshot, random: &mut Random) {
    match random.below(12) {
        0 => snapshot.module = random.pick(snapshots()).module.clone(),
        1 => snapshot.regions.clear(),
        2 => snapshot.tick ^= random.bits(),
        3 | 4 if !snapshot.regions.is_empty() => {
            let region = random.below(snapshot.regions.len());
            tamper(&mut snapshot.regions[region].1, &[], random);
        }
        5 => {
            let other = random.pick(snapshots()).state.clone();
            tamper(&mut snapshot.state, &other, random);
        }
        _ => tamper(&mut snapshot.state, &[], random),
    }
}

/// Changes bytes: a bit, a whole number, a stretch; or puts a stretch of another's in.
pub fn tamper(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.bits() as usize % (bytes.len() + 1);
    let word = at / 8 * 8;
    let end = |from: usize, len: usize, all: usize| all.min(from + 1 + len);
    match random.below(8) {
        0 | 1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        2 | 3 if word + 8 <= bytes.len() => {
            let old = u64::from_le_bytes(bytes[word..word + 8].try_into().unwrap_or_default());
            let new = [0, 1, u64::MAX, old.wrapping_add(1), old.wrapping_sub(1), old << 1, 1 << 40, old ^ (1 << 32)];
            bytes[word..word + 8].copy_from_slice(&new[random.below(8)].to_le_bytes());
        }
        4 => bytes.truncate(at),
        5 => drop(bytes.drain(at..end(at, random.below(64), bytes.len()).max(at))),
        6 if !other.is_empty() => {
            let from = random.bits() as usize % other.len() / 8 * 8;
            let piece = other[from..end(from, random.below(256), other.len())].to_vec();
            bytes.splice(word.min(bytes.len())..(word + piece.len()).min(bytes.len()), piece);
        }
        _ if word + 16 <= bytes.len() => bytes.copy_within(word + 8..word + 16, word),
        _ => bytes.extend_from_slice(&random.bits().to_le_bytes()),
    }
}

/// Portable files of a few worlds.
pub fn files() -> Vec<Vec<u8>> {
    let file = |snapshot: &Snapshot| {
        let disk = MemoryDisk::default();
        let world = believed(snapshot).unwrap_or_else(|e| panic!("{e}"));
        store(&disk, snapshot, StateHash(hash::hash(&world)));
        disk.files()[portable()].clone()
    };
    snapshots().iter().step_by(5).map(file).collect()
}
