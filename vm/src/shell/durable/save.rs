//! Saves of a running world: the pause, and the work beside it.
//!
//! In the pause a [`Snapshot`] is taken. Another thread hashes and writes it while the world runs on. A save of tick *T* gets its
//! name only when
//!
//! - its chunks are on the disk,
//! - the journal is, up to *T*, so that an older save leads to the same state, and
//! - every output up to *T* has been let out, since a world that goes on from this save does not make them again.
//!
//! The last two are the running world's business: it opens the save's *gate*. The save's place in the journal is what was on
//! the disk when the snapshot was taken; what entered between there and *T* stands behind that place and is passed over by its tick.
//!
//! What needs more memory than [`COPY`] to copy is saved while the world stands still.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use codex_spec::codec;
use codex_vault::chunk::ChunkSource;
use codex_vault::disk::RealDisk;
use codex_vault::id::{SaveId, StateHash};
use codex_vault::journal::{Position, Record};
use codex_vault::save::{Change, Descent, Draft, Locator, RegionInput, Save};
use codex_vault::{Collector, Error, Form, Policy, Saves, Vault};

use super::control::Question;
use super::{Durable, failure, watch};
use crate::seeded::{self, Bug};
use crate::shell::console::Console;
use crate::shell::{Failure, now};
use crate::snapshot::Snapshot;
use crate::world::World;

/// The compression of portable files: zstd's fastest.
const LEVEL: i32 = 1;
/// Less than this left on its disk is too little, however large that is.
const LOW: u64 = 1 << 30;
/// Bytes of heaps that are copied at most, so that the world can run on.
const COPY: usize = 256 << 20;

/// The last save that is on the disk.
pub(super) struct Saved {
    pub(super) id: SaveId,
    pub(super) at: Instant,
    /// Bytes of the state.
    bytes: u64,
    /// Its number among the saves of this process: what heaps count their changes from.
    serial: u64,
    /// What every save of its world holds beside the state.
    about: Arc<About>,
}

/// What a world keeps that is not in its state.
#[derive(Debug, Default)]
pub(super) struct About {
    /// What its program was given when it began: whoever goes on with it gives nothing.
    pub(super) arguments: Vec<String>,
}

impl About {
    /// Each argument, and a zero byte.
    fn encode(&self) -> Vec<u8> {
        self.arguments.iter().flat_map(|argument| argument.bytes().chain([0])).collect()
    }

    fn decode(bytes: &[u8]) -> About {
        let text = String::from_utf8_lossy(bytes);
        About { arguments: text.split_terminator('\0').map(str::to_owned).collect() }
    }
}

impl Saved {
    /// A save that was loaded. What is not known to be as in it is saved whole the next time; when that is due is counted from
    /// when this one was made, so that processes that die young make saves too.
    pub(super) fn loaded(save: &Save<impl ChunkSource>) -> Result<Saved, Failure> {
        let age = u64::try_from(now().saturating_sub(save.header().wall)).unwrap_or(0);
        let at = Instant::now().checked_sub(Duration::from_millis(age)).unwrap_or_else(Instant::now);
        let about = Arc::new(About::decode(&save.meta().map_err(failure)?));
        Ok(Saved { id: save.id(), at, bytes: 0, serial: LOADED, about })
    }

    /// What its program was given when it began.
    pub(super) fn arguments(&self) -> &[String] {
        &self.about.arguments
    }
}

/// The number of a save that was not made by this process.
pub(super) const LOADED: u64 = 0;

/// A save to be made of a snapshot.
struct Work<'w> {
    snapshot: Snapshot<'w>,
    saves: Saves,
    parent: Option<SaveId>,
    descent: Descent,
    position: Position,
    serial: u64,
    about: Arc<About>,
}

