//! A world that runs before it is all there: its large heaps are filled as they are touched, and the rest by a sweep.
//!
//! Who signed the save is known and trusted, so its bytes are what a machine like this one wrote, and a heap of them is as sound as it was
//! then: it is not walked. That the bytes are those is checked for each chunk by its name, *before* any byte of it is in the heap. So the
//! world never works on anything but what was saved, whatever the disk does.
//!
//! That chunks, put together, have the state hash that the save says is known at the end of the sweep. Until then nothing leaves the
//! world, no save of it is made, and it does not say its hash: [`super::Durable`] asks [`Filling::is_done`].
//!
//! A chunk that is missing or damaged ends the process with its place, for the world may be waiting for it in the middle of an instruction; the next
//! resume goes on from an older save. Everything that was promised is in the vault, as with any other death.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use codex_vault::id::StateHash;
use codex_vault::save::Save;
use codex_vault::{Pieces, Saves};

use super::failure;
use super::open::{Cells, check_hash};
use crate::dump::{Found, LoadError, Region, Regions, load_parts};
use crate::hash::containers::Containers;
use crate::hash::pages::page;
use crate::hash::{PAGE, container_of, pages, world_of};
use crate::heap::tracking::{Base, Known, Later};
use crate::program::Program;
use crate::shell::{EXIT_HOST, Failure};
use crate::world::World;

/// Bytes of a region from which on it is filled as it is touched.
const LARGE: usize = 1 << 20;

/// The sweep over a world that is not all there yet.
pub(super) struct Filling {
    thread: Option<JoinHandle<()>>,
}

impl Filling {
    /// Whether all is there and checked.
    pub(super) fn is_done(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until all is there and checked.
    pub(super) fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            // It ends the process rather than panic.
            let _ = thread.join();
        }
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        // The world may go with its memory only when nobody fills it.
        self.wait();
    }
}

/// The world of a save that the vault trusts, and who fills it.
pub(super) fn begin(save: &Save<Saves>) -> Result<(World, Filling), Failure> {
    save.require(codex_spec::semantics::VERSION).map_err(failure)?;
    let module = save.module(0).map_err(failure)?;
    let program = Program::new(codex_spec::verify::load(&module).map_err(failure)?);
    let state = save.state().map_err(failure)?;
    let (mut cells, mut parts) = (Touched { now: Cells(save), later: Vec::new(), some_now: false }, Vec::new());
    let loaded = load_parts(program.clone(), &state, &mut cells, |part| parts.push(part));
    let (world, end) = loaded.map_err(|e| Failure::Host(format!("the save {}: {e}", save.id())))?;
    let Touched { later: regions, some_now, .. } = cells;
    if regions.is_empty() {
        check_hash(&world, save)?;
        return Ok((world, Filling { thread: None }));
    }
    let eager = if some_now { roots_of(&world, &regions) } else { Vec::new() };
    let sweep = Sweep { save: save.clone(), program, state, world: end, parts, regions, eager };
    let thread = std::thread::spawn(move || sweep.run_or_end());
    Ok((world, Filling { thread: Some(thread) }))
}

/// The regions of a save, those of large heaps to be filled as they are touched.
struct Touched<'a> {
    now: Cells<'a, Saves>,
    later: Vec<Laid>,
    some_now: bool,
}

impl Regions for Touched<'_> {
    fn has(&self, id: u64, size: u64) -> bool {
        self.now.has(id, size)
    }

    fn fill(&mut self, id: u64, cells: &mut [u8]) -> Result<(), LoadError> {
        self.some_now = true;
        self.now.fill(id, cells)
    }

    fn later(&mut self, id: u64, region: &mut Region<'_>) -> bool {
        // A list that cannot be read is an error of `fill`.
        let stored = self.now.0.manifest().region(id).and_then(|stored| self.now.0.map(stored).ok());
        let Some(map) = stored.filter(|_| region.size() >= LARGE) else { return false };
        let Some(memory) = region.later() else { return false };
        self.later.push(Laid::new(id / 2, region.size(), Pieces::new(map), memory));
        true
    }
}

