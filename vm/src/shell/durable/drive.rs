//! The loop of a durable run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use codex_spec::port::{Request, STATUS_NOT_PERMITTED, STATUS_OK};
use codex_vault::id::StateHash;
use codex_vault::journal::Record;

use super::{Beat, Control, Durable, Promise, failure, watch};
use crate::collapse::TrapReport;
use crate::hash::hash;
use crate::seeded::{self, Bug};
use crate::shell::console::Console;
use crate::shell::ports::{self, Answered, Ports};
use crate::shell::{CLOCK_EVERY, Failure, Stats, now, record};
use crate::tick::{Input, Output, What, tick};
use crate::world::World;

/// How often a run that waits looks whether it should leave.
const LOOK: Duration = Duration::from_millis(20);

/// Why a durable run came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// The world ended.
    Ended,
    /// It was asked to; the world goes on when it is resumed.
    Asked,
}

impl Durable {
    /// Runs a world until it ends or `leave` is set; then everything is in the vault.
    pub fn run(
        &mut self,
        mut world: World,
        ports: &mut Ports,
        console: &mut Console,
        leave: &AtomicBool,
        control: Option<&Control>,
    ) -> Result<(World, Leaves, Stats), Failure> {
        let mut stats = Stats::default();
        std::mem::swap(&mut ports.secrets, &mut self.secrets);
        ports.effects = self.vault.saves().identity().timeline.to_string();
        let mut told = Instant::now();
        while world.end().is_none() && !leave.load(Ordering::Relaxed) {
            if let Some(control) = control {
                control.answer(|question| self.reply(question, &world, console));
            }
            if !world.is_runnable() && !self.outbox.is_empty() {
                self.release(&world, console)?;
            }
            let mut inputs = self.answers(&world, ports, console)?;
            let idle = !world.is_runnable() && inputs.is_empty();
            if idle && !wait(&world, ports, &mut inputs, leave)? {
                continue;
            }
            if told.elapsed() >= CLOCK_EVERY || world.next_timer().is_some_and(|due| due <= now()) {
                told = Instant::now();
                inputs.push(Input::Clock(now()));
            }
            self.enter(world.ticks() + 1, &inputs)?;
            let report = tick(&mut world, &inputs);
            stats.fuel += report.fuel();
            stats.heap = stats.heap.max(report.heap());
            self.outbox.add(&report, self.released);
            for collapse in report.outputs().filter_map(collapse) {
                tracing::warn!(code = collapse.reason.code(), tick = world.ticks(), "the world collapsed");
            }
            self.note(&world, &stats, inputs.len());
            if self.outbox.is_due() {
                self.release(&world, console)?;
            }
            self.keep(&world, console)?;
        }
        stats.ticks = world.ticks();
        self.save(&world, console)?;
        let leaves = if world.end().is_some() { Leaves::Ended } else { Leaves::Asked };
        Ok((world, leaves, stats))
    }

    /// What another process is told.
    fn reply(&mut self, question: &str, world: &World, console: &mut Console) -> String {
        match question {
            "save" => match self.save(world, console) {
                Ok(id) => format!("saved {id}"),
                Err(Failure::Host(why)) => format!("error {why}"),
                Err(Failure::BrokenPipe) => "error".to_owned(),
            },
            "status" => format!(
                "process {}, tick {}, {} containers, {} outputs",
                std::process::id(),
                world.ticks(),
                world.size(),
                self.released
            ),
            _ => "error: `save` or `status`".to_owned(),
        }
    }

    /// Appends what enters at a tick. It is on the disk before anything that depends on it leaves.
    fn enter(&mut self, tick: u64, inputs: &[Input]) -> Result<(), Failure> {
        for input in inputs {
            let bytes = record::encode(input);
            self.entered += bytes.len() as u64;
            self.vault.append_input(tick, &bytes).map_err(failure)?;
        }
        Ok(())
    }

    /// Lets out what waits, once the journal holds all that it depends on.
    pub(super) fn release(&mut self, world: &World, console: &mut Console) -> Result<(), Failure> {
        let Some((_, last)) = self.outbox.numbers() else { return Ok(()) };
        self.vault.append(&Record::Horizon { tick: world.ticks() }).map_err(failure)?;
        let watermark = Record::Released { output: last };
        let first = self.settings.console == Promise::AtMostOnce;
        if first {
            self.vault.append(&watermark).map_err(failure)?;
        }
        if seeded::has(Bug::ReleaseBeforeSync) {
            self.outbox.let_out(console)?;
        }
        self.vault.commit().map_err(failure)?;
        self.outbox.let_out(console)?;
        self.released = last;
        if !first {
            self.vault.append_unsynced(&watermark).map_err(failure)?;
        }
        self.watch.note(|f| f.outputs = (last, world.outputs()));
        Ok(())
    }

