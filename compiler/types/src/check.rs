//! The whole check: all modules in, a typed program and messages out.

use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use codex_diagnostics::catalog::{const_cycle, invalid_main};
use codex_diagnostics::{Diagnostic, FileId, Severity, SourceMap};
use codex_jobs::Jobs;
use codex_spec::module::Lifecycle;
use codex_syntax::ast;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::collect::collect;
use crate::contract::{Contract, Role, contracts};
use crate::declare::declare;
use crate::graph;
use crate::infer::{Infer, Inferred, Shared};
use crate::lints;
use crate::modules::{Unit, units};
use crate::reach::{Reach, reach};
use crate::scheme::Scheme;
use crate::typed::{Const, Container, FnId, Function, Program};
use crate::world::{Value, ValueKind, World};
use crate::zonk::{Params, Zonk, params_of};

/// A module to check.
#[derive(Clone, Debug)]
pub struct ModuleSource<'a> {
    /// `main`, `geometry.shape`; of the standard library: `list`.
    pub name: String,
    /// Its file.
    pub file: FileId,
    /// Its tree.
    pub ast: &'a ast::Module,
    /// Whether it belongs to the standard library: it may use `builtin.…`, and only what is needed of it is checked.
    pub std: bool,
}

/// What to check for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The tests will be run: the program lists them. They are checked anyway.
    pub tests: bool,
    /// How many modules are checked at once. What comes out does not depend on it.
    pub jobs: Jobs,
}

/// The result.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The typed program; of use only without errors.
    pub program: Program,
    /// Errors and warnings, sorted by file and place; at most twenty errors a file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks all modules of a program: the user's and those of the standard library that
/// [`dependencies`](crate::dependencies) led to.
pub fn check<'a>(modules: &'a [ModuleSource<'a>], sources: &'a SourceMap, options: &Options) -> Checked {
    let (mut world, mut diagnostics) = collect(sources, modules);
    let reach = reach(&mut world);
    lints::items(&world, &reach, &mut diagnostics);
    let (data, facts, found) = declare(&world);
    diagnostics.extend(found);
    let (units, found) = units(&world);
    diagnostics.extend(found);
    diagnostics.extend(const_cycles(&world, &reach));
    let schemes: Vec<OnceLock<Scheme>> = world.value_of.iter().map(|_| OnceLock::new()).collect();
    let contracts = contracts(&world, &mut diagnostics);
    let shared = Shared { world: &world, data: &data, facts: &facts, contracts: &contracts, schemes: &schemes };
    let finished = run(&shared, &reach, &units, options.jobs);
    let mut functions: Vec<(FnId, Function)> = Vec::with_capacity(world.value_of.len());
    for unit in finished {
        diagnostics.extend(unit.diagnostics);
        functions.extend(unit.functions);
    }
    functions.sort_by_key(|(id, _)| *id);
    diagnostics.extend(main_shape(&world));
    let functions = functions.into_iter().map(|(_, f)| f).collect();
    let containers = containers(&world, &contracts);
    let program = program(&world, data, functions, containers, options);
    let broken = world.modules.iter().zip(&reach.used).filter(|(_, u)| u.broken).map(|(m, _)| m.file).collect();
    Checked { program, diagnostics: finish(diagnostics, &broken) }
}

/// Sorted, each once, without those that only follow from a mistake elsewhere, and not too many errors for one
/// file. `broken` are files with places that did not parse.
fn finish(mut diagnostics: Vec<Diagnostic>, broken: &FxHashSet<FileId>) -> Vec<Diagnostic> {
    const MOST_ERRORS: usize = 20;
    const UNKNOWN: [&str; 3] = ["G0301", "G0302", "G0303"];
    const UNUSED: [&str; 3] = ["G0310", "G0311", "G0312"];
    let wrong: FxHashSet<FileId> =
        diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| d.primary.span.file).collect();
    diagnostics.retain(|d| {
        let (file, code) = (d.primary.span.file, d.code.0);
        let unused = UNUSED.contains(&code) && (wrong.contains(&file) || broken.contains(&file));
        let unknown = UNKNOWN.contains(&code) && broken.contains(&file);
        // What is missing in a module may stand where it did not parse.
        let missing = code == "G0305" && !broken.is_empty();
        !(unused || unknown || missing)
    });
    diagnostics.sort_by(|a, b| (a.primary.span, a.code, &a.headline).cmp(&(b.primary.span, b.code, &b.headline)));
    diagnostics.dedup();
    let mut errors: FxHashMap<FileId, usize> = FxHashMap::default();
    diagnostics.retain(|d| {
        let count = errors.entry(d.primary.span.file).or_default();
        *count += usize::from(d.severity == Severity::Error);
        *count <= MOST_ERRORS
    });
    diagnostics
}

