//! Assembles a file: `cargo run -p codex-spec --example assemble -- IN.asm OUT.codex`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(from), Some(to)) = (args.next(), args.next()) else {
        eprintln!("usage: assemble IN.asm OUT.codex");
        return ExitCode::from(2);
    };
    let done = std::fs::read_to_string(&from)
        .map_err(|e| format!("{from}: {e}"))
        .and_then(|text| codex_spec::text::assemble(&text).map_err(|e| format!("{from}:{e}")))
        .and_then(|module| codex_spec::verify::verify(module).map_err(|e| format!("{from}: {e}")))
        .and_then(|module| std::fs::write(&to, codex_spec::codec::encode(&module)).map_err(|e| format!("{to}: {e}")));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
