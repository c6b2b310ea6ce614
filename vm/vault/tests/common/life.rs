//! Lives of a vault beside a model: what was acknowledged, and what it may hold beyond that.

use codex_vault::disk::simulate::SimDisk;
use codex_vault::journal::Record;
use codex_vault::{Check, Error, Policy, Result, Vault};

use super::{Random, World, heap, inputs, open, records};

const PAGES: usize = 40;

/// What a vault has to hold. A world's tick is the number of its inputs, and its heap a function of them.
#[derive(Clone, Default)]
pub struct Ledger {
    /// Everything that was appended, in order.
    pub inputs: Vec<Vec<u8>>,
    /// So many of them have been acknowledged.
    pub acknowledged: usize,
    /// The highest watermark that was appended, and that was acknowledged.
    pub released: (u64, u64),
    /// The tick of the last save that was acknowledged.
    pub saved: Option<u64>,
}

/// A world with the heap that some inputs lead to.
fn apply(world: &mut World, input: &[u8]) {
    let at = input.iter().fold(7usize, |at, &byte| at.wrapping_mul(31).wrapping_add(byte.into())) % (PAGES * 4096);
    world.heap[at] = world.heap[at].wrapping_add(input.len() as u8 | 1);
    world.dirty.push((at / 4096) as u32);
    world.dirty.sort_unstable();
    world.dirty.dedup();
    world.tick += 1;
}

impl Ledger {
    fn world(&self, tick: usize) -> World {
        let mut world = World::new(PAGES);
        self.inputs[..tick].iter().for_each(|input| apply(&mut world, input));
        world
    }

    /// Takes up a vault, and holds it against the model. Says what is wrong, if anything is.
    pub fn resume(&mut self, vault: &Vault) -> Result<World, String> {
        let recovery = vault.recover(Check::Whole).map_err(|e| format!("no recovery: {e}"))?;
        let mut world = World::new(PAGES);
        let mut released = 0;
        if let Some(save) = &recovery.save {
            let tick = save.header().tick as usize;
            if tick > self.inputs.len() {
                return Err(format!("a save of tick {tick} was invented"));
            }
            world = self.world(tick);
            if heap(save).map_err(|e| e.to_string())? != world.heap {
                return Err(format!("the heap of tick {tick} is another"));
            }
            world.base = Some(save.id());
            world.dirty.clear();
            let meta = save.meta().map_err(|e| e.to_string())?;
            released = u64::from_le_bytes(meta[..8].try_into().unwrap());
        }
        if let Some((id, e)) = recovery.skipped.first() {
            return Err(format!("save {id} was skipped: {e}"));
        }
        if self.saved.is_some_and(|saved| saved > world.tick) {
            return Err(format!("the save of tick {:?} is lost", self.saved));
        }
        let records = records(recovery.journal).map_err(|e| format!("the journal: {e}"))?;
        let tail = inputs(vault, &records).map_err(|e| format!("an input: {e}"))?;
        let first = world.tick as usize;
        let end = first + tail.len();
        if end < self.acknowledged || end > self.inputs.len() || tail != self.inputs[first..end] {
            let (acknowledged, all) = (self.acknowledged, self.inputs.len());
            return Err(format!("inputs {first}..{end} were read; {acknowledged} of {all} were acknowledged"));
        }
        for record in &records {
            if let Record::Released { output } = record {
                released = released.max(*output);
            }
        }
        if released < self.released.1 || released > self.released.0 {
            return Err(format!("the watermark is {released}, and should be in {:?}", self.released));
        }
        tail.iter().for_each(|input| apply(&mut world, input));
        self.inputs.truncate(end);
        self.acknowledged = end;
        self.released = (released, released);
        Ok(world)
    }

    /// Acts on a vault until something stops it, or `steps` are done. An error of a save or a collection is survived, as a
    /// machine would; an error of a commit is not.
    pub fn act(&mut self, vault: &mut Vault, world: &mut World, random: &mut Random, steps: u64) -> Result<()> {
        for _ in 0..steps {
            match random.below(12) {
                0..4 => {
                    let len = if random.below(5) == 0 { 66_000 } else { 8 + random.below(400) as usize };
                    let input = random.bytes(len);
                    if vault.append_input(world.tick + 1, &input).is_ok() {
                        apply(world, &input);
                        self.inputs.push(input);
                    }
                }
                4 => {
                    self.released.0 += 1;
                    vault.append(&Record::Released { output: self.released.0 })?;
                }
                5..8 => self.commit(vault)?,
                8..11 => {
                    self.commit(vault)?;
                    world.meta = self.released.0.to_le_bytes().to_vec();
                    match world.save(vault, random.below(3) == 0) {
                        Ok(_) => self.saved = Some(world.tick),
                        Err(e @ (Error::Fenced { .. } | Error::Stopped)) => return Err(e),
                        Err(_) => {}
                    }
                }
                _ => {
                    let policy = Policy {
                        newest: 1 + random.below(2) as usize,
                        younger_than: 0,
                        pinned: Vec::new(),
                        bytes: 1 << (14 + random.below(20)),
                    };
                    let before = self.inputs.len();
                    match vault.collect(&policy, 1 << 40) {
                        Ok(_) => self.committed(before),
                        // It may have been the commit that failed; the next one says so.
                        Err(_) => self.commit(vault)?,
                    }
                }
            }
        }
        Ok(())
    }

    fn commit(&mut self, vault: &mut Vault) -> Result<()> {
        vault.commit()?;
        self.committed(self.inputs.len());
        Ok(())
    }

    fn committed(&mut self, inputs: usize) {
        self.acknowledged = inputs;
        self.released.1 = self.released.0;
    }
}

/// One life: opens, checks, acts. `Err` is a finding; a disk that fails ends the life early.
pub fn live(disk: &SimDisk, ledger: &mut Ledger, random: &mut Random, steps: u64) -> Result<(), String> {
    let mut vault = match open(disk) {
        Ok(vault) => vault,
        Err(Error::Io { .. }) if !healthy(disk) => return Ok(()),
        Err(e) => return Err(format!("it cannot be opened: {e}")),
    };
    let mut world = match ledger.resume(&vault) {
        Ok(world) => world,
        Err(_) if !healthy(disk) => return Ok(()),
        Err(e) => return Err(e),
    };
    // How a life ends is the disk's business; the next one looks at what is left.
    match ledger.act(&mut vault, &mut world, random, steps) {
        Err(e) if healthy(disk) => Err(format!("a good disk, and yet: {e}")),
        _ => Ok(()),
    }
}

/// Whether no fault was ever asked for in this life.
fn healthy(disk: &SimDisk) -> bool {
    !disk.troubled()
}
