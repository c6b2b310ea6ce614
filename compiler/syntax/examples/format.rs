//! Formats a file to the standard output: `cargo run --example format FILE [ascii]`.

use codex_syntax::{Spelling, format};

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(path) = args.next() else {
        return eprintln!("usage: format FILE [ascii]");
    };
    let spelling = if args.next().is_some() { Spelling::Ascii } else { Spelling::Glyph };
    match format(&std::fs::read_to_string(path).unwrap_or_default(), spelling) {
        Ok(text) => print!("{text}"),
        Err(diagnostics) => eprintln!("{}", diagnostics[0].headline),
    }
}
