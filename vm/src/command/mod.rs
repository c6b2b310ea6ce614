//! The command line: one file for each group of commands.

mod history;
mod key;
mod profile;
mod remote;
mod resume;
mod run;
mod test;
mod vault;
mod watch;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use codex_spec::verify::Verified;
use codex_vm::native::Mode;
use codex_vm::program::Program;
use codex_vm::shell::permissions::Permissions;
use codex_vm::shell::{EXIT_HOST, EXIT_MODULE, EXIT_USAGE, Failure, Stats};
use codex_vm::world::Limits;

/// Exit codes, for `--help`.
const EXIT_CODES: &str = "Exit codes:
  0    the program finished, or nobody reads its output any more
  1    the program collapsed, and the report is on standard error; or a test failed
  2    the command line is wrong
  3    the module can't be read, or is not sound
  4    the host failed
  n    the program called exit(n); the lower 8 bits of n

A run with --vault, and resume, give 0 when they are asked to leave (SIGTERM, Ctrl-C): the world is saved.";

/// The glyph virtual machine
#[derive(Parser)]
#[command(name = "codexvm", version = VERSION, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a module; with --vault, so that it does not die with its process
    Run(Box<run::Run>),
    /// Go on with the world of a vault, or of a `.codexsave` file
    Resume(Box<resume::Resume>),
    /// Save a world that runs, or write a save to one portable file
    Save(vault::Save),
    /// List the saves of a vault
    List(vault::List),
    /// Show what a world is made of: its saves, its containers and where each of them stands
    Inspect(vault::Inspect),
    /// Check a module, a `.codexsave` file, or everything in a vault
    Verify(vault::Verify),
    /// Run a vault's history again, muted, and compare every state that it recorded
    Replay(history::Replay),
    /// Print a vault's journal
    Log(history::Log),
    /// Show which of these vaults have a world that runs
    Ps(vault::Ps),
    /// Make and show keys
    Key(key::Command),
    /// Run the tests of a module that was built with them
    Test(Box<test::Test>),
    /// Run a module, and show where its fuel goes: functions, lines, flame graphs
    Profile(Box<profile::Profile>),
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
    /// Go on with a world from `--dump-to`
    #[command(hide = true)]
    Load(Box<run::Run>),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// What the program may touch.
#[derive(Args)]
struct Allow {
    /// Permit to read files in a directory
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// Permit to write files in a directory
    #[arg(long, value_name = "DIR")]
    allow_write: Vec<PathBuf>,
    /// Permit to use the network: an address as HOST:PORT, HOST or :PORT; without one, all of it
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    allow_net: Vec<String>,
    /// Permit to read an environment variable
    #[arg(long, value_name = "NAME")]
    allow_env: Vec<String>,
    /// Permit everything
    #[arg(long)]
    allow_all: bool,
}

/// When machine code is made.
#[derive(Args, Clone, Copy)]
struct JitFlag {
    /// Machine code for what is hot (on), for everything at once (eager), or never (off)
    #[arg(long, value_name = "WHEN", default_value = "on")]
    jit: Jit,
}

#[derive(Clone, Copy, ValueEnum)]
enum Jit {
    Off,
    On,
    Eager,
}

impl JitFlag {
    fn mode(self) -> Mode {
        match self.jit {
            Jit::Off => Mode::Off,
            Jit::On => Mode::On,
            Jit::Eager => Mode::Eager,
        }
    }
}

/// What each container may use at most.
#[derive(Args)]
struct LimitFlags {
    /// Bytes of heap for each container
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().memory)]
    max_memory: u64,
    /// Bytes of heap for all containers together
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().world)]
    max_world_memory: u64,
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
        Limits { memory: self.max_memory, world: self.max_world_memory, frames: self.max_frames, ..Limits::default() }
    }
}

/// Version, and that of what instructions mean; `codexc` compares the line with its own.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (semantics 1)");
const _: () = assert!(codex_spec::semantics::VERSION == 1, "VERSION names another");

/// Runs the command of this process.
pub(crate) fn main() -> ExitCode {
    let code = match Cli::parse().command {
        Command::Run(run) => run.run(),
        Command::Resume(resume) => resume.run(),
        Command::Save(save) => save.run(),
        Command::List(list) => list.run(),
        Command::Inspect(inspect) => inspect.run(),
        Command::Verify(verify) => verify.run(),
        Command::Replay(replay) => replay.run(),
        Command::Log(log) => log.run(),
        Command::Ps(ps) => ps.run(),
        Command::Key(key) => key.run(),
        Command::Test(tests) => tests.run(),
        Command::Profile(profile) => profile.run(),
        Command::Disasm { module, function, from } => disassemble(&module, &function, from),
        Command::Load(run) => run.load(),
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

impl Problem {
    /// A failure of the host, or of what is stored on it.
    fn host(message: impl std::fmt::Display) -> Problem {
        Problem { code: EXIT_HOST, message: message.to_string() }
    }
}

/// The exit code for a failure: a reader that left is no problem.
fn failed(failure: Failure) -> Result<u8, Problem> {
    match failure {
        Failure::BrokenPipe => Ok(0),
        Failure::Host(message) => Err(Problem::host(message)),
        Failure::NotPermitted(flag) => {
            let message = format!("{flag}\n  the world is as it was, and goes on when it is resumed with that flag");
            Err(Problem { code: EXIT_USAGE, message })
        }
    }
}

fn disassemble(path: &Path, name: &str, from: Option<u32>) -> Result<u8, Problem> {
    let program = Program::new(load(path)?);
    let names = &program.module().names.functions;
    for (number, function) in (0..).zip(names).filter(|(_, n)| n.contains(name)) {
        let text = program.native_text(number, from).map_err(|e| Problem::host(format!("{function}: {e}")))?;
        println!("── {function}\n{text}");
    }
    Ok(0)
}

/// A module, checked.
fn load(path: &Path) -> Result<Verified, Problem> {
    let problem = |message: String| Problem { code: EXIT_MODULE, message: format!("{}: {message}", path.display()) };
    // One byte more than a module may have is enough to refuse it: what is not a plain file may have no end.
    let most = codex_spec::codec::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let whole = std::fs::File::open(path).and_then(|f| f.take(most).read_to_end(&mut bytes));
    whole.map_err(|e| problem(e.to_string()))?;
    codex_spec::verify::load(&bytes).map_err(|e| problem(e.to_string()))
}

fn print_stats(stats: &Stats, native: Option<codex_vm::native::Stats>) {
    eprintln!("ticks {}", stats.ticks);
    eprintln!("fuel  {}", stats.fuel);
    eprintln!("heap  {} bytes", stats.heap);
    if let Some(native) = native {
        eprintln!("{native} ({:.1} %)", native.fuel as f64 * 100.0 / stats.fuel.max(1) as f64);
    }
}
