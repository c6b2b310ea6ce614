//! Runs a program in this process, with everything from outside prepared, and remembers what it did.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_diagnostics::{Style, render};
use codex_spec::module::Module;
use codex_spec::port::{self, Request};
use codex_vm::hash::{StateHash, hash};
use codex_vm::program::Program;
use codex_vm::shell::permissions::Permissions;
use codex_vm::shell::test::{Tally, Tests};
use codex_vm::tick::{Input, What, tick};
use codex_vm::world::{End, Limits, Seeds, Settings, World};
use codexc::driver::{Options, Outcome, build, build_text};

/// What a program meets, and how it is run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Standard input.
    pub stdin: String,
    /// Arguments.
    pub arguments: Vec<String>,
    /// The folder that file names start from.
    pub folder: PathBuf,
    /// Fuel for a tick.
    pub quantum: u64,
    /// Go on with a copy made from the dump after each tick.
    pub reload: bool,
    /// Compute the hash, and walk the heap, after each tick.
    pub watch: bool,
    /// Stop after this many ticks.
    pub max_ticks: u64,
    /// Limits of the container.
    pub limits: Limits,
    /// Threads that may run containers.
    pub threads: usize,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            stdin: String::new(),
            arguments: Vec::new(),
            folder: PathBuf::new(),
            quantum: 1_000_000,
            reload: false,
            watch: false,
            max_ticks: u64::MAX,
            limits: Limits::default(),
            threads: 1,
        }
    }
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
    /// The code of the trap that ended it, such as `R0004`.
    pub trap: Option<String>,
    /// The whole report of the trap.
    pub report: String,
    /// `exit(code)`
    pub exit: Option<i64>,
    /// The state's hash after each tick, if watched.
    pub hashes: Vec<StateHash>,
    /// Ticks.
    pub ticks: u64,
    /// Fuel.
    pub fuel: u64,
}

/// A compiled program, or its messages as people see them.
pub fn compiled(outcome: Outcome) -> Result<Arc<Program>, String> {
    match &outcome.module {
        Some(module) if !outcome.failed() => loaded(module),
        _ => Err(render(&outcome.diagnostics, &outcome.sources, Style::default())),
    }
}

/// A module as the machine takes it: through its stored bytes and the verifier.
pub fn loaded(module: &Module) -> Result<Arc<Program>, String> {
    let bytes = codex_spec::codec::encode(module);
    let verified = codex_spec::verify::load(&bytes).map_err(|e| format!("the compiler made a bad module: {e}"))?;
    Ok(Program::new(verified))
}

/// Compiles the file or project at a path.
pub fn compile(path: &Path) -> Result<Arc<Program>, String> {
    compiled(build(path, &Options::default()))
}

/// Compiles and runs a text.
pub fn run_text(name: &str, text: &str) -> Result<Run, String> {
    let program = compiled(build_text(name, text, &Options::default()))?;
    Ok(run(&program, &Setup::default()))
}

/// Runs the tests of a program: how many passed, and what `codexvm test --verbose` says.
pub fn run_tests(program: &Arc<Program>, folder: &Path) -> (Tally, String) {
    let tests = Tests {
        filter: String::new(),
        permissions: Permissions { read: vec![folder.to_path_buf()], ..Permissions::default() },
        settings: Settings { seeds: Seeds { timeline: 1, hash: 1 }, clock: 1_704_067_200_000, ..Settings::default() },
        max_fuel: 1_000_000_000,
        shows_progress: false,
        is_verbose: true,
    };
    let mut out = Vec::new();
    let tally = tests.run(program, &mut out).expect("memory can be written to");
    (tally, String::from_utf8(out).expect("UTF-8"))
}

/// The same program by itself, so that it can have a native tier of its own.
pub fn again(program: &Program) -> Arc<Program> {
    let module = program.module().clone();
    Program::new(codex_spec::verify::verify(module).unwrap_or_else(|e| panic!("a program is verified: {e}")))
}

