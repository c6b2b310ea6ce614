//! The loop of a durable run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use codex_spec::port::{Request, STATUS_NOT_PERMITTED, STATUS_OK};
use codex_vault::id::StateHash;
use codex_vault::journal::Record;

use super::control::Question;
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
/// And how often for news of a save that is being made.
const LOOK_AT_SAVE: Duration = Duration::from_millis(1);

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
            for question in control.into_iter().flat_map(Control::questions) {
                self.take_question(question, &world);
            }
            if seeded::has(Bug::SaveBeforeRelease) {
                self.keep(&world, console)?;
            }
            if !world.is_runnable() && !self.outbox.is_empty() {
                self.release(world.ticks(), console)?;
            }
            if !world.is_runnable() {
                self.keep(&world, console)?;
            }
            let mut inputs = self.answers(&world, ports, console)?;
            let pause = if self.job.is_some() { LOOK_AT_SAVE } else { LOOK };
            let idle = !world.is_runnable() && inputs.is_empty();
            if idle && !wait(&world, pause, ports, &mut inputs, leave)? {
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
            if self.outbox.is_due() && self.is_whole() {
                self.release(world.ticks(), console)?;
            }
            self.keep(&world, console)?;
        }
        stats.ticks = world.ticks();
        self.release(world.ticks(), console)?;
        self.save_last(&world, console)?;
        let leaves = if world.end().is_some() { Leaves::Ended } else { Leaves::Asked };
        Ok((world, leaves, stats))
    }

    /// Answers what another process asked, at once or when a save is made.
    fn take_question(&mut self, question: Question, world: &World) {
        match question.text.as_str() {
            "save" => self.asked.push(question),
            "status" => question.reply(&format!(
                "process {}, tick {}, {} containers, {} outputs",
                std::process::id(),
                world.ticks(),
                world.size(),
                self.released
            )),
            _ => question.reply("error: `save` or `status`"),
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

    /// Puts the journal on the disk, up to a tick that is over.
    pub(super) fn commit(&mut self, tick: u64) -> Result<(), Failure> {
        self.vault.append(&Record::Horizon { tick }).map_err(failure)?;
        self.vault.commit().map_err(failure)?;
        self.commits += 1;
        Ok(())
    }

    /// Lets out what waits, once the journal holds all that it depends on: everything up to a tick that is over.
    pub(super) fn release(&mut self, tick: u64, console: &mut Console) -> Result<(), Failure> {
        let Some((_, last)) = self.outbox.numbers() else { return Ok(()) };
        self.make_whole();
        self.vault.append(&Record::Horizon { tick }).map_err(failure)?;
        let watermark = Record::Released { output: last };
        let first = self.settings.console == Promise::AtMostOnce;
        if first {
            self.vault.append(&watermark).map_err(failure)?;
        }
        if seeded::has(Bug::ReleaseBeforeSync) {
            self.outbox.let_out(console)?;
        }
        self.vault.commit().map_err(failure)?;
        self.commits += 1;
        self.outbox.let_out(console)?;
        self.released = last;
        if !first {
            self.vault.append_unsynced(&watermark).map_err(failure)?;
        }
        self.watch.note(|f| f.outputs.0 = last);
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
        self.commit(beat.tick)?;
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
                Some(Request::Savepoint) => {
                    self.savepoints.insert(request);
                    continue;
                }
                _ => ports.answer((request, what, argument), console, true)?,
            };
            if let Answered::Now((status, bytes)) = answered {
                if status == STATUS_NOT_PERMITTED {
                    // A flag that was forgotten must not end a world that lives for months: the request stays open.
                    let flag = String::from_utf8_lossy(&bytes).into_owned();
                    tracing::warn!(flag, "permission denied");
                    self.release(world.ticks(), console)?;
                    return Err(Failure::NotPermitted(flag));
                }
                inputs.push(Input::Reply { request, status, bytes });
            }
        }
        for request in self.savepoints.extract_if(..=self.saved_for, |_| true) {
            inputs.push(Input::Reply { request, status: STATUS_OK, bytes: vec![SAVED] });
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
        let savepoints = world.requests_after(self.looked_at).filter(|request| request.1 == Request::Savepoint as u32);
        self.wanted = savepoints.map(|(number, ..)| number).max().unwrap_or(0).max(self.wanted);
        self.looked_at = world.last_request().unwrap_or(0).max(self.looked_at);
        if !self.is_whole() {
            return Ok(());
        }
        self.hear(false)?;
        if self.job.is_some() {
            return if self.save_waits() { self.open(world.ticks(), console) } else { Ok(()) };
        }
        if self.beat.elapsed() >= self.settings.beat_every {
            self.beat = Instant::now();
            self.beats(world)?;
        }
        if self.has_savepoint() || !self.asked.is_empty() || self.wants_save() {
            let begun = Instant::now();
            let done = self.begin_save(world, console);
            self.note_pause(begun.elapsed());
            return done;
        }
        Ok(())
    }

    /// Does what a save waits for that is made but for its name: its outputs go out, and the journal is put on the disk.
    fn open(&mut self, tick: u64, console: &mut Console) -> Result<(), Failure> {
        let begun = Instant::now();
        match self.outbox.is_empty() {
            true => self.commit(tick)?,
            false => self.release(tick, console)?,
        }
        if let Some(pause) = self.pauses.back_mut() {
            pause.gate = begun.elapsed();
        }
        self.hear(false)
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
fn wait(
    world: &World,
    most: Duration,
    ports: &mut Ports,
    inputs: &mut Vec<Input>,
    leave: &AtomicBool,
) -> Result<bool, Failure> {
    let left = world.next_timer().map(|due| u64::try_from(due.saturating_sub(now())).unwrap_or(0));
    let pause = left.map_or(most, |ms| Duration::from_millis(ms).min(most));
    match ports.is_waiting() {
        true => inputs.extend(ports.arrived(world, pause)?),
        false => std::thread::sleep(pause),
    }
    let due = world.next_timer().is_some_and(|due| due <= now());
    Ok(!leave.load(Ordering::Relaxed) && (due || !inputs.is_empty()))
}
