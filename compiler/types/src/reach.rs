//! Which item uses which, what of the standard library is needed at all, and the ids of functions.
//!
//! Keeps true: everything that the later phases can refer to has an id; every user item is checked,
//! a standard one only when something needs it.

use codex_syntax::Symbol;
use codex_syntax::ast::{Ident, ItemKind};
use rustc_hash::FxHashSet;

use crate::typed::{ConstId, ContainerId, FnId, Known, ModuleId};
use crate::walk::{Need, Sink, Walker};
use crate::world::{Member, TypeRef, Value, ValueId, ValueKind, World};

/// What was found.
pub(crate) struct Reach {
    /// By [`FnId`]: the functions and constants whose types or values it needs. Who spawns a container or sends to one
    /// needs none of its functions in that sense.
    pub(crate) edges: Vec<Vec<FnId>>,
    /// By module: which of its imports are used, and which imported names.
    pub(crate) used: Vec<Used>,
    /// User functions, constants, containers and messages that nothing needs.
    pub(crate) unused: Vec<ValueId>,
}

/// Use of the imports of one module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    pub(crate) imports: FxHashSet<usize>,
    pub(crate) names: FxHashSet<Symbol>,
    /// Some place did not parse.
    pub(crate) broken: bool,
}

/// Walks everything that is needed and numbers it.
pub(crate) fn reach(world: &mut World<'_>) -> Reach {
    let mut walk = Walk {
        world,
        uses: vec![None; world.values.len()],
        used: vec![Used::default(); world.modules.len()],
        work: Vec::new(),
        seen: vec![false; world.values.len()],
    };
    walk.roots();
    walk.run();
    // The language refers to some functions itself, as soon as their module takes part.
    walk.known_roots();
    walk.run();
    let Walk { uses, used, .. } = walk;
    let unused = unused(world, &uses);
    let needed: Vec<ValueId> = (0..uses.len() as u32).map(ValueId).filter(|v| uses[v.index()].is_some()).collect();
    number(world, &needed);
    let edges = needed
        .iter()
        .map(|v| uses[v.index()].iter().flat_map(|u| &u.values).filter_map(|to| world.function(*to)).collect())
        .collect();
    Reach { edges, used, unused }
}

/// What one item uses.
#[derive(Clone, Debug, Default)]
struct ItemUses {
    values: Vec<ValueId>,
    /// Containers it spawns, or whose links it names the type of.
    containers: Vec<ContainerId>,
    /// Messages it sends, whoever to.
    messages: Vec<Symbol>,
}

struct Walk<'w, 'a> {
    world: &'w World<'a>,
    /// By value: what it uses; `None` while it is not needed.
    uses: Vec<Option<ItemUses>>,
    used: Vec<Used>,
    work: Vec<ValueId>,
    seen: Vec<bool>,
}

impl Walk<'_, '_> {
    fn roots(&mut self) {
        for (i, value) in self.world.values.iter().enumerate() {
            let is_test = matches!(value.kind, ValueKind::Test(_));
            if is_test || !self.world.module(value.module).std {
                self.push(ValueId(i as u32));
            }
        }
        // Types of user modules use imports too.
        for (i, module) in self.world.modules.iter().enumerate().filter(|(_, m)| !m.std) {
            let mut sink = Uses::new(self.world, ModuleId(i as u32), None);
            let mut walker = Walker::new(&mut sink);
            for item in module.ast.items.iter().filter(|i| matches!(i.kind, ItemKind::Type(_) | ItemKind::Error)) {
                walker.item(item);
            }
            let (_, used) = sink.finish();
            self.merge(ModuleId(i as u32), used);
        }
    }

    fn push(&mut self, value: ValueId) {
        if !std::mem::replace(&mut self.seen[value.index()], true) {
            self.work.push(value);
        }
    }

    fn merge(&mut self, module: ModuleId, used: Used) {
        let mine = &mut self.used[module.index()];
        mine.imports.extend(used.imports);
        mine.names.extend(used.names);
        mine.broken |= used.broken;
    }

    fn run(&mut self) {
        while let Some(id) = self.work.pop() {
            let value = self.world.value(id);
            let mut sink = Uses::new(self.world, value.module, value.container);
            sink.part(value);
            let (uses, used) = sink.finish();
            self.merge(value.module, used);
            uses.values.iter().for_each(|to| self.push(*to));
            for container in &uses.containers {
                let container = self.world.container(*container);
                container.handlers.iter().chain([&container.init]).for_each(|part| self.push(*part));
            }
            self.uses[id.index()] = Some(uses);
        }
    }

