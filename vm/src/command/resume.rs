//! `codexvm resume`, and what it shares with `codexvm run --vault`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use codex_spec::verify::Verified;
use codex_vault::Key;
use codex_vm::program::Program;
use codex_vm::shell::console::Console;
use codex_vm::shell::durable::{self, Durable, Leaves, Place, Resumed, Settings};
use codex_vm::shell::ports::Ports;
use codex_vm::shell::{self, EXIT_USAGE};
use codex_vm::{hash, world::World};

use super::remote;
use super::watch::WatchFlags;
use super::{Allow, JitFlag, Problem, failed, print_stats};

/// How a durable run keeps itself safe.
#[derive(Args, Clone)]
pub(super) struct DurableFlags {
    /// The key that signs saves [default: the one in your configuration directory, made on first use]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    pub(super) watch: WatchFlags,
}

impl DurableFlags {
    fn settings(&self) -> Settings {
        self.watch.settings()
    }

    fn key(&self) -> Result<Key, Problem> {
        key(self.key.as_deref())
    }
}

/// The key in a file, or the user's own.
pub(super) fn key(path: Option<&Path>) -> Result<Key, Problem> {
    match path {
        Some(path) => Key::read(path).map_err(Problem::host),
        None => {
            let path =
                Key::default_path().ok_or_else(|| Problem::host("there is no home for a key; give one with --key"))?;
            Key::read_or_make(&path).map_err(Problem::host)
        }
    }
}

/// Flags of `codexvm resume`.
#[derive(Args)]
pub(super) struct Resume {
    /// A vault, a `.codexsave` file, or the address of one in an object store, such as `file:///saves/ID.codexsave`
    from: PathBuf,
    /// For a file: the vault in which its world goes on, as a new timeline
    #[arg(long, value_name = "DIR")]
    vault: Option<PathBuf>,
    /// For a file: go on with its own timeline. The old owner is not fenced: make sure that it is gone
    #[arg(long)]
    take_over: bool,
    /// For a file: bytes that its world may be long; a small file can claim any number
    #[arg(long, value_name = "BYTES", default_value_t = durable::MOST_OF_A_FILE)]
    max_world: u64,
    #[command(flatten)]
    permissions: Allow,
    #[command(flatten)]
    durable: DurableFlags,
    #[command(flatten)]
    jit: JitFlag,
    /// Print what was used to standard error
    #[arg(long)]
    stats: bool,
    /// Print the hash of the state that the world ended in to standard error
    #[arg(long)]
    hash: bool,
}

impl Resume {
    pub(super) fn run(self) -> Result<u8, Problem> {
        self.durable.watch.log()?;
        let key = self.durable.key()?;
        let vault = self.settled(&key)?;
        let resumed = match durable::resume(&Place::here(&vault), &key, self.durable.settings()) {
            Ok(resumed) => resumed,
            Err(failure) => return failed(failure),
        };
        tell(&resumed);
        if has_nothing_left(&resumed) {
            return Ok(0);
        }
        resumed.world.program().enable_native(self.jit.mode());
        let shows = Shows { stats: self.stats, hash: self.hash };
        go_on_durably((resumed.world, resumed.durable), &vault, &self.durable, self.permissions, shows)
    }

    /// The vault to go on with: a file's world is first taken into a new one.
    fn settled(&self, key: &Key) -> Result<PathBuf, Problem> {
        let remote = self.from.to_str().filter(|from| remote::is_address(from));
        if remote.is_none() && !self.from.is_file() {
            return Ok(self.from.clone());
        }
        let Some(vault) = self.vault.clone() else {
            let message = format!(
                "{} is a file: say with --vault DIR where its world shall live from now on",
                self.from.display()
            );
            return Err(Problem { code: EXIT_USAGE, message });
        };
        let fetched = remote.map(remote::fetch).transpose()?;
        let file = fetched.as_ref().map_or(self.from.as_path(), |fetched| fetched.path());
        let adopted = durable::adopt(file, &Place::here(&vault), key, self.take_over, self.max_world);
        adopted.or_else(|f| failed(f).map(drop))?;
        Ok(vault)
    }
}

