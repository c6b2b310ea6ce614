//! Fields, members of modules, and `[]`.

use codex_diagnostics::catalog::{
    field_of_unknown, method_call, null_value, private_item, self_outside, state_in_helper, unknown_field,
    unknown_member, unknown_module, unknown_name,
};
use codex_diagnostics::{Diagnostic, Span};
use codex_spec::builtin;
use codex_syntax::Symbol;
use codex_syntax::ast::{self, Ident};

use super::{Infer, Want, Why};
use crate::arena::{self, Node};
use crate::collect::public_names;
use crate::foreign;
use crate::similar::similar;
use crate::typed::{self, DataId, ExprKind, LocalId, ModuleId, Ty};
use crate::world::{Member, TypeRef, ValueId, World};

/// What stands before and after a dot.
pub(crate) enum Dotted {
    /// A field of a value.
    Field,
    /// A function or constant of a module.
    Value(ValueId),
    /// A builtin, in the standard library.
    Builtin(u32),
    /// A variant of a module.
    Variant,
    /// Was reported.
    Error,
}

impl<'a> Infer<'_, 'a> {
    /// What `base.name` means: a field of a local wins if its type has one, then comes the module.
    pub(crate) fn dotted(&mut self, base: &'a ast::Expr, name: Ident) -> Dotted {
        let ast::ExprKind::Name(module) = &*base.kind else {
            return Dotted::Field;
        };
        let of = self.world.module_named(self.module, module.name);
        let value_type = match self.body.lookup(module.name) {
            Some(local) => Some(self.body.locals[local.index()].local.ty),
            None => self.const_type(module.name, base.span),
        };
        if let Some(ty) = value_type {
            let Some(of) = of else { return Dotted::Field };
            let has = self.find_field(ty, name.name).is_some();
            if has || matches!(self.world.value_in(self.module, of, name.name), Member::Missing) {
                return Dotted::Field;
            }
        }
        if self.std && module.name.as_str() == "builtin" {
            if let Some((index, _)) = builtin::find(name.name.as_str()) {
                return Dotted::Builtin(index);
            }
            let near = similar(name.name.as_str(), builtin::BUILTINS.iter().map(|b| b.name));
            self.report(unknown_member::unknown("builtin", name.name.as_str(), name.span, &near));
            return Dotted::Error;
        }
        let Some(of) = of else {
            self.unknown_base(*module);
            return Dotted::Error;
        };
        self.module_member(of, name)
    }

    fn const_type(&mut self, name: Symbol, span: Span) -> Option<Ty> {
        let id = self.value_named(name)?;
        self.world.const_of.get(&id)?;
        let function = self.world.function(id)?;
        Some(self.signature(function, span).2)
    }

    /// Neither a value nor a module has this name.
    fn unknown_base(&mut self, base: Ident) {
        if self.world.is_reported(self.module, base.name) {
            return;
        }
        let modules = self.module_names();
        let near = similar(base.name.as_str(), modules.iter().copied());
        if near.is_empty() || self.value_named(base.name).is_some() {
            self.unknown_name(base);
        } else {
            self.report(unknown_module::unknown(base.name.as_str(), base.span, &near));
        }
    }

    fn module_names(&self) -> Vec<&'static str> {
        let aliases = self.world.module(self.module).aliases.keys().map(|n| n.as_str());
        aliases.chain(crate::modules::STANDARD_MODULES.iter().copied()).collect()
    }

    fn module_member(&mut self, of: ModuleId, name: Ident) -> Dotted {
        let text = name.name.as_str();
        if text.starts_with(char::is_uppercase) {
            return Dotted::Variant;
        }
        let path = self.world.module(of).name.clone();
        match self.world.value_in(self.module, of, name.name) {
            Member::Found(id) => return Dotted::Value(id),
            Member::Private(at) if !self.world.module(of).std => {
                self.report(private_item::private(&path, text, name.span, at));
            }
            // What the standard library keeps to itself is as if it were not there.
            Member::Private(_) | Member::Missing => {
                let near = similar(text, public_names(self.world, of));
                self.report(match foreign::member(&path, text) {
                    Some(here) => {
                        let own = here.strip_prefix(&format!("{path}.")).map(str::to_owned);
                        let span = own.is_some().then_some(name.span);
                        unknown_member::renamed(&path, text, name.span, span, &own.unwrap_or(here))
                    }
                    None => unknown_member::unknown(&path, text, name.span, &near),
                });
            }
        }
        Dotted::Error
    }

    /// `base.name` that is not called.
    pub(crate) fn field(&mut self, base: &'a ast::Expr, name: Ident, span: Span, want: Want) -> typed::Expr {
        let expr = match self.dotted(base, name) {
            Dotted::Field => {
                let base = self.expr(base, Want::ANY);
                self.field_of(base, name, span)
            }
            Dotted::Value(id) => self.value(id, span),
            Dotted::Builtin(index) => self.builtin_value(index, span),
            Dotted::Variant => {
                let ast::ExprKind::Name(module) = &*base.kind else {
                    return self.error_expr(span);
                };
                return self.constructor_value(Some(*module), name, span, want);
            }
            Dotted::Error => self.error_expr(span),
        };
        self.finish(expr, want)
    }

    /// A field of a value.
    pub(crate) fn field_of(&mut self, base: typed::Expr, name: Ident, span: Span) -> typed::Expr {
        if self.arena.is_error(base.ty) || base.ty == arena::NEVER {
            return self.error_expr(span);
        }
        if self.arena.is_var(base.ty) {
            self.guess_record(base.ty, name.name);
        }
        match self.find_field(base.ty, name.name) {
            Some((index, ty)) => self.make(ExprKind::Field(base, index), ty, span),
            None => {
                self.report_no_field(&base, name);
                self.error_expr(span)
            }
        }
    }

    /// The index and type of a field, if the type is a record that has it.
    pub(crate) fn find_field(&mut self, ty: Ty, name: Symbol) -> Option<(u32, Ty)> {
        let Node::Data(id, args) = self.arena.get(ty) else {
            return None;
        };
        let index = field_index(self.world, id, name)?;
        let data = &self.shared.data[id.index()];
        let (_, field) = *data.variants.first()?.fields.get(index as usize)?;
        let args = self.arena.items(args).to_vec();
        Some((index, self.arena.import(&data.types, field, &args)))
    }

    /// A value of unknown type whose field is taken is of the one record in scope that has such a field.
    fn guess_record(&mut self, ty: Ty, name: Symbol) {
        let module = self.world.module(self.module);
        let own = module.scope.types.values().copied();
        let imported = module.imported.values().filter_map(|i| self.world.type_named(self.module, i.name.name));
        let mut found: Vec<DataId> = own
            .chain(imported)
            .filter_map(|t| if let TypeRef::Data(id) = t { Some(id) } else { None })
            .filter(|id| field_index(self.world, *id, name).is_some())
            .collect();
        found.sort_unstable();
        found.dedup();
        if let [only] = found[..] {
            let params = self.shared.data[only.index()].params;
            let args: Vec<Ty> = (0..params).map(|_| self.arena.var()).collect();
            let record = self.arena.data(only, &args);
            let _ = self.arena.unify(ty, record);
        }
    }

    fn report_no_field(&mut self, base: &typed::Expr, name: Ident) {
        let text = name.name.as_str();
        let shown = self.show(base.ty);
        let meant = self.meant_by_field(base, text);
        let diagnostic = match self.arena.peek(base.ty) {
            Node::Var(..) => field_of_unknown::unknown(text, name.span, base.span),
            _ if meant.is_some() => unknown_field::not_a_record(&shown, text, name.span, &meant.unwrap_or_default()),
            Node::Data(id, _) if self.world.variant_count(id) == 1 => {
                let fields = self.world.fields(id, 0);
                let labels: Vec<&str> = fields.iter().filter_map(|f| f.label).map(|l| l.name.as_str()).collect();
                let near = similar(text, labels.iter().copied());
                unknown_field::unknown(&shown, text, name.span, &near, &labels)
            }
            Node::Data(..) => unknown_field::several_variants(&shown, text, name.span),
            _ => unknown_field::unknown(&shown, text, name.span, &[], &[]),
        };
        let diagnostic = match self.arena.peek(base.ty) {
            Node::Container(_) => diagnostic.help("what a container holds is its own: send it a message, or ask it"),
            _ => diagnostic,
        };
        let diagnostic = self.label_origin(diagnostic, base);
        self.report(diagnostic);
    }

    /// What `base.name` may stand for where there is no such field: a function of the type's module, or a value of a map.
    fn meant_by_field(&self, base: &typed::Expr, name: &str) -> Option<String> {
        let home = self.home_name(base.ty)?;
        let source = self.world.text(base.span);
        if source.len() > 30 || source.contains('\n') {
            return None;
        }
        if let Some(here) = foreign::member(&home, name) {
            return Some(format!("{here}({source})"));
        }
        let module = self.world.std_modules.get(&Symbol::new(&home))?;
        match self.world.value_in(self.module, *module, Symbol::new(name)) {
            Member::Found(_) => Some(format!("{home}.{name}({source})")),
            _ if home == "map" => Some(format!("{source}[\"{name}\"]")),
            _ => None,
        }
    }

    /// `base.name(args)` where the type of `base` has no such field: a habit from languages with methods.
    pub(crate) fn report_method(&mut self, base: &typed::Expr, name: Ident, open: Option<Span>, no_args: bool) {
        if matches!(self.arena.peek(base.ty), Node::Error) {
            return;
        }
        let text = name.name.as_str();
        let module = self.home_module(base.ty);
        let call = module
            .filter(|m| matches!(self.world.value_in(self.module, *m, name.name), Member::Found(_)))
            .map(|m| format!("{}.{text}", self.world.module(m).name))
            .or_else(|| self.value_named(name.name).map(|_| text.to_owned()));
        let foreign = || foreign::member(&self.home_name(base.ty)?, text);
        let call = call.or_else(foreign);
        let known = call.is_some();
        // The module may have it, but is not in the program.
        let guess = || self.home_name(base.ty).map(|module| format!("{module}.{text}"));
        let Some(call) = call.or_else(|| if module.is_none() { guess() } else { None }) else {
            self.report_no_field(base, name);
            return;
        };
        let shown = self.show(base.ty);
        let source = self.world.text(base.span);
        let mut diagnostic = method_call::method(text, name.span, &shown, &call, source);
        if let Some(open) = open
            && known
        {
            let before = Span { end: base.span.start, ..base.span };
            let between = Span { start: base.span.end, end: open.end, ..base.span };
            diagnostic = method_call::with_fix(diagnostic, before, between, &call, no_args);
        }
        self.report(diagnostic);
    }

    /// The standard module for values of a type, or the module that declares it.
    fn home_module(&self, ty: Ty) -> Option<ModuleId> {
        if let Node::Data(id, _) = self.arena.peek(ty) {
            let module = self.world.data[id.index()].module;
            if !self.world.module(module).std {
                return Some(module);
            }
        }
        let name = self.home_name(ty)?;
        self.world.std_modules.get(&Symbol::new(&name)).copied()
    }

    /// The name of the standard module for values of a type.
    fn home_name(&self, ty: Ty) -> Option<String> {
        let name = match self.arena.peek(ty) {
            Node::Int => "int".to_owned(),
            Node::Float => "float".to_owned(),
            Node::Text => "text".to_owned(),
            Node::Bytes => "bytes".to_owned(),
            Node::List(_) => "list".to_owned(),
            Node::Data(id, _) => self.world.data[id.index()].decl.name.name.as_str().to_lowercase(),
            _ => return None,
        };
        crate::modules::STANDARD_MODULES.contains(&name.as_str()).then_some(name)
    }

    /// A builtin that is not called: a λ that calls it.
    fn builtin_value(&mut self, index: u32, span: Span) -> typed::Expr {
        let scheme = self.builtin(index);
        let instance = scheme.instantiate(&mut self.arena, span);
        let result = self.kept(instance.result);
        let params: Vec<LocalId> = instance.params.iter().map(|ty| self.body.hidden("argument", *ty, span)).collect();
        let args =
            params.iter().zip(&instance.params).map(|(id, ty)| self.make(ExprKind::Local(*id), *ty, span)).collect();
        let body = self.make(ExprKind::Builtin(index, args), result, span);
        let ty = self.arena.function(&instance.params, result);
        self.make(ExprKind::Lambda { params, captures: Vec::new(), body }, ty, span)
    }

    /// `base[index]`
    pub(crate) fn index(&mut self, base: &'a ast::Expr, index: &'a ast::Expr, span: Span, want: Want) -> typed::Expr {
        let base = self.expr(base, Want::ANY);
        let known = self.world.known;
        let expr = match self.arena.get(base.ty) {
            Node::List(item) => {
                let index = self.expr(index, Want::is(arena::INT, Why::Index(base.span)));
                self.make(ExprKind::Index(base, index), item, span)
            }
            Node::Data(id, args) if known.map == Some(id) => {
                let key = self.arena.item(args, 0);
                let key = self.expr(index, Want::is(key, Why::Key(base.span)));
                match self.known(known.map_index, "map", span) {
                    Some(function) => self.call_known(function, vec![base, key], span),
                    None => self.error_expr(span),
                }
            }
            Node::Bytes => {
                let index = self.expr(index, Want::is(arena::INT, Why::Index(base.span)));
                match builtin::find("bytes_get") {
                    Some((id, _)) => self.make(ExprKind::Builtin(id, vec![base, index]), arena::INT, span),
                    None => self.error_expr(span),
                }
            }
            Node::Var(..) => {
                let item = self.arena.var();
                let list = self.arena.list(item);
                let index = self.expr(index, Want::is(arena::INT, Why::Index(base.span)));
                if !self.expect_type(list, &base, Why::Nothing) {
                    return self.error_expr(span);
                }
                self.make(ExprKind::Index(base, index), item, span)
            }
            node => {
                self.expr(index, Want::ANY);
                if !matches!(node, Node::Error) {
                    self.report_not_indexable(&base);
                }
                self.error_expr(span)
            }
        };
        self.finish(expr, want)
    }

    /// A name that means nothing here.
    pub(crate) fn unknown_name(&mut self, name: Ident) {
        let text = name.name.as_str();
        if self.world.is_reported(self.module, name.name) {
            return;
        }
        if let Some(diagnostic) = self.not_in_a_handler(name) {
            return self.report(diagnostic);
        }
        let diagnostic = if matches!(text, "null" | "nil" | "undefined" | "none") {
            null_value::null_value(name.span, text)
        } else if self.world.module_named(self.module, name.name).is_some() {
            unknown_name::module_as_value(text, name.span)
        } else if let Some(help) = foreign::name(text) {
            unknown_name::foreign(text, name.span, help)
        } else {
            let module = self.world.module(self.module);
            let mut names: Vec<&'static str> = self.body.names().collect();
            names.extend(module.scope.values.keys().map(|n| n.as_str()));
            names.extend(module.imported.keys().map(|n| n.as_str()));
            names.extend(self.world.implicit.values.keys().map(|n| n.as_str()));
            let near = similar(text, names.into_iter().filter(|n| !n.starts_with(char::is_uppercase)));
            let elsewhere = self.one_import_away(name.name);
            unknown_name::unknown_but(text, name.span, &near, &elsewhere)
        };
        self.report(diagnostic);
    }

    /// `self` or a member of the container, where there are none.
    pub(crate) fn not_in_a_handler(&self, name: Ident) -> Option<Diagnostic> {
        let text = name.name.as_str();
        let member = self.container.and_then(|c| self.world.container(c).member(name.name));
        match (member, self.container) {
            (Some(member), _) => Some(state_in_helper::used(text, name.span, member)),
            (None, within) if text == "self" => Some(self_outside::outside(name.span, within.is_some())),
            _ => None,
        }
    }

    /// Standard modules in the program that have a public value of this name.
    fn one_import_away(&self, name: Symbol) -> Vec<String> {
        let modules = self.world.std_modules.values();
        let mut found: Vec<String> = modules
            .filter(|m| matches!(self.world.value_in(self.module, **m, name), Member::Found(_)))
            .map(|m| format!("{}.{}", self.world.module(*m).name, name.as_str()))
            .collect();
        found.sort();
        found.truncate(3);
        found
    }
}

/// The index of a label in a data type with one variant.
pub(crate) fn field_index(world: &World<'_>, id: DataId, name: Symbol) -> Option<u32> {
    if world.variant_count(id) != 1 {
        return None;
    }
    let fields = world.fields(id, 0);
    fields.iter().position(|f| f.label.is_some_and(|l| l.name == name)).map(|i| i as u32)
}