/// The roots of large heaps that are all there, by their containers' numbers.
fn roots_of(world: &World, later: &[Laid]) -> Vec<(u64, usize, [u8; 32])> {
    let mut roots = Vec::new();
    world.each(|c| {
        let size = c.heap.cells().len();
        if size >= crate::heap::tracking::LARGE && later.iter().all(|laid| laid.id != c.id) {
            roots.push((c.id, size, c.heap.pages_root(world.watches)));
        }
    });
    roots
}

/// A region that is being filled.
struct Laid {
    id: u64,
    size: usize,
    pieces: Pieces,
    done: Vec<bool>,
    memory: Later,
}

struct Sweep {
    save: Save<Saves>,
    program: Arc<Program>,
    state: Vec<u8>,
    /// Where in `state` the world ends.
    world: usize,
    parts: Vec<Found>,
    regions: Vec<Laid>,
    eager: Vec<(u64, usize, [u8; 32])>,
}

impl Sweep {
    /// Fills and checks everything, or ends the process.
    fn run_or_end(mut self) {
        let done = catch_unwind(AssertUnwindSafe(|| self.run()));
        match done.unwrap_or_else(|_| Err("the thread that fills it failed".to_owned())) {
            Ok(()) => {}
            Err(why) => {
                // So that the next resume does not take this save again, where a chunk is to blame.
                let _ = self.save.source().verify(&self.save.id());
                eprintln!("error: the save {}: {why}", self.save.id());
                std::process::exit(EXIT_HOST.into());
            }
        }
    }

    fn run(&mut self) -> Result<(), String> {
        for region in 0..self.regions.len() {
            for piece in 0..self.regions[region].pieces.count() {
                self.serve()?;
                self.regions[region].put(&self.save, piece)?;
            }
        }
        match self.hash() == self.save.header().state {
            true => Ok(()),
            false => Err("its state does not have the hash that it says".to_owned()),
        }
    }

    /// Fills what somebody waits for, as long as somebody does.
    fn serve(&mut self) -> Result<(), String> {
        for region in &mut self.regions {
            while let Some(page) = region.memory.fill.touched(Duration::ZERO) {
                // The memory has one page more than the cells: the first.
                region.put(&self.save, region.pieces.of_page(page - 1))?;
            }
        }
        Ok(())
    }

    /// The hash of the state as it was saved. The world has the hashes of its pages back then.
    fn hash(&mut self) -> StateHash {
        let mut tree = Containers::default();
        let mut roots: Vec<(u64, usize, [u8; 32])> = std::mem::take(&mut self.eager);
        for Laid { id, size, memory, .. } in self.regions.drain(..) {
            let Later { mut known, filled, .. } = memory;
            drop(filled);
            known.base = Some(Base { save: super::save::LOADED, length: size });
            roots.push((id, size, known.tree.root()));
        }
        for part in &self.parts {
            let head = &self.state[part.head.clone()];
            let root = roots.iter().find(|(id, ..)| *id == part.id);
            let hash = match (&part.cells, root) {
                (Some(cells), _) => {
                    let cells = &self.state[cells.clone()];
                    container_of(head, cells.len(), &pages(cells), part.kept.as_deref())
                }
                (None, Some((_, size, root))) => container_of(head, *size, root, part.kept.as_deref()),
                (None, None) => continue,
            };
            tree.set(part.id, hash);
        }
        StateHash(world_of(&self.program, &self.state[..self.world], tree.root()))
    }
}

impl Laid {
    fn new(id: u64, size: usize, pieces: Pieces, mut memory: Later) -> Laid {
        let known: &mut Known = &mut memory.known;
        known.tree.resize(size.div_ceil(PAGE));
        Laid { id, size, done: vec![false; pieces.count()], pieces, memory }
    }

    /// Puts the pages of a piece where they belong, if that was not done.
    fn put(&mut self, save: &Save<Saves>, piece: usize) -> Result<(), String> {
        if std::mem::replace(&mut self.done[piece], true) {
            return Ok(());
        }
        let Laid { size, pieces, memory, .. } = self;
        let read = pieces.read(save.source(), piece, |first, bytes| {
            // Memory that is gone went with its container: nobody waits for it.
            let _ = memory.fill.fill(first + 1, bytes);
            for (number, bytes) in (first..).zip(bytes.chunks(PAGE)) {
                memory.known.tree.set(number, page(&bytes[..PAGE.min(*size - number * PAGE)]));
            }
        });
        read.map_err(|e| e.to_string())
    }
}
