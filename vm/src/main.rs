//! `codexvm`: runs modules, and looks after worlds.

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::main()
}
