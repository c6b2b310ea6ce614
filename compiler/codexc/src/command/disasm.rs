//! `codexc disasm`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{FAILED, NO_FILE, Output, build_module};
use crate::console::{errln, out};

/// Show the bytecode of a program or module
#[derive(Debug, Args)]
pub(crate) struct Disasm {
    /// A `.glyph` file, a project folder, or a `.codex` module
    source: PathBuf,
    #[command(flatten)]
    messages: Output,
}

impl Disasm {
    pub(crate) fn run(self) -> ExitCode {
        let bytes = if self.source.extension().is_some_and(|e| e == "codex") {
            match std::fs::read(&self.source) {
                Ok(bytes) => bytes,
                Err(error) => {
                    errln!("codexc: `{}` cannot be read: {error}", self.source.display());
                    return ExitCode::from(NO_FILE);
                }
            }
        } else {
            match build_module(&self.source, &Default::default(), &self.messages) {
                Ok((_, bytes)) => bytes,
                Err(code) => return code,
            }
        };
        match codex_spec::codec::decode(&bytes) {
            Ok(module) => {
                out(format_args!("{}", codex_spec::text::disassemble(&module)));
                ExitCode::SUCCESS
            }
            Err(error) => {
                errln!("codexc: `{}` is not a module: {error}", self.source.display());
                ExitCode::from(FAILED)
            }
        }
    }
}
