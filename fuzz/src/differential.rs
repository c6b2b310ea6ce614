//! One program in all ways in which it can run: they must agree.
//!
//! (a) the reference evaluator on the core as it was built; (b) the same after the simplifications; (c) the machine on the
//! module without optimisation; (d) with it; (e) as (d), with a small quantum, the heap walked at each tick, and going on
//! with a copy from a dump after each tick.
//!
//! They agree when all send the same outputs and end alike, with the same trap at the same line; (d) and (e) with the same
//! quantum also have the same hash after every tick. When the module of (c) traps elsewhere than (a), the line table is wrong.

use std::fmt;
use std::sync::Arc;

use codex_core::evaluate::{End, World, evaluate};
use codex_core::ir;
use codex_diagnostics::{Diagnostic, Severity, SourceMap, Style, render};
use codex_spec::module::Module;
use codex_tests::Setup;
use codex_tests::run::{loaded, run};
use codex_vm::program::Program;
use codex_vm::world::Limits;
use codexc::driver::{Options, core_of_text};

use crate::sabotage::Sabotage;

/// What can be seen of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
    /// The code of the trap that ended it.
    pub trap: Option<String>,
    /// Where it trapped: file and line, if that is the program's own. (Where a library function was inlined, a report names the
    /// line of the program that calls it, else the library's.)
    pub line: Option<(String, u32)>,
    /// `exit(code)`
    pub exit: Option<i64>,
}

/// What a program is in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All ways agree on this.
    Agreed(Seen),
    /// It would take too long or too much: nothing was compared.
    TooLarge,
}

/// Why a program is a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It does not compile, though it should.
    Rejected(String),
    /// The compiler made a module that the verifier refuses.
    BadModule(String),
    /// Two ways differ.
    Differs {
        /// The two ways.
        ways: (&'static str, &'static str),
        /// What each showed.
        shown: Box<(Seen, Seen)>,
    },
    /// Interrupted and copied, it is in another state.
    OtherState {
        /// The first tick after which the hashes differ.
        tick: usize,
    },
    /// Something panicked.
    Panicked(String),
}

impl Finding {
    /// The kind of the finding: shrinking keeps it.
    pub fn kind(&self) -> String {
        match self {
            Finding::Rejected(why) => {
                let code = why.split(']').next().unwrap_or_default();
                format!("rejected with {}", code.trim_start_matches('['))
            }
            Finding::BadModule(_) => "bad module".to_owned(),
            Finding::Differs { ways, .. } => format!("{} and {} differ", ways.0, ways.1),
            Finding::OtherState { .. } => "another state".to_owned(),
            Finding::Panicked(_) => "panicked".to_owned(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.kind())?;
        match self {
            Finding::Rejected(why) | Finding::BadModule(why) | Finding::Panicked(why) => f.write_str(why),
            Finding::Differs { shown, .. } => write!(f, "\n{:#?}\n{:#?}", shown.0, shown.1),
            Finding::OtherState { tick } => write!(f, "after tick {tick}"),
        }
    }
}

/// Steps of the evaluator after which a program is too large.
const MOST_STEPS: u64 = 3_000_000;
/// Fuel after which a program is too large.
const MOST_FUEL: u64 = 2_000_000;
/// Interruptions in way (e), about.
const POINTS: u64 = 24;

/// Runs a program in all ways.
///
/// # Errors
/// What is wrong, if two ways differ, or one panics.
pub fn compare(text: &str) -> Result<Verdict, Finding> {
    compare_with(text, None)
}

/// The same with a seeded bug in what the machine is given.
///
/// # Errors
/// As for [`compare`].
pub fn compare_with(text: &str, bug: Option<Sabotage>) -> Result<Verdict, Finding> {
    caught(|| {
        let (core, sources) = match core_of_text("random.glyph", text, &Options::default()) {
            Ok(found) => found,
            Err(outcome) => {
                let errors: Vec<Diagnostic> =
                    outcome.diagnostics.into_iter().filter(|d| d.severity == Severity::Error).collect();
                return Err(Finding::Rejected(render(&errors, &outcome.sources, Style::default())));
            }
        };
        ways(core, &sources, bug)
    })
}

/// What `f` gives; a panic in it is a finding.
fn caught<T>(f: impl FnOnce() -> Result<T, Finding>) -> Result<T, Finding> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        Err(Finding::Panicked(text.unwrap_or_default()))
    })
}

