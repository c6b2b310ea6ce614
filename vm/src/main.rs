//! `codexvm`: runs modules.

use std::io::{IsTerminal, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use codex_spec::verify::Verified;
use codex_vm::program::Program;
use codex_vm::shell::console::Console;
use codex_vm::shell::permissions::Permissions;
use codex_vm::shell::ports::Ports;
use codex_vm::shell::test::Tests;
use codex_vm::shell::{self, EXIT_COLLAPSED, EXIT_HOST, EXIT_MODULE, Failure, Stats};
use codex_vm::world::{Limits, Seeds, Settings, World};
use codex_vm::{dump, hash};

/// Exit codes, for `--help`.
const EXIT_CODES: &str = "Exit codes:
  0    the program finished, or nobody reads its output any more
  1    the program collapsed, and the report is on standard error; or a test failed
  2    the command line is wrong
  3    the module can't be read, or is not sound
  4    the host failed
  n    the program called exit(n); the lower 8 bits of n";

/// The glyph virtual machine
#[derive(Parser)]
#[command(name = "codexvm", version = VERSION, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a module
    Run(Box<Run>),
    /// Run the tests of a module that was built with them
    Test(Box<Test>),
    /// Go on with a world from `--dump-to`
    #[command(hide = true)]
    Load(Box<Run>),
    /// Check a module
    Verify {
        /// The module, such as `hello.codex`
        module: PathBuf,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Args)]
struct Run {
    /// The module, such as `hello.codex`
    module: PathBuf,
    #[command(flatten)]
    permissions: Allow,
    #[command(flatten)]
    limits: LimitFlags,
    /// Fuel for each container in each tick
    #[arg(long, value_name = "N", default_value_t = Settings::default().quantum)]
    quantum: u64,
    /// Seed all randomness with this number, so that runs are alike
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
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
    /// The program's arguments
    #[arg(last = true)]
    arguments: Vec<String>,
}

#[derive(Args)]
struct Test {
    /// The module; `codexc test` makes one
    module: PathBuf,
    /// Only tests whose names contain this
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,
    #[command(flatten)]
    permissions: Allow,
    #[command(flatten)]
    limits: LimitFlags,
    /// The most fuel that a test may use
    #[arg(long, value_name = "N", default_value_t = 10_000_000_000)]
    max_fuel: u64,
    /// Seed all randomness with this number
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// List the tests that passed, too
    #[arg(short, long)]
    verbose: bool,
}

#[derive(Args)]
struct Allow {
    /// Permit to read files in a directory
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// Permit to write files in a directory
    #[arg(long, value_name = "DIR")]
    allow_write: Vec<PathBuf>,
    /// Permit to use the network
    #[arg(long)]
    allow_net: bool,
    /// Permit to read an environment variable
    #[arg(long, value_name = "NAME")]
    allow_env: Vec<String>,
    /// Permit everything
    #[arg(long)]
    allow_all: bool,
}

#[derive(Args)]
struct LimitFlags {
    /// Bytes of heap for each container
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().memory)]
    max_memory: u64,
    /// Calls in each other for each container
    #[arg(long, value_name = "N", default_value_t = Limits::default().frames)]
    max_frames: u64,
}

impl Allow {
    fn permissions(self) -> Permissions {
        Permissions {
            all: self.allow_all,
            read: self.allow_read,
            write: self.allow_write,
            net: self.allow_net,
            env: self.allow_env,
        }
    }
}

impl LimitFlags {
    fn limits(&self) -> Limits {
        Limits { memory: self.max_memory, frames: self.max_frames, ..Limits::default() }
    }
}

/// Midnight before 2024 began, in UTC: the time in every test, so that tests give the same result in every run.
const TEST_CLOCK: i64 = 1_704_067_200_000;

/// Version, and that of what instructions mean; `codexc` compares the line with its own.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (semantics 1)");
const _: () = assert!(codex_spec::semantics::VERSION == 1, "VERSION names another");

