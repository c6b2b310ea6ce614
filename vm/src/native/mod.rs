//! The native tier of a program: its code, and what decides when it is made and entered.
//!
//! One for each program, shared by its containers and by threads. Nothing in it is part of a world's state: with
//! it or without it, each tick gives the same bytes (spec/tiers.md).

mod background;
mod enter;
mod interface;
mod make;
mod tier;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

pub use codex_native::Seed;
use codex_native::{Compiler, Point, Unit, Want};
use codex_spec::instruction::{BlockId, FuncId};

use crate::interpreter::op::Word;
use crate::program::Program;
pub(crate) use tier::run;

/// When native code is made and entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Never.
    #[default]
    Off,
    /// What is hot, on another thread.
    On,
    /// Everything, at once.
    Eager,
    /// Everything at once, and left and entered at random: for tests.
    Mixed(u64),
}

/// What the tier did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Functions compiled.
    pub functions: u64,
    /// Loops compiled.
    pub loops: u64,
    /// Bytes of code memory.
    pub bytes: u64,
    /// Time that compiling took.
    pub time: Duration,
    /// How often native code was entered.
    pub entered: u64,
    /// How often it was left other than by a return.
    pub left: u64,
    /// Fuel used in it.
    pub fuel: u64,
    /// Things that could not be compiled.
    pub refused: u64,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "native compiled {} functions and {} loops", self.functions, self.loops)?;
        writeln!(f, "native refused {}", self.refused)?;
        writeln!(f, "native code {} bytes", self.bytes)?;
        writeln!(f, "native compile time {:.1} ms", self.time.as_secs_f64() * 1e3)?;
        writeln!(f, "native entered {}, left early {}", self.entered, self.left)?;
        write!(f, "native fuel {}", self.fuel)
    }
}

/// See the module's documentation.
pub(crate) struct Native {
    compiler: Compiler,
    mode: Mode,
    /// Bytes of code memory at most.
    limit: u64,
    /// For each function: what native code calls, or 0.
    functions: Box<[AtomicUsize]>,
    /// For each layout: the same for the function of its closures.
    closures: Box<[AtomicUsize]>,
    /// For each function: what the machine calls, or 0.
    entries: Box<[AtomicUsize]>,
    loops: RwLock<HashMap<(FuncId, BlockId), usize>>,
    /// For each function: whether it has an entry in `loops`.
    looped: Box<[AtomicBool]>,
    points: RwLock<Vec<Point>>,
    made: Mutex<Made>,
    /// For each function: fuel that the interpreter used in it, about.
    heat: Box<[AtomicU32]>,
    stats: Mutex<Stats>,
    entered: AtomicU64,
    left: AtomicU64,
    fuel: AtomicU64,
    random: AtomicU64,
}

/// What compiling needs for itself.
#[derive(Default)]
struct Made {
    units: Vec<Unit>,
    /// Loaded instructions that native code runs out of line.
    words: Vec<Box<[Word]>>,
    /// What was compiled, refused, or is waiting to be.
    asked: HashSet<Want>,
}

/// Has everything compiled when it is first run, if that is the mode.
pub(crate) fn start(program: &Arc<Program>) {
    if let Some(native) = program.native()
        && matches!(native.mode, Mode::Eager | Mode::Mixed(_))
    {
        (0..program.module().functions.len() as u32).for_each(|function| program.set_native(FuncId(function)));
    }
}

/// The value behind a lock. A panic while it was held has not left it half changed: each change is one insertion.
fn held<G>(result: Result<G, PoisonError<G>>) -> G {
    result.unwrap_or_else(PoisonError::into_inner)
}

impl Native {
    /// The tables that native code reads: functions, closures.
    fn tables(&self) -> (*const usize, *const usize) {
        (self.functions.as_ptr().cast(), self.closures.as_ptr().cast())
    }

    fn with_points<R>(&self, f: impl FnOnce(&[Point]) -> R) -> R {
        f(&held(self.points.read()))
    }

    /// What to call to go on at the start of a block, if it is compiled.
    fn entry(&self, function: FuncId, block: BlockId) -> Option<usize> {
        let address = match block {
            BlockId(0) => self.entries[function.index()].load(Ordering::Acquire),
            _ => held(self.loops.read()).get(&(function, block)).copied().unwrap_or(0),
        };
        (address != 0).then_some(address)
    }

    /// What it did so far.
    pub(crate) fn stats(&self) -> Stats {
        Stats {
            entered: self.entered.load(Ordering::Relaxed),
            left: self.left.load(Ordering::Relaxed),
            fuel: self.fuel.load(Ordering::Relaxed),
            ..*held(self.stats.lock())
        }
    }

    /// The next of a row of random numbers.
    fn draw(&self) -> u64 {
        let step = |x: u64| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        let drawn = self.random.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        drawn.unwrap_or_default() >> 33
    }
}
