//! Which item uses which, what of the standard library is needed at all, and the ids of functions.
//!
//! Keeps true: everything that the later phases can refer to has an id; every user item is checked,
//! a standard one only when something needs it.

use codex_syntax::Symbol;
use codex_syntax::ast::{Ident, ItemKind};
use rustc_hash::FxHashSet;

use crate::typed::{ConstId, FnId, Known, ModuleId};
use crate::walk::{Need, Sink, Walker};
use crate::world::{Member, TypeRef, ValueId, ValueKind, World};

/// What was found.
pub(crate) struct Reach {
    /// By [`FnId`]: the functions and constants it uses, by [`FnId`].
    pub(crate) edges: Vec<Vec<FnId>>,
    /// By module: which of its imports are used, and which imported names.
    pub(crate) used: Vec<Used>,
    /// User functions and constants that nothing needs.
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
        .map(|v| uses[v.index()].iter().flatten().filter_map(|to| world.function(*to)).collect())
        .collect();
    Reach { edges, used, unused }
}

struct Walk<'w, 'a> {
    world: &'w World<'a>,
    /// By value: what it uses; `None` while it is not needed.
    uses: Vec<Option<Vec<ValueId>>>,
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
            let mut sink = Uses::new(self.world, ModuleId(i as u32));
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
            let mut sink = Uses::new(self.world, value.module);
            Walker::new(&mut sink).item(value.item);
            let (uses, used) = sink.finish();
            self.merge(value.module, used);
            uses.iter().for_each(|to| self.push(*to));
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

/// What one item uses.
struct Uses<'w, 'a> {
    world: &'w World<'a>,
    module: ModuleId,
    values: FxHashSet<ValueId>,
    used: Used,
}

impl<'w, 'a> Uses<'w, 'a> {
    fn new(world: &'w World<'a>, module: ModuleId) -> Self {
        Uses { world, module, values: FxHashSet::default(), used: Used::default() }
    }

    fn finish(self) -> (Vec<ValueId>, Used) {
        let mut values: Vec<ValueId> = self.values.into_iter().collect();
        values.sort_unstable();
        (values, self.used)
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
        self.values.extend(self.world.value_named(self.module, name.name));
    }
    fn member(&mut self, base: Ident, name: Ident, bound: bool) {
        if !bound && let Some(id) = self.world.value_named(self.module, base.name) {
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
    fn type_name(&mut self, module: Option<Ident>, name: Ident) {
        self.variant(module, name);
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
            Need::Member => {
                self.known("list", "contains");
                self.known("text", "contains");
            }
            Need::Show | Need::Range => {}
        }
    }
    fn broken(&mut self) {
        self.used.broken = true;
    }
}

/// Private user functions and constants that neither `main`, nor a test, nor anything public needs.
fn unused(world: &World<'_>, uses: &[Option<Vec<ValueId>>]) -> Vec<ValueId> {
    let mut live = vec![false; world.values.len()];
    let mut work: Vec<ValueId> = Vec::new();
    let candidate = |id: ValueId| {
        let value = world.value(id);
        let name = value.name().map_or("main", |n| n.as_str());
        !world.module(value.module).std && !value.public && name != "main" && !name.starts_with('_')
    };
    for i in (0..world.values.len() as u32).map(ValueId) {
        if !candidate(i) {
            live[i.index()] = true;
            work.push(i);
        }
    }
    while let Some(id) = work.pop() {
        for to in uses[id.index()].iter().flatten() {
            if !std::mem::replace(&mut live[to.index()], true) {
                work.push(*to);
            }
        }
    }
    (0..world.values.len() as u32).map(ValueId).filter(|v| !live[v.index()]).collect()
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
    }
}
