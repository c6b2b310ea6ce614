//! The world around a world: ticks it until it ends, carries its outputs out and the replies in.
//!
//! Everything that depends on the host is here: console, files, environment, clock, randomness, permissions. The
//! world sees it as inputs only.

pub mod console;
pub mod durable;
pub mod permissions;
pub mod ports;
pub mod record;
pub mod test;

use std::hash::{BuildHasher, Hasher};
use std::ops::ControlFlow;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use codex_spec::trap::Trap;

use crate::tick::{Input, TickReport, What, ticks};
use crate::world::{End, Seeds, World};
use console::Console;
use ports::{Answered, Ports};

/// A running world is told the time this often.
const CLOCK_EVERY: Duration = Duration::from_millis(10);

/// Ticks from one look at the host's clock to the next.
const GLANCE_EVERY: u32 = 16;

/// The exit code of a program that collapsed.
pub const EXIT_COLLAPSED: u8 = 1;
/// The exit code of a wrong command line.
pub const EXIT_USAGE: u8 = 2;
/// The exit code of a module that can't be read or is not sound.
pub const EXIT_MODULE: u8 = 3;
/// The exit code of a host that failed, such as a full disk behind standard output.
pub const EXIT_HOST: u8 = 4;

/// What was done in a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// Ticks.
    pub ticks: u64,
    /// Fuel of all containers.
    pub fuel: u64,
    /// The largest heap seen at the end of a container's quantum, in bytes.
    pub heap: u64,
}

/// A look at the world after each tick, and at what the tick gave: the world to go on with, or to stop with.
pub type Between<'a> = &'a mut dyn FnMut(World, &TickReport) -> Result<ControlFlow<World, World>, String>;

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// Fresh seeds from the host.
pub fn random_seeds() -> Seeds {
    let draw = || std::hash::RandomState::new().build_hasher().finish();
    Seeds { timeline: draw(), hash: draw() }
}

/// Why a run ended other than by the world.
#[derive(Debug)]
pub enum Failure {
    /// Nobody reads standard output any more.
    BrokenPipe,
    /// The host failed.
    Host(String),
    /// A durable run would need a permission that it was not given: what for, and the flag. The world still waits.
    NotPermitted(String),
}

/// Ticks a world until it ends, or until `between` says so. Gives it back, with what was done.
pub fn run(
    mut world: World,
    ports: &mut Ports,
    console: &mut Console,
    mut between: Option<Between<'_>>,
) -> Result<(World, Stats), Failure> {
    let mut stats = Stats::default();
    let mut told = Instant::now();
    let mut glanced = world.ticks();
    let (mut inputs, mut report) = (Vec::new(), TickReport::default());
    while world.end().is_none() {
        inputs.clear();
        if world.has_requests() || ports.is_waiting() {
            inputs = replies(&world, ports, console)?;
        }
        if !world.is_runnable() && inputs.is_empty() {
            // Whoever reads the output sees all of it while nothing happens.
            console.flush()?;
            inputs = wait(&world, ports)?;
        }
        // Short ticks are many, and to look at the host's clock costs as much as one.
        let glances = world.ticks() - glanced >= GLANCE_EVERY.into();
        if glances {
            glanced = world.ticks();
        }
        let due = !world.is_runnable() && inputs.is_empty();
        if due || (glances && ports.tells_time && told.elapsed() >= CLOCK_EVERY) {
            told = Instant::now();
            inputs.push(Input::Clock(ports.clock(&world)));
        }
        let is_watched = between.is_some() || ports.is_waiting();
        ticks(&mut world, &inputs, if is_watched { 1 } else { GLANCE_EVERY }, &mut report);
        stats.fuel += report.fuel();
        stats.heap = stats.heap.max(report.heap());
        carry_out(&report, ports, console)?;
        if let Some(between) = &mut between {
            world = match between(world, &report).map_err(Failure::Host)? {
                ControlFlow::Continue(world) => world,
                ControlFlow::Break(world) => {
                    console.flush()?;
                    return Ok((world, stats));
                }
            };
        }
    }
    console.flush()?;
    stats.ticks = world.ticks();
    Ok((world, stats))
}

/// Waits for an answer, or until the first timer is due; the world can do nothing before.
fn wait(world: &World, ports: &mut Ports) -> Result<Vec<Input>, Failure> {
    let left = match world.next_timer() {
        Some(due) if ports.tells_time => Duration::from_millis(u64::try_from(due.saturating_sub(now())).unwrap_or(0)),
        Some(_) => Duration::ZERO,
        None => Duration::MAX,
    };
    match ports.is_waiting() {
        true => ports.arrived(world, left),
        false => {
            if left != Duration::MAX {
                std::thread::sleep(left);
            }
            Ok(Vec::new())
        }
    }
}

/// Takes up what the world has asked, and gives the answers that are there. A world that was loaded has asked before.
fn replies(world: &World, ports: &mut Ports, console: &mut Console) -> Result<Vec<Input>, Failure> {
    let mut inputs = if ports.is_waiting() { ports.arrived(world, Duration::ZERO)? } else { Vec::new() };
    for (request, what, argument) in ports.fresh(world) {
        let aside = world.is_runnable() || world.next_timer().is_some() || ports.is_waiting();
        if let Answered::Now((status, bytes)) = ports.answer((request, what, argument), console, aside)? {
            inputs.push(Input::Reply { request, status, bytes });
        }
    }
    Ok(inputs)
}

/// Carries out the outputs of a tick. Requests are answered before the next.
fn carry_out(report: &TickReport, ports: &Ports, console: &mut Console) -> Result<(), Failure> {
    for output in report.outputs() {
        match output.what {
            What::Print { stream, text } => console.print(stream, text)?,
            What::Request { .. } | What::Exit(_) => {}
            What::Collapse(report) => {
                console.report(&report.to_string())?;
                // Permissions are the host's: the world does not know the flags.
                if let (Trap::NotPermitted, Some(refused)) = (report.reason, &ports.refused) {
                    console.report(&format!("  help: {refused}\n"))?;
                }
            }
        }
    }
    console.tick_ended()
}

/// The exit code of the process for how the world ended.
pub fn exit_code(end: Option<End>) -> u8 {
    match end {
        Some(End::Finished) | None => 0,
        Some(End::Exit(code)) => code as u8,
        Some(End::Collapsed) => EXIT_COLLAPSED,
    }
}
