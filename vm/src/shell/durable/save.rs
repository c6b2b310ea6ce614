//! Saves of a running world.
//!
//! A region's pages are compared with what they were at the last save, by their hashes, and only those that differ are
//! written. So a page that was changed and changed back costs nothing.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use codex_spec::codec;
use codex_vault::disk::RealDisk;
use codex_vault::id::{SaveId, StateHash};
use codex_vault::journal::Record;
use codex_vault::save::{Change, Descent, Draft, Locator, RegionInput};
use codex_vault::{Form, Saves, Vault};

use super::{Durable, failure, watch};
use crate::dump::image;
use crate::hash::{PAGE, hash};
use crate::seeded::{self, Bug};
use crate::shell::console::Console;
use crate::shell::{Failure, now};
use crate::world::World;

/// The compression of portable files: zstd's fastest.
const LEVEL: i32 = 1;
/// Less than this left on its disk is too little, however large that is.
const LOW: u64 = 1 << 30;

/// The last save, and the hashes of the pages of its regions.
pub(super) struct Saved {
    pub(super) id: SaveId,
    pub(super) at: Instant,
    /// Bytes of the state.
    bytes: u64,
    pages: BTreeMap<u64, Vec<[u8; 16]>>,
}

impl Saved {
    /// A save of which nothing more is known: the next one is whole.
    pub(super) fn known_as(id: SaveId) -> Saved {
        Saved { id, at: Instant::now(), bytes: 0, pages: BTreeMap::new() }
    }
}

fn page_hashes(bytes: &[u8]) -> Vec<[u8; 16]> {
    let short = |page: &[u8]| blake3::hash(page).as_bytes()[..16].try_into().unwrap_or_default();
    bytes.chunks(PAGE).map(short).collect()
}

/// Which pages are other than they were. The last page of a shorter region is looked at too.
fn changed(before: &[[u8; 16]], after: &[[u8; 16]]) -> Vec<u32> {
    let differs = |&(i, hash): &(usize, &[u8; 16])| before.get(i) != Some(hash);
    after.iter().enumerate().filter(differs).map(|(i, _)| i as u32).collect()
}

/// Makes a save of a world; `parent` is the one before, if there is one.
pub(super) fn write(
    vault: &mut Vault,
    world: &World,
    parent: Option<&Saved>,
    descent: Descent,
) -> Result<Saved, Failure> {
    vault.append(&Record::Horizon { tick: world.ticks() }).map_err(failure)?;
    let position = vault.commit().map_err(failure)?;
    let image = image(world);
    let pages: BTreeMap<u64, Vec<[u8; 16]>> =
        image.regions.iter().map(|(id, cells)| (*id, page_hashes(cells))).collect();
    let before = |id: &u64| parent.and_then(|parent| parent.pages.get(id));
    let changes: Vec<Option<Vec<u32>>> =
        pages.iter().map(|(id, now)| before(id).map(|before| changed(before, now))).collect();
    let regions: Vec<RegionInput<'_>> = image
        .regions
        .iter()
        .zip(&changes)
        .map(|((id, cells), change)| RegionInput {
            container: *id,
            len: cells.len() as u64,
            change: change.as_deref().map_or(Change::Whole, Change::Pages),
            bytes: cells,
        })
        .collect();
    let draft = Draft {
        parent: parent.map(|parent| parent.id),
        descent,
        tick: world.ticks(),
        state_hash: StateHash(hash(world)),
        position,
        locator: Locator { origin: host_name(), heartbeat: now(), resurrect_from: Vec::new() },
        wall: now(),
        modules: &[&codec::encode(world.program().module())],
        state: &image.state,
        meta: &[],
        regions: &regions,
    };
    let id = vault.saves().save(&draft).map_err(failure)?;
    vault.append(&Record::Saved { save: id, tick: world.ticks() }).map_err(failure)?;
    vault.commit().map_err(failure)?;
    let bytes = image.state.len() as u64 + regions.iter().map(|region| region.len).sum::<u64>();
    Ok(Saved { id, at: Instant::now(), bytes, pages })
}

impl Durable {
    /// Makes a save now, and removes what the policy does not keep. What waits to be let out is let out first: a world that goes on
    /// from the save does not say it again.
    pub(super) fn save(&mut self, world: &World, console: &mut Console) -> Result<SaveId, Failure> {
        if !seeded::has(Bug::SaveBeforeRelease) {
            self.release(world, console)?;
        }
        let began = Instant::now();
        self.saved = write(&mut self.vault, world, Some(&self.saved), Descent::GoesOn)?;
        self.entered = 0;
        let (tick, wall, bytes, pause) = (world.ticks(), now(), self.saved.bytes, began.elapsed());
        tracing::info!(save = %self.saved.id, tick, bytes, pause_ms = pause.as_millis() as u64, "saved");
        self.watch.note(|f| f.saves = (f.saves.0 + 1, Some(watch::Saved { tick, wall, bytes, pause })));
        self.vault.collect(&self.settings.keep, now()).map_err(failure)?;
        self.look_at_disk()?;
        Ok(self.saved.id)
    }

    /// Says when the disk of the vault fills up, once each time that it comes to that.
    fn look_at_disk(&mut self) -> Result<(), Failure> {
        let Some((free, all)) = self.vault.room().map_err(failure)? else { return Ok(()) };
        self.watch.note(|f| f.free = Some(free));
        let low = free < LOW || u128::from(free) * 100 < u128::from(all) * u128::from(self.settings.warn_below);
        if low && !self.warned {
            tracing::warn!(free, all, "the disk of the vault fills up");
            // Standard error may be closed.
            let _ = writeln!(std::io::stderr(), "warning: the disk of the vault has {} MiB left", free >> 20);
        }
        self.warned = low;
        Ok(())
    }

    /// Whether it is time for a save.
    pub(super) fn wants_save(&self) -> bool {
        let late = self.saved.at.elapsed() >= self.settings.save_every;
        self.entered >= self.settings.save_after || (late && self.entered > 0)
    }

    /// Writes the newest save as one portable file.
    pub fn export(&self, to: &Path) -> Result<(), Failure> {
        export(self.vault.saves(), self.saved.id, to)
    }
}

/// Writes a save as one portable file.
pub fn export(saves: &Saves, save: SaveId, to: &Path) -> Result<(), Failure> {
    saves.export(&save, &RealDisk, to, Form::Whole, LEVEL).map_err(failure)
}

fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").map(|name| name.trim().to_owned()).unwrap_or_default()
}