    fn known_roots(&mut self) {
        // A map can only be made with the map module, so its functions matter only when something in it
        // is needed; other types show and compare through nothing but `text.quote`.
        let needed = |walk: &Self, module: &str| {
            let id = walk.world.std_modules.get(&Symbol::new(module));
            id.is_some_and(|id| walk.world.values.iter().zip(&walk.seen).any(|(v, seen)| *seen && v.module == *id))
        };
        let set = needed(self, "set");
        let mut known: Vec<(&str, &str)> = vec![("text", "quote")];
        if set || needed(self, "map") {
            known.extend(["from_list", "to_list", "get_or_panic", "insert", "has"].map(|n| ("map", n)));
        }
        if set {
            known.extend(["to_list", "has"].map(|n| ("set", n)));
        }
        for (module, name) in known {
            if let Some(id) = self.world.std_value(module, name) {
                self.push(id);
            }
        }
    }
}

/// Collects what one item uses.
struct Uses<'w, 'a> {
    world: &'w World<'a>,
    module: ModuleId,
    container: Option<ContainerId>,
    values: FxHashSet<ValueId>,
    containers: FxHashSet<ContainerId>,
    messages: FxHashSet<Symbol>,
    used: Used,
}

impl<'w, 'a> Uses<'w, 'a> {
    fn new(world: &'w World<'a>, module: ModuleId, container: Option<ContainerId>) -> Self {
        Uses {
            world,
            module,
            container,
            values: FxHashSet::default(),
            containers: FxHashSet::default(),
            messages: FxHashSet::default(),
            used: Used::default(),
        }
    }

    fn finish(self) -> (ItemUses, Used) {
        fn sorted<T: Ord>(set: FxHashSet<T>) -> Vec<T> {
            let mut all: Vec<T> = set.into_iter().collect();
            all.sort_unstable();
            all
        }
        let messages = self.messages.into_iter().collect();
        (ItemUses { values: sorted(self.values), containers: sorted(self.containers), messages }, self.used)
    }

    /// An item, or a part of a container. The members of a container are found out together with its handlers, so that
    /// these may tell a member's type.
    fn part(&mut self, value: &Value<'_>) {
        let container = value.container.map(|id| self.world.container(id));
        match (value.kind, container) {
            (ValueKind::Init(c), Some(container)) => {
                Walker::new(self).container(c);
                self.values.extend(&container.handlers);
            }
            (ValueKind::Handler(h, _), Some(container)) => {
                Walker::new(self).handler(container.decl, h);
                self.values.insert(container.init);
            }
            _ => Walker::new(self).item(value.item),
        }
    }

    fn value_named(&self, name: Symbol) -> Option<ValueId> {
        self.world.value_named(self.module, self.container, name)
    }

    fn known(&mut self, module: &str, name: &str) {
        self.values.extend(self.world.std_value(module, name));
    }

    fn name(&mut self, name: Ident) {
        if self.world.module(self.module).imported.contains_key(&name.name) {
            self.used.names.insert(name.name);
        }
    }

    fn module_name(&mut self, name: Ident) -> Option<ModuleId> {
        if let Some((_, import)) = self.world.module(self.module).aliases.get(&name.name) {
            self.used.imports.insert(*import);
        }
        self.world.module_named(self.module, name.name)
    }
}

impl Sink for Uses<'_, '_> {
    fn value(&mut self, name: Ident) {
        self.name(name);
        self.values.extend(self.value_named(name.name));
    }
    fn member(&mut self, base: Ident, name: Ident, bound: bool) {
        if !bound && let Some(id) = self.value_named(base.name) {
            self.values.insert(id);
        }
        self.name(base);
        if let Some(of) = self.module_name(base)
            && let Member::Found(id) = self.world.value_in(self.module, of, name.name)
        {
            self.values.insert(id);
        }
    }
    fn variant(&mut self, module: Option<Ident>, name: Ident) {
        match module {
            Some(module) => {
                self.module_name(module);
            }
            None => self.name(name),
        }
    }
    fn message(&mut self, name: Ident) {
        self.messages.insert(name.name);
    }
    fn type_name(&mut self, module: Option<Ident>, name: Ident) {
        self.variant(module, name);
        let of = module.and_then(|m| self.world.module_named(self.module, m.name));
        let of_module = of.map(|of| self.world.type_in(self.module, of, name.name));
        if let Some(Member::Found(TypeRef::Container(id))) = of_module {
            self.containers.insert(id);
        }
        match self.world.type_named(self.module, name.name) {
            Some(TypeRef::Container(id)) if module.is_none() => {
                self.containers.insert(id);
            }
            _ => {}
        }
        if let Some(TypeRef::Data(id)) = self.world.type_named(self.module, name.name) {
            // A mentioned Map or Set may be indexed, walked or shown.
            let of = &self.world.module(self.world.data[id.index()].module).name;
            match of.as_str() {
                "map" => self.known("map", "to_list"),
                "set" => self.known("set", "to_list"),
                _ => {}
            }
        }
    }
    fn need(&mut self, need: Need) {
        match need {
            Need::Map => self.known("map", "from_list"),
            Need::Power => self.known("int", "pow"),
            Need::Save => self.known("save", "savepoint"),
            Need::Member => {
                self.known("list", "contains");
                self.known("text", "contains");
            }
            Need::Show | Need::Range | Need::Event => {}
        }
    }
    fn broken(&mut self) {
        self.used.broken = true;
    }
}

