//! `codexvm replay` and `codexvm log`

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use codex_vault::disk::RealDisk;
use codex_vault::journal::{Payload, Reader, Record};
use codex_vm::hash;
use codex_vm::shell::{durable, record};
use codex_vm::tick::Input;

use super::{Problem, failed};

/// Flags of `codexvm replay`.
#[derive(Args)]
pub(super) struct Replay {
    /// The vault
    vault: PathBuf,
    /// From the oldest save that there is, rather than from the newest
    #[arg(long)]
    whole: bool,
}

impl Replay {
    pub(super) fn run(self) -> Result<u8, Problem> {
        match durable::replay(&durable::Place::here(&self.vault), self.whole, &mut |_| ()) {
            Ok(done) => {
                println!("replayed {} ticks from save {}", done.world.ticks() - done.from, done.save);
                println!("compared {} recorded states: all equal", done.compared);
                println!("hash     {}", hash::to_hex(&hash::hash(&done.world)));
                Ok(0)
            }
            Err(failure) => failed(failure),
        }
    }
}

/// Flags of `codexvm log`.
#[derive(Args)]
pub(super) struct Log {
    /// The vault
    vault: PathBuf,
    /// Go on printing what is appended
    #[arg(short, long)]
    follow: bool,
}

impl Log {
    pub(super) fn run(self) -> Result<u8, Problem> {
        let mut reader = Reader::new(Arc::new(RealDisk), codex_vault::journal_dir(&self.vault));
        let mut out = std::io::stdout().lock();
        loop {
            while let Some(entry) = reader.next_entry().map_err(Problem::host)? {
                if writeln!(out, "{}", line(&entry.record)).is_err() {
                    return Ok(0);
                }
            }
            let torn = reader.end().torn;
            if !self.follow {
                if torn > 0 {
                    eprintln!(
                        "note: {torn} bytes at the end are no record; they were being written when the process died"
                    );
                }
                return Ok(0);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A record in words.
fn line(record: &Record) -> String {
    let Record::Input { tick, payload: Payload::Here(bytes) } = record else { return record.to_string() };
    match record::decode(bytes) {
        Some(Input::Clock(milliseconds)) => format!("input    tick {tick}, the clock says {milliseconds} ms"),
        Some(Input::Reply { request, status, bytes }) => {
            let text: String = String::from_utf8_lossy(&bytes).chars().take(60).collect();
            format!(
                "input    tick {tick}, the reply to request {request}: status {status}, {} bytes {text:?}",
                bytes.len()
            )
        }
        None => record.to_string(),
    }
}
