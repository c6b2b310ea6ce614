//! Random histories of large heaps: written to, grown, freed, replaced, hashed, saved; some saves fail. Two worlds live the same history:
//! one asks the host which pages were written to and runs on while its saves are made, the other compares and stands still.
//! Their saves must be the same, be what the heaps were, and have the hash that is computed from nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use codex_vault::disk::RealDisk;
use codex_vault::id::{TimelineId, WorldId, random};
use codex_vault::save::Region;
use codex_vault::{Identity, Key, Options};

use super::*;
use crate::actor::Actor;
use crate::container::MAIN;
use crate::dump::write_containers;
use crate::hash::containers::Containers;
use crate::hash::{container_of, hash, pages, world_of};
use crate::heap::Heap;
use crate::heap::raw::BYTES;
use crate::program::Program;
use crate::rest::Form;
use crate::seeded::{Bug, with};
use crate::state::write_world;
use crate::world::Settings;

const SOURCE: &str = "type t0 text\ntype t1 bytes\n";

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

/// A world with heaps that the test changes itself, and its vault.
struct Lived {
    world: World,
    vault: Vault,
    saved: Option<Saved>,
    /// Cells of each container.
    cells: BTreeMap<u64, Vec<u32>>,
    _folder: tempfile::TempDir,
}

const CONTAINERS: u64 = 3;

impl Lived {
    fn new(watches: bool) -> Lived {
        let module = codex_spec::text::assemble(SOURCE).expect("a module");
        let program = Program::new(codex_spec::verify::verify(module).expect("a sound one"));
        let mut world = World::empty(program, Settings::default());
        world.set_watching(watches);
        for id in 1..=CONTAINERS {
            let mut actor = Actor::new(id, MAIN, 0, &[]);
            actor.form = Form::Own(world.fresh());
            world.insert(actor);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vault");
        let key = Key::from_secret([7; 32]);
        let identity =
            Identity { world: WorldId(random()), timeline: TimelineId(random()), root: key.public(), origin: None };
        std::fs::create_dir_all(&path).expect("a folder");
        Vault::create(&RealDisk, &path, &identity, key.public()).expect("a vault");
        let vault = Vault::open(Arc::new(RealDisk), &path, Options::new(key, "test")).expect("a vault");
        Lived { world, vault, saved: None, cells: BTreeMap::new(), _folder: folder }
    }

    fn heap(&mut self, id: u64) -> (&mut Heap, &mut Vec<u32>) {
        let slot = self.world.slot(id).expect("it is there");
        let Form::Own(c) = &mut self.world.at(slot).form else { unreachable!("made so") };
        (&mut c.heap, self.cells.entry(id).or_default())
    }

    /// Does one thing to one heap.
    fn change(&mut self, random: &mut Random) {
        let id = 1 + random.below(CONTAINERS as usize) as u64;
        let (what, size) = (random.below(20), random.below(150_000) + 1);
        let fill = vec![random.below(255) as u8 + 1; size];
        if what == 0 {
            let fresh = self.world.fresh();
            let slot = self.world.slot(id).expect("it is there");
            self.world.at(slot).form = Form::Own(fresh);
            self.cells.remove(&id);
            return;
        }
        let (heap, cells) = self.heap(id);
        let chosen = random.below(cells.len().max(1));
        // SAFETY: the cells are live bytes of this heap, each with one owner.
        unsafe {
            match (what, cells.get(chosen).copied()) {
                (1..=3, _) | (_, None) => cells.push(heap.new_raw(BYTES, &fill).expect("room")),
                // As long, and nobody writes to its pages.
                (4, _) => cells.push(heap.allocate_row(BYTES, 1, size as u64, size as u64).expect("room")),
                (5..=6, Some(r)) => cells[chosen] = heap.push_raw(r, &fill[..size / 3 + 1], BYTES).expect("room"),
                (7..=8, Some(r)) => {
                    cells.swap_remove(chosen);
                    heap.release(r);
                }
                (_, Some(r)) => {
                    let (at, length) = heap.raw_place(r);
                    heap.write(at + size % length, fill[0]);
                }
            }
        }
    }

    fn serial(&self) -> Option<u64> {
        self.saved.as_ref().map(|saved| saved.serial)
    }

    /// The save of a snapshot, to be made.
    fn work<'w>(&self, snapshot: Snapshot<'w>) -> Work<'w> {
        let parent = self.saved.as_ref().map(|saved| saved.id);
        Work {
            snapshot,
            saves: self.vault.saves().clone(),
            parent,
            descent: if parent.is_some() { Descent::GoesOn } else { Descent::First },
            position: self.vault.position(),
            serial: self.serial().unwrap_or(0) + 1,
            about: Arc::default(),
        }
    }

    /// The save is on the disk: compares it with what it has to be.
    fn check(&mut self, id: SaveId, expected: &Expected) -> Result<Vec<Region>, String> {
        let save = self.vault.saves().open(&id).expect("the save");
        if save.header().state.0 != expected.hash {
            return Err("the hash of the state".to_owned());
        }
        for (container, cells) in &expected.cells {
            let region = save.manifest().region(*container).ok_or("a region is missing")?;
            let mut bytes = Vec::new();
            let map = save.map(region).expect("lists");
            map.read(save.source(), |_, part| {
                bytes.extend_from_slice(part);
                Ok(())
            })
            .expect("its bytes");
            if bytes != *cells {
                return Err(format!("the cells of container {container}"));
            }
        }
        let serial = self.serial().unwrap_or(0) + 1;
        self.saved = Some(Saved { id, at: Instant::now(), bytes: 0, serial, about: Arc::default() });
        Ok(save.manifest().regions.clone())
    }
}