/// Private user items that neither `main`, nor a test, nor anything public needs. A message is needed if somebody sends
/// one of its name, whoever to; of a container that nothing needs, nothing else is told.
fn unused(world: &World<'_>, uses: &[Option<ItemUses>]) -> Vec<ValueId> {
    let all = || (0..world.values.len() as u32).map(ValueId);
    let mut live = Live {
        world,
        values: vec![false; world.values.len()],
        containers: vec![false; world.containers.len()],
        sent: FxHashSet::default(),
        work: Vec::new(),
    };
    for id in all() {
        if live.is_root(id) {
            live.value(id);
        }
    }
    loop {
        while let Some(id) = live.work.pop() {
            uses[id.index()].iter().for_each(|uses| live.uses(id, uses));
        }
        for id in all() {
            if live.is_awaited(id) {
                live.value(id);
            }
        }
        if live.work.is_empty() {
            break;
        }
    }
    let told = |id: &ValueId| {
        let value = world.value(*id);
        let within = value.container.is_some_and(|c| !live.containers[c.index()]);
        !live.values[id.index()] && (!within || matches!(value.kind, ValueKind::Init(_)))
    };
    all().filter(told).collect()
}

struct Live<'w, 'a> {
    world: &'w World<'a>,
    values: Vec<bool>,
    containers: Vec<bool>,
    sent: FxHashSet<Symbol>,
    work: Vec<ValueId>,
}

impl Live<'_, '_> {
    fn value(&mut self, id: ValueId) {
        if !std::mem::replace(&mut self.values[id.index()], true) {
            self.work.push(id);
        }
    }

    /// Whether a value is needed whatever the rest of the program does.
    fn is_root(&self, id: ValueId) -> bool {
        let value = self.world.value(id);
        let public = match (value.kind, value.container) {
            (ValueKind::Init(_), Some(container)) => self.world.container(container).public,
            (ValueKind::Handler(..), _) => false,
            _ => value.public,
        };
        let name = value.name().map_or("main", |n| n.as_str());
        let kept = (name == "main" || name.starts_with('_')) && !matches!(value.kind, ValueKind::Handler(..));
        self.world.module(value.module).std || public || kept
    }

    fn uses(&mut self, id: ValueId, uses: &ItemUses) {
        let value = self.world.value(id);
        if let (ValueKind::Init(_), Some(container)) = (value.kind, value.container) {
            self.containers[container.index()] = true;
        }
        // The members need the handlers for their types alone.
        let is_handler = |id: &ValueId| matches!(self.world.value(*id).kind, ValueKind::Handler(..));
        let needed: Vec<ValueId> = uses.values.iter().copied().filter(|id| !is_handler(id)).collect();
        needed.into_iter().for_each(|to| self.value(to));
        uses.containers.iter().for_each(|c| self.value(self.world.container(*c).init));
        self.sent.extend(&uses.messages);
    }

    /// Whether it is a handler that is called when its container is needed.
    fn is_awaited(&self, id: ValueId) -> bool {
        let value = self.world.value(id);
        let (ValueKind::Handler(h, _), Some(container)) = (value.kind, value.container) else { return false };
        let name = h.name.name;
        let called = self.sent.contains(&name)
            || self.world.container(container).public
            || !name.as_str().starts_with(char::is_uppercase);
        !self.values[id.index()] && self.containers[container.index()] && called
    }
}

fn number(world: &mut World<'_>, needed: &[ValueId]) {
    world.fn_of = vec![None; world.values.len()];
    for id in needed {
        world.fn_of[id.index()] = Some(FnId(world.value_of.len() as u32));
        world.value_of.push(*id);
        if matches!(world.value(*id).kind, ValueKind::Const(_)) {
            let next = ConstId(world.const_of.len() as u32);
            world.const_of.insert(*id, next);
        }
    }
    world.known = known(world);
}

fn known(world: &World<'_>) -> Known {
    let function = |module, name| world.std_value(module, name).and_then(|v| world.function(v));
    let data = |name: &str| match world.implicit.types.get(&Symbol::new(name)) {
        Some(TypeRef::Data(id)) => Some(*id),
        _ => None,
    };
    Known {
        option: data("Option"),
        result: data("Result"),
        order: data("Order"),
        map: data("Map"),
        set: data("Set"),
        range: data("Range"),
        int_pow: function("int", "pow"),
        map_from_list: function("map", "from_list"),
        map_to_list: function("map", "to_list"),
        map_index: function("map", "get_or_panic"),
        map_insert: function("map", "insert"),
        map_has: function("map", "has"),
        set_to_list: function("set", "to_list"),
        set_has: function("set", "has"),
        list_contains: function("list", "contains"),
        text_contains: function("text", "contains"),
        text_quote: function("text", "quote"),
        collapse: data("Collapse"),
        resumption: data("Resumption"),
        unanswered: data("Unanswered"),
        savepoint: function("save", "savepoint"),
    }
}
