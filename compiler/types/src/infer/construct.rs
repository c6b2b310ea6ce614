//! Variants and records: made, updated, and used as functions.

use codex_diagnostics::Span;
use codex_diagnostics::catalog::{
    argument_count, argument_label, container_as_value, missing_fields, private_item, spread_base, unknown_module,
    unknown_variant,
};
use codex_syntax::Symbol;
use codex_syntax::ast::Ident;

use super::call::Arguments;
use super::{Infer, Want, Why};
use crate::collect::public_names;
use crate::similar::similar;
use crate::typed::{self, DataId, ExprKind, Ty};
use crate::world::Member;

impl<'a> Infer<'_, 'a> {
    /// The variant that a name means; if none, that is reported.
    pub(crate) fn find_variant(&mut self, module: Option<Ident>, name: Ident) -> Option<(DataId, u32)> {
        let text = name.name.as_str();
        let Some(module) = module else {
            let found = self.world.variant_named(self.module, name.name);
            if found.is_none() {
                self.unknown_variant(name);
            }
            return found;
        };
        let Some(of) = self.world.module_named(self.module, module.name) else {
            if self.world.is_reported(self.module, module.name) {
                return None;
            }
            let near = similar(module.name.as_str(), self.world.std_modules.keys().map(|n| n.as_str()));
            self.report(unknown_module::unknown(module.name.as_str(), module.span, &near));
            return None;
        };
        let path = self.world.module(of).name.clone();
        match self.world.variant_in(self.module, of, name.name) {
            Member::Found(found) => return Some(found),
            Member::Private(at) => self.report(private_item::private(&path, text, name.span, at)),
            Member::Missing => {
                let near = similar(text, public_names(self.world, of).filter(|n| n.starts_with(char::is_uppercase)));
                self.report(unknown_variant::in_module(&path, text, name.span, &near));
            }
        }
        None
    }

    fn unknown_variant(&mut self, name: Ident) {
        let text = name.name.as_str();
        let module = self.world.module(self.module);
        if self.world.is_reported(self.module, name.name) {
            return;
        }
        let diagnostic = match self.world.type_named(self.module, name.name) {
            Some(crate::world::TypeRef::Data(id)) => {
                let count = self.world.variant_count(id);
                let variants: Vec<&str> = (0..count).map(|v| self.world.variant_ident(id, v).name.as_str()).collect();
                unknown_variant::is_a_type(text, name.span, &variants)
            }
            Some(crate::world::TypeRef::Container(_)) => container_as_value::value(text, name.span),
            Some(_) => unknown_variant::is_a_type(text, name.span, &[]),
            None if is_plain_type(text) => unknown_variant::is_a_type(text, name.span, &[]),
            None => {
                let mut names: Vec<&str> = module.scope.variants.keys().map(|n| n.as_str()).collect();
                names.extend(module.imported.keys().map(|n| n.as_str()).filter(|n| n.starts_with(char::is_uppercase)));
                names.extend(self.world.implicit.variants.keys().map(|n| n.as_str()));
                unknown_variant::unknown(text, name.span, &similar(text, names))
            }
        };
        self.report(diagnostic);
    }

    /// New arguments for a data type, the type, and the types of one variant's fields.
    pub(crate) fn instance(&mut self, id: DataId, variant: u32) -> (Ty, Vec<Ty>) {
        let data = &self.shared.data[id.index()];
        let args: Vec<Ty> = (0..data.params).map(|_| self.arena.var()).collect();
        let ty = self.arena.data(id, &args);
        let fields = data.variants.get(variant as usize).map_or(&[][..], |v| &v.fields);
        let fields = fields.iter().map(|(_, f)| self.arena.import(&data.types, *f, &args)).collect();
        (ty, fields)
    }

    /// A variant that is not called: its value, or the function that makes it.
    pub(crate) fn constructor_value(
        &mut self,
        module: Option<Ident>,
        name: Ident,
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let Some((id, variant)) = self.find_variant(module, name) else {
            return self.error_expr(span);
        };
        let (ty, fields) = self.instance(id, variant);
        if fields.is_empty() {
            let kind = ExprKind::Construct { variant, fields: Vec::new(), order: Vec::new() };
            return self.leaf(kind, ty, span, want);
        }
        let function = self.arena.function(&fields, ty);
        self.leaf(ExprKind::Constructor(id, variant), function, span, want)
    }

    /// `Name(args)`
    pub(crate) fn construct(
        &mut self,
        module: Option<Ident>,
        name: Ident,
        arguments: Arguments<'a>,
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let Some((id, variant)) = self.find_variant(module, name) else {
            self.infer_anyway(arguments);
            return self.error_expr(span);
        };
        let declared = self.world.fields(id, variant);
        // A field without a label has a name that nothing can be written as.
        let labels: Vec<Symbol> =
            declared.iter().map(|f| f.label.map_or_else(|| Symbol::new(""), |l| l.name)).collect();
        let Some(places) = self.places(&arguments, &labels, name.name) else {
            self.infer_anyway(arguments);
            return self.error_expr(span);
        };
        if arguments.spread.is_some() {
            return self.update((id, variant), name, arguments, &places, span, want);
        }
        if !self.complete((id, variant), name, &arguments, &places, span) {
            self.infer_anyway(arguments);
            return self.error_expr(span);
        }
        let (ty, fields) = self.instance(id, variant);
        // What is wanted says more about the fields; a mismatch is reported at the end.
        if let Some(wanted) = want.ty
            && !self.arena.is_var(wanted)
            && matches!(self.arena.peek(wanted), crate::arena::Node::Data(d, _) if d == id)
        {
            let _ = self.arena.unify(wanted, ty);
        }
        let ordered: Vec<Ty> = places.iter().map(|p| fields[*p]).collect();
        let items = arguments.items.into_iter().map(|(_, g)| g).collect();
        let whys: Vec<Why> = places.iter().map(|p| self.field_why((id, variant), *p)).collect();
        let args = self.givens(items, &ordered, |i| whys[i]);
        let order = places.iter().map(|p| *p as u32).collect();
        let mut sorted: Vec<(usize, typed::Expr)> = places.into_iter().zip(args).collect();
        sorted.sort_by_key(|(place, _)| *place);
        let fields = sorted.into_iter().map(|(_, e)| e).collect();
        self.leaf(ExprKind::Construct { variant, fields, order }, ty, span, want)
    }

    fn field_why(&self, (id, variant): (DataId, u32), place: usize) -> Why {
        let name = self.world.variant_ident(id, variant).name;
        match self.world.fields(id, variant).get(place) {
            Some(field) => Why::Field(field.label.map_or(name, |l| l.name), field.ty.span),
            None => Why::Nothing,
        }
    }

    /// Whether every field is given; if not, that is reported.
    fn complete(
        &mut self,
        (id, variant): (DataId, u32),
        name: Ident,
        arguments: &Arguments<'a>,
        places: &[usize],
        span: Span,
    ) -> bool {
        let declared = self.world.fields(id, variant);
        let given = arguments.items.len();
        let text = name.name.as_str();
        let at = self.world.variant_ident(id, variant).span;
        let at = (!self.world.module(self.world.data[id.index()].module).std).then_some(at);
        if given > declared.len() {
            let signature = self.variant_text(id, variant);
            let extra = arguments.items[declared.len()].1.span();
            self.report(argument_count::wrong(text, extra, declared.len(), given, &signature, at));
            return false;
        }
        if given == declared.len() {
            return true;
        }
        let missing: Vec<String> = declared
            .iter()
            .enumerate()
            .filter(|(i, _)| !places.contains(i))
            .map(|(_, f)| f.label.map_or_else(|| self.world.text(f.ty.span).to_owned(), |l| l.name.as_str().to_owned()))
            .collect();
        let labelled = arguments.items.iter().any(|(l, _)| l.is_some());
        if labelled || (given == 0 && declared.iter().all(|f| f.label.is_some())) {
            self.report(missing_fields::missing(text, span, &missing, at));
        } else {
            let signature = self.variant_text(id, variant);
            self.report(argument_count::wrong(text, span, declared.len(), given, &signature, at));
        }
        false
    }

    /// A variant with its fields, as declared.
    fn variant_text(&self, id: DataId, variant: u32) -> String {
        let fields: Vec<String> = self
            .world
            .fields(id, variant)
            .iter()
            .map(|f| {
                let ty = self.world.text(f.ty.span);
                f.label.map_or_else(|| ty.to_owned(), |l| format!("{}: {ty}", l.name))
            })
            .collect();
        format!("{}({})", self.world.variant_ident(id, variant).name, fields.join(", "))
    }

    /// `Name(..base, label: e)`
    fn update(
        &mut self,
        (id, variant): (DataId, u32),
        name: Ident,
        arguments: Arguments<'a>,
        places: &[usize],
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let Some(base) = arguments.spread else {
            return self.error_expr(span);
        };
        if self.world.variant_count(id) != 1 {
            self.report(spread_base::several_variants(name.name.as_str(), base.span));
            self.infer_anyway(arguments);
            return self.error_expr(span);
        }
        if let Some((None, given)) = arguments.items.iter().find(|(label, _)| label.is_none()) {
            let at = given.span();
            self.report(argument_label::unlabelled_update(at));
            self.infer_anyway(arguments);
            return self.error_expr(span);
        }
        let (ty, fields) = self.instance(id, variant);
        let base = self.expr(base, Want::is(ty, Why::Field(name.name, name.span)));
        let ordered: Vec<Ty> = places.iter().map(|p| fields[*p]).collect();
        let items = arguments.items.into_iter().map(|(_, g)| g).collect();
        let whys: Vec<Why> = places.iter().map(|p| self.field_why((id, variant), *p)).collect();
        let args = self.givens(items, &ordered, |i| whys[i]);
        let fields = places.iter().map(|p| *p as u32).zip(args).collect();
        self.leaf(ExprKind::Update { base, fields }, ty, span, want)
    }
}

fn is_plain_type(name: &str) -> bool {
    matches!(name, "Int" | "Float" | "Bool" | "Text" | "Bytes" | "List" | "Link" | "Reply")
}
