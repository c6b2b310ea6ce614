//! Durable runs: a world whose process may die at any instruction.
//!
//! What enters is appended to a vault's journal before the tick that it enters at. What leaves waits in the outbox until the
//! journal holds, on the disk, every input up to its tick and a *horizon*: 'nothing else entered up to here'. Then
//! it is let out, and the journal notes up to which number (the *watermark*). Saves bound what has to be run again.
//!
//! After a death, [`open::resume`] loads the newest save, runs what the journal holds, mutes what the watermark says is out, and
//! goes on. The program notices nothing but the clock.
//!
//! - **Inside the world**: exactly once, always.
//! - **Console**: at least once. What was written between the last watermark and a death is written again, and the journal
//!   names it ([`Resumed::unsure`]). Or, if so asked, at most once ([`Promise`]).
//! - **Files**: appended at an offset that the journal noted first, so exactly once.

mod control;
mod drive;
mod fill;
mod open;
mod outbox;
mod save;
mod watch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use codex_vault::disk::{Disk, RealDisk};
use codex_vault::id::SaveId;
use codex_vault::{Policy, Secrets, Vault};

pub use control::{Control, ask};
pub use drive::Leaves;
pub use open::{MOST_OF_A_FILE, Replayed, Resumed, adopt, create, has_world, look, portable, replay, resume, world_of};
pub use save::export;
pub use watch::{Beat, Figures, Watch};

use super::Failure;

/// Where a vault is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// The directory.
    pub dir: PathBuf,
}

impl Place {
    /// A directory of this machine.
    pub fn here(dir: impl Into<PathBuf>) -> Place {
        Place { disk: Arc::new(RealDisk), dir: dir.into() }
    }
}

/// How a durable run keeps itself safe.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A save is made at least this often, if anything entered.
    pub save_every: Duration,
    /// And after so many bytes of journal.
    pub save_after: u64,
    /// The hash of the state goes into the journal this often.
    pub beat_every: Duration,
    /// How many saves stay.
    pub keep: Policy,
    /// Where each beat is written to, beside the journal.
    pub beat_file: Option<PathBuf>,
    /// Below this part of its disk, in hundredths, or below 1 GiB, it is said that the disk fills up.
    pub warn_below: u64,
    /// What the console is promised.
    pub console: Promise,
}

/// What a port is promised that can't tell whether it saw something before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Promise {
    /// What may have been written when the process died is written again.
    #[default]
    AtLeastOnce,
    /// It is not.
    AtMostOnce,
}

impl Default for Settings {
    /// A save each minute or 64 MiB of journal, a beat every 10 seconds, the history that [`Policy`] keeps.
    fn default() -> Settings {
        Settings {
            save_every: Duration::from_secs(60),
            save_after: 64 << 20,
            beat_every: Duration::from_secs(10),
            keep: Policy::default(),
            beat_file: None,
            warn_below: 5,
            console: Promise::default(),
        }
    }
}

/// What is beside a world that runs durably.
pub struct Durable {
    vault: Vault,
    settings: Settings,
    outbox: outbox::Outbox,
    /// Outputs up to this number are out.
    released: u64,
    /// Requests that wait to be let out.
    held: BTreeSet<u64>,
    /// The last save, and what its regions were.
    saved: save::Saved,
    beat: Instant,
    /// Bytes of inputs since the last save.
    entered: u64,
    /// Savepoints that are let out and whose saves are not on the disk yet, by request.
    savepoints: BTreeSet<u64>,
    /// The last savepoint that was asked for, by request, and the last request that was looked at for that.
    wanted: u64,
    looked_at: u64,
    /// The last output up to the newest save: savepoints up to it are made.
    saved_for: u64,
    /// Files that were about to be appended to, by request: at which offset.
    intents: BTreeMap<u64, u64>,
    /// What the ports get when the run begins.
    secrets: Secrets,
    /// The figures of this run.
    watch: Watch,
    /// Whether it was said that the disk fills up.
    warned: bool,
    /// A save that is being made.
    job: Option<save::Job>,
    /// Who wants one from outside.
    asked: Vec<control::Question>,
    /// Commits of the journal so far.
    commits: u64,
    /// Memory that snapshots are copied to.
    room: Vec<u8>,
    /// Who fills the world's memory, as long as not all of it is there.
    filling: Option<fill::Filling>,
    /// How long the world stood still for each of the last saves.
    pauses: VecDeque<Pause>,
}

/// How long a world stood still for a save.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pause {
    /// Between two ticks, for what the save needs.
    pub copy: Duration,
    /// At its gate, to put the journal on the disk and to let out what waited for that.
    pub gate: Duration,
}

/// Pauses that are kept.
const PAUSES: usize = 1024;

impl Durable {
    fn new(vault: Vault, settings: Settings, saved: save::Saved, secrets: Secrets) -> Durable {
        Durable {
            vault,
            settings,
            outbox: outbox::Outbox::default(),
            released: 0,
            held: BTreeSet::new(),
            saved,
            beat: Instant::now(),
            entered: 0,
            savepoints: BTreeSet::new(),
            wanted: 0,
            looked_at: 0,
            saved_for: 0,
            intents: Default::default(),
            secrets,
            watch: Watch::default(),
            warned: false,
            job: None,
            asked: Vec::new(),
            commits: 0,
            room: Vec::new(),
            filling: None,
            pauses: VecDeque::new(),
        }
    }

    /// Whether nothing waits to be let out.
    pub fn is_quiet(&self) -> bool {
        self.outbox.is_empty()
    }

    /// The figures of this run.
    pub fn watch(&self) -> Watch {
        self.watch.clone()
    }

    /// How long the world stood still for each of the last 1024 saves.
    pub fn pauses(&self) -> impl Iterator<Item = Pause> {
        self.pauses.iter().copied()
    }

    /// Whether all of the world is there, and checked. Before, nothing leaves it.
    fn is_whole(&mut self) -> bool {
        if self.filling.as_ref().is_some_and(fill::Filling::is_done) {
            self.filling = None;
        }
        self.filling.is_none()
    }

    /// Waits until all of the world is there, and checked.
    fn make_whole(&mut self) {
        // Whoever fills it is waited for.
        self.filling = None;
    }

    fn note_pause(&mut self, copy: Duration) {
        if self.pauses.len() == PAUSES {
            self.pauses.pop_front();
        }
        self.pauses.push_back(Pause { copy, gate: Duration::ZERO });
    }

    /// What the program was given when its world began.
    pub fn arguments(&self) -> &[String] {
        self.saved.arguments()
    }

    /// The newest save.
    pub fn last_save(&self) -> SaveId {
        self.saved.id
    }
}

/// A failure of the vault, in words.
fn failure(error: impl std::fmt::Display) -> Failure {
    Failure::Host(error.to_string())
}
