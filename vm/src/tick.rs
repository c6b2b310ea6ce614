//! One tick: `state′, outputs = tick(state, inputs)`.
//!
//! 1. The inputs are applied in their order.
//! 2. The first containers of the queue run for at most one quantum of fuel each, each on its own state only.
//! 3. Their effects are committed in that order: outputs get their numbers, who can go on is queued again.

use std::ops::Range;

use crate::collapse::{TrapReport, report};
use crate::container::{Container, Status};
use crate::effects::Effect;
use crate::interpreter::edge::resume;
use crate::interpreter::{Stop, run};
use crate::world::{End, World};

/// What enters a world at a tick boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The time: milliseconds since 1970.
    Clock(i64),
    /// The answer to a request, by the request's number. One that nobody waits for is dropped.
    Reply {
        /// The number of the request.
        request: u64,
        /// `spec::port`'s status.
        status: i64,
        /// What was asked for, or the message of a failure.
        bytes: Vec<u8>,
    },
}

/// What leaves a world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Output<'a> {
    /// Its number: one more than the last one's.
    pub number: u64,
    /// The container that it comes from.
    pub container: u64,
    /// What it is.
    pub what: What<'a>,
}

/// What an output is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What<'a> {
    /// Text for a stream of the console (`spec::port::Stream`).
    Print {
        /// The stream's number.
        stream: i64,
        /// The text.
        text: &'a str,
    },
    /// Something is asked for; the output's number is the request's.
    Request {
        /// `spec::port::Request`'s number.
        request: u32,
        /// What is asked for.
        argument: &'a [u8],
    },
    /// The world ends with a code.
    Exit(i64),
    /// A container failed.
    Collapse(&'a TrapReport),
}

/// What a tick gave.
#[derive(Debug, Default)]
pub struct TickReport {
    items: Vec<(u64, u64, Item)>,
    texts: String,
    arguments: Vec<u8>,
    collapses: Vec<TrapReport>,
    fuel: u64,
    heap: u64,
}

#[derive(Debug)]
enum Item {
    Print(i64, Range<usize>),
    Request(u32, Range<usize>),
    Exit(i64),
    Collapse(usize),
}

impl TickReport {
    /// Fuel that the containers used.
    pub fn fuel(&self) -> u64 {
        self.fuel
    }

    /// The largest heap of those that ran, in bytes.
    pub fn heap(&self) -> u64 {
        self.heap
    }

    /// The outputs, in order.
    pub fn outputs(&self) -> impl Iterator<Item = Output<'_>> {
        self.items.iter().map(|&(number, container, ref item)| Output {
            number,
            container,
            what: match *item {
                Item::Print(stream, ref text) => What::Print { stream, text: &self.texts[text.clone()] },
                Item::Request(request, ref argument) => {
                    What::Request { request, argument: &self.arguments[argument.clone()] }
                }
                Item::Exit(code) => What::Exit(code),
                Item::Collapse(at) => What::Collapse(&self.collapses[at]),
            },
        })
    }
}

/// The next state, and what it sends out. A world that ended stays as it is.
pub fn tick(world: &mut World, inputs: &[Input]) -> TickReport {
    let mut report = TickReport::default();
    if world.end.is_some() {
        return report;
    }
    world.tick += 1;
    for input in inputs {
        apply(world, input);
    }
    let count = world.queue.len().min(world.settings.width as usize);
    let ran: Vec<u64> = world.queue.drain(..count).collect();
    let stops: Vec<_> = ran.into_iter().map(|id| (id, quantum(world, id, &mut report))).collect();
    for (id, stop) in stops {
        commit(world, id, stop, &mut report);
        if world.end.is_some() {
            break;
        }
    }
    if world.end.is_none() && world.containers.is_empty() {
        world.end = Some(End::Finished);
    }
    if world.end.is_some() {
        world.containers.clear();
        world.queue.clear();
    }
    report
}

fn apply(world: &mut World, input: &Input) {
    match input {
        Input::Clock(milliseconds) => world.clock = *milliseconds,
        Input::Reply { request, status, bytes } => {
            let waits = |c: &&mut Container| c.status == Status::Waiting(*request);
            let Some(container) = world.containers.iter_mut().find(waits) else {
                return;
            };
            container.status = Status::Replied;
            container.asked = None;
            container.reply = Some((*status, bytes.clone()));
            world.queue.push(container.id);
        }
    }
}

/// Runs a container for a quantum. `None` if what it owes is more than that.
fn quantum(world: &mut World, id: u64, report: &mut TickReport) -> Option<Stop> {
    let senses = world.senses();
    let place = world.find(id)?;
    let container = &mut world.containers[place];
    container.fuel = container.fuel.min(0).saturating_add_unsigned(world.settings.quantum);
    let used = container.used;
    let stop = (container.fuel >= 0).then(|| match resume(container) {
        Ok(()) => run(container, &senses),
        Err(trap) => Stop::Trap(trap),
    });
    report.fuel += container.used - used;
    report.heap = report.heap.max(container.heap.size());
    stop
}

/// Makes what a container did in this tick part of the world.
fn commit(world: &mut World, id: u64, stop: Option<Stop>, report: &mut TickReport) {
    let Some(place) = world.find(id) else { return };
    commit_effects(world, place, report);
    match stop {
        None | Some(Stop::Fuel | Stop::Native) => world.queue.push(id),
        Some(Stop::Wait) => {}
        Some(Stop::Done) => _ = world.containers.remove(place),
        Some(Stop::Exit(code)) => {
            report.items.push((world.next_output, id, Item::Exit(code)));
            world.next_output += 1;
            world.end = Some(End::Exit(code));
        }
        Some(Stop::Trap(trap)) => {
            let container = world.containers.remove(place);
            report.items.push((world.next_output, id, Item::Collapse(report.collapses.len())));
            report.collapses.push(self::report(&container, trap));
            world.next_output += 1;
            world.end = Some(End::Collapsed);
        }
    }
}

/// Numbers a container's effects.
fn commit_effects(world: &mut World, place: usize, report: &mut TickReport) {
    let container = &mut world.containers[place];
    let (texts, arguments) = (report.texts.len(), report.arguments.len());
    for effect in &container.effects.log {
        let number = world.next_output;
        world.next_output += 1;
        let item = match effect {
            Effect::Print { stream, text } => Item::Print(*stream, text.start + texts..text.end + texts),
            Effect::Request { request, argument } => {
                container.status = Status::Waiting(number);
                container.asked = Some((*request, container.effects.arguments[argument.clone()].to_vec()));
                Item::Request(*request, argument.start + arguments..argument.end + arguments)
            }
        };
        report.items.push((number, container.id, item));
    }
    report.texts.push_str(&container.effects.texts);
    report.arguments.extend_from_slice(&container.effects.arguments);
    container.effects.clear();
}