/// Runs a program.
pub fn run(program: &Arc<Program>, setup: &Setup) -> Run {
    let settings = Settings {
        quantum: setup.quantum,
        limits: setup.limits,
        seeds: Seeds { timeline: 1, hash: 2 },
        clock: 1_000_000,
        ..Settings::default()
    };
    let mut world = World::new(program.clone(), settings);
    let mut run = Run::default();
    let mut outside = Outside::new(setup);
    while world.end().is_none() && world.ticks() < setup.max_ticks {
        let mut inputs: Vec<Input> =
            world.requests().map(|(number, what, argument)| outside.answer(number, what, argument)).collect();
        // Time passes only where nothing else can happen, and then up to the next timer.
        if let (false, true, Some(due)) = (world.is_runnable(), inputs.is_empty(), world.next_timer()) {
            inputs.push(Input::Clock(due));
        }
        world.set_threads(setup.threads);
        let report = tick(&mut world, &inputs);
        run.fuel += report.fuel();
        for output in report.outputs() {
            match output.what {
                What::Print { stream, text } if stream == port::Stream::Out as i64 => run.output.push_str(text),
                What::Print { text, .. } => run.errors.push_str(text),
                What::Request { .. } => {}
                What::Exit(code) => run.exit = Some(code),
                What::Collapse(report) => {
                    run.trap = Some(report.reason.code().to_owned());
                    run.report = report.to_string();
                }
            }
        }
        if setup.watch {
            run.hashes.push(hash(&world));
            check_heaps(&world);
        }
        if setup.reload {
            let bytes = codex_vm::dump::dump(&world);
            world = codex_vm::dump::load(&bytes).unwrap_or_else(|e| panic!("a dump does not load: {e}"));
        }
    }
    if let Some(End::Exit(code)) = world.end() {
        run.exit = Some(code);
    }
    run.ticks = world.ticks();
    run
}

/// Walks every heap whole: counts, layouts, bounds, no byte unaccounted for.
pub fn check_heaps(world: &World) {
    world.each(|container| {
        if let Err(error) = codex_vm::heap::walk::walk(container) {
            panic!("tick {}: the heap is not sound: {error}", world.ticks());
        }
    });
}

/// What is outside of the world.
struct Outside {
    lines: VecDeque<String>,
    arguments: Vec<String>,
    folder: PathBuf,
}

impl Outside {
    fn new(setup: &Setup) -> Outside {
        Outside {
            lines: setup.stdin.split_inclusive('\n').map(str::to_owned).collect(),
            arguments: setup.arguments.clone(),
            folder: setup.folder.clone(),
        }
    }

    fn answer(&mut self, number: u64, what: u32, argument: &[u8]) -> Input {
        let (status, bytes) = self.reply(Request::from_number(what), &String::from_utf8_lossy(argument));
        Input::Reply { request: number, status, bytes }
    }

    fn reply(&mut self, what: Option<Request>, argument: &str) -> (i64, Vec<u8>) {
        let ended = |names: &[String]| names.iter().flat_map(|n| n.bytes().chain([0])).collect();
        match what {
            Some(Request::ReadLine) => match self.lines.pop_front() {
                Some(line) => (port::STATUS_OK, line.trim_end_matches('\n').as_bytes().to_vec()),
                None => (port::STATUS_END, Vec::new()),
            },
            Some(Request::ReadAll) => (port::STATUS_OK, self.lines.drain(..).collect::<String>().into_bytes()),
            Some(Request::Args) => (port::STATUS_OK, ended(&self.arguments)),
            Some(Request::IsTerminal) => (port::STATUS_OK, vec![0]),
            Some(Request::ReadFile) => match std::fs::read(self.folder.join(argument)) {
                Ok(bytes) => (port::STATUS_OK, bytes),
                Err(_) => (port::STATUS_NOT_FOUND, Vec::new()),
            },
            Some(Request::ListDirectory) => {
                let Ok(entries) = std::fs::read_dir(self.folder.join(argument)) else {
                    return (port::STATUS_NOT_FOUND, Vec::new());
                };
                let mut names: Vec<String> =
                    entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
                names.sort();
                (port::STATUS_OK, ended(&names))
            }
            Some(Request::FileInfo) => match std::fs::metadata(self.folder.join(argument)) {
                Ok(m) => (port::STATUS_OK, format!("{}{}", if m.is_dir() { 'd' } else { 'f' }, m.len()).into_bytes()),
                Err(_) => (port::STATUS_NOT_FOUND, Vec::new()),
            },
            Some(Request::Savepoint) => (port::STATUS_OK, vec![2]),
            Some(Request::Env) | None => (port::STATUS_NOT_FOUND, Vec::new()),
            // Files are not written here, and the network is not used.
            Some(_) => (port::STATUS_NOT_PERMITTED, Vec::new()),
        }
    }
}
