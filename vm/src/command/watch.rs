//! Flags for those who operate a durable run: what is kept, what is promised, what can be seen.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use codex_vault::Policy;
use codex_vm::shell::durable::{Durable, Promise, Settings};
use tracing_subscriber::fmt;

use super::Problem;
use codex_vm::shell::EXIT_USAGE;

/// How a durable run keeps itself safe, and shows itself.
#[derive(Args, Clone)]
pub(super) struct WatchFlags {
    /// Seconds between saves
    #[arg(long, value_name = "S", default_value_t = 60)]
    save_every: u64,
    /// Seconds between beats: the hash of the state, in the journal
    #[arg(long, value_name = "S", default_value_t = 10)]
    beat_every: u64,
    /// Write each beat to this file too, as one line of JSON
    #[arg(long, value_name = "FILE")]
    beat_file: Option<PathBuf>,
    /// Serve figures for Prometheus at http://ADDR/metrics, such as 127.0.0.1:9100
    #[arg(long, value_name = "ADDR")]
    metrics: Option<String>,
    /// Log what happens to standard error [default: not at all; or what CODEX_LOG says]
    #[arg(long, value_name = "FORMAT")]
    log: Option<Log>,
    /// What may have been written to the console when a process died is written again, or it is not
    #[arg(long, value_name = "PROMISE", default_value = "at-least-once")]
    console: Console,
    /// Keep so many of the newest saves
    #[arg(long, value_name = "N", default_value_t = Policy::default().newest)]
    keep_saves: usize,
    /// Keep saves that are younger than so many hours
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    keep_hours: u32,
    /// But no more than fit into so many bytes of the vault; the newest stays in any case
    #[arg(long, value_name = "BYTES", default_value_t = Policy::default().bytes)]
    keep_bytes: u64,
    /// Warn when less than so many percent of the vault's disk, or less than 1 GiB, is free
    #[arg(long, value_name = "PERCENT", default_value_t = Settings::default().warn_below)]
    warn_below: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Console {
    AtLeastOnce,
    AtMostOnce,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Log {
    /// Lines for people
    Text,
    /// A line of JSON for each event
    Json,
}

impl WatchFlags {
    pub(super) fn settings(&self) -> Settings {
        Settings {
            save_every: Duration::from_secs(self.save_every),
            beat_every: Duration::from_secs(self.beat_every),
            keep: Policy {
                newest: self.keep_saves,
                younger_than: i64::from(self.keep_hours) * 60 * 60 * 1000,
                bytes: self.keep_bytes,
                ..Policy::default()
            },
            beat_file: self.beat_file.clone(),
            warn_below: self.warn_below,
            console: match self.console {
                Console::AtLeastOnce => Promise::AtLeastOnce,
                Console::AtMostOnce => Promise::AtMostOnce,
            },
            ..Settings::default()
        }
    }

    /// Turns the log on, if it is asked for.
    pub(super) fn log(&self) -> Result<(), Problem> {
        let log = match (self.log, std::env::var("CODEX_LOG")) {
            (Some(log), _) => log,
            (None, Ok(format)) if !format.is_empty() => Log::from_str(&format, true).map_err(|_| {
                let message = format!("CODEX_LOG is {format:?}; it may be `text` or `json`");
                Problem { code: EXIT_USAGE, message }
            })?,
            (None, _) => return Ok(()),
        };
        let lines = fmt().with_writer(std::io::stderr).with_ansi(false).with_target(false);
        let set = match log {
            Log::Text => lines.try_init(),
            Log::Json => lines.json().flatten_event(true).try_init(),
        };
        set.map_err(Problem::host)
    }

    /// Serves the figures of a run, if that is asked for: gives where.
    pub(super) fn serve(&self, durable: &Durable, vault: &Path) -> Result<Option<SocketAddr>, Problem> {
        let Some(address) = &self.metrics else { return Ok(None) };
        let (watch, vault) = (durable.watch(), vault.to_owned());
        let served = codex_net::serve_page(address, move || watch.text(&vault));
        let address = served.map_err(|e| Problem::host(format!("--metrics {address}: {e}")))?;
        eprintln!("note: figures at http://{address}/metrics");
        Ok(Some(address))
    }
}
