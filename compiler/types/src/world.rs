//! Every name of every module: what each one means, before any type is known.
//!
//! Keeps true: ids depend only on names and source order, never on threads or hash order; a
//! user's definition hides an imported name, which hides a standard one.

use codex_diagnostics::{FileId, SourceMap, Span};
use codex_syntax::Symbol;
use codex_syntax::ast::{self, Ident};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::ModuleSource;
use crate::typed::{ContainerId, DataId, FnId, Known, ModuleId};

/// A function, constant or test of the program, used or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ValueId(pub(crate) u32);

impl ValueId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ValueKind<'a> {
    Function(&'a ast::Function),
    Const(&'a ast::Const),
    Test(&'a ast::Test),
    /// What makes the state of a container.
    Init(&'a ast::Container),
    /// A handler of a container: which of them, as written.
    Handler(&'a ast::Handler, u32),
}

/// A function, constant, test, or part of a container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    pub(crate) module: ModuleId,
    /// The container that it stands in.
    pub(crate) container: Option<ContainerId>,
    pub(crate) kind: ValueKind<'a>,
    pub(crate) item: &'a ast::Item,
    pub(crate) public: bool,
}

impl Value<'_> {
    /// Where its name stands.
    pub(crate) fn span(&self) -> Span {
        match self.kind {
            ValueKind::Function(f) => f.name.span,
            ValueKind::Const(c) => c.name.span,
            ValueKind::Test(t) => t.name_span,
            ValueKind::Init(c) => c.name.span,
            ValueKind::Handler(h, _) => h.name.span,
        }
    }
    /// Its name; a test has none.
    pub(crate) fn name(&self) -> Option<Symbol> {
        match self.kind {
            ValueKind::Function(f) => Some(f.name.name),
            ValueKind::Const(c) => Some(c.name.name),
            ValueKind::Test(_) => None,
            ValueKind::Init(c) => Some(c.name.name),
            ValueKind::Handler(h, _) => Some(h.name.name),
        }
    }
}

/// What an upper-case name means where a type is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeRef {
    Data(DataId),
    Alias(u32),
    Container(ContainerId),
}

/// A container as declared.
#[derive(Clone, Debug)]
pub(crate) struct ContainerDecl<'a> {
    pub(crate) module: ModuleId,
    pub(crate) decl: &'a ast::Container,
    pub(crate) public: bool,
    pub(crate) init: ValueId,
    /// By their places in the declaration.
    pub(crate) handlers: Vec<ValueId>,
    /// Helper functions.
    pub(crate) functions: FxHashMap<Symbol, ValueId>,
}

impl ContainerDecl<'_> {
    /// Where a member of this name stands: a parameter, a `let` or a `var`.
    pub(crate) fn member(&self, name: Symbol) -> Option<Span> {
        let params = self.decl.params.iter().map(|p| p.name);
        let state = self.decl.state.iter().filter_map(|s| match &s.kind {
            ast::StmtKind::Var { name, .. } => Some(*name),
            ast::StmtKind::Let { pattern, .. } => match pattern.kind {
                ast::PatternKind::Bind(name) => Some(name),
                _ => None,
            },
            _ => None,
        });
        params.chain(state).find(|n| n.name == name).map(|n| n.span)
    }
}

/// A data type as declared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DataDecl<'a> {
    pub(crate) module: ModuleId,
    pub(crate) decl: &'a ast::TypeDecl,
    pub(crate) public: bool,
}

/// The names of one module, or those that are in scope everywhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) values: FxHashMap<Symbol, ValueId>,
    pub(crate) types: FxHashMap<Symbol, TypeRef>,
    pub(crate) variants: FxHashMap<Symbol, (DataId, u32)>,
    /// Names about which enough was said: `rules`, imports that failed.
    pub(crate) reported: FxHashSet<Symbol>,
}

/// One name that an import brings into scope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImportedName {
    pub(crate) name: Ident,
    pub(crate) module: ModuleId,
}

/// One import, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Import<'a> {
    pub(crate) item: &'a ast::Item,
    pub(crate) import: &'a ast::Import,
    /// The module; `None` was reported.
    pub(crate) module: Option<ModuleId>,
}

/// One module.
#[derive(Debug)]
pub(crate) struct Module<'a> {
    pub(crate) name: String,
    pub(crate) file: FileId,
    pub(crate) ast: &'a ast::Module,
    pub(crate) std: bool,
    pub(crate) scope: Scope,
    pub(crate) imports: Vec<Import<'a>>,
    pub(crate) aliases: FxHashMap<Symbol, (ModuleId, usize)>,
    pub(crate) imported: FxHashMap<Symbol, ImportedName>,
}

