//! Fills the [`World`]: every item gets its id and its name, every import its module.

use codex_diagnostics::catalog::{duplicate_definition, private_item, trees_later, unknown_member, unknown_module};
use codex_diagnostics::{Diagnostic, Span};
use codex_syntax::Symbol;
use codex_syntax::ast::{self, Ident, ItemKind, TypeBody, TypeDecl};
use rustc_hash::FxHashMap;

use crate::check::ModuleSource;
use crate::similar::similar;
use crate::typed::{ContainerId, DataId, ModuleId};
use crate::world::{
    ContainerDecl, DataDecl, IMPLICIT_FUNCTIONS, IMPLICIT_MODULES, Import, ImportedName, Member, Scope, TypeRef, Value,
    ValueId, ValueKind, World,
};

/// The world of these modules, and what is wrong with its names.
pub(crate) fn collect<'a>(
    sources: &'a codex_diagnostics::SourceMap,
    modules: &'a [ModuleSource<'a>],
) -> (World<'a>, Vec<Diagnostic>) {
    let mut collector = Collector { world: World::new(sources, modules), diagnostics: Vec::new() };
    for i in 0..collector.world.modules.len() {
        collector.items(ModuleId(i as u32));
    }
    collector.implicit();
    for i in 0..collector.world.modules.len() {
        collector.imports(ModuleId(i as u32));
    }
    (collector.world, collector.diagnostics)
}

