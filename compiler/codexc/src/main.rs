//! `codexc`: the command line of the glyph compiler. Commands are in `command/`, one file each.
//!
//! Exit codes: 0 all is well; 1 the program has errors (or a test failed, or a file is not formatted); 2
//! the command line is wrong; 3 a file cannot be read or written; 4 `codexvm` is missing or of
//! another version. `codexc run` gives the program's own exit code.

use std::process::ExitCode;

use crate::console::errln;
use clap::Parser;

mod command;
mod console;
mod machine;
mod memory;

fn main() -> ExitCode {
    memory::keep_what_is_freed();
    let arguments = command::Arguments::parse();
    // Phases recurse over syntax trees, whose depth the parser bounds: this stack is ample for it.
    let worker = std::thread::Builder::new().stack_size(512 << 20).spawn(move || command::run(arguments));
    match worker.map(|w| w.join()) {
        Ok(Ok(code)) => code,
        Ok(Err(_)) => {
            errln!(
                "codexc: this is a bug in the compiler, not in your program; please report it with the program and the lines above"
            );
            ExitCode::from(101)
        }
        Err(error) => {
            errln!("codexc: no thread could be started: {error}");
            ExitCode::from(3)
        }
    }
}