    /// Writes the figures of a tick down.
    fn note(&self, world: &World, stats: &Stats, inputs: usize) {
        let (epoch, released) = (self.vault.epoch(), self.released);
        self.watch.note(|f| {
            (f.ticks, f.containers, f.memory) = (world.ticks(), world.size() as u64, world.memory());
            (f.fuel, f.epoch, f.outputs) = (stats.fuel, epoch, (released, world.outputs()));
            f.inputs += inputs as u64;
        });
    }

    /// The hash of the state goes into the journal, and to those who watch.
    fn beats(&mut self, world: &World) -> Result<(), Failure> {
        let beat = Beat { tick: world.ticks(), hash: StateHash(hash(world)), wall: now() };
        let record = Record::Beat { tick: beat.tick, hash: beat.hash, wall: beat.wall };
        self.vault.append(&record).map_err(failure)?;
        self.vault.commit().map_err(failure)?;
        tracing::info!(tick = beat.tick, state = %beat.hash, "beat");
        self.watch.note(|f| f.beats = (f.beats.0 + 1, Some(beat)));
        if let Some(path) = &self.settings.beat_file {
            let timeline = self.vault.saves().identity().timeline.to_string();
            let written = watch::write_beat(path, &timeline, self.vault.epoch(), &beat);
            written.map_err(|e| Failure::Host(format!("{}: {e}", path.display())))?;
        }
        Ok(())
    }

    /// What has arrived, and the answers to requests that were let out. One that only takes something in need not be let
    /// out first: nobody outside sees that it was made.
    fn answers(&mut self, world: &World, ports: &mut Ports, console: &mut Console) -> Result<Vec<Input>, Failure> {
        let mut inputs = if ports.is_waiting() { ports.arrived(world, Duration::ZERO)? } else { Vec::new() };
        let receives = |what| Request::from_number(what).is_some_and(codex_net::only_receives);
        let (now, held): (Vec<_>, Vec<_>) =
            ports.fresh(world).partition(|&(request, what, _)| request <= self.released || receives(what));
        self.held.extend(held.into_iter().map(|(request, ..)| request));
        let let_out: Vec<u64> = self.held.extract_if(..=self.released, |_| true).collect();
        let let_out = let_out.into_iter().filter_map(|request| world.request(request));
        for (request, what, argument) in now.into_iter().chain(let_out) {
            let answered = match Request::from_number(what) {
                Some(Request::AppendFile) => Answered::Now(self.append(request, argument, ports)?),
                Some(Request::Savepoint) => Answered::Now((STATUS_OK, vec![SAVED])),
                _ => ports.answer((request, what, argument), console, true)?,
            };
            if let Answered::Now((status, bytes)) = answered {
                if status == STATUS_NOT_PERMITTED {
                    tracing::warn!(flag = %String::from_utf8_lossy(&bytes), "permission denied");
                }
                inputs.push(Input::Reply { request, status, bytes });
            }
        }
        Ok(inputs)
    }

    /// Appends to a file at an offset that the journal knew before: once, however often it is tried.
    fn append(&mut self, request: u64, argument: &[u8], ports: &mut Ports) -> Result<ports::Reply, Failure> {
        let offset = match self.intents.get(&request) {
            Some(&offset) => offset,
            None => {
                let offset = ports.length(argument);
                let text = format!("append {request} {offset}");
                self.vault.append(&Record::Note { text }).map_err(failure)?;
                self.vault.commit().map_err(failure)?;
                offset
            }
        };
        Ok(ports.append_at(argument, offset))
    }

    /// Beats and saves, when it is time.
    fn keep(&mut self, world: &World, console: &mut Console) -> Result<(), Failure> {
        if self.beat.elapsed() >= self.settings.beat_every {
            self.beat = Instant::now();
            self.beats(world)?;
        }
        let asks = world.requests().any(|(n, what, _)| what == Request::Savepoint as u32 && n > self.saved_for);
        if asks {
            self.saved_for = world.requests().map(|(n, ..)| n).max().unwrap_or(0);
        }
        if asks || self.wants_save() {
            self.save(world, console)?;
        }
        Ok(())
    }
}

/// The report of a collapse that nobody takes care of.
fn collapse<'a>(output: Output<'a>) -> Option<&'a TrapReport> {
    match output.what {
        What::Collapse(report) => Some(report),
        _ => None,
    }
}

/// The variant of the answer to a savepoint: it was made.
const SAVED: u8 = 0;

/// Waits until something can enter; `false` if nothing did yet.
fn wait(world: &World, ports: &mut Ports, inputs: &mut Vec<Input>, leave: &AtomicBool) -> Result<bool, Failure> {
    let left = world.next_timer().map(|due| u64::try_from(due.saturating_sub(now())).unwrap_or(0));
    let pause = left.map_or(LOOK, |ms| Duration::from_millis(ms).min(LOOK));
    match ports.is_waiting() {
        true => inputs.extend(ports.arrived(world, pause)?),
        false => std::thread::sleep(pause),
    }
    let due = world.next_timer().is_some_and(|due| due <= now());
    Ok(!leave.load(Ordering::Relaxed) && (due || !inputs.is_empty()))
}
