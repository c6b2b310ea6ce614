//! `codexc test`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use codexc::driver::Options;

use super::{Output, build_module};
use crate::machine::{self, Allow};

/// Run tests and documentation examples
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// A `.glyph` file, or a folder with `codex.toml`
    source: PathBuf,
    /// Only tests whose name has this in it
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Also the tests and examples of the standard modules that the program uses
    #[arg(long)]
    std: bool,
    /// List the tests that passed, too
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    allow: Allow,
    #[command(flatten)]
    messages: Output,
}

impl Test {
    pub(crate) fn run(self) -> ExitCode {
        let options = Options { tests: true, std_tests: self.std, ..Options::default() };
        let bytes = match build_module(&self.source, &options, &self.messages) {
            Ok((_, bytes)) => bytes,
            Err(code) => return code,
        };
        machine::start("test", &bytes, &self.allow, |command| {
            if let Some(filter) = &self.filter {
                command.arg("--filter").arg(filter);
            }
            if self.verbose {
                command.arg("--verbose");
            }
        })
    }
}