/// Constants that need themselves.
fn const_cycles(world: &World<'_>, reach: &Reach) -> Vec<Diagnostic> {
    let edges: Vec<Vec<usize>> = reach.edges.iter().map(|e| e.iter().map(|f| f.index()).collect()).collect();
    let is_const = |i: &usize| matches!(world.value(world.value_of[*i]).kind, ValueKind::Const(_));
    let mut found = Vec::new();
    for component in graph::components(&edges) {
        let Some(first) = component.iter().position(is_const) else {
            continue;
        };
        // The message begins at the constant.
        let cycle = graph::cycle_from(&edges, &component, component[first]);
        let Some(cycle) = cycle else { continue };
        let names: Vec<&str> =
            cycle.iter().filter_map(|i| world.value(world.value_of[*i]).name()).map(|n| n.as_str()).collect();
        found.push(const_cycle::cycle(&names, world.value(world.value_of[cycle[0]]).span()));
    }
    found
}

/// `main` takes nothing and gives nothing.
fn main_shape(world: &World<'_>) -> Option<Diagnostic> {
    let id = main_of(world)?;
    match world.value(world.value_of[id.index()]).kind {
        ValueKind::Function(f) => {
            if let (Some(first), Some(last)) = (f.params.first(), f.params.last()) {
                return Some(invalid_main::params(f.name.span, first.name.span.to(last.name.span)));
            }
            let result = f.result.as_ref()?;
            let unit = matches!(&result.kind, ast::TypeExprKind::Tuple(items) if items.is_empty());
            (!unit).then(|| invalid_main::result(f.name.span, result.span))
        }
        _ => Some(invalid_main::not_a_function(world.value(world.value_of[id.index()]).span())),
    }
}

fn main_of(world: &World<'_>) -> Option<FnId> {
    let module = world.user_modules.get(&codex_syntax::Symbol::new("main"))?;
    let main = world.module(*module).scope.values.get(&codex_syntax::Symbol::new("main"))?;
    world.function(*main)
}

/// All containers, with the functions of those that the program needs.
fn containers(world: &World<'_>, contracts: &[Contract]) -> Vec<Container> {
    let made = world.containers.iter().zip(contracts).map(|(entry, contract)| {
        let function = |at: usize| entry.handlers.get(at).and_then(|v| world.function(*v));
        let messages = contract.messages.iter().filter_map(|m| Some((m.name.name, function(m.handler)?))).collect();
        let mut lifecycle = [None; Lifecycle::ALL.len()];
        for (at, role) in contract.handlers.iter().enumerate() {
            if let Role::Lifecycle(event) = role {
                lifecycle[*event as usize] = function(at);
            }
        }
        let (name, module) = (entry.decl.name.name, entry.module);
        Container { name, module, init: world.function(entry.init), messages, lifecycle }
    });
    made.collect()
}

fn program(
    world: &World<'_>,
    data: Vec<crate::typed::Data>,
    functions: Vec<Function>,
    containers: Vec<Container>,
    options: &Options,
) -> Program {
    let mut consts: Vec<(crate::typed::ConstId, Const)> = Vec::new();
    let mut tests = Vec::new();
    for (i, id) in world.value_of.iter().enumerate() {
        let value = world.value(*id);
        let init = FnId(i as u32);
        if let Some(at) = world.const_of.get(id) {
            let name = value.name().map_or("", |n| n.as_str());
            let name = world.shown_name(value.module, name);
            consts.push((*at, Const { name, module: value.module, init }));
        }
        if let (ValueKind::Test(t), true) = (value.kind, options.tests) {
            tests.push((t.name.clone(), init));
        }
    }
    consts.sort_by_key(|(id, _)| *id);
    let main = main_of(world).filter(
        |id| matches!(world.value(world.value_of[id.index()]).kind, ValueKind::Function(f) if f.params.is_empty()),
    );
    Program {
        modules: world.modules.iter().map(|m| (m.name.clone(), m.file)).collect(),
        data,
        functions,
        consts: consts.into_iter().map(|(_, c)| c).collect(),
        containers,
        tests,
        main,
        known: world.known,
    }
}

/// What one unit came to.
#[derive(Default)]
struct Finished {
    functions: Vec<(FnId, Function)>,
    diagnostics: Vec<Diagnostic>,
}

/// Groups of a unit, in the order in which they are inferred.
fn groups(world: &World<'_>, reach: &Reach, unit: &Unit) -> Vec<Vec<FnId>> {
    let mut member = vec![false; world.modules.len()];
    unit.modules.iter().for_each(|m| member[m.index()] = true);
    // What the syntax stands for depends on types, so its functions are no edges of the graph: they go first.
    let known = world.known_functions();
    let all = (0..world.value_of.len() as u32).map(FnId).filter(|f| !known.contains(f));
    let mine: Vec<FnId> = known
        .iter()
        .copied()
        .chain(all)
        .filter(|f| member[world.value(world.value_of[f.index()]).module.index()])
        .collect();
    let mut position = FxHashMap::default();
    position.extend(mine.iter().enumerate().map(|(i, f)| (*f, i)));
    let edges: Vec<Vec<usize>> = mine
        .iter()
        .map(|f| reach.edges[f.index()].iter().filter_map(|to| position.get(to).copied()).collect())
        .collect();
    graph::components(&edges).into_iter().map(|c| c.into_iter().map(|i| mine[i]).collect()).collect()
}

