//! Patterns: what they bind, what they match, and whether they can fail.

use codex_diagnostics::Span;
use codex_diagnostics::catalog::{
    duplicate_binding, empty_range, match_too_complex, missing_cases, or_pattern, pattern_fields, refutable_pattern,
    trees_later, unreachable_arm,
};
use codex_syntax::Symbol;
use codex_syntax::ast::{self, Ident, PatternKind as Ast};
use rustc_hash::FxHashMap;

use super::stmt::bound_locals;
use super::{Infer, Why};
use crate::arena::{self, Node};
use crate::exhaustive::{self, Coverage};
use crate::typed::{self, DataId, ExprKind, LocalId, Pattern, PatternKind, Ty};

/// The names bound so far in one pattern.
#[derive(Default)]
struct Names {
    bound: FxHashMap<Symbol, LocalId>,
    /// In an alternative after the first: the names of the first one, which are bound again.
    first: Option<FxHashMap<Symbol, LocalId>>,
}

impl<'a> Infer<'_, 'a> {
    /// Infers a pattern for values of a type. Its names are not in scope yet.
    pub(crate) fn pattern(&mut self, p: &'a ast::Pattern, ty: Ty, why: Why) -> Pattern {
        self.sub_pattern(p, ty, why, &mut Names::default())
    }

    /// Brings the names of a pattern into scope.
    pub(crate) fn enter_pattern(&mut self, pattern: &Pattern) {
        for id in bound_locals(pattern) {
            self.body.enter(id);
        }
    }

    /// A pattern that must match every value; `place` says where it stands.
    pub(crate) fn irrefutable(&mut self, p: &'a ast::Pattern, ty: Ty, why: Why, place: &str) -> Pattern {
        let before = self.diagnostics.len();
        let pattern = self.pattern(p, ty, why);
        let unclear = std::mem::take(&mut self.unclear);
        if self.diagnostics.len() == before && !unclear && !is_plain(&pattern) {
            let missing = self.coverage(&[(&pattern, false)], false);
            if let Some(case) = missing.missing.first() {
                self.report(refutable_pattern::refutable(p.span, place, case));
            }
        }
        pattern
    }

    fn sub_pattern(&mut self, p: &'a ast::Pattern, ty: Ty, why: Why, names: &mut Names) -> Pattern {
        let span = p.span;
        let kind = match &p.kind {
            Ast::Any | Ast::Error => PatternKind::Any,
            Ast::Bind(name) => self.bind(*name, ty, names),
            Ast::As(name, inner) => {
                let bound = self.bind(*name, ty, names);
                let inner = self.sub_pattern(inner, ty, why, names);
                match bound {
                    PatternKind::Bind(id) => PatternKind::As(id, Box::new(inner)),
                    _ => return inner,
                }
            }
            Ast::Int(n) => self.literal(PatternKind::Int(*n, *n), arena::INT, ty, why, span),
            Ast::Float(x) => self.literal(PatternKind::Float(*x), arena::FLOAT, ty, why, span),
            Ast::Bool(b) => self.literal(PatternKind::Bool(*b), arena::BOOL, ty, why, span),
            Ast::Text(text) => self.literal(PatternKind::Text(text.clone()), arena::TEXT, ty, why, span),
            Ast::Range { lo, hi, inclusive } => {
                let last = if *inclusive { Some(*hi) } else { hi.checked_sub(1) };
                match last.filter(|last| lo <= last) {
                    Some(last) => self.literal(PatternKind::Int(*lo, last), arena::INT, ty, why, span),
                    None => {
                        self.report(empty_range::empty(span));
                        PatternKind::Any
                    }
                }
            }
            Ast::Variant { module, name, fields, rest, .. } => {
                self.variant_pattern(p, (*module, *name), fields, *rest, ty, why, names)
            }
            Ast::List { before, rest, after } => self.list_pattern(before, rest, after, ty, why, span, names),
            Ast::Tuple(items) => self.tuple_pattern(items, ty, why, span, names),
            Ast::Or(items) => self.or_pattern(items, ty, why, names),
            Ast::Quote(_) => {
                self.later("trees", span, |s| trees_later::later(s, "quoted trees"));
                PatternKind::Any
            }
        };
        Pattern { kind, ty, span }
    }

    fn bind(&mut self, name: Ident, ty: Ty, names: &mut Names) -> PatternKind {
        if name.name.as_str() == "_" {
            return PatternKind::Any;
        }
        if let Some(first) = names.bound.get(&name.name) {
            let first = self.body.locals[first.index()].local.span;
            self.report(duplicate_binding::twice(name.name.as_str(), name.span, first));
            return PatternKind::Any;
        }
        let again = names.first.as_ref().and_then(|f| f.get(&name.name)).copied();
        let id = match again {
            Some(id) => {
                let local = self.body.locals[id.index()].local;
                let found = self.make(ExprKind::Local(id), ty, name.span);
                self.expect_type(local.ty, &found, Why::Matched(local.span));
                id
            }
            None => self.body.local(name.name, ty, false, name.span, false),
        };
        names.bound.insert(name.name, id);
        PatternKind::Bind(id)
    }

    /// A pattern of a known type, matched with a value.
    fn literal(&mut self, kind: PatternKind, own: Ty, ty: Ty, why: Why, span: Span) -> PatternKind {
        if self.fits(own, ty, why, span) { kind } else { PatternKind::Any }
    }

    /// Whether a pattern's own type is that of the value; if not, that is reported.
    fn fits(&mut self, own: Ty, ty: Ty, why: Why, span: Span) -> bool {
        let found = self.make(ExprKind::Error, own, span);
        match self.arena.unify(ty, own) {
            Ok(()) => true,
            Err(clash) => {
                self.report_pattern_mismatch(ty, &found, why, clash);
                false
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn variant_pattern(
        &mut self,
        p: &'a ast::Pattern,
        (module, name): (Option<Ident>, Ident),
        fields: &'a [(Option<Ident>, ast::Pattern)],
        rest: bool,
        ty: Ty,
        why: Why,
        names: &mut Names,
    ) -> PatternKind {
        let found = self.find_variant(module, name);
        let fitting = found.filter(|(id, variant)| {
            let (own, _) = self.instance(*id, *variant);
            self.fits(own, ty, why, p.span)
        });
        let places = fitting.and_then(|found| self.field_places(found, name, fields, rest, p.span));
        let (Some((id, variant)), Some(places)) = (fitting, places) else {
            // Its names are still bound, so that their uses are not errors too.
            self.unclear = true;
            let parts = fields.iter().map(|(_, p)| self.sub_pattern(p, arena::ERROR, Why::Nothing, names)).collect();
            return PatternKind::Tuple(parts);
        };
        let types = self.field_types(ty, id, variant);
        let any = |ty: &Ty| Pattern { kind: PatternKind::Any, ty: *ty, span: p.span };
        let mut typed: Vec<Pattern> = types.iter().map(any).collect();
        for ((_, field), place) in fields.iter().zip(places) {
            typed[place] = self.sub_pattern(field, types[place], why, names);
        }
        PatternKind::Variant(variant, typed)
    }

    /// The types of a variant's fields in a value of this type.
    fn field_types(&mut self, ty: Ty, id: DataId, variant: u32) -> Vec<Ty> {
        let Node::Data(_, args) = self.arena.get(ty) else {
            return self.instance(id, variant).1;
        };
        let args = self.arena.items(args).to_vec();
        let data = &self.shared.data[id.index()];
        let fields = data.variants.get(variant as usize).map_or(&[][..], |v| &v.fields);
        fields.iter().map(|(_, f)| self.arena.import(&data.types, *f, &args)).collect()
    }

    /// Which field each pattern is for; a wrong number or label is reported.
    fn field_places(
        &mut self,
        (id, variant): (DataId, u32),
        name: Ident,
        fields: &[(Option<Ident>, ast::Pattern)],
        rest: bool,
        span: Span,
    ) -> Option<Vec<usize>> {
        let declared = self.world.fields(id, variant);
        let text = name.name.as_str();
        let mut places: Vec<usize> = Vec::with_capacity(fields.len());
        for (i, (label, field)) in fields.iter().enumerate() {
            let place = match label {
                None => Some(i).filter(|i| *i < declared.len()),
                Some(label) => {
                    let place = declared.iter().position(|f| f.label.is_some_and(|l| l.name == label.name));
                    if place.is_none() {
                        let labels: Vec<&str> =
                            declared.iter().filter_map(|f| f.label).map(|l| l.name.as_str()).collect();
                        let near = crate::similar::similar(label.name.as_str(), labels.iter().copied());
                        let label_text = label.name.as_str();
                        self.report(pattern_fields::label(text, label_text, label.span, &near, &labels));
                        return None;
                    }
                    place
                }
            };
            let Some(place) = place else { break };
            if places.contains(&place) {
                self.report(pattern_fields::twice(text, field.span));
                return None;
            }
            places.push(place);
        }
        let enough = fields.len() == declared.len() || (rest && fields.len() < declared.len());
        if !enough {
            let names: Vec<String> = declared
                .iter()
                .map(|f| f.label.map_or_else(|| "_".to_owned(), |l| l.name.as_str().to_owned()))
                .collect();
            let d = pattern_fields::count(text, span, declared.len(), fields.len(), &names);
            self.report(d);
            return None;
        }
        Some(places)
    }

    #[allow(clippy::too_many_arguments)]
    fn list_pattern(
        &mut self,
        before: &'a [ast::Pattern],
        rest: &'a Option<Option<Ident>>,
        after: &'a [ast::Pattern],
        ty: Ty,
        why: Why,
        span: Span,
        names: &mut Names,
    ) -> PatternKind {
        let item = self.arena.var();
        let list = self.arena.list(item);
        let fits = self.fits(list, ty, why, span);
        let (item, list) = if fits { (item, ty) } else { (arena::ERROR, arena::ERROR) };
        let before: Vec<Pattern> = before.iter().map(|p| self.sub_pattern(p, item, why, names)).collect();
        let rest = rest.map(|name| match name.map(|n| self.bind(n, list, names)) {
            Some(PatternKind::Bind(id)) => Some(id),
            _ => None,
        });
        let after: Vec<Pattern> = after.iter().map(|p| self.sub_pattern(p, item, why, names)).collect();
        PatternKind::List { before, rest, after }
    }

    fn tuple_pattern(
        &mut self,
        items: &'a [ast::Pattern],
        ty: Ty,
        why: Why,
        span: Span,
        names: &mut Names,
    ) -> PatternKind {
        let vars: Vec<Ty> = items.iter().map(|_| self.arena.var()).collect();
        let own = self.arena.tuple(&vars);
        let fits = self.fits(own, ty, why, span);
        let mut typed = Vec::with_capacity(items.len());
        for (p, var) in items.iter().zip(&vars) {
            let ty = if fits { *var } else { arena::ERROR };
            typed.push(self.sub_pattern(p, ty, why, names));
        }
        PatternKind::Tuple(typed)
    }

    /// Alternatives bind the same names.
    fn or_pattern(&mut self, items: &'a [ast::Pattern], ty: Ty, why: Why, names: &mut Names) -> PatternKind {
        let outer = names.bound.clone();
        let again = names.first.take();
        let mut typed = Vec::with_capacity(items.len());
        let mut first: Option<FxHashMap<Symbol, LocalId>> = None;
        for item in items {
            names.bound = outer.clone();
            names.first = match (&first, &again) {
                (Some(first), _) => Some(first.clone()),
                (None, again) => again.clone(),
            };
            typed.push(self.sub_pattern(item, ty, why, names));
            match &first {
                None => first = Some(names.bound.clone()),
                Some(first) => self.same_names(first, &names.bound, items, item.span),
            }
        }
        names.bound = first.unwrap_or(outer);
        names.first = again;
        PatternKind::Or(typed)
    }

    fn same_names(
        &mut self,
        first: &FxHashMap<Symbol, LocalId>,
        other: &FxHashMap<Symbol, LocalId>,
        items: &[ast::Pattern],
        span: Span,
    ) {
        let one_sided = |a: &FxHashMap<Symbol, LocalId>, b: &FxHashMap<Symbol, LocalId>| {
            let mut names: Vec<&str> = a.keys().filter(|n| !b.contains_key(n)).map(|n| n.as_str()).collect();
            names.sort_unstable();
            names.first().copied()
        };
        let first_span = items.first().map_or(span, |p| p.span);
        if let Some(name) = one_sided(first, other) {
            self.report(or_pattern::differs(name, first_span, span));
        } else if let Some(name) = one_sided(other, first) {
            self.report(or_pattern::differs(name, span, first_span));
        }
    }

    /// Whether the arms of a match cover every value, and each is of use.
    pub(crate) fn check_cases(&mut self, typed: &[typed::Arm], arms: &[ast::Arm], ty: Ty, value: Span, span: Span) {
        let rows: Vec<(&Pattern, bool)> = typed.iter().map(|a| (&a.pattern, a.guard.is_some())).collect();
        let coverage = self.coverage(&rows, true);
        if coverage.gave_up {
            self.report(match_too_complex::unchecked(value));
            return;
        }
        if !coverage.missing.is_empty() {
            let place = arms.first().map(|first| missing_cases::Place {
                brace: Span { start: span.end.saturating_sub(1), ..span },
                column: self.world.column(first.pattern.span),
                one_line: !self.world.text(span).contains('\n'),
            });
            let whole = self.show(ty);
            self.report(missing_cases::missing(value, &whole, &coverage.missing, place));
        }
        if self.std {
            return;
        }
        for (i, earlier) in coverage.useless {
            let earlier = earlier.map(|e| arms[e].pattern.span);
            self.report(unreachable_arm::unreachable(arms[i].pattern.span, earlier));
        }
    }

    fn coverage(&mut self, rows: &[(&Pattern, bool)], useless: bool) -> Coverage {
        let converted: Vec<(exhaustive::Pat, bool)> = rows.iter().map(|(p, guard)| (self.convert(p), *guard)).collect();
        exhaustive::cover(self.world, self.module, &converted, useless)
    }

    /// A pattern as the check of cases sees it.
    fn convert(&mut self, p: &Pattern) -> exhaustive::Pat {
        use exhaustive::{Head, Pat};
        let all = |infer: &mut Self, items: &[Pattern]| items.iter().map(|p| infer.convert(p)).collect::<Vec<_>>();
        match &p.kind {
            PatternKind::Any | PatternKind::Bind(_) => Pat::Any,
            PatternKind::As(_, inner) => self.convert(inner),
            PatternKind::Int(lo, hi) => Pat::Int(*lo, *hi),
            PatternKind::Float(x) => Pat::Float(x.to_bits()),
            PatternKind::Bool(b) => Pat::Head(Head::Bool(*b), Vec::new()),
            PatternKind::Text(text) => Pat::Text(text.clone()),
            PatternKind::Variant(v, items) => match self.arena.get(p.ty) {
                Node::Data(id, _) => Pat::Head(Head::Variant(id, *v), all(self, items)),
                _ => Pat::Any,
            },
            PatternKind::Tuple(items) => Pat::Head(Head::Tuple, all(self, items)),
            PatternKind::List { before, rest, after } => {
                Pat::List { before: all(self, before), open: rest.is_some(), after: all(self, after) }
            }
            PatternKind::Or(items) => Pat::Or(all(self, items)),
        }
    }
}

/// Whether a pattern is just a name or `_`.
fn is_plain(p: &Pattern) -> bool {
    matches!(p.kind, PatternKind::Any | PatternKind::Bind(_))
}
