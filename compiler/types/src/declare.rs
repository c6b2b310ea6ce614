//! Data types as declared, to their finished form.

use codex_diagnostics::Diagnostic;
use codex_diagnostics::catalog::duplicate_binding;
use codex_syntax::Symbol;
use codex_syntax::ast::{FieldDecl, TypeBody};
use rustc_hash::FxHashMap;

use crate::annotate::{Annotator, Unknown};
use crate::arena::Arena;
use crate::constraint::{self, Facts};
use crate::typed::{Data, FnId, Ty, Variant};
use crate::world::{DataDecl, World};
use crate::zonk::{Finish, Params};

/// All data types, and what demands they can meet.
pub(crate) fn declare(world: &World<'_>) -> (Vec<Data>, Vec<Facts>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let data: Vec<Data> = world.data.iter().map(|d| data(world, d, &mut diagnostics)).collect();
    for alias in &world.aliases {
        check_alias(world, alias, &mut diagnostics);
    }
    let facts = constraint::facts_of(&data);
    (data, facts, diagnostics)
}

fn data(world: &World<'_>, entry: &DataDecl<'_>, diagnostics: &mut Vec<Diagnostic>) -> Data {
    let mut arena = Arena::new(&[]);
    let (mut vars, params) = params(entry, &mut arena, diagnostics);
    let mut annotator = Annotator {
        world,
        arena: &mut arena,
        diagnostics,
        module: entry.module,
        vars: &mut vars,
        unknown: Unknown::Report,
        open: Vec::new(),
    };
    let mut read = |name: Symbol, fields: &[FieldDecl]| {
        let mut labels: Vec<(Symbol, codex_diagnostics::Span)> = Vec::new();
        let fields = fields
            .iter()
            .map(|f| {
                if let Some(label) = f.label {
                    if let Some((_, first)) = labels.iter().find(|(l, _)| *l == label.name) {
                        let twice = duplicate_binding::twice(label.name.as_str(), label.span, *first);
                        annotator.diagnostics.push(twice);
                    }
                    labels.push((label.name, label.span));
                }
                (f.label.map(|l| l.name), annotator.read(&f.ty))
            })
            .collect();
        Variant { name, fields }
    };
    let (record, mut variants) = match &entry.decl.body {
        TypeBody::Record(fields) => (true, vec![read(entry.decl.name.name, fields)]),
        TypeBody::Variants(all) => (false, all.iter().map(|v| read(v.name.name, &v.fields)).collect()),
        TypeBody::Alias(_) => (false, Vec::new()),
    };
    let mut finish = Finish::new(&arena, &params);
    for (_, ty) in variants.iter_mut().flat_map(|v| &mut v.fields) {
        *ty = finish.ty(&arena, *ty);
    }
    Data {
        name: entry.decl.name.name,
        module: entry.module,
        params: entry.decl.params.len() as u32,
        record,
        types: finish.end(),
        variants,
    }
}

fn params(
    entry: &DataDecl<'_>,
    arena: &mut Arena<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (FxHashMap<Symbol, Ty>, Params) {
    let mut vars = FxHashMap::default();
    let mut params: Vec<Ty> = Vec::new();
    for (i, p) in entry.decl.params.iter().enumerate() {
        let ty = arena.rigid(p.name, FnId(u32::MAX));
        params.push(ty);
        if vars.insert(p.name, ty).is_some() {
            let first = entry.decl.params[..i].iter().find(|q| q.name == p.name);
            let first = first.map_or(p.span, |f| f.span);
            diagnostics.push(duplicate_binding::twice(p.name.as_str(), p.span, first));
        }
    }
    (vars, params)
}

/// Reads an alias once where it is declared, so that mistakes in it are told even if it is not used.
fn check_alias(world: &World<'_>, entry: &DataDecl<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let TypeBody::Alias(body) = &entry.decl.body else {
        return;
    };
    let mut arena = Arena::new(&[]);
    let (mut vars, _) = params(entry, &mut arena, diagnostics);
    let before = diagnostics.len();
    let mut annotator = Annotator {
        world,
        arena: &mut arena,
        diagnostics,
        module: entry.module,
        vars: &mut vars,
        unknown: Unknown::Report,
        open: Vec::new(),
    };
    annotator.read(body);
    // A use of the alias may have told the same already.
    let (old, new) = diagnostics.split_at(before);
    let fresh: Vec<Diagnostic> = new.iter().filter(|d| !old.contains(d)).cloned().collect();
    diagnostics.truncate(before);
    diagnostics.extend(fresh);
}
