//! Types as written, to types of the arena.

use codex_diagnostics::catalog::{
    open_container, private_item, recursive_alias, type_arguments, unknown_member, unknown_module, unknown_type,
    unknown_type_variable,
};
use codex_diagnostics::{Diagnostic, Span};
use codex_syntax::Symbol;
use codex_syntax::ast::{Ident, TypeBody, TypeExpr, TypeExprKind};
use rustc_hash::FxHashMap;

use crate::arena::{self, Arena};
use crate::collect::public_names;
use crate::similar::similar;
use crate::typed::{FnId, ModuleId, Ty};
use crate::world::{Member, TypeRef, World};

/// What a lower-case name that was not seen before means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// A new type variable of this function.
    Declare(FnId),
    /// A mistake.
    Report,
    /// A mistake, since this is part of a container.
    Container,
}

/// Reads written types in one module.
pub(crate) struct Annotator<'x, 'w, 'a> {
    pub(crate) world: &'x World<'a>,
    pub(crate) arena: &'x mut Arena<'w>,
    pub(crate) diagnostics: &'x mut Vec<Diagnostic>,
    pub(crate) module: ModuleId,
    pub(crate) vars: &'x mut FxHashMap<Symbol, Ty>,
    pub(crate) unknown: Unknown,
    /// Aliases being replaced, to notice those that contain themselves.
    pub(crate) open: Vec<u32>,
}

