//! `codexvm run`

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;
use codex_vm::program::Program;
use codex_vm::shell::console::Console;
use codex_vm::shell::ports::Ports;
use codex_vm::shell::{self, EXIT_MODULE};
use codex_vm::tick::TickReport;
use codex_vm::world::{Seeds, Settings, World};
use codex_vm::{dump, hash};

use super::resume::{DurableFlags, Shows, go_on_durably, start_durably};
use super::{Allow, JitFlag, LimitFlags, Problem, failed, load, print_stats};

/// Flags of `codexvm run`.
#[derive(Args)]
pub(super) struct Run {
    /// The module, such as `hello.codex`
    module: PathBuf,
    #[command(flatten)]
    permissions: Allow,
    /// Run durably: the world is kept in this directory, and goes on from it after any death
    #[arg(long, value_name = "DIR")]
    vault: Option<PathBuf>,
    #[command(flatten)]
    durable: DurableFlags,
    #[command(flatten)]
    limits: LimitFlags,
    /// Fuel for each container in each tick
    #[arg(long, value_name = "N", default_value_t = Settings::default().quantum)]
    quantum: u64,
    /// Seed all randomness with this number, so that runs are alike
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    jit: JitFlag,
    /// Print what was used to standard error
    #[arg(long)]
    stats: bool,
    /// Print the hash of the state that the world ended in to standard error
    #[arg(long)]
    hash: bool,
    /// The time, in milliseconds since 1970, that the world has from its beginning to its end
    #[arg(long, hide = true, value_name = "MS")]
    clock: Option<i64>,
    /// After each tick, go on with a copy of the world made from its dump
    #[arg(long, hide = true)]
    every_point: bool,
    /// Stop after this tick, and write the world to a file
    #[arg(long, hide = true, value_name = "TICK", requires = "dump_to")]
    dump_at: Option<u64>,
    /// Where to
    #[arg(long, hide = true, value_name = "FILE")]
    dump_to: Option<PathBuf>,
    /// The program's arguments; a world that goes on keeps those that it began with
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Run {
    /// Runs a module from its beginning; with a vault that holds its world already, from where that stands.
    pub(super) fn run(self) -> Result<u8, Problem> {
        let Some(vault) = &self.vault else {
            let world = start(&self)?;
            return go_on(self, world);
        };
        self.durable.watch.log()?;
        let module = load(&self.module)?;
        if let Some(found) =
            start_durably(vault, module, &self.durable, &self.arguments, |program| self.world(program))?
        {
            found.0.program().enable_native(self.jit.mode());
            let shows = Shows { stats: self.stats, hash: self.hash };
            return go_on_durably(found, vault, &self.durable, self.permissions, shows);
        }
        Ok(0)
    }

    /// Goes on with a world from a dump.
    pub(super) fn load(self) -> Result<u8, Problem> {
        let world = load_world(&self.module)?;
        go_on(self, world)
    }

    fn world(&self, program: std::sync::Arc<Program>) -> World {
        let seeds = self.seed.map_or_else(shell::random_seeds, |seed| Seeds { timeline: seed, hash: seed });
        let settings = Settings {
            quantum: self.quantum,
            limits: self.limits.limits(),
            seeds,
            clock: self.clock.unwrap_or_else(shell::now),
            ..Settings::default()
        };
        World::new(program, settings)
    }
}

/// The world of a module, at its beginning.
fn start(run: &Run) -> Result<World, Problem> {
    Ok(run.world(Program::new(load(&run.module)?)))
}

fn load_world(path: &Path) -> Result<World, Problem> {
    let problem = |message: String| Problem { code: EXIT_MODULE, message: format!("{}: {message}", path.display()) };
    let bytes = std::fs::read(path).map_err(|e| problem(e.to_string()))?;
    dump::load(&bytes).map_err(|e| problem(e.to_string()))
}

/// Runs a world to its end.
fn go_on(run: Run, world: World) -> Result<u8, Problem> {
    let program = world.program().clone();
    program.enable_native(run.jit.mode());
    let permissions = run.permissions.permissions();
    let mut ports = Ports::new(run.arguments, permissions, run.clock.is_none());
    let mut console = Console::new();
    let mut between = |world: World, _: &TickReport| {
        if let (Some(tick), Some(path)) = (run.dump_at, &run.dump_to)
            && world.ticks() == tick
        {
            std::fs::write(path, dump::dump(&world)).map_err(|e| format!("{}: {e}", path.display()))?;
            return Ok(ControlFlow::Break(world));
        }
        match run.every_point {
            true => dump::load(&dump::dump(&world)).map(ControlFlow::Continue).map_err(|e| e.to_string()),
            false => Ok(ControlFlow::Continue(world)),
        }
    };
    let looks = run.every_point || run.dump_at.is_some();
    match shell::run(world, &mut ports, &mut console, looks.then_some(&mut between)) {
        Ok((world, stats)) => {
            if run.hash {
                eprintln!("hash  {}", hash::to_hex(&hash::hash(&world)));
            }
            if run.stats {
                print_stats(&stats, program.native_stats());
            }
            let code = shell::exit_code(world.end());
            // The world is gone with the process; taking it apart first would only cost time.
            std::mem::forget(world);
            Ok(code)
        }
        Err(failure) => failed(failure),
    }
}