/// Every module and name.
pub(crate) struct World<'a> {
    pub(crate) sources: &'a SourceMap,
    pub(crate) modules: Vec<Module<'a>>,
    pub(crate) values: Vec<Value<'a>>,
    pub(crate) data: Vec<DataDecl<'a>>,
    pub(crate) aliases: Vec<DataDecl<'a>>,
    pub(crate) containers: Vec<ContainerDecl<'a>>,
    pub(crate) std_modules: FxHashMap<Symbol, ModuleId>,
    pub(crate) user_modules: FxHashMap<Symbol, ModuleId>,
    pub(crate) implicit: Scope,
    /// By [`ValueId`]: its function, if anything needs it.
    pub(crate) fn_of: Vec<Option<FnId>>,
    /// By [`FnId`].
    pub(crate) value_of: Vec<ValueId>,
    /// By [`ValueId`] of constants that are needed.
    pub(crate) const_of: FxHashMap<ValueId, crate::typed::ConstId>,
    pub(crate) known: Known,
}

/// Standard modules whose types are in scope everywhere.
pub(crate) const IMPLICIT_MODULES: [&str; 5] = ["prelude", "map", "set", "container", "save"];

/// Types that are in scope everywhere but stand in a module of their own.
pub(crate) const IMPLICIT_NAMES: [(&str, &str); 6] = [
    ("Collapse", "container"),
    ("Map", "map"),
    ("Resumption", "container"),
    ("Savepoint", "save"),
    ("Set", "set"),
    ("Unanswered", "container"),
];

/// Functions that are in scope everywhere but stand in a module of their own.
pub(crate) const IMPLICIT_FUNCTIONS: [(&str, &str); 1] = [("sleep", "time")];

/// What a name with a module before it led to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Member<T> {
    Found(T),
    /// It is there but not `pub`.
    Private(Span),
    Missing,
}