fn main() -> ExitCode {
    let code = match Cli::parse().command {
        Command::Run(run) => start(&run).and_then(|world| go_on(*run, world)),
        Command::Test(tests) => test(*tests),
        Command::Load(run) => load_world(&run.module).and_then(|world| go_on(*run, world)),
        Command::Verify { module } => verify(&module),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "codexvm", &mut std::io::stdout());
            Ok(0)
        }
    };
    let code = code.unwrap_or_else(|error| {
        eprintln!("error: {}", error.message);
        error.code
    });
    ExitCode::from(code)
}

/// What ends the process early.
struct Problem {
    code: u8,
    message: String,
}

fn load(path: &Path) -> Result<Verified, Problem> {
    let problem = |message: String| Problem { code: EXIT_MODULE, message: format!("{}: {message}", path.display()) };
    // One byte more than a module may have is enough to refuse it: what is not a plain file may have no end.
    let most = codex_spec::codec::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let whole = std::fs::File::open(path).and_then(|f| f.take(most).read_to_end(&mut bytes));
    whole.map_err(|e| problem(e.to_string()))?;
    codex_spec::verify::load(&bytes).map_err(|e| problem(e.to_string()))
}

fn verify(path: &Path) -> Result<u8, Problem> {
    load(path).map(|_| 0)
}

/// The world of a module, at its beginning.
fn start(run: &Run) -> Result<World, Problem> {
    let program = Program::new(load(&run.module)?);
    let limits = run.limits.limits();
    let seeds = run.seed.map_or_else(shell::random_seeds, |seed| Seeds { timeline: seed, hash: seed });
    let settings = Settings {
        quantum: run.quantum,
        limits,
        seeds,
        clock: run.clock.unwrap_or_else(shell::now),
        ..Settings::default()
    };
    Ok(World::new(program, settings))
}

/// Runs the tests of a module.
fn test(flags: Test) -> Result<u8, Problem> {
    let program = Program::new(load(&flags.module)?);
    let settings = Settings {
        limits: flags.limits.limits(),
        seeds: Seeds { timeline: flags.seed, hash: flags.seed },
        clock: TEST_CLOCK,
        ..Settings::default()
    };
    let tests = Tests {
        filter: flags.filter,
        permissions: flags.permissions.permissions(),
        settings,
        max_fuel: flags.max_fuel,
        shows_progress: std::io::stderr().is_terminal(),
        is_verbose: flags.verbose,
    };
    match tests.run(&program, &mut std::io::stdout().lock()) {
        Ok(tally) => Ok(if tally.failed > 0 { EXIT_COLLAPSED } else { 0 }),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(EXIT_COLLAPSED),
        Err(error) => Err(Problem { code: EXIT_HOST, message: format!("standard output: {}", error.kind()) }),
    }
}

fn load_world(path: &Path) -> Result<World, Problem> {
    let problem = |message: String| Problem { code: EXIT_MODULE, message: format!("{}: {message}", path.display()) };
    let bytes = std::fs::read(path).map_err(|e| problem(e.to_string()))?;
    dump::load(&bytes).map_err(|e| problem(e.to_string()))
}

/// Runs a world to its end.
fn go_on(run: Run, world: World) -> Result<u8, Problem> {
    let permissions = run.permissions.permissions();
    let mut ports = Ports { arguments: run.arguments, permissions, tells_time: run.clock.is_none(), refused: None };
    let mut console = Console::new();
    let mut between = |world: World| {
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
                print_stats(&stats);
            }
            let code = shell::exit_code(world.end());
            // The world is gone with the process; taking it apart first would only cost time.
            std::mem::forget(world);
            Ok(code)
        }
        Err(Failure::BrokenPipe) => Ok(0),
        Err(Failure::Host(message)) => Err(Problem { code: EXIT_HOST, message }),
    }
}

fn print_stats(stats: &Stats) {
    eprintln!("ticks {}", stats.ticks);
    eprintln!("fuel  {}", stats.fuel);
    eprintln!("heap  {} bytes", stats.heap);
}