impl Work<'_> {
    /// Hashes and writes. `ready` is asked when the chunks are on the disk, before the save gets its name. Gives memory to copy to
    /// at the next one, too.
    fn run(mut self, ready: impl FnOnce() -> codex_vault::Result<()>) -> (codex_vault::Result<SaveId>, Vec<u8>) {
        let state_hash = StateHash(self.snapshot.hash());
        let done = self.write(state_hash, ready);
        match &done {
            Ok(_) => self.snapshot.saved(self.serial),
            Err(_) => self.snapshot.failed(),
        }
        (done, self.snapshot.into_room())
    }

    fn write(
        &self,
        state_hash: StateHash,
        ready: impl FnOnce() -> codex_vault::Result<()>,
    ) -> codex_vault::Result<SaveId> {
        let snapshot = &self.snapshot;
        let kept: Vec<&[u8]> = snapshot.kept.iter().map(|region| region.kept.parts().1).collect();
        let kept = snapshot.kept.iter().zip(&kept).map(|(region, cells)| RegionInput {
            container: region.id,
            len: cells.len() as u64,
            change: if region.same { Change::Same } else { Change::Whole },
            bytes: cells,
        });
        let heaps = snapshot.regions.iter().map(|region| RegionInput {
            container: region.id,
            len: region.size as u64,
            change: if region.delta { Change::Pages(&region.changed) } else { Change::Whole },
            bytes: &region.bytes,
        });
        let mut regions: Vec<RegionInput<'_>> = heaps.chain(kept).collect();
        regions.sort_unstable_by_key(|region| region.container);
        let draft = Draft {
            parent: self.parent,
            descent: self.descent,
            tick: snapshot.tick,
            state_hash,
            position: self.position,
            locator: Locator { origin: host_name(), heartbeat: now(), resurrect_from: Vec::new() },
            wall: now(),
            modules: &[&codec::encode(snapshot.program.module())],
            state: &snapshot.state,
            meta: &self.about.encode(),
            regions: &regions,
        };
        self.saves.save_when(&draft, ready)
    }
}

/// A save that is being made beside the world.
pub(super) struct Job {
    tick: u64,
    serial: u64,
    /// Bytes of the state.
    bytes: u64,
    /// How long the world stood still for it.
    pause: Duration,
    /// The last output up to its tick: savepoints up to it are in it.
    outputs: u64,
    /// The journal's commits before it.
    commits: u64,
    /// Who asked for it from outside.
    asked: Vec<Question>,
    news: Receiver<News>,
    /// Opened by a message; gone once it is open.
    gate: Option<Sender<()>>,
    /// The chunks are written: it waits for the gate.
    waits: bool,
    thread: Option<JoinHandle<Vec<u8>>>,
}

enum News {
    /// All chunks are on the disk.
    Written,
    /// It is made, or not.
    Done(Result<SaveId, String>),
    /// What is not kept has been removed, or not.
    Collected(Result<(), String>),
}

/// Makes a save on a thread of its own; gives its news, its gate, and the thread, which gives memory to copy to.
fn begin(work: Work<'static>, collector: Collector, keep: Policy) -> (Receiver<News>, Sender<()>, JoinHandle<Vec<u8>>) {
    let (tell, news) = channel();
    let (gate, opened) = channel();
    let thread = std::thread::spawn(move || {
        // Nobody listens when the run is gone.
        let (done, room) = work.run(|| {
            let _ = tell.send(News::Written);
            opened.recv().map_err(|_| Error::Stopped)
        });
        let made = done.is_ok();
        let _ = tell.send(News::Done(done.map_err(|e| e.to_string())));
        let collected = if made { collector.collect(&keep, now()).map(drop) } else { Ok(()) };
        let _ = tell.send(News::Collected(collected.map_err(|e| e.to_string())));
        room
    });
    (news, gate, thread)
}

