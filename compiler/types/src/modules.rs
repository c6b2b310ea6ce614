//! The graph of modules: which files a module needs, and in which order modules are checked.

use codex_diagnostics::Diagnostic;
use codex_diagnostics::catalog::import_cycle;
use codex_syntax::Symbol;
use codex_syntax::ast::{Ident, ItemKind, Module};
use rustc_hash::FxHashSet;

use crate::collect::path_text;
use crate::graph;
use crate::typed::ModuleId;
use crate::walk::{Need, Sink, Walker};
use crate::world::{IMPLICIT_FUNCTIONS, IMPLICIT_NAMES, World};

/// The standard modules: a name before a dot may mean one of them without an import. A test holds this list
/// and the library against each other.
pub const STANDARD_MODULES: &[&str] = &[
    "bytes",
    "console",
    "container",
    "csv",
    "float",
    "fs",
    "http",
    "int",
    "iter",
    "json",
    "list",
    "map",
    "option",
    "order",
    "prelude",
    "random",
    "result",
    "save",
    "sealed",
    "set",
    "tcp",
    "test",
    "text",
    "time",
    "timer",
];

/// The paths of modules that this one may need: its imports, and names before a dot or parts of the
/// syntax that may stand for a standard module. Sorted. A path that names no module is not an error here.
pub fn dependencies(ast: &Module, std: bool) -> Vec<String> {
    let mut sink = Needs { names: FxHashSet::default(), std };
    let mut paths: FxHashSet<String> = FxHashSet::default();
    let mut hidden: FxHashSet<Symbol> = FxHashSet::default();
    for item in &ast.items {
        if let ItemKind::Import(import) = &item.kind {
            paths.insert(path_text(import));
            hidden.extend(import.alias.or(import.path.last().copied()).map(|i| i.name));
        }
    }
    let mut walker = Walker::new(&mut sink);
    for item in &ast.items {
        walker.item(item);
    }
    paths.extend(sink.names.iter().filter(|n| !hidden.contains(n)).map(|n| n.as_str().to_owned()));
    paths.insert("prelude".to_owned());
    let mut sorted: Vec<String> = paths.into_iter().collect();
    sorted.sort_unstable();
    sorted
}

struct Needs {
    names: FxHashSet<Symbol>,
    std: bool,
}

impl Needs {
    fn add(&mut self, module: &str) {
        self.names.insert(Symbol::new(module));
    }
    fn implicit(&mut self, name: Ident) {
        if let Some((_, module)) = IMPLICIT_NAMES.iter().find(|(n, _)| *n == name.name.as_str()) {
            self.add(module);
        }
    }
}

impl Sink for Needs {
    fn value(&mut self, name: Ident) {
        // In the library values are shown for its users; the prelude's `{value}` alone needs nothing, because
        // what it shows is the user's and was counted there.
        if self.std && name.name.as_str() == "inspect" {
            self.add("text");
        }
        if let Some((_, module)) = IMPLICIT_FUNCTIONS.iter().find(|(n, _)| *n == name.name.as_str()) {
            self.add(module);
        }
    }
    fn member(&mut self, base: Ident, _: Ident, _: bool) {
        // A local hides a module only if its type has such a field.
        if STANDARD_MODULES.contains(&base.name.as_str()) {
            self.names.insert(base.name);
        }
    }
    fn variant(&mut self, module: Option<Ident>, name: Ident) {
        match module {
            Some(module) if STANDARD_MODULES.contains(&module.name.as_str()) => {
                self.names.insert(module.name);
            }
            Some(_) => {}
            None => self.implicit(name),
        }
    }
    fn type_name(&mut self, module: Option<Ident>, name: Ident) {
        self.variant(module, name);
    }
    fn need(&mut self, need: Need) {
        match need {
            Need::Map => self.add("map"),
            Need::Power => self.add("int"),
            Need::Save => self.add("save"),
            Need::Event => self.add("container"),
            Need::Member => {
                self.add("list");
                self.add("text");
            }
            Need::Show if !self.std => self.add("text"),
            Need::Show | Need::Range => {}
        }
    }
}

/// Modules that are checked together: all standard ones, or one user module (more only when imports form
/// a cycle, which is an error).
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) modules: Vec<ModuleId>,
    /// Units that must be checked before.
    pub(crate) after: Vec<usize>,
}

/// All units, each after those it needs, and the import cycles.
pub(crate) fn units(world: &World<'_>) -> (Vec<Unit>, Vec<Diagnostic>) {
    let std: Vec<ModuleId> = ids(world).filter(|id| world.module(*id).std).collect();
    let user: Vec<ModuleId> = ids(world).filter(|id| !world.module(*id).std).collect();
    let mut unit_of = vec![0; world.modules.len()];
    let mut units = vec![Unit { modules: std, after: Vec::new() }];
    let mut position = vec![usize::MAX; world.modules.len()];
    for (i, id) in user.iter().enumerate() {
        position[id.index()] = i;
    }
    let edges: Vec<Vec<usize>> = user
        .iter()
        .map(|id| {
            let imports = world.module(*id).imports.iter().filter_map(|i| i.module);
            imports.map(|m| position[m.index()]).filter(|p| *p != usize::MAX).collect()
        })
        .collect();
    let mut diagnostics = Vec::new();
    for component in graph::components(&edges) {
        let index = units.len();
        let mut after = vec![0];
        for &i in &component {
            unit_of[user[i].index()] = index;
        }
        for &i in &component {
            after.extend(edges[i].iter().map(|j| unit_of[user[*j].index()]).filter(|u| *u != index));
        }
        after.sort_unstable();
        after.dedup();
        if component.len() > 1 {
            diagnostics.extend(cycle(world, &user, &edges, &component));
        }
        units.push(Unit { modules: component.iter().map(|i| user[*i]).collect(), after });
    }
    (units, diagnostics)
}

fn ids(world: &World<'_>) -> impl Iterator<Item = ModuleId> {
    (0..world.modules.len() as u32).map(ModuleId)
}

fn cycle(world: &World<'_>, user: &[ModuleId], edges: &[Vec<usize>], component: &[usize]) -> Option<Diagnostic> {
    let path = graph::cycle_in(edges, component)?;
    let names: Vec<&str> = path.iter().map(|i| world.module(user[*i]).name.as_str()).collect();
    let first = world.module(user[*path.first()?]);
    let next = user[*path.get(1).unwrap_or(&path[0])];
    let import = first.imports.iter().find(|i| i.module == Some(next))?;
    Some(import_cycle::cycle(&names, import.item.span))
}
