//! `codexc explain`

use std::process::ExitCode;

use clap::Args;
use codex_diagnostics::catalog;
use codex_spec::trap::Trap;

use super::FAILED;
use crate::console::{errln, outln};

/// Explain a message's code, such as G0401
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code; without one, all codes are listed
    code: Option<String>,
}

impl Explain {
    pub(crate) fn run(self) -> ExitCode {
        let Some(code) = self.code else {
            for entry in catalog::all() {
                outln!("{}  {}", entry.code.0, entry.title);
            }
            Trap::ALL.iter().for_each(|trap| outln!("{}  {}", trap.code(), trap.message()));
            return ExitCode::SUCCESS;
        };
        if let Some(entry) = catalog::find(&code) {
            outln!("{}: {}\n\n{}", entry.code.0, entry.title, entry.explanation);
            if !entry.failing.is_empty() {
                outln!("\nThis program gives {}:\n\n{}", entry.code.0, indent(entry.failing));
            }
            if !entry.fixed.is_empty() {
                outln!("\nPut right:\n\n{}", indent(entry.fixed));
            }
            return ExitCode::SUCCESS;
        }
        if let Some(trap) = Trap::ALL.iter().find(|t| t.code().eq_ignore_ascii_case(&code)) {
            outln!("{}: {}\n\n{}\n", trap.code(), trap.message(), trap.advice());
            outln!("The machine ends a container with this reason while the program runs.");
            return ExitCode::SUCCESS;
        }
        errln!("codexc: there is no message with the code `{code}`; `codexc explain` lists all");
        ExitCode::from(FAILED)
    }
}

fn indent(text: &str) -> String {
    text.lines()
        .map(|l| if l.is_empty() { "\n".to_owned() } else { format!("    {l}\n") })
        .collect::<String>()
        .trim_end()
        .to_owned()
}