/// What a save has to be, from nothing that is kept.
struct Expected {
    hash: [u8; 32],
    cells: BTreeMap<u64, Vec<u8>>,
}

impl Expected {
    fn of(world: &World) -> Expected {
        let (mut state, mut tree, mut cells) = (Vec::new(), Containers::default(), BTreeMap::new());
        write_world(&mut state, world);
        let end = state.len();
        let mut parts = Vec::new();
        write_containers(world, &mut state, |part| parts.push(part));
        for part in parts {
            let large = part.large.map(|c| c.heap.cells());
            let bytes = large.unwrap_or_else(|| &state[part.cells.clone().expect("small")]);
            tree.set(part.id, container_of(&state[part.head], bytes.len(), &pages(bytes), None));
            cells.extend(large.map(|bytes| (part.id * 2, bytes.to_vec())));
        }
        Expected { hash: world_of(world.program(), &state[..end], tree.root()), cells }
    }
}

/// Does the same things to two worlds.
fn change(random: &mut Random, mut worlds: [&mut Lived; 2], count: usize) {
    for _ in 0..count {
        let at = random.0;
        for lived in &mut worlds {
            random.0 = at;
            lived.change(random);
        }
    }
}

/// Two worlds live a history; gives the first thing that is wrong.
fn live(seed: u64, steps: usize) -> Result<(), String> {
    let mut random = Random(seed);
    let (mut runs, mut stands) = (Lived::new(true), Lived::new(false));
    for step in 0..steps {
        change(&mut random, [&mut runs, &mut stands], 12);
        if random.below(3) == 0 && hash(&runs.world) != Expected::of(&runs.world).hash {
            return Err(format!("step {step}: the hash"));
        }
        let fails = random.below(4) == 0;
        let ready = || if fails { Err(Error::Stopped) } else { Ok(()) };
        let expected = Expected::of(&runs.world);
        let standing = stands.work(Snapshot::take(&stands.world, stands.serial())).run(ready).0;
        // The snapshot is all that a save needs: the world goes on before anything is hashed or written.
        let snapshot = Snapshot::take(&runs.world, runs.serial()).detach(usize::MAX, Vec::new());
        let work = runs.work(snapshot.ok().expect("it fits"));
        let count = random.below(7);
        change(&mut random, [&mut runs, &mut stands], count);
        match (work.run(ready).0, standing) {
            (Ok(running), Ok(standing)) => {
                let regions = runs.check(running, &expected).map_err(|e| format!("step {step}, running: {e}"))?;
                let others = stands.check(standing, &expected).map_err(|e| format!("step {step}, standing: {e}"))?;
                if regions != others {
                    return Err(format!("step {step}: the two saves differ"));
                }
            }
            (Err(_), Err(_)) if fails => {}
            (running, standing) => return Err(format!("step {step}: {running:?}, {standing:?}")),
        }
    }
    Ok(())
}

#[test]
fn saves_of_running_and_of_standing_worlds_are_the_same() {
    let seeds: u64 = std::env::var("CODEX_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    for seed in 0..seeds {
        live(seed, 25).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    }
}

#[test]
fn a_dirty_set_that_is_cleared_early_is_caught() {
    assert!((0..4).any(|seed| with(Bug::ClearEarly, || live(seed, 25)).is_err()));
}

#[test]
fn growth_that_is_forgotten_is_caught() {
    assert!((0..4).any(|seed| with(Bug::ForgetGrowth, || live(seed, 25)).is_err()));
}
