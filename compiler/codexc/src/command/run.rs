//! `codexc run`

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{NO_FILE, Output, build_module};
use crate::machine;

/// Compile a program and run it
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A `.glyph` file, or a folder with `codex.toml`
    source: PathBuf,
    /// Let the program read files below DIR
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// Let the program read the environment variable NAME
    #[arg(long, value_name = "NAME")]
    allow_env: Vec<String>,
    /// Let the program do anything it asks for
    #[arg(long)]
    allow_all: bool,
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
        let mut command = match machine::command() {
            Ok(command) => command,
            Err(code) => return code,
        };
        let file =
            tempfile::Builder::new().suffix(".codex").tempfile().and_then(|mut f| f.write_all(&bytes).map(|()| f));
        let file = match file {
            Ok(file) => file,
            Err(error) => {
                eprintln!("codexc: the module cannot be written to a temporary file: {error}");
                return ExitCode::from(NO_FILE);
            }
        };
        command.arg("run").arg(file.path());
        for dir in &self.allow_read {
            command.arg("--allow-read").arg(dir);
        }
        for name in &self.allow_env {
            command.arg("--allow-env").arg(name);
        }
        if self.allow_all {
            command.arg("--allow-all");
        }
        command.arg("--").args(&self.arguments);
        machine::exit_code(command)
    }
}
