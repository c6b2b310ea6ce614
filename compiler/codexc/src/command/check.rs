//! `codexc check`

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use codexc::driver::{self, Options, Outcome};

use super::{Output, failure};
use crate::console;
use crate::console::{errln, outln};

/// Look for mistakes without compiling
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// A `.glyph` file, or a folder with `codex.toml`
    source: PathBuf,
    /// Also list what the program may touch, and where
    #[arg(long)]
    permissions: bool,
    /// Print what each phase took
    #[arg(long)]
    timings: bool,
    /// How many threads work at once [default: one a core]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    messages: Output,
}

impl Check {
    pub(crate) fn run(self) -> ExitCode {
        let progress = console::Progress::start(format!("checking {}", self.source.display()));
        let options = Options { jobs: self.jobs.map_or_else(Default::default, Into::into), ..Options::default() };
        let outcome = if self.permissions {
            driver::build(&self.source, &options)
        } else {
            driver::check(&self.source, &options)
        };
        drop(progress);
        console::report(&outcome.diagnostics, &outcome.sources, &self.messages);
        if self.timings {
            print_timings(&outcome);
        }
        if outcome.failed() {
            return failure(&outcome);
        }
        if self.permissions {
            print_permissions(&outcome);
        }
        ExitCode::SUCCESS
    }
}

/// One line a phase: milliseconds, share, and lines a second for the whole.
pub(crate) fn print_timings(outcome: &Outcome) {
    let total: f64 = outcome.timings.iter().map(|(_, t)| t.as_secs_f64()).sum();
    for (phase, time) in &outcome.timings {
        let seconds = time.as_secs_f64();
        errln!("{phase:>16} {:9.1} ms {:5.1} %", seconds * 1e3, 100.0 * seconds / total.max(1e-9));
    }
    errln!(
        "{:>16} {:9.1} ms, {} lines, {:.0} lines/s",
        "all",
        total * 1e3,
        outcome.lines,
        outcome.lines as f64 / total.max(1e-9)
    );
}

/// What the reachable code asks of the outside, with the functions that ask.
fn print_permissions(outcome: &Outcome) {
    use codex_spec::instruction::Inst;
    use codex_spec::port::Request;
    let Some(module) = &outcome.module else { return };
    let mut found: std::collections::BTreeMap<&str, std::collections::BTreeSet<String>> = Default::default();
    for (function, name) in module.functions.iter().zip(&module.names.functions) {
        for inst in function.blocks.iter().flat_map(|b| &b.code) {
            if let Inst::Request { request, .. } = inst
                && let Some(request) = Request::from_number(*request)
                && !request.permission().is_empty()
            {
                found.entry(request.permission()).or_default().insert(format!("{} in {name}", request.name()));
            }
        }
    }
    if found.is_empty() {
        outln!("this program needs no permissions");
    }
    for (permission, places) in found {
        outln!("--allow-{permission}: {}", places.into_iter().collect::<Vec<_>>().join(", "));
    }
}