fn run_unit(shared: &Shared<'_, '_>, reach: &Reach, unit: &Unit) -> Finished {
    let mut infer = Infer::new(shared);
    let mut functions = Vec::new();
    for group in groups(shared.world, reach, unit) {
        let inferred = infer.group(&group);
        finish_group(shared, &mut infer, inferred, &mut functions);
    }
    Finished { functions, diagnostics: infer.diagnostics }
}

fn finish_group(
    shared: &Shared<'_, '_>,
    infer: &mut Infer<'_, '_>,
    inferred: Vec<Inferred>,
    out: &mut Vec<(FnId, Function)>,
) {
    let world = shared.world;
    let mut all: FxHashMap<FnId, Params> = FxHashMap::default();
    for f in &inferred {
        let head = f.params.iter().map(|p| f.locals[p.index()].local.ty).chain([f.result]);
        let params = if f.generic { params_of(&infer.arena, head) } else { Vec::new() };
        all.insert(f.id, params);
    }
    // Uses of annotated functions have their own type arguments already.
    let shared_types: FxHashMap<FnId, Params> =
        all.iter().filter(|(id, _)| !infer.group[*id].annotated).map(|(id, p)| (*id, p.clone())).collect();
    let mut zonk = Zonk::new(&infer.arena, world.known, &shared_types);
    for mut f in inferred {
        let params = &all[&f.id];
        let value_id = world.value_of[f.id.index()];
        let value = world.value(value_id);
        let scheme = zonk.scheme(&f, params);
        if !world.module(value.module).std {
            lints::locals(world, &f.locals, &mut infer.diagnostics);
            lints::annotations(world, value_id, &scheme, &mut infer.diagnostics);
        }
        let (locals, result, types) = zonk.function(&mut f, params);
        let name = match value.kind {
            ValueKind::Test(t) => format!("test \"{}\"", t.name),
            _ if value.container.is_some() => part_name(world, value),
            _ => world.shown_name(value.module, value.name().map_or("", |n| n.as_str())),
        };
        // Each function is in one group, so nobody set it before.
        let _ = shared.schemes[f.id.index()].set(scheme);
        let function = Function {
            name,
            module: value.module,
            type_params: params.len() as u32,
            types,
            params: f.params,
            result,
            locals,
            body: f.body,
            span: f.span,
            part: f.part,
        };
        out.push((f.id, function));
    }
}

/// `Counter`, `Counter.Add`: what makes a container, and what stands in it.
fn part_name(world: &World<'_>, value: &Value<'_>) -> String {
    let container = value.container.map_or("", |c| world.container(c).decl.name.name.as_str());
    match value.kind {
        ValueKind::Init(_) => world.shown_name(value.module, container),
        _ => world.shown_name(value.module, &format!("{container}.{}", value.name().map_or("", |n| n.as_str()))),
    }
}

/// Trees may be as deep as the parser allows, and each level takes a few frames.
const STACK: usize = 256 << 20;

/// Units that wait, and those that are done.
struct Queue {
    waiting: Vec<usize>,
    done: Vec<bool>,
    results: Vec<Option<Finished>>,
    left: usize,
}

/// Checks all units, each when those it needs are done.
fn run(shared: &Shared<'_, '_>, reach: &Reach, units: &[Unit], jobs: Jobs) -> Vec<Finished> {
    let queue = Mutex::new(Queue {
        waiting: (0..units.len()).rev().collect(),
        done: vec![false; units.len()],
        results: units.iter().map(|_| None).collect(),
        left: units.len(),
    });
    let changed = Condvar::new();
    let threads = jobs.threads().min(units.len().saturating_sub(1)).max(1);
    std::thread::scope(|scope| {
        let work = || work(shared, reach, units, &queue, &changed);
        for _ in 0..threads {
            let started = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
            if started.is_err() {
                // No thread to be had: this one has to do.
                work();
            }
        }
    });
    let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    queue.results.into_iter().flatten().collect()
}

fn work(shared: &Shared<'_, '_>, reach: &Reach, units: &[Unit], queue: &Mutex<Queue>, changed: &Condvar) {
    let mut state = queue.lock().unwrap_or_else(PoisonError::into_inner);
    while state.left > 0 {
        let ready = |state: &Queue| state.waiting.iter().rposition(|u| units[*u].after.iter().all(|a| state.done[*a]));
        let Some(at) = ready(&state) else {
            if state.waiting.is_empty() {
                return;
            }
            state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let unit = state.waiting.remove(at);
        drop(state);
        let guard = WakeOnPanic { queue, changed };
        let finished = run_unit(shared, reach, &units[unit]);
        drop(guard);
        state = queue.lock().unwrap_or_else(PoisonError::into_inner);
        state.results[unit] = Some(finished);
        state.done[unit] = true;
        state.left = state.left.saturating_sub(1);
        changed.notify_all();
    }
}

/// If a check panics (a bug), the others must not wait for its unit for ever.
struct WakeOnPanic<'q> {
    queue: &'q Mutex<Queue>,
    changed: &'q Condvar,
}

impl Drop for WakeOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut state = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            state.left = 0;
            self.changed.notify_all();
        }
    }
}