fn ways(core: ir::Program, sources: &SourceMap, bug: Option<Sabotage>) -> Result<Verdict, Finding> {
    let Some(built) = evaluated(&core, sources) else { return Ok(Verdict::TooLarge) };
    let simplified = codex_passes::simplify(core.clone(), &codex_passes::Options::default());
    let Some(simplified) = evaluated(&simplified, sources) else { return Ok(Verdict::TooLarge) };
    same(("a: evaluator", "b: evaluator after simplify"), &built, &simplified)?;
    let module = |optimise| {
        let options = codex_passes::Options { optimise, ..codex_passes::Options::default() };
        codex_passes::compile(core.clone(), sources, &options)
    };
    let plain = program(module(false))?;
    let Some((plain, _)) = on_machine(&plain) else { return Ok(Verdict::TooLarge) };
    same(("a: evaluator", "c: machine, not optimised"), &built, &plain)?;
    let mut optimised = module(true);
    if let Some(bug) = bug {
        bug.apply(&mut optimised);
    }
    let program = program(optimised)?;
    let Some((seen, fuel)) = on_machine(&program) else { return Ok(Verdict::TooLarge) };
    same(("a: evaluator", "d: machine, optimised"), &built, &seen)?;
    interrupted(&program, &seen, fuel)?;
    Ok(Verdict::Agreed(built))
}

fn program(module: Module) -> Result<Arc<Program>, Finding> {
    loaded(&module).map_err(Finding::BadModule)
}

fn same(ways: (&'static str, &'static str), a: &Seen, b: &Seen) -> Result<(), Finding> {
    let alike = match (&a.line, &b.line) {
        (Some(_), Some(_)) => a == b,
        _ => Seen { line: None, ..a.clone() } == Seen { line: None, ..b.clone() },
    };
    if alike { Ok(()) } else { Err(Finding::Differs { ways, shown: Box::new((a.clone(), b.clone())) }) }
}

/// What the evaluator shows; nothing if it takes too long.
fn evaluated(core: &ir::Program, sources: &SourceMap) -> Option<Seen> {
    let entry = core.entry?;
    let world = World { hash_seed: 2, clock: 1_000_000, max_steps: MOST_STEPS, ..World::default() };
    let outcome = evaluate(core, entry, world);
    let stream = |n: i64| outcome.outputs.iter().filter(|(s, _)| *s == n).map(|(_, t)| t.as_str()).collect::<String>();
    let mut seen = Seen { output: stream(1), errors: stream(2), ..Seen::default() };
    match &outcome.end {
        End::Returned => {}
        End::Exit(code) => seen.exit = Some(*code),
        End::Trap(trap, _) => {
            seen.trap = Some(trap.code().to_owned());
            seen.line = sources
                .get(outcome.place.file)
                .map(|source| (source.name.clone(), sources.line_column(outcome.place.file, outcome.place.start).0))
                .filter(is_own);
        }
        End::OutOfSteps | End::Unsupported(_) => return None,
        End::Broken(why) => panic!("the core is broken: {why}"),
    }
    Some(seen)
}

fn limits() -> Limits {
    Limits { memory: 256 << 20, frames: 100_000, ..Limits::default() }
}

/// What the machine shows, and the fuel that it took; nothing if that is too much.
fn on_machine(program: &Arc<Program>) -> Option<(Seen, u64)> {
    let setup = Setup { quantum: MOST_FUEL, max_ticks: 2, limits: limits(), ..Setup::default() };
    let run = run(program, &setup);
    (run.ticks < 2).then(|| (seen(&run), run.fuel))
}

fn seen(run: &codex_tests::Run) -> Seen {
    Seen {
        output: run.output.clone(),
        errors: run.errors.clone(),
        trap: run.trap.clone(),
        line: run.report.lines().find_map(place).filter(is_own),
        exit: run.exit,
    }
}

/// Whether a place is in the program, not in the library.
fn is_own((file, _): &(String, u32)) -> bool {
    !file.starts_with("std/")
}

/// File and line in a line of a trace: `  at name (file:line:column)`.
fn place(line: &str) -> Option<(String, u32)> {
    let inside = line.trim().strip_prefix("at ")?.rsplit_once('(')?.1.strip_suffix(')')?;
    let (file_and_line, _column) = inside.rsplit_once(':')?;
    let (file, line) = file_and_line.rsplit_once(':')?;
    Some((file.to_owned(), line.parse().ok()?))
}

/// Way (e).
fn interrupted(program: &Arc<Program>, whole: &Seen, fuel: u64) -> Result<(), Finding> {
    let watched = Setup { quantum: fuel / POINTS + 1, watch: true, limits: limits(), ..Setup::default() };
    let plain = run(program, &watched);
    let copied = run(program, &Setup { reload: true, ..watched });
    same(("d: machine, optimised", "e: with copies"), whole, &seen(&copied))?;
    match plain.hashes.iter().zip(&copied.hashes).position(|(a, b)| a != b) {
        Some(tick) => Err(Finding::OtherState { tick }),
        None if plain.hashes.len() != copied.hashes.len() => Err(Finding::OtherState { tick: plain.hashes.len() }),
        None => Ok(()),
    }
}
