//! `codexc fmt`

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use codex_diagnostics::catalog::not_readable;
use codex_diagnostics::{Diagnostic, SourceMap};
use codex_syntax::Spelling;
use codexc::project::{self, Project};

use super::{FAILED, NO_FILE, Output, write_file};
use crate::console;
use crate::console::{errln, out};

/// Format sources: ASCII spellings become glyphs
#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Files, or project folders
    #[arg(required_unless_present = "stdin")]
    paths: Vec<PathBuf>,
    /// Change nothing; exit with 1 if a file is not formatted
    #[arg(long)]
    check: bool,
    /// Spell glyphs in ASCII
    #[arg(long)]
    ascii: bool,
    /// Format standard input to standard output
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
    #[command(flatten)]
    messages: Output,
}

/// What became of the files so far.
#[derive(Default)]
struct Tally {
    changed: usize,
    failed: bool,
    unreadable: bool,
}

impl Tally {
    /// Reports a file that is no source: one that cannot be read, or one with something wrong in it.
    fn refuse(&mut self, fmt: &Fmt, error: Diagnostic, sources: &SourceMap) {
        match error.code {
            not_readable::CODE => self.unreadable = true,
            _ => self.failed = true,
        }
        console::report(&[error], sources, &fmt.messages);
    }
}

impl Fmt {
    pub(crate) fn run(self) -> ExitCode {
        if self.stdin {
            return self.format_stdin();
        }
        let mut tally = Tally::default();
        for path in &self.paths {
            let mut sources = SourceMap::default();
            match Project::at(path, &mut sources) {
                Ok(project) => {
                    let spelling = self.spelling(&project);
                    for file in project.files() {
                        self.format_file(&file, spelling, &mut tally);
                    }
                }
                Err(error) => tally.refuse(&self, *error, &sources),
            }
        }
        if tally.unreadable {
            ExitCode::from(NO_FILE)
        } else if tally.failed || (self.check && tally.changed > 0) {
            ExitCode::from(FAILED)
        } else {
            ExitCode::SUCCESS
        }
    }

    fn spelling(&self, project: &Project) -> Spelling {
        let ascii = project.manifest.as_ref().is_some_and(|m| m.style == project::Spelling::Ascii);
        if self.ascii || ascii { Spelling::Ascii } else { Spelling::Glyph }
    }

    fn format_stdin(&self) -> ExitCode {
        let mut text = String::new();
        if let Err(error) = std::io::stdin().read_to_string(&mut text) {
            errln!("codexc: standard input cannot be read: {error}");
            return ExitCode::from(NO_FILE);
        }
        let mut sources = SourceMap::default();
        sources.add("standard input", text.as_str());
        let spelling = if self.ascii { Spelling::Ascii } else { Spelling::Glyph };
        match codex_syntax::format(&text, spelling) {
            Ok(formatted) => {
                if !self.check {
                    out(format_args!("{formatted}"));
                }
                ExitCode::from(u8::from(self.check && formatted != text) * FAILED)
            }
            Err(errors) => {
                console::report(&errors, &sources, &self.messages);
                ExitCode::from(FAILED)
            }
        }
    }

    fn format_file(&self, path: &Path, spelling: Spelling, tally: &mut Tally) {
        let mut sources = SourceMap::default();
        let text = match project::read(path, &mut sources) {
            Ok(text) => text,
            Err(error) => return tally.refuse(self, *error, &sources),
        };
        sources.add(path.display().to_string(), text.as_str());
        match codex_syntax::format(&text, spelling) {
            Ok(formatted) if formatted == text => {}
            Ok(formatted) => {
                tally.changed += 1;
                if self.check {
                    errln!("{} is not formatted", path.display());
                } else if write_file(path, formatted.as_bytes()).is_err() {
                    tally.unreadable = true;
                }
            }
            Err(errors) => {
                console::report(&errors, &sources, &self.messages);
                tally.failed = true;
            }
        }
    }
}