impl Annotator<'_, '_, '_> {
    /// The type that is written.
    pub(crate) fn read(&mut self, ty: &TypeExpr) -> Ty {
        match &ty.kind {
            TypeExprKind::Named { module, name, args } => self.named(ty.span, *module, *name, args),
            TypeExprKind::Var(name) => self.variable(*name),
            TypeExprKind::Fn(params, result) => {
                let params: Vec<Ty> = params.iter().map(|p| self.read(p)).collect();
                let result = self.read(result);
                self.arena.function(&params, result)
            }
            TypeExprKind::Tuple(items) => {
                let items: Vec<Ty> = items.iter().map(|p| self.read(p)).collect();
                self.arena.tuple(&items)
            }
            TypeExprKind::Hole => self.arena.var(),
            TypeExprKind::Error => arena::ERROR,
        }
    }

    fn variable(&mut self, name: Ident) -> Ty {
        if let Some(ty) = self.vars.get(&name.name) {
            return *ty;
        }
        let ty = match self.unknown {
            Unknown::Declare(owner) => self.arena.rigid(name.name, owner),
            Unknown::Container => {
                self.diagnostics.push(open_container::variable(name.name.as_str(), name.span));
                arena::ERROR
            }
            Unknown::Report => {
                self.diagnostics.push(unknown_type_variable::unknown(name.name.as_str(), name.span));
                arena::ERROR
            }
        };
        self.vars.insert(name.name, ty);
        ty
    }

    fn named(&mut self, span: Span, module: Option<Ident>, name: Ident, args: &[TypeExpr]) -> Ty {
        let args: Vec<Ty> = args.iter().map(|a| self.read(a)).collect();
        let found = match module {
            Some(module) => match self.in_module(module, name) {
                Some(found) => found,
                None => return arena::ERROR,
            },
            None => match self.world.type_named(self.module, name.name) {
                Some(found) => found,
                None => return self.plain(span, name, &args),
            },
        };
        match found {
            TypeRef::Data(id) => {
                let params = self.world.data[id.index()].decl.params.len();
                if self.count(span, name, params, args.len()) { self.arena.data(id, &args) } else { arena::ERROR }
            }
            TypeRef::Alias(id) => self.alias(span, name, id, &args),
            TypeRef::Container(id) => {
                if self.count(span, name, 0, args.len()) {
                    self.arena.container(id)
                } else {
                    arena::ERROR
                }
            }
        }
    }

    fn count(&mut self, span: Span, name: Ident, wanted: usize, given: usize) -> bool {
        if wanted != given {
            self.diagnostics.push(type_arguments::count(name.name.as_str(), span, wanted, given));
        }
        wanted == given
    }

    /// A type that the language knows without a declaration.
    fn plain(&mut self, span: Span, name: Ident, args: &[Ty]) -> Ty {
        let plain = match name.name.as_str() {
            "Int" => arena::INT,
            "Float" => arena::FLOAT,
            "Bool" => arena::BOOL,
            "Text" => arena::TEXT,
            "Bytes" => arena::BYTES,
            "Link" => arena::LINK,
            "Reply" => {
                return if self.count(span, name, 1, args.len()) { self.arena.reply(args[0]) } else { arena::ERROR };
            }
            "List" => {
                return if self.count(span, name, 1, args.len()) { self.arena.list(args[0]) } else { arena::ERROR };
            }
            _ if self.world.is_reported(self.module, name.name) => return arena::ERROR,
            other => {
                let names = self.type_names();
                let near = similar(other, names.iter().copied());
                self.diagnostics.push(unknown_type::unknown(other, name.span, &near));
                return arena::ERROR;
            }
        };
        if self.count(span, name, 0, args.len()) { plain } else { arena::ERROR }
    }

    fn type_names(&self) -> Vec<&'static str> {
        let module = self.world.module(self.module);
        let mut names = vec!["Int", "Float", "Bool", "Text", "Bytes", "List", "Link", "Reply"];
        names.extend(module.scope.types.keys().map(|n| n.as_str()));
        names.extend(self.world.implicit.types.keys().map(|n| n.as_str()));
        names.extend(module.imported.keys().map(|n| n.as_str()).filter(|n| n.starts_with(char::is_uppercase)));
        names
    }

    pub(crate) fn in_module(&mut self, module: Ident, name: Ident) -> Option<TypeRef> {
        let Some(of) = self.world.module_named(self.module, module.name) else {
            if self.world.is_reported(self.module, module.name) {
                return None;
            }
            let names = self.world.std_modules.keys().map(|n| n.as_str());
            let near = similar(module.name.as_str(), names);
            self.diagnostics.push(unknown_module::unknown(module.name.as_str(), module.span, &near));
            return None;
        };
        let path = &self.world.module(of).name;
        match self.world.type_in(self.module, of, name.name) {
            Member::Found(found) => return Some(found),
            Member::Private(at) => {
                self.diagnostics.push(private_item::private(path, name.name.as_str(), name.span, at));
            }
            Member::Missing => {
                let near = similar(name.name.as_str(), public_names(self.world, of));
                self.diagnostics.push(unknown_member::unknown(path, name.name.as_str(), name.span, &near));
            }
        }
        None
    }

    fn alias(&mut self, span: Span, name: Ident, id: u32, args: &[Ty]) -> Ty {
        let entry = self.world.aliases[id as usize];
        let TypeBody::Alias(body) = &entry.decl.body else {
            return arena::ERROR;
        };
        if !self.count(span, name, entry.decl.params.len(), args.len()) {
            return arena::ERROR;
        }
        if self.open.contains(&id) {
            let decl = entry.decl.name;
            self.diagnostics.push(recursive_alias::recursive(decl.name.as_str(), decl.span));
            return arena::ERROR;
        }
        if let Some(known) = self.arena.alias(id, args) {
            return known;
        }
        self.open.push(id);
        let mut vars: FxHashMap<Symbol, Ty> =
            entry.decl.params.iter().map(|p| p.name).zip(args.iter().copied()).collect();
        let mut inner = Annotator {
            world: self.world,
            arena: &mut *self.arena,
            diagnostics: &mut *self.diagnostics,
            module: entry.module,
            vars: &mut vars,
            unknown: Unknown::Report,
            open: std::mem::take(&mut self.open),
        };
        let ty = inner.read(body);
        self.open = std::mem::take(&mut inner.open);
        self.open.pop();
        self.arena.remember_alias(id, args, ty);
        ty
    }
}
