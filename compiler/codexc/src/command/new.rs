//! `codexc new`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{FAILED, write_file};
use crate::console::{errln, outln};

/// Start a new project
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder to make; its last part is the project's name
    path: PathBuf,
}

const MAIN: &str = "\
/// Greets somebody.
/// ```glyph
/// expect greeting(\"world\") ≡ \"Hello, world\"
/// ```
fn greeting(name: Text) → Text = \"Hello, {name}\"

fn main() {
  print(greeting(\"world\"))
}

test \"a greeting has the name in it\" {
  expect \"Ada\" ∈ greeting(\"Ada\")
}
";

impl New {
    pub(crate) fn run(self) -> ExitCode {
        let Some(name) = self.path.file_name().map(|n| n.to_string_lossy().into_owned()) else {
            errln!("codexc: `{}` has no name for a project", self.path.display());
            return ExitCode::from(FAILED);
        };
        if self.path.exists() {
            errln!("codexc: `{}` is already there; nothing was changed", self.path.display());
            return ExitCode::from(FAILED);
        }
        let manifest = format!("name = {}\nversion = \"0.1.0\"\nstyle = \"glyph\"\n", toml::Value::String(name));
        let made = std::fs::create_dir_all(self.path.join("src"));
        if let Err(error) = made {
            errln!("codexc: `{}` cannot be made: {error}", self.path.display());
            return ExitCode::from(super::NO_FILE);
        }
        let files = [("codex.toml", manifest.as_str()), ("src/main.glyph", MAIN)];
        for (file, text) in files {
            if let Err(code) = write_file(&self.path.join(file), text.as_bytes()) {
                return code;
            }
        }
        let shown = self.path.display();
        outln!("made {shown}\n\n  codexc run {shown}    runs it\n  codexc test {shown}   runs its tests");
        ExitCode::SUCCESS
    }
}
