//! One tick: `state′, outputs = tick(state, inputs)`.
//!
//! 1. The inputs are applied in their order.
//! 2. The first containers of the queue run for at most one quantum of fuel each, each on its own state only.
//! 3. Their effects are committed in that order: outputs get their numbers, messages reach mailboxes, who can go on is
//!    queued again.
//!
//! So a message that is sent in one tick is handled in a later one, and the order in which threads run the
//! containers of a tick can't be seen by anybody.

mod alone;
mod commit;
mod inputs;
pub(crate) mod run;

use std::ops::Range;

use crate::actor::Worker;
use crate::collapse::TrapReport;
use crate::world::{Way, World};

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
    /// A container failed, and nobody takes care of it: the world ends.
    Collapse(&'a TrapReport),
}

/// What a tick gave.
#[derive(Debug, Default)]
pub struct TickReport {
    /// There if anything is in it: most ticks of many say nothing.
    said: Option<Box<Said>>,
    fuel: u64,
    heap: u64,
}

/// The outputs of a tick.
#[derive(Debug, Default)]
struct Said {
    items: Vec<(u64, u64, Item)>,
    texts: String,
    arguments: Vec<u8>,
    collapses: Vec<TrapReport>,
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
        self.said.iter().flat_map(|said| said.items.iter().map(|item| said.output(item)))
    }

    fn said(&mut self) -> &mut Said {
        self.said.get_or_insert_default()
    }

    /// Counts what a worker did.
    fn add(&mut self, worker: &Worker) {
        self.fuel += worker.fuel;
        self.heap = self.heap.max(worker.heap);
    }
}

impl Said {
    fn output(&self, (number, container, item): &(u64, u64, Item)) -> Output<'_> {
        let what = match *item {
            Item::Print(stream, ref text) => What::Print { stream, text: &self.texts[text.clone()] },
            Item::Request(request, ref argument) => {
                What::Request { request, argument: &self.arguments[argument.clone()] }
            }
            Item::Exit(code) => What::Exit(code),
            Item::Collapse(at) => What::Collapse(&self.collapses[at]),
        };
        Output { number: *number, container: *container, what }
    }
}

/// The next state, and what it sends out. A world that ended stays as it is.
pub fn tick(world: &mut World, inputs: &[Input]) -> TickReport {
    let mut report = TickReport::default();
    ticks(world, inputs, 1, &mut report);
    report
}

/// The same, in place of what a report said before, and then more ticks of a world that goes on by itself: at most so many in all.
/// The last is that in which something was said or asked, or after which nothing can go on.
pub fn ticks(world: &mut World, inputs: &[Input], most: u32, report: &mut TickReport) {
    (report.said, report.fuel, report.heap) = (None, 0, 0);
    if world.end.is_some() {
        return;
    }
    for input in inputs {
        inputs::apply(world, input);
    }
    for _ in 0..most {
        step(world, report);
        let goes_on = !world.queue.is_empty() && world.end.is_none() && world.requests.is_empty();
        if !goes_on || report.said.is_some() {
            break;
        }
    }
    if world.end.is_some() {
        world.clear();
    }
}

/// One tick, after its inputs.
#[inline(always)]
fn step(world: &mut World, report: &mut TickReport) {
    world.tick += 1;
    match world.queue.len().min(world.settings.width as usize) {
        0 => {}
        1 if world.way != Way::General => alone::run(world, report),
        _ => {
            let ran = run::run(world, report);
            commit::commit(world, ran, report);
        }
    }
    if world.queue.is_empty() {
        commit::finish(world, report);
    }
}
