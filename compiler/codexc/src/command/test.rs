//! `codexc test`

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use codexc::driver::Options;

use super::{NO_FILE, Output, build_module};
use crate::machine;

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
    /// Let the tests do anything they ask for
    #[arg(long)]
    allow_all: bool,
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
        command.arg("test").arg(file.path());
        if let Some(filter) = &self.filter {
            command.arg("--filter").arg(filter);
        }
        if self.allow_all {
            command.arg("--allow-all");
        }
        machine::exit_code(command)
    }
}
