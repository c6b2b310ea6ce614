//! `codexc build`

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use codexc::driver::Options;

use super::{Output, build_module, default_output, write_file};

/// Compile a program to a `.codex` module
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// A `.glyph` file, or a folder with `codex.toml`
    source: PathBuf,
    /// Where the module goes [default: the source with the ending .codex]
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Print what each phase took
    #[arg(long)]
    timings: bool,
    /// How many threads work at once [default: one a core]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    messages: Output,
}

impl Build {
    pub(crate) fn run(self) -> ExitCode {
        let options = Options { jobs: self.jobs.map_or_else(Default::default, Into::into), ..Options::default() };
        let (outcome, bytes) = match build_module(&self.source, &options, &self.messages) {
            Ok(built) => built,
            Err(code) => return code,
        };
        let output = self.output.unwrap_or_else(|| default_output(&self.source));
        if self.timings {
            super::check::print_timings(&outcome);
        }
        match write_file(&output, &bytes) {
            Ok(()) => ExitCode::SUCCESS,
            Err(code) => code,
        }
    }
}
