//! What can be seen of a durable run from outside: figures for monitoring, and the last beat as a file.
//!
//! The run writes figures down as it goes; whoever reads them never makes it wait.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use codex_vault::id::StateHash;

/// A beat: the hash of the state at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The tick.
    pub tick: u64,
    /// The state's hash.
    pub hash: StateHash,
    /// When, in milliseconds since 1970, UTC.
    pub wall: i64,
}

/// A save that was made.
#[derive(Clone, Copy, Debug)]
pub struct Saved {
    /// Its tick.
    pub tick: u64,
    /// When, in milliseconds since 1970, UTC.
    pub wall: i64,
    /// Bytes of the state.
    pub bytes: u64,
    /// How long the world stood still for it.
    pub pause: Duration,
}

/// How a run is doing.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Ticks of the world.
    pub ticks: u64,
    /// Fuel used by this process.
    pub fuel: u64,
    /// Containers.
    pub containers: u64,
    /// Bytes of all heaps.
    pub memory: u64,
    /// Inputs that entered in this process.
    pub inputs: u64,
    /// The number of the last output that was let out, and of the last one there is.
    pub outputs: (u64, u64),
    /// The owner's epoch.
    pub epoch: u64,
    /// Saves made by this process, and the last of them.
    pub saves: (u64, Option<Saved>),
    /// Beats of this process, and the last of them.
    pub beats: (u64, Option<Beat>),
    /// Bytes that are free on the vault's disk, when that was last looked at.
    pub free: Option<u64>,
}

/// The figures of a run, shared with whoever reads them.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Mutex<Figures>>);

impl Watch {
    /// Changes figures.
    pub(super) fn note(&self, change: impl FnOnce(&mut Figures)) {
        change(&mut self.figures());
    }

    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The figures as Prometheus reads them, with the sizes of a vault's directories.
    pub fn text(&self, vault: &Path) -> String {
        let figures = self.figures().clone();
        let mut page = Page(String::new());
        page.figures(&figures);
        for (name, part) in [("journal", "journal"), ("chunks", "packs"), ("saves", "saves")] {
            let help = format!("Bytes of the vault's {name}");
            page.gauge(&format!("codex_vault_{name}_bytes"), &help, size(&vault.join(part)) as f64);
        }
        page.0
    }
}

/// Text in the format of Prometheus, version 0.0.4.
struct Page(String);

impl Page {
    fn figures(&mut self, f: &Figures) {
        self.counter("codex_ticks_total", "Ticks of the world", f.ticks);
        self.counter("codex_fuel_total", "Fuel used by this process", f.fuel);
        self.gauge("codex_containers", "Containers", f.containers as f64);
        self.gauge("codex_memory_bytes", "Bytes of all heaps", f.memory as f64);
        self.counter("codex_inputs_total", "Inputs that entered in this process", f.inputs);
        self.counter("codex_outputs_released_total", "Outputs that were let out", f.outputs.0);
        let pending = f.outputs.1.saturating_sub(f.outputs.0);
        self.gauge("codex_outputs_pending", "Outputs that wait for the journal", pending as f64);
        self.gauge("codex_epoch", "The owner's epoch", f.epoch as f64);
        self.counter("codex_saves_total", "Saves made by this process", f.saves.0);
        if let Some(save) = &f.saves.1 {
            self.gauge("codex_save_tick", "The tick of the last save", save.tick as f64);
            self.gauge("codex_save_timestamp_seconds", "When the last save was made", save.wall as f64 / 1000.0);
            self.gauge("codex_save_bytes", "Bytes of the state that was saved last", save.bytes as f64);
            self.gauge("codex_save_pause_seconds", "How long the world stood still for it", save.pause.as_secs_f64());
        }
        self.counter("codex_beats_total", "Beats of this process", f.beats.0);
        if let Some(beat) = &f.beats.1 {
            self.gauge("codex_beat_timestamp_seconds", "When the last beat was", beat.wall as f64 / 1000.0);
            self.head("codex_beat_tick", "The tick of the last beat, with the state's hash", "gauge");
            // Writing to a string cannot fail.
            let _ = writeln!(self.0, "codex_beat_tick{{hash=\"{}\"}} {}", beat.hash, beat.tick);
        }
        if let Some(free) = f.free {
            self.gauge("codex_disk_free_bytes", "Bytes that are free on the vault's disk", free as f64);
        }
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "counter");
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.head(name, help, "gauge");
        let _ = writeln!(self.0, "{name} {value}");
    }
}

/// Bytes of a directory's files.
fn size(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

/// Writes a beat to a file as one line of JSON. A reader finds the last one or this one, never a part.
pub(super) fn write_beat(path: &Path, timeline: &str, epoch: u64, beat: &Beat) -> io::Result<()> {
    let line = format!(
        "{{\"timeline\":\"{timeline}\",\"epoch\":{epoch},\"tick\":{},\"state\":\"{}\",\"wall\":{}}}\n",
        beat.tick, beat.hash, beat.wall
    );
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    std::fs::write(&fresh, line)?;
    std::fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line is a comment or a name with a number, and each name has its kind before it.
    #[test]
    fn the_page_is_what_prometheus_reads() {
        let watch = Watch::default();
        watch.note(|f| {
            f.ticks = 7;
            f.outputs = (3, 5);
            f.beats = (1, Some(Beat { tick: 7, hash: StateHash([0xab; 32]), wall: 1500 }));
            f.saves = (1, Some(Saved { tick: 6, wall: 1000, bytes: 9, pause: Duration::from_millis(4) }));
        });
        let text = watch.text(Path::new("/nowhere"));
        let mut kinds = std::collections::BTreeSet::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                kinds.insert(rest.split(' ').next().unwrap().to_owned());
            } else if !line.starts_with("# HELP ") {
                let (name, value) = line.rsplit_once(' ').unwrap();
                assert!(value.parse::<f64>().is_ok(), "{line}");
                assert!(kinds.contains(name.split('{').next().unwrap()), "{line}");
            }
        }
        assert!(kinds.len() > 15, "{kinds:?}");
        for line in ["codex_ticks_total 7", "codex_outputs_pending 2", "codex_save_pause_seconds 0.004"] {
            assert!(text.lines().any(|l| l == line), "{line} is missing:\n{text}");
        }
        assert!(text.contains("codex_beat_tick{hash=\"abab"));
    }
}
