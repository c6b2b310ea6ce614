//! `codexvm`: runs modules.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use codex_spec::verify::Verified;
use codex_vm::native::Mode;
use codex_vm::program::Program;
use codex_vm::shell::console::Console;
use codex_vm::shell::permissions::Permissions;
use codex_vm::shell::ports::Ports;
use codex_vm::shell::{self, EXIT_HOST, EXIT_MODULE, Failure, Stats};
use codex_vm::world::{Limits, Seeds, Settings, World};
use codex_vm::{dump, hash};

/// Exit codes, for `--help`.
const EXIT_CODES: &str = "Exit codes:
  0    the program finished, or nobody reads its output any more
  1    the program collapsed; the report is on standard error
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
    /// Go on with a world from `--dump-to`
    #[command(hide = true)]
    Load(Box<Run>),
    /// Print the machine code that the native tier makes of a module's functions
    Disasm {
        /// The module, such as `hello.codex`
        module: PathBuf,
        /// Only functions with this in their name
        #[arg(long, value_name = "NAME", default_value = "")]
        function: String,
        /// A loop, by the block that it begins with
        #[arg(long, value_name = "BLOCK")]
        from: Option<u32>,
    },
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
    /// Machine code for what is hot (on), for everything at once (eager), or never (off)
    #[arg(long, value_name = "WHEN", default_value = "off")]
    jit: Jit,
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

#[derive(Clone, Copy, ValueEnum)]
enum Jit {
    Off,
    On,
    Eager,
}

impl From<Jit> for Mode {
    fn from(jit: Jit) -> Mode {
        match jit {
            Jit::Off => Mode::Off,
            Jit::On => Mode::On,
            Jit::Eager => Mode::Eager,
        }
    }
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

/// Version, and that of what instructions mean; `codexc` compares the line with its own.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (semantics 1)");
const _: () = assert!(codex_spec::semantics::VERSION == 1, "VERSION names another");

fn main() -> ExitCode {
    let code = match Cli::parse().command {
        Command::Run(run) => start(&run).and_then(|world| go_on(*run, world)),
        Command::Load(run) => load_world(&run.module).and_then(|world| go_on(*run, world)),
        Command::Disasm { module, function, from } => disassemble(&module, &function, from),
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
    let bytes = std::fs::read(path).map_err(|e| problem(e.to_string()))?;
    codex_spec::verify::load(&bytes).map_err(|e| problem(e.to_string()))
}

fn verify(path: &Path) -> Result<u8, Problem> {
    load(path).map(|_| 0)
}

fn disassemble(path: &Path, name: &str, from: Option<u32>) -> Result<u8, Problem> {
    let program = Program::new(load(path)?);
    let names = &program.module().names.functions;
    for (number, function) in (0..).zip(names).filter(|(_, n)| n.contains(name)) {
        let problem = |message| Problem { code: EXIT_HOST, message: format!("{function}: {message}") };
        println!("── {function}\n{}", program.native_text(number, from).map_err(problem)?);
    }
    Ok(0)
}

/// The world of a module, at its beginning.
fn start(run: &Run) -> Result<World, Problem> {
    let program = Program::new(load(&run.module)?);
    program.enable_native(run.jit.into());
    let limits = Limits { memory: run.limits.max_memory, frames: run.limits.max_frames, ..Limits::default() };
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

fn load_world(path: &Path) -> Result<World, Problem> {
    let problem = |message: String| Problem { code: EXIT_MODULE, message: format!("{}: {message}", path.display()) };
    let bytes = std::fs::read(path).map_err(|e| problem(e.to_string()))?;
    dump::load(&bytes).map_err(|e| problem(e.to_string()))
}

/// Runs a world to its end.
fn go_on(run: Run, world: World) -> Result<u8, Problem> {
    let program = world.program().clone();
    program.enable_native(run.jit.into());
    let allow = run.permissions;
    let permissions = Permissions {
        all: allow.allow_all,
        read: allow.allow_read,
        write: allow.allow_write,
        net: allow.allow_net,
        env: allow.allow_env,
    };
    let mut ports = Ports { arguments: run.arguments, permissions, tells_time: run.clock.is_none() };
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
                print_stats(&stats, program.native_stats());
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

fn print_stats(stats: &Stats, native: Option<codex_vm::native::Stats>) {
    eprintln!("ticks {}", stats.ticks);
    eprintln!("fuel  {}", stats.fuel);
    eprintln!("heap  {} bytes", stats.heap);
    if let Some(native) = native {
        eprintln!("{native} ({:.1} %)", native.fuel as f64 * 100.0 / stats.fuel.max(1) as f64);
    }
}