/// What is printed when a run ends.
#[derive(Clone, Copy)]
pub(super) struct Shows {
    pub(super) stats: bool,
    pub(super) hash: bool,
}

/// Whether a world has ended, and all that it said is out.
fn has_nothing_left(resumed: &Resumed) -> bool {
    resumed.world.end().is_some() && resumed.durable.is_quiet()
}

/// Says what people have to know about a world that came back.
fn tell(resumed: &Resumed) {
    tracing::info!(save = %resumed.save, tick = resumed.world.ticks(), replayed = resumed.ticks, "resumed");
    for (save, why) in &resumed.skipped {
        tracing::warn!(%save, why, "a save is refused");
        eprintln!("warning: the save {save} is not used: {why}");
    }
    if let Some((first, last)) = resumed.unsure {
        eprintln!(
            "note: outputs {first} to {last} may have been written before the process died; they are written now"
        );
    }
}

/// The world of a vault that may be new: made by `make`, or brought back. `None` if it has ended.
pub(super) fn start_durably(
    vault: &Path,
    module: Verified,
    flags: &DurableFlags,
    arguments: &[String],
    make: impl FnOnce(Arc<Program>) -> World,
) -> Result<Option<(World, Durable)>, Problem> {
    let (at, key) = (Place::here(vault), flags.key()?);
    let program = Program::new(module);
    let has_world = match durable::has_world(&at) {
        Ok(has) => has,
        Err(failure) => return failed(failure).map(|_| None),
    };
    if !has_world {
        let made = durable::create(&at, &key, make(program), flags.settings(), arguments);
        return match made {
            Ok((durable, world)) => {
                tracing::info!(save = %durable.last_save(), "began");
                Ok(Some((world, durable)))
            }
            Err(failure) => failed(failure).map(|_| None),
        };
    }
    let resumed = match durable::resume(&at, &key, flags.settings()) {
        Ok(resumed) => resumed,
        Err(failure) => return failed(failure).map(|_| None),
    };
    if resumed.world.program().id() != program.id() {
        let message = format!(
            "{0} holds the world of another module. Go on with that one: `codexvm resume {0}`; or run this module in a vault of \
             its own: `--vault OTHER`",
            vault.display()
        );
        return Err(Problem { code: EXIT_USAGE, message });
    }
    tell(&resumed);
    Ok((!has_nothing_left(&resumed)).then_some((resumed.world, resumed.durable)))
}

/// Runs a durable world until it ends or the process is asked to leave.
pub(super) fn go_on_durably(
    (world, mut durable): (World, Durable),
    vault: &Path,
    flags: &DurableFlags,
    allow: Allow,
    shows: Shows,
) -> Result<u8, Problem> {
    let leave = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::flag::register(signal, leave.clone()).map_err(Problem::host)?;
    }
    let control = durable::Control::listen(vault).map_err(Problem::host)?;
    flags.watch.serve(&durable, vault)?;
    let mut ports = Ports::new(durable.arguments().to_vec(), allow.permissions(), true);
    let mut console = Console::new();
    match durable.run(world, &mut ports, &mut console, &leave, Some(&control)) {
        Ok((world, leaves, used)) => {
            tracing::info!(tick = world.ticks(), ended = leaves == Leaves::Ended, "left");
            if shows.hash {
                eprintln!("hash  {}", hash::to_hex(&hash::hash(&world)));
            }
            if shows.stats {
                print_stats(&used, world.program().native_stats());
            }
            match leaves {
                Leaves::Ended => Ok(shell::exit_code(world.end())),
                Leaves::Asked => Ok(0),
            }
        }
        Err(failure) => {
            tracing::error!(why = ?failure, "stopped");
            failed(failure)
        }
    }
}
