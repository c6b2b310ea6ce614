// Included once for each machine, which `codex_vm` names there: runs the crowd of a seed, in different ways.

use codex_vm::dump;
use codex_vm::hash::{StateHash, hash};
use codex_vm::heap::walk::walk;
pub use codex_vm::program::Program;
use codex_vm::tick::{Input, What, tick};
pub use codex_vm::world::Way;
use codex_vm::world::{End, Limits, Seeds, Settings, World};

/// How a crowd is run.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    pub way: Way,
    pub threads: usize,
    /// Go on with a copy from a dump after each so many ticks; 0 for never.
    pub copies: u64,
}

/// What became of a crowd.
#[derive(Debug, Default, PartialEq)]
pub struct Became {
    pub text: String,
    pub end: Option<End>,
    pub hashes: Vec<StateHash>,
    /// Containers at most.
    pub crowd: usize,
}

/// The seed chooses how a crowd is run, too: with 60 seeds in a row each choice meets each other one.
pub fn settings(seed: u64) -> Settings {
    let draw = |of: &[u64]| of[seed as usize % of.len()];
    Settings {
        quantum: draw(&[100_000, 40, 7, 1, 300]),
        width: draw(&[1024, 1, 3, 8]) as u32,
        limits: Limits { mailbox: draw(&[1 << 20, 1200, 4000]), ..Limits::default() },
        seeds: Seeds { timeline: seed, hash: 1 },
        clock: 1_000_000,
    }
}

/// Runs a crowd for so many ticks at most.
///
/// # Errors
/// If a heap is unsound, or a copy is not what was dumped.
pub fn run(program: &std::sync::Arc<Program>, seed: u64, how: How, ticks: u64) -> Result<Became, String> {
    let mut world = World::new(program.clone(), settings(seed));
    let mut became = Became::default();
    while world.end().is_none() && world.ticks() < ticks {
        world.set_threads(how.threads);
        world.set_way(how.way);
        let inputs = match (world.is_runnable(), world.next_timer()) {
            (false, Some(due)) => vec![Input::Clock(due)],
            _ => Vec::new(),
        };
        let report = tick(&mut world, &inputs);
        for output in report.outputs() {
            match output.what {
                What::Print { text, .. } => became.text.push_str(&format!("{} {text}", output.number)),
                other => became.text.push_str(&format!("{} {other:?}\n", output.number)),
            }
        }
        let at = |why: String| format!("tick {}: {why}", world.ticks());
        let mut sound = Ok(());
        world.each(|c| sound = std::mem::replace(&mut sound, Ok(())).and(walk(c)));
        sound.map_err(|e| at(e.to_string()))?;
        became.hashes.push(hash(&world));
        became.crowd = became.crowd.max(world.size());
        if how.copies > 0 && world.ticks().is_multiple_of(how.copies) {
            let bytes = dump::dump(&world);
            let copy = dump::load(&bytes).map_err(|e| at(e.to_string()))?;
            world = (dump::dump(&copy) == bytes).then_some(copy).ok_or_else(|| at("a copy is another".to_owned()))?;
        }
    }
    became.end = world.end();
    Ok(became)
}
