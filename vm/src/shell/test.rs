//! Runs the tests of a module, each in a fresh world.
//!
//! Keeps true: a test meets the same things in every run (seed, clock, no input, no arguments), so it gives the
//! same result in every run; what it prints is kept, and shown only if it fails; one that does not end is stopped after
//! a fixed amount of fuel.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::console::Console;
use super::permissions::Permissions;
use super::ports::Ports;
use super::{Failure, run};
use crate::program::Program;
use crate::tick::TickReport;
use crate::world::{End, Settings, World};

/// What is run, and how.
pub struct Tests {
    /// Only tests whose names contain this.
    pub filter: String,
    /// What the tests may touch.
    pub permissions: Permissions,
    /// Of each world.
    pub settings: Settings,
    /// The most fuel that one test may use.
    pub max_fuel: u64,
    /// Say which test runs, on standard error: for terminals.
    pub shows_progress: bool,
    /// List the names of the tests that passed, too.
    pub is_verbose: bool,
}

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that ran to their end.
    pub passed: usize,
    /// Tests that did not.
    pub failed: usize,
}

impl Tests {
    /// Runs the tests in their order; each failure, and a line with the numbers, goes to `out`.
    ///
    /// # Errors
    /// When `out` can't be written to.
    pub fn run(&self, program: &Arc<Program>, out: &mut impl Write) -> io::Result<Tally> {
        let tests = &program.module().tests;
        let chosen: Vec<usize> = (0..tests.len()).filter(|&i| tests[i].0.contains(&self.filter)).collect();
        let mut tally = Tally::default();
        for (done, &test) in chosen.iter().enumerate() {
            let name = &tests[test].0;
            if self.shows_progress {
                eprint!("\r\x1b[K{}/{} {name}", done + 1, chosen.len());
            }
            let failure = self.failure(program, test);
            if self.shows_progress {
                eprint!("\r\x1b[K");
            }
            match failure {
                None => {
                    tally.passed += 1;
                    if self.is_verbose {
                        writeln!(out, "ok    {name}")?;
                    }
                }
                Some(report) => {
                    tally.failed += 1;
                    write!(out, "FAIL  {name}\n{report}\n")?;
                }
            }
        }
        writeln!(out, "{} passed, {} failed", tally.passed, tally.failed)?;
        Ok(tally)
    }

    /// Runs a test: why it failed, if it did, and what it had printed.
    fn failure(&self, program: &Arc<Program>, test: usize) -> Option<String> {
        let world = World::of_test(program.clone(), test, self.settings);
        let permissions = self.permissions.clone();
        let mut ports = Ports::new(Vec::new(), permissions, false);
        let mut console = Console::kept();
        let most = self.max_fuel / self.settings.quantum.max(1) + 1;
        let mut watch = |world: World, _: &TickReport| {
            let stops = world.ticks() > most && world.end().is_none();
            Ok(if stops { ControlFlow::Break(world) } else { ControlFlow::Continue(world) })
        };
        let why = match run(world, &mut ports, &mut console, Some(&mut watch)) {
            Ok((world, _)) => match world.end() {
                Some(End::Finished | End::Exit(0)) => return None,
                Some(End::Exit(code)) => format!("it ended with exit({code})"),
                Some(End::Collapsed) => String::new(),
                None => format!("it was stopped: it used more than {} fuel", self.max_fuel),
            },
            Err(Failure::Host(message) | Failure::NotPermitted(message)) => message,
            Err(Failure::BrokenPipe) => "its output could not be kept".to_owned(),
        };
        Some(report(&why, console.written()))
    }
}

/// The reason and what was printed, indented. A collapse is the last thing that was written; the headline
/// of an expectation says it all.
fn report(why: &str, written: &str) -> String {
    let collapse = written.rfind("error[R").filter(|&at| why.is_empty() && (at == 0 || written[..at].ends_with('\n')));
    let (printed, collapse) = written.split_at(collapse.unwrap_or(written.len()));
    let (headline, rest) = collapse.split_once('\n').unwrap_or((collapse, ""));
    let reason = if rest.starts_with("  expectation failed") { rest } else { collapse };
    let mut text = String::new();
    for line in why.lines().chain(reason.lines()).filter(|l| !l.is_empty()) {
        let indent = if std::ptr::eq(line, headline) || !line.starts_with("  ") { "  " } else { "" };
        // Writing to a text can't fail.
        let _ = writeln!(text, "  {indent}{line}");
    }
    if !printed.is_empty() {
        text.push_str("    it had printed:\n");
        for line in printed.lines() {
            let _ = writeln!(text, "      {line}");
        }
    }
    text
}
