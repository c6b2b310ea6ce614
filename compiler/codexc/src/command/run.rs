//! `codexc run`

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Output, build_module};
use crate::machine::{self, Allow};

/// Compile a program and run it
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A `.glyph` file, or a folder with `codex.toml`
    source: PathBuf,
    #[command(flatten)]
    allow: Allow,
    #[command(flatten)]
    messages: Output,
    /// The program's own arguments
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

impl Run {
    pub(crate) fn run(self) -> ExitCode {
        let bytes = match build_module(&self.source, &Default::default(), &self.messages) {
            Ok((_, bytes)) => bytes,
            Err(code) => return code,
        };
        machine::start("run", &bytes, &self.allow, |command| {
            command.arg("--").args(&self.arguments);
        })
    }
}