struct Collector<'a> {
    world: World<'a>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Collector<'a> {
    fn scope(&mut self, id: ModuleId) -> &mut Scope {
        &mut self.world.modules[id.index()].scope
    }

    fn items(&mut self, id: ModuleId) {
        let ast = self.world.module(id).ast;
        let mut rules = false;
        for item in &ast.items {
            match &item.kind {
                ItemKind::Function(f) => self.value(id, item, Some(f.name), ValueKind::Function(f)),
                ItemKind::Const(c) => self.value(id, item, Some(c.name), ValueKind::Const(c)),
                ItemKind::Test(t) => self.value(id, item, None, ValueKind::Test(t)),
                ItemKind::Type(t) => self.type_decl(id, item, t),
                ItemKind::Container(c) => self.container(id, item, c),
                ItemKind::Rules(r) => {
                    if !std::mem::replace(&mut rules, true) {
                        self.diagnostics.push(trees_later::later(r.name.span, "rewrite rules"));
                    }
                    self.scope(id).reported.insert(r.name.name);
                }
                ItemKind::Import(_) | ItemKind::Error => {}
            }
        }
    }

    fn value(&mut self, module: ModuleId, item: &'a ast::Item, name: Option<Ident>, kind: ValueKind<'a>) {
        let id = self.add(Value { module, container: None, kind, item, public: item.public });
        let Some(name) = name else { return };
        if let Some(first) = self.scope(module).values.get(&name.name).copied() {
            let first = self.world.value(first).span();
            self.duplicate(name, first);
        } else {
            self.scope(module).values.insert(name.name, id);
        }
    }

    fn add(&mut self, value: Value<'a>) -> ValueId {
        self.world.values.push(value);
        ValueId(self.world.values.len() as u32 - 1)
    }

    /// A container, with its parts as values of their own.
    fn container(&mut self, module: ModuleId, item: &'a ast::Item, decl: &'a ast::Container) {
        let id = ContainerId(self.world.containers.len() as u32);
        let part = |item, kind| Value { module, container: Some(id), kind, item, public: false };
        let init = self.add(part(item, ValueKind::Init(decl)));
        let handlers = (0..).zip(&decl.handlers).map(|(n, h)| self.add(part(item, ValueKind::Handler(h, n)))).collect();
        let mut functions = FxHashMap::default();
        for helper in &decl.functions {
            let ItemKind::Function(f) = &helper.kind else { continue };
            let value = self.add(part(helper, ValueKind::Function(f)));
            if let Some(first) = functions.insert(f.name.name, value) {
                let first = self.world.value(first).span();
                self.duplicate(f.name, first);
            }
        }
        self.world.containers.push(ContainerDecl { module, decl, public: item.public, init, handlers, functions });
        self.type_name(module, decl.name, TypeRef::Container(id));
    }

    /// Gives a type its name in the module.
    fn type_name(&mut self, module: ModuleId, name: Ident, type_ref: TypeRef) {
        match self.scope(module).types.get(&name.name).copied() {
            Some(first) => self.duplicate(name, self.world.type_decl(first).0.span),
            None => {
                self.scope(module).types.insert(name.name, type_ref);
            }
        }
    }

    fn duplicate(&mut self, name: Ident, first: Span) {
        self.diagnostics.push(duplicate_definition::duplicate(name.name.as_str(), name.span, first));
    }

    fn type_decl(&mut self, module: ModuleId, item: &'a ast::Item, decl: &'a TypeDecl) {
        let entry = DataDecl { module, decl, public: item.public };
        let type_ref = if matches!(decl.body, TypeBody::Alias(_)) {
            self.world.aliases.push(entry);
            TypeRef::Alias(self.world.aliases.len() as u32 - 1)
        } else {
            self.world.data.push(entry);
            TypeRef::Data(DataId(self.world.data.len() as u32 - 1))
        };
        self.type_name(module, decl.name, type_ref);
        let TypeRef::Data(data) = type_ref else {
            return;
        };
        match &decl.body {
            TypeBody::Variants(all) => {
                for (i, v) in all.iter().enumerate() {
                    self.variant(module, v.name, data, i as u32);
                }
            }
            _ => self.variant(module, decl.name, data, 0),
        }
    }

    fn variant(&mut self, module: ModuleId, name: Ident, data: DataId, index: u32) {
        match self.scope(module).variants.get(&name.name).copied() {
            Some((other, i)) => {
                let first = self.world.variant_ident(other, i).span;
                // A record that is defined twice was reported as a type.
                if !(self.world.is_record(data) && self.world.is_record(other)) {
                    self.duplicate(name, first);
                }
            }
            None => {
                self.scope(module).variants.insert(name.name, (data, index));
            }
        }
    }

    /// What the prelude and its companions bring into every scope.
    fn implicit(&mut self) {
        let mut scope = Scope::default();
        for name in IMPLICIT_MODULES {
            let Some(id) = self.world.std_modules.get(&Symbol::new(name)).copied() else {
                continue;
            };
            let from = &self.world.module(id).scope;
            for (name, type_ref) in &from.types {
                if self.world.type_decl(*type_ref).1 {
                    scope.types.entry(*name).or_insert(*type_ref);
                }
            }
            for (name, found) in &from.variants {
                if self.world.data[found.0.index()].public {
                    scope.variants.entry(*name).or_insert(*found);
                }
            }
            if name == "prelude" {
                let public = from.values.iter().filter(|(_, v)| self.world.value(**v).public);
                scope.values.extend(public.map(|(n, v)| (*n, *v)));
            }
        }
        for (name, module) in IMPLICIT_FUNCTIONS {
            scope.values.extend(self.world.std_value(module, name).map(|value| (Symbol::new(name), value)));
        }
        self.world.implicit = scope;
    }

    fn imports(&mut self, id: ModuleId) {
        let ast = self.world.module(id).ast;
        for item in &ast.items {
            let ItemKind::Import(import) = &item.kind else {
                continue;
            };
            self.import(id, item, import);
        }
    }

    fn import(&mut self, id: ModuleId, item: &'a ast::Item, import: &'a ast::Import) {
        let (Some(first), Some(last)) = (import.path.first(), import.path.last()) else {
            return;
        };
        let path = path_text(import);
        let name = Symbol::new(&path);
        let user = self.world.user_modules.get(&name).filter(|m| **m != id);
        let module = user.or_else(|| self.world.std_modules.get(&name)).copied();
        if module.is_none() {
            let names = self.world.modules.iter().filter(|m| m.name != "main").map(|m| m.name.as_str());
            let near = similar(&path, names);
            self.diagnostics.push(unknown_module::unknown(&path, first.span.to(last.span), &near));
        }
        let index = self.world.module(id).imports.len();
        self.world.modules[id.index()].imports.push(Import { item, import, module });
        let alias = import.alias.unwrap_or(*last);
        let Some(module) = module else {
            let names = import.names.iter().chain([&alias]).map(|n| n.name);
            self.scope(id).reported.extend(names);
            return;
        };
        let here = &mut self.world.modules[id.index()];
        if let Some((_, other)) = here.aliases.get(&alias.name) {
            let first = here.imports[*other].item.span;
            self.duplicate(alias, first);
        } else {
            here.aliases.insert(alias.name, (module, index));
        }
        for name in &import.names {
            self.imported_name(id, ImportedName { name: *name, module });
        }
    }

    fn imported_name(&mut self, id: ModuleId, imported: ImportedName) {
        let name = imported.name;
        if let Err(error) = self.find_imported(id, imported) {
            self.diagnostics.push(*error);
            self.scope(id).reported.insert(name.name);
            return;
        }
        let here = self.world.module(id);
        let own = here.scope.values.get(&name.name).map(|v| self.world.value(*v).span());
        let own = own.or_else(|| here.scope.types.get(&name.name).map(|t| self.world.type_decl(*t).0.span));
        let own = own.or_else(|| here.imported.get(&name.name).map(|other| other.name.span));
        if let Some(first) = own {
            self.duplicate(name, first);
            return;
        }
        self.world.modules[id.index()].imported.insert(name.name, imported);
    }

    fn find_imported(&self, from: ModuleId, imported: ImportedName) -> Result<(), Box<Diagnostic>> {
        let (world, of, name) = (&self.world, imported.module, imported.name.name);
        let mut private = None;
        let mut note = |span| private = Some(span);
        let found = match world.value_in(from, of, name) {
            Member::Found(_) => true,
            Member::Private(span) => {
                note(span);
                false
            }
            Member::Missing => false,
        };
        let found = found
            || match world.type_in(from, of, name) {
                Member::Found(_) => true,
                Member::Private(span) => {
                    note(span);
                    false
                }
                Member::Missing => false,
            };
        let found = found || matches!(world.variant_in(from, of, name), Member::Found(_));
        if found {
            return Ok(());
        }
        let module = &world.module(of).name;
        let span = imported.name.span;
        Err(Box::new(match private {
            Some(declared) => private_item::private(module, name.as_str(), span, declared),
            None => {
                let near = similar(name.as_str(), public_names(world, of));
                unknown_member::unknown(module, name.as_str(), span, &near)
            }
        }))
    }
}

/// `a.b.c`
pub(crate) fn path_text(import: &ast::Import) -> String {
    let parts: Vec<&str> = import.path.iter().map(|p| p.name.as_str()).collect();
    parts.join(".")
}

/// What other modules may use of a module.
pub(crate) fn public_names(world: &World<'_>, of: ModuleId) -> impl Iterator<Item = &'static str> {
    let scope = &world.module(of).scope;
    let values = scope.values.iter().filter(|(_, v)| world.value(**v).public).map(|(n, _)| n.as_str());
    let variants = scope.variants.iter().filter(|(_, v)| world.data[v.0.index()].public).map(|(n, _)| n.as_str());
    let types = scope.types.keys().map(|n| n.as_str());
    let mut names: Vec<&'static str> = values.chain(variants).chain(types).collect();
    names.sort_unstable();
    names.into_iter()
}