impl Drop for Job {
    fn drop(&mut self) {
        // A gate that is gone ends the save.
        self.gate = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Makes the first save of a world.
pub(super) fn write_first(vault: &mut Vault, world: &World, about: About) -> Result<Saved, Failure> {
    write_standing(vault, Snapshot::take(world, None), None, Descent::First, Arc::new(about))
}

/// Makes a save of a world that stands still, and whose outputs are out.
pub(super) fn write(vault: &mut Vault, world: &World, parent: &Saved, descent: Descent) -> Result<Saved, Failure> {
    write_standing(vault, Snapshot::take(world, Some(parent.serial)), Some(parent), descent, parent.about.clone())
}

fn write_standing(
    vault: &mut Vault,
    snapshot: Snapshot<'_>,
    parent: Option<&Saved>,
    descent: Descent,
    about: Arc<About>,
) -> Result<Saved, Failure> {
    let tick = snapshot.tick;
    vault.append(&Record::Horizon { tick }).map_err(failure)?;
    let position = vault.commit().map_err(failure)?;
    let (serial, bytes) = (parent.map_or(0, |parent| parent.serial) + 1, snapshot.bytes());
    let (saves, parent) = (vault.saves().clone(), parent.map(|parent| parent.id));
    let work = Work { snapshot, saves, parent, descent, position, serial, about: about.clone() };
    let id = work.run(|| Ok(())).0.map_err(failure)?;
    vault.append(&Record::Saved { save: id, tick }).map_err(failure)?;
    vault.commit().map_err(failure)?;
    Ok(Saved { id, at: Instant::now(), bytes, serial, about })
}

impl Durable {
    /// Makes the last save of a run, after the one that is being made.
    pub(super) fn save_last(&mut self, world: &World, console: &mut Console) -> Result<(), Failure> {
        if self.job.is_some() {
            self.commit(world.ticks())?;
            self.hear(true)?;
        }
        let asked = std::mem::take(&mut self.asked);
        let done = self.save_standing(Snapshot::take(world, Some(self.saved.serial)), console);
        self.settle(done.map(|()| self.saved.id), asked, world.outputs())
    }

    /// Makes a save while the world stands still, and removes what the policy does not keep. No other save is being made.
    fn save_standing(&mut self, snapshot: Snapshot<'_>, console: &mut Console) -> Result<(), Failure> {
        if !seeded::has(Bug::SaveBeforeRelease) {
            self.release(snapshot.tick, console)?;
        }
        let (tick, began) = (snapshot.tick, Instant::now());
        let about = self.saved.about.clone();
        self.saved = write_standing(&mut self.vault, snapshot, Some(&self.saved), Descent::GoesOn, about)?;
        self.entered = 0;
        self.tell_of_save(tick, began.elapsed());
        self.vault.collect(&self.settings.keep, now()).map_err(failure)?;
        self.look_at_disk()
    }

    /// Those who watch are told of the newest save.
    fn tell_of_save(&self, tick: u64, pause: Duration) {
        let (wall, bytes) = (now(), self.saved.bytes);
        tracing::info!(save = %self.saved.id, tick, bytes, pause_ms = pause.as_millis() as u64, "saved");
        self.watch.note(|f| f.saves = (f.saves.0 + 1, Some(watch::Saved { tick, wall, bytes, pause })));
    }

    /// Begins a save: after this the world may run on. If that needs too much memory, the save is made now, and the world stands
    /// still meanwhile. No other save is being made.
    pub(super) fn begin_save(&mut self, world: &World, console: &mut Console) -> Result<(), Failure> {
        let (serial, began) = (self.saved.serial + 1, Instant::now());
        let asked = std::mem::take(&mut self.asked);
        let snapshot = Snapshot::take(world, Some(self.saved.serial));
        let detached = match seeded::has(Bug::SaveBeforeRelease) {
            // At once, so that no luck with threads hides the mistake.
            true => Err(Box::new(snapshot)),
            false => snapshot.detach(COPY, std::mem::take(&mut self.room)),
        };
        let snapshot = match detached {
            Ok(snapshot) => snapshot,
            Err(snapshot) => {
                let done = self.save_standing(*snapshot, console);
                return self.settle(done.map(|()| self.saved.id), asked, world.outputs());
            }
        };
        let work = Work {
            snapshot,
            saves: self.vault.saves().clone(),
            parent: Some(self.saved.id),
            descent: Descent::GoesOn,
            position: self.vault.position(),
            serial,
            about: self.saved.about.clone(),
        };
        self.entered = 0;
        let (tick, outputs, commits, bytes) = (world.ticks(), world.outputs(), self.commits, work.snapshot.bytes());
        let (news, gate, thread) = begin(work, self.vault.collector(), self.settings.keep.clone());
        let (gate, thread) = (Some(gate), Some(thread));
        let pause = began.elapsed();
        self.job = Some(Job { tick, serial, bytes, pause, outputs, commits, asked, news, gate, waits: false, thread });
        Ok(())
    }

    /// Hears what became of a save that is being made. `wait` says whether to wait for it; then its gate can be opened.
    pub(super) fn hear(&mut self, wait: bool) -> Result<(), Failure> {
        self.open_gate();
        while let Some(job) = &mut self.job {
            let news = if wait { job.news.recv().map_err(|_| TryRecvError::Disconnected) } else { job.news.try_recv() };
            match news {
                Ok(News::Written) => job.waits = true,
                Ok(News::Done(done)) => self.made(done)?,
                Ok(News::Collected(done)) => {
                    let thread = job.thread.take().map(JoinHandle::join);
                    self.room = thread.and_then(Result::ok).unwrap_or_default();
                    self.job = None;
                    done.map_err(failure)?;
                    self.look_at_disk()?;
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.job = None;
                    return Err(failure("the thread that made a save is gone"));
                }
            }
        }
        Ok(())
    }

    /// Opens the gate of a save whose outputs are out and whose inputs are on the disk.
    fn open_gate(&mut self) {
        let Some(job) = &mut self.job else { return };
        let out = self.outbox.numbers().is_none_or(|(first, _)| first > job.outputs);
        if out
            && self.commits > job.commits
            && let Some(gate) = job.gate.take()
        {
            // A thread that is gone is noticed where its news are heard.
            let _ = gate.send(());
        }
    }

    /// Whether a save waits for nothing but its gate.
    pub(super) fn save_waits(&self) -> bool {
        self.job.as_ref().is_some_and(|job| job.waits && job.gate.is_some())
    }

    fn made(&mut self, done: Result<SaveId, String>) -> Result<(), Failure> {
        let Some(job) = &mut self.job else { return Ok(()) };
        let (tick, outputs, asked) = (job.tick, job.outputs, std::mem::take(&mut job.asked));
        if let Ok(id) = done {
            let about = self.saved.about.clone();
            self.saved = Saved { id, at: Instant::now(), bytes: job.bytes, serial: job.serial, about };
            let pause = job.pause;
            self.tell_of_save(tick, pause);
            self.vault.append(&Record::Saved { save: id, tick }).map_err(failure)?;
        }
        self.settle(done.map_err(failure), asked, outputs)
    }

    /// Tells everybody what became of a save, with the last output up to it. One that failed ends the run, unless it was made only because another process asked.
    fn settle(&mut self, done: Result<SaveId, Failure>, asked: Vec<Question>, outputs: u64) -> Result<(), Failure> {
        let told = match &done {
            Ok(id) => format!("saved {id}"),
            Err(Failure::Host(why) | Failure::NotPermitted(why)) => format!("error {why}"),
            Err(Failure::BrokenPipe) => "error".to_owned(),
        };
        let from_outside = !asked.is_empty() && !self.has_savepoint();
        asked.into_iter().for_each(|question| question.reply(&told));
        match done {
            Ok(_) => {
                self.saved_for = outputs;
                Ok(())
            }
            Err(_) if from_outside => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// Whether a savepoint waits for a save that is not on the disk.
    pub(super) fn has_savepoint(&self) -> bool {
        self.wanted > self.saved_for
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

#[cfg(all(test, feature = "simulate"))]
mod tests;
