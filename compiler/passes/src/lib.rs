//! Core IR to bytecode: the passes, register allocation, emission.
//!
//! [`compile`] runs the passes of one table ([`pipeline`]) over a program and emits a module. First come the
//! simplifications, on the IR as it was built, where every value may be used any number of times; then the ownership
//! passes, which say who gives what up, who reuses it and what is changed in place; then registers and code.
//!
//! Keeps true: every pass leaves IR that `codex_core::check` accepts at its stage (checked between passes in builds
//! with debug assertions), and what is emitted passes `codex_spec::verify`.

mod allocate;
mod borrow;
mod components;
mod count;
mod counters;
mod destructure;
mod emit;
mod feed;
mod fold;
mod forward;
mod globals;
mod graph;
mod hoist;
mod inline;
mod kinds;
mod lines;
mod live;
mod moves;
mod pipeline;
mod promote;
mod prune;
mod reopen;
mod reuse;
mod rows;
mod settle;
mod simplify;
mod tail;
mod tidy;
mod unique;
mod variants;
mod walk;

use codex_core::ir::{Func, Program};
use codex_diagnostics::SourceMap;
use codex_jobs::Jobs;
use codex_spec::module::Module;

pub use pipeline::{PASSES, Pass};

/// What a caller may choose.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the passes that only make programs faster run.
    pub optimise: bool,
    /// The name of a pass: the program is printed as it is after it, into [`Stats::dump`].
    pub dump_after: Option<String>,
    /// How many threads work on the functions. The module does not depend on it.
    pub jobs: Jobs,
    /// Whether the IR is checked between any two passes, and the module when it is there: a breach is a panic. The module
    /// does not depend on it.
    pub checks: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { optimise: true, dump_after: None, jobs: Jobs::default(), checks: cfg!(debug_assertions) }
    }
}

/// What happened, for people who measure.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// For each pass in order: its name, and how long it took.
    pub passes: Vec<(&'static str, std::time::Duration)>,
    /// The program after the pass that [`Options::dump_after`] names.
    pub dump: Option<String>,
}

/// Compiles a program to a module.
pub fn compile(program: Program, sources: &SourceMap, options: &Options) -> Module {
    compile_with_stats(program, sources, options).0
}

/// Compiles a program to a module, and tells what the passes did.
pub fn compile_with_stats(mut program: Program, sources: &SourceMap, options: &Options) -> (Module, Stats) {
    let mut stats = pipeline::run(&mut program, options, false);
    let start = std::time::Instant::now();
    let module = emit::run(program, sources, options.jobs);
    stats.passes.push(("emit", start.elapsed()));
    if options.checks
        && let Err(error) = codex_spec::verify::verify(module.clone())
    {
        panic!("the emitted module does not verify: {error}");
    }
    (module, stats)
}

/// Simplifies a program, without the ownership passes: it can still be evaluated (`codex_core::evaluate`), and means the same.
pub fn simplify(mut program: Program, options: &Options) -> Program {
    pipeline::run(&mut program, options, true);
    program
}

/// Functions that one thread takes at once.
const BATCH: usize = 64;

/// What a pass that works on one function sees of the rest.
struct View<'a> {
    /// The program without its functions.
    program: &'a Program,
    /// For each function, which parameters are borrowed.
    signatures: &'a [Vec<bool>],
}

/// Does some work on each function, spread over threads in batches.
fn each(program: &mut Program, jobs: Jobs, work: impl Fn(&Program, &mut [Func]) + Sync) {
    let mut functions = std::mem::take(&mut program.functions);
    jobs.for_each(functions.chunks_mut(BATCH), |batch| work(program, batch));
    program.functions = functions;
}