impl<'a> World<'a> {
    /// The modules, sorted by name; names are filled in by [`crate::collect`].
    pub(crate) fn new(sources: &'a SourceMap, modules: &'a [ModuleSource<'a>]) -> Self {
        let mut sorted: Vec<&ModuleSource<'a>> = modules.iter().collect();
        sorted.sort_by(|a, b| (&a.name, a.std).cmp(&(&b.name, b.std)));
        let mut world = World {
            sources,
            modules: Vec::with_capacity(sorted.len()),
            values: Vec::new(),
            data: Vec::new(),
            aliases: Vec::new(),
            containers: Vec::new(),
            std_modules: FxHashMap::default(),
            user_modules: FxHashMap::default(),
            implicit: Scope::default(),
            fn_of: Vec::new(),
            value_of: Vec::new(),
            const_of: FxHashMap::default(),
            known: Known::default(),
        };
        for source in sorted {
            let id = ModuleId(world.modules.len() as u32);
            let names = if source.std { &mut world.std_modules } else { &mut world.user_modules };
            names.insert(Symbol::new(&source.name), id);
            world.modules.push(Module {
                name: source.name.clone(),
                file: source.file,
                ast: source.ast,
                std: source.std,
                scope: Scope::default(),
                imports: Vec::new(),
                aliases: FxHashMap::default(),
                imported: FxHashMap::default(),
            });
        }
        world
    }

    pub(crate) fn module(&self, id: ModuleId) -> &Module<'a> {
        &self.modules[id.index()]
    }
    pub(crate) fn value(&self, id: ValueId) -> &Value<'a> {
        &self.values[id.index()]
    }

    /// The source text of a span; empty when it does not lie in its file.
    pub(crate) fn text(&self, span: Span) -> &'a str {
        let source = self.sources.get(span.file);
        source.and_then(|s| s.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// The module that a name before a dot means.
    pub(crate) fn module_named(&self, from: ModuleId, name: Symbol) -> Option<ModuleId> {
        let local = self.module(from).aliases.get(&name).map(|(id, _)| *id);
        local.or_else(|| self.std_modules.get(&name).copied())
    }

    /// Whether items of `of` that are not `pub` may be used in `from`.
    fn sees(&self, from: ModuleId, of: ModuleId) -> bool {
        from == of
    }

    pub(crate) fn container(&self, id: ContainerId) -> &ContainerDecl<'a> {
        &self.containers[id.index()]
    }

    /// The value that a name alone means in a module, or in a container there.
    pub(crate) fn value_named(&self, from: ModuleId, within: Option<ContainerId>, name: Symbol) -> Option<ValueId> {
        let helper = within.and_then(|id| self.container(id).functions.get(&name));
        helper.copied().or_else(|| self.value_in_module(from, name))
    }

    fn value_in_module(&self, from: ModuleId, name: Symbol) -> Option<ValueId> {
        let module = self.module(from);
        if let Some(id) = module.scope.values.get(&name) {
            return Some(*id);
        }
        if let Some(import) = module.imported.get(&name)
            && let Some(id) = self.module(import.module).scope.values.get(&name)
        {
            return Some(*id);
        }
        self.implicit.values.get(&name).copied()
    }

    /// The variant or record that a name alone means.
    pub(crate) fn variant_named(&self, from: ModuleId, name: Symbol) -> Option<(DataId, u32)> {
        let module = self.module(from);
        if let Some(found) = module.scope.variants.get(&name) {
            return Some(*found);
        }
        if let Some(import) = module.imported.get(&name)
            && let Some(found) = self.module(import.module).scope.variants.get(&name)
        {
            return Some(*found);
        }
        self.implicit.variants.get(&name).copied()
    }

    /// The type that a name alone means; the plain types are not among them.
    pub(crate) fn type_named(&self, from: ModuleId, name: Symbol) -> Option<TypeRef> {
        let module = self.module(from);
        if let Some(found) = module.scope.types.get(&name) {
            return Some(*found);
        }
        if let Some(import) = module.imported.get(&name)
            && let Some(found) = self.module(import.module).scope.types.get(&name)
        {
            return Some(*found);
        }
        self.implicit.types.get(&name).copied()
    }

    /// A value of another module.
    pub(crate) fn value_in(&self, from: ModuleId, of: ModuleId, name: Symbol) -> Member<ValueId> {
        match self.module(of).scope.values.get(&name) {
            None => Member::Missing,
            Some(id) if self.value(*id).public || self.sees(from, of) => Member::Found(*id),
            Some(id) => Member::Private(self.value(*id).span()),
        }
    }

    /// A variant of another module.
    pub(crate) fn variant_in(&self, from: ModuleId, of: ModuleId, name: Symbol) -> Member<(DataId, u32)> {
        match self.module(of).scope.variants.get(&name) {
            None => Member::Missing,
            Some(found) => {
                let data = &self.data[found.0.index()];
                if data.public || self.sees(from, of) {
                    Member::Found(*found)
                } else {
                    Member::Private(data.decl.name.span)
                }
            }
        }
    }

    /// A type of another module.
    pub(crate) fn type_in(&self, from: ModuleId, of: ModuleId, name: Symbol) -> Member<TypeRef> {
        let Some(found) = self.module(of).scope.types.get(&name) else {
            return Member::Missing;
        };
        let (name, public) = self.type_decl(*found);
        if public || self.sees(from, of) { Member::Found(*found) } else { Member::Private(name.span) }
    }

    /// The name of a type where it is declared, and whether it is public.
    pub(crate) fn type_decl(&self, of: TypeRef) -> (Ident, bool) {
        let data = |decl: &DataDecl<'_>| (decl.decl.name, decl.public);
        match of {
            TypeRef::Data(id) => data(&self.data[id.index()]),
            TypeRef::Alias(id) => data(&self.aliases[id as usize]),
            TypeRef::Container(id) => {
                let container = self.container(id);
                (container.decl.name, container.public)
            }
        }
    }

    /// A function of a standard module, if it is in the program.
    pub(crate) fn std_value(&self, module: &str, name: &str) -> Option<ValueId> {
        let id = self.std_modules.get(&Symbol::new(module))?;
        self.module(*id).scope.values.get(&Symbol::new(name)).copied()
    }

    /// Whether the name was reported where it should have been brought in.
    pub(crate) fn is_reported(&self, module: ModuleId, name: Symbol) -> bool {
        self.module(module).scope.reported.contains(&name)
    }

    /// The function of a value, if anything needs it.
    pub(crate) fn function(&self, value: ValueId) -> Option<FnId> {
        self.fn_of[value.index()]
    }

    /// The functions that the syntax stands for, as far as they are in the program.
    pub(crate) fn known_functions(&self) -> Vec<FnId> {
        let k = &self.known;
        let all = [
            k.int_pow,
            k.map_from_list,
            k.map_to_list,
            k.map_index,
            k.map_insert,
            k.map_has,
            k.set_to_list,
            k.set_has,
            k.list_contains,
            k.text_contains,
            k.text_quote,
            k.savepoint,
        ];
        all.into_iter().flatten().collect()
    }

    /// How a data type, variant or function is called from a module: with its module if it is another one.
    pub(crate) fn shown_name(&self, module: ModuleId, name: &str) -> String {
        let module = self.module(module);
        match module.name.as_str() {
            "main" | "prelude" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    /// The fields of a variant as declared.
    pub(crate) fn fields(&self, data: DataId, variant: u32) -> &'a [ast::FieldDecl] {
        match &self.data[data.index()].decl.body {
            ast::TypeBody::Record(fields) => fields,
            ast::TypeBody::Variants(all) => all.get(variant as usize).map_or(&[], |v| &v.fields),
            ast::TypeBody::Alias(_) => &[],
        }
    }

    /// The name of a variant as declared.
    pub(crate) fn variant_ident(&self, data: DataId, variant: u32) -> Ident {
        let decl = self.data[data.index()].decl;
        match &decl.body {
            ast::TypeBody::Variants(all) => all.get(variant as usize).map_or(decl.name, |v| v.name),
            _ => decl.name,
        }
    }

    /// How many variants a data type has.
    pub(crate) fn variant_count(&self, data: DataId) -> u32 {
        match &self.data[data.index()].decl.body {
            ast::TypeBody::Variants(all) => all.len() as u32,
            _ => 1,
        }
    }

    /// Whether a data type was written as a record.
    pub(crate) fn is_record(&self, data: DataId) -> bool {
        matches!(self.data[data.index()].decl.body, ast::TypeBody::Record(_))
    }
}

impl World<'_> {
    /// How many characters stand before a place in its line.
    pub(crate) fn column(&self, span: codex_diagnostics::Span) -> u32 {
        self.sources.line_column(span.file, span.start).1.saturating_sub(1)
    }
}
