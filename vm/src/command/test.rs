//! `codexvm test`

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use codex_vm::program::Program;
use codex_vm::shell::test::Tests;
use codex_vm::shell::{EXIT_COLLAPSED, EXIT_HOST};
use codex_vm::world::{Seeds, Settings};

use super::{Allow, LimitFlags, Problem, load};

/// Flags of `codexvm test`.
#[derive(Args)]
pub(super) struct Test {
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

/// Midnight before 2024 began, in UTC: the time in every test, so that tests give the same result in every run.
const TEST_CLOCK: i64 = 1_704_067_200_000;

impl Test {
    /// Runs the tests of a module.
    pub(super) fn run(self) -> Result<u8, Problem> {
        let program = Program::new(load(&self.module)?);
        let settings = Settings {
            limits: self.limits.limits(),
            seeds: Seeds { timeline: self.seed, hash: self.seed },
            clock: TEST_CLOCK,
            ..Settings::default()
        };
        let tests = Tests {
            filter: self.filter,
            permissions: self.permissions.permissions(),
            settings,
            max_fuel: self.max_fuel,
            shows_progress: std::io::stderr().is_terminal(),
            is_verbose: self.verbose,
        };
        match tests.run(&program, &mut std::io::stdout().lock()) {
            Ok(tally) => Ok(if tally.failed > 0 { EXIT_COLLAPSED } else { 0 }),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(EXIT_COLLAPSED),
            Err(error) => Err(Problem { code: EXIT_HOST, message: format!("standard output: {}", error.kind()) }),
        }
    }
}
