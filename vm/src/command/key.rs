//! `codexvm key`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use codex_vault::Key;

use super::Problem;
use super::resume::key;

/// Flags of `codexvm key`.
#[derive(Args)]
pub(super) struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a key, in a file that only you can read
    New {
        /// Where to; there must be nothing yet
        file: PathBuf,
    },
    /// Print the public half of a key
    Show {
        /// The key's file [default: your own key]
        file: Option<PathBuf>,
    },
}

impl Command {
    pub(super) fn run(self) -> Result<u8, Problem> {
        let key = match self.what {
            What::New { file } => {
                let key = Key::generate();
                key.write(&file).map_err(Problem::host)?;
                key
            }
            What::Show { file } => key(file.as_deref())?,
        };
        println!("{}", key.public());
        Ok(0)
    }
}
