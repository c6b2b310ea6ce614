//! Where a program's fuel goes, by sampling: which calls stand in each other at points that are as good as random.
//!
//! Fuel is paid for each call and each turn of a loop, in every tier alike, so a profile does not depend on the machine it
//! was made on, nor on the tier. A world is sampled by ending a container's quantum after a random amount of fuel: if that was not enough for
//! what the container had to do, where it stands is the sample. The amounts are drawn from an exponential distribution, which has no
//! memory: a handler that takes a hundredth of the mean is met as often, for its fuel, as a loop that takes a thousand times it.
//!
//! Keeps true: a profile only looks. The program's outputs are those of any other run with these quanta, of one container a tick.

use std::collections::{BTreeMap, HashMap};

use codex_spec::instruction::FuncId;

use crate::actor::Status;
use crate::collapse::{TracePlace, place_of, position};
use crate::program::Program;
use crate::tick::TickReport;
use crate::world::World;

/// Calls of a sample, at most: the innermost ones.
const DEEPEST: usize = 256;

/// A call: the function, and the instruction in it.
type Call = (FuncId, usize);

/// Samples of one run.
#[derive(Debug, Default)]
pub struct Profile {
    mean: u64,
    state: u64,
    /// How often each stack was met, outermost call first.
    stacks: HashMap<Vec<Call>, u64>,
    samples: u64,
}

/// One line of a profile's table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The function, or the line with its function.
    pub name: String,
    /// The share of samples in which it was the innermost call.
    pub own: f64,
    /// The share of those in which it stood anywhere.
    pub all: f64,
}

impl Profile {
    /// A profile with one sample for so much fuel, in the mean; at least 1.
    pub fn new(mean: u64, seed: u64) -> Profile {
        Profile { mean: mean.max(1), state: seed, ..Profile::default() }
    }

    /// Prepares a world that has not begun: one container a tick.
    pub fn begin(&mut self, world: &mut World) {
        world.settings.width = 1;
        world.settings.quantum = self.draw();
    }

    /// Looks at a world after a tick.
    pub fn look(&mut self, world: &mut World, report: &TickReport) {
        if report.fuel() >= world.settings.quantum
            && let Some(stack) = interrupted(world)
        {
            *self.stacks.entry(stack).or_default() += 1;
            self.samples += 1;
        }
        world.settings.quantum = self.draw();
    }

    /// How many samples there are.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// The functions, those with most of their own first.
    pub fn functions(&self, program: &Program) -> Vec<Row> {
        self.rows(|call| place_of(program, call.0, call.1).function)
    }

    /// The lines.
    pub fn lines(&self, program: &Program) -> Vec<Row> {
        self.rows(|call| match place_of(program, call.0, call.1) {
            TracePlace { function, place: Some((file, line, _)) } => format!("{file}:{line} {function}"),
            TracePlace { function, place: None } => function,
        })
    }

    /// One line for each stack, as flame graph tools read it: names from the outermost call on with `;` between them, and a count.
    pub fn folded(&self, program: &Program) -> Vec<String> {
        let mut folded: BTreeMap<String, u64> = BTreeMap::new();
        for (stack, count) in &self.stacks {
            let names: Vec<String> = stack.iter().map(|call| place_of(program, call.0, call.1).function).collect();
            // The two signs that the format gives a meaning stand in no name.
            *folded.entry(names.join(";")).or_default() += count;
        }
        folded.into_iter().map(|(stack, count)| format!("{stack} {count}")).collect()
    }

    fn rows(&self, name: impl Fn(&Call) -> String) -> Vec<Row> {
        let mut names: HashMap<Call, String> = HashMap::new();
        let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (stack, count) in &self.stacks {
            let mut seen: Vec<&str> = Vec::new();
            for call in stack {
                names.entry(*call).or_insert_with(|| name(call));
            }
            for (i, call) in stack.iter().enumerate() {
                let name = names[call].as_str();
                let (own, all) = counts.entry(name.to_owned()).or_default();
                *own += if i + 1 == stack.len() { *count } else { 0 };
                // A function that calls itself stands in a sample once.
                if !seen.contains(&name) {
                    *all += count;
                    seen.push(name);
                }
            }
        }
        let share = |n: u64| n as f64 / self.samples.max(1) as f64;
        let row = |(name, (own, all))| Row { name, own: share(own), all: share(all) };
        let mut rows: Vec<Row> = counts.into_iter().map(row).collect();
        rows.sort_by(|a, b| b.own.total_cmp(&a.own).then(b.all.total_cmp(&a.all)));
        rows
    }

    /// The fuel until the next sample: -mean · ln(u), for u above 0 and at most 1.
    fn draw(&mut self) -> u64 {
        // SplitMix64, by Steele, Lea and Flood: `Fast splittable pseudorandom number generators`, 2014.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let u = ((z >> 11) + 1) as f64 / (1u64 << 53) as f64;
        (-(self.mean as f64) * u.ln()).ceil().max(1.0) as u64
    }
}

/// The stack of the container that ran last, outermost call first, if its quantum ended before its work did.
fn interrupted(world: &World) -> Option<Vec<Call>> {
    // What ran and has more to do is queued behind all others.
    let row = *world.queue.back()?;
    let actor = world.slab.get(row)?;
    if actor.status != Status::Ready {
        return None;
    }
    world.look(actor, &mut None, |c| {
        let depth = c.stack.depth();
        let calls = (1..=depth).skip(depth.saturating_sub(DEEPEST)).map(|number| position(c, number));
        (depth > 0).then(|| calls.collect())
    })
}
