//! `codexvm profile`

use std::fs::File;
use std::io::{BufWriter, IsTerminal};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;
use codex_vm::profile::{self, Row};
use codex_vm::program::Program;
use codex_vm::shell;
use codex_vm::shell::console::Console;
use codex_vm::shell::ports::Ports;
use codex_vm::tick::TickReport;
use codex_vm::world::{Seeds, Settings, World};

use super::{Allow, JitFlag, LimitFlags, Problem, failed, load};

/// Rows of each table.
const ROWS: usize = 15;

/// Flags of `codexvm profile`.
#[derive(Args)]
pub(super) struct Profile {
    /// The module, such as `hello.codex`
    module: PathBuf,
    #[command(flatten)]
    permissions: Allow,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    jit: JitFlag,
    /// Fuel between two samples, in the mean
    #[arg(long, value_name = "FUEL", default_value_t = 10_000)]
    every: u64,
    /// Seed the program's randomness, and the places of the samples, with this number
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write the samples as folded stacks, one a line: for flame graph tools
    #[arg(long, value_name = "FILE")]
    folded: Option<PathBuf>,
    /// Draw a flame graph
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// The program's arguments
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Profile {
    /// Runs a module, and prints the tables to standard error when it has ended.
    pub(super) fn run(self) -> Result<u8, Problem> {
        let program = Program::new(load(&self.module)?);
        program.enable_native(self.jit.mode());
        let seeds = Seeds { timeline: self.seed, hash: self.seed };
        let settings = Settings { limits: self.limits.limits(), seeds, clock: shell::now(), ..Settings::default() };
        let mut world = World::new(program.clone(), settings);
        let mut profile = profile::Profile::new(self.every, self.seed);
        profile.begin(&mut world);
        let mut ports = Ports::new(self.arguments, self.permissions.permissions(), true);
        let mut between = |mut world: World, report: &TickReport| {
            profile.look(&mut world, report);
            Ok(ControlFlow::Continue(world))
        };
        let world = match shell::run(world, &mut ports, &mut Console::new(), Some(&mut between)) {
            Ok((world, _)) => world,
            Err(failure) => return failed(failure),
        };
        if profile.samples() == 0 {
            eprintln!("no samples: the program used less than {} fuel or so; --every takes smaller steps", self.every);
        } else {
            eprintln!("{} samples, one for {} fuel", profile.samples(), self.every);
            table("function", &profile.functions(&program));
            table("line", &profile.lines(&program));
        }
        let folded = profile.folded(&program);
        if let Some(path) = &self.folded {
            let text: String = folded.iter().map(|line| format!("{line}\n")).collect();
            std::fs::write(path, text).map_err(|e| problem(path, e))?;
        }
        if let Some(path) = &self.svg {
            draw(path, &self.module, &folded)?;
        }
        Ok(shell::exit_code(world.end()))
    }
}

fn table(what: &str, rows: &[Row]) {
    let (strong, plain) = if std::io::stderr().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    eprintln!("\n{strong}   own    all  {what}{plain}");
    for row in rows.iter().take(ROWS) {
        eprintln!("{:5.1}% {:5.1}%  {}", 100.0 * row.own, 100.0 * row.all, row.name);
    }
    if rows.len() > ROWS {
        eprintln!("               and {} more", rows.len() - ROWS);
    }
}

fn draw(path: &Path, module: &Path, folded: &[String]) -> Result<(), Problem> {
    let mut options = inferno::flamegraph::Options::default();
    options.title = module.display().to_string();
    options.count_name = "samples".to_owned();
    let file = BufWriter::new(File::create(path).map_err(|e| problem(path, e))?);
    // Without samples there is nothing to draw, which inferno calls an error.
    inferno::flamegraph::from_lines(&mut options, folded.iter().map(String::as_str), file).map_err(|e| problem(path, e))
}

fn problem(path: &Path, error: impl std::fmt::Display) -> Problem {
    Problem::host(format!("{}: {error}", path.display()))
}
