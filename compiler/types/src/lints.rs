//! What is probably not meant: names that nothing uses, public functions without types.

use codex_diagnostics::catalog::{missing_annotations, unused_function, unused_import, unused_local};
use codex_diagnostics::{Diagnostic, Span};
use codex_syntax::ast;

use crate::infer::LocalInfo;
use crate::reach::Reach;
use crate::scheme::Scheme;
use crate::typed::{ModuleId, Ty, Type, Types};
use crate::world::{ValueId, ValueKind, World};

/// Locals that are never read.
pub(crate) fn locals(world: &World<'_>, locals: &[LocalInfo], out: &mut Vec<Diagnostic>) {
    for info in locals.iter().filter(|i| !i.read && !i.quiet) {
        let span = info.local.span;
        let name = info.local.name.as_str();
        let after = Span { start: span.end, end: span.end + 1, ..span };
        // `Point(x:)` binds by a label, which cannot be renamed.
        let pun = world.text(after) == ":" && !info.param || world.text(span) != name;
        out.push(unused_local::unused(name, span, info.local.mutable, !pun));
    }
}

/// Imports and private functions that nothing uses.
pub(crate) fn items(world: &World<'_>, reach: &Reach, out: &mut Vec<Diagnostic>) {
    for (module, used) in world.modules.iter().zip(&reach.used).filter(|(m, _)| !m.std) {
        for (i, import) in module.imports.iter().enumerate().filter(|(_, i)| i.module.is_some()) {
            let names = &import.import.names;
            let unused: Vec<&ast::Ident> = names.iter().filter(|n| !used.names.contains(&n.name)).collect();
            if !used.imports.contains(&i) && unused.len() == names.len() {
                out.push(unused_import::import(import.item.span));
                continue;
            }
            for name in unused {
                out.push(unused_import::name(name.name.as_str(), name.span));
            }
        }
    }
    for id in &reach.unused {
        let value = world.value(*id);
        let what = match value.kind {
            ValueKind::Const(_) => "constant",
            ValueKind::Init(_) => "container",
            ValueKind::Handler(..) => "message",
            _ => "function",
        };
        if let Some(name) = value.name() {
            out.push(unused_function::unused(what, name.as_str(), value.span()));
        }
    }
}

/// A public function whose types are not written.
pub(crate) fn annotations(world: &World<'_>, id: ValueId, scheme: &Scheme, out: &mut Vec<Diagnostic>) {
    let value = world.value(id);
    let ValueKind::Function(f) = value.kind else {
        return;
    };
    if !value.public || (f.result.is_some() && f.params.iter().all(|p| p.ty.is_some())) {
        return;
    }
    // Errors elsewhere would make a wrong suggestion.
    let ok = !scheme.types.all.contains(&Type::Error) && scheme.params.len() == f.params.len();
    let mut edits = Vec::new();
    if ok {
        for (p, ty) in f.params.iter().zip(&scheme.params).filter(|(p, _)| p.ty.is_none()) {
            edits.push((p.name.span.after(), format!(": {}", show(world, &scheme.types, *ty))));
        }
        if f.result.is_none() {
            edits.extend(
                head_end(world, f).map(|end| (end, format!(" → {}", show(world, &scheme.types, scheme.result)))),
            );
        }
    }
    // Where written and found type variables meet, their names could be confused.
    let mixed = !scheme.masks.is_empty() && f.params.iter().any(|p| p.ty.is_some());
    let edits = if mixed { Vec::new() } else { edits };
    out.push(missing_annotations::missing(f.name.name.as_str(), f.name.span, edits));
}

/// Just after the parenthesis that closes the parameters.
fn head_end(world: &World<'_>, f: &ast::Function) -> Option<Span> {
    let last = f.params.last().map(|p| p.ty.as_ref().map_or(p.name.span, |t| t.span));
    let from = last.unwrap_or(f.name.span);
    let between = Span { start: from.end, end: f.body.span.start, ..from };
    let close = world.text(between).find(')')?;
    let at = from.end + close as u32 + 1;
    Some(Span { start: at, end: at, ..from })
}

/// A finished type as source; type parameters are a, b, c …
pub(crate) fn show(world: &World<'_>, types: &Types, ty: Ty) -> String {
    let list = |items: &[Ty]| items.iter().map(|t| show(world, types, *t)).collect::<Vec<_>>().join(", ");
    match &types[ty] {
        Type::Int => "Int".to_owned(),
        Type::Float => "Float".to_owned(),
        Type::Bool => "Bool".to_owned(),
        Type::Text => "Text".to_owned(),
        Type::Bytes => "Bytes".to_owned(),
        Type::Never | Type::Error => "_".to_owned(),
        Type::Param(i) => param_name(*i),
        Type::List(item) => format!("List[{}]", show(world, types, *item)),
        Type::Tuple(items) => format!("({})", list(items)),
        Type::Fn(params, result) => {
            format!("fn({}) → {}", list(params), show(world, types, *result))
        }
        Type::Link => "Link".to_owned(),
        Type::Reply(of) => format!("Reply[{}]", show(world, types, *of)),
        Type::Container(id) => {
            let container = world.container(*id);
            qualified(world, container.module, container.decl.name)
        }
        Type::Data(id, args) => {
            let data = &world.data[id.index()];
            let name = qualified(world, data.module, data.decl.name);
            if args.is_empty() { name } else { format!("{name}[{}]", list(args)) }
        }
    }
}

/// A type's name, with its module if that has to be written.
fn qualified(world: &World<'_>, module: ModuleId, name: ast::Ident) -> String {
    let module = world.module(module);
    if module.std && !world.implicit.types.contains_key(&name.name) {
        format!("{}.{}", module.name, name.name)
    } else {
        name.name.as_str().to_owned()
    }
}

fn param_name(i: u32) -> String {
    let letter = char::from(b'a' + (i % 26) as u8);
    if i < 26 { letter.to_string() } else { format!("{letter}{}", i / 26) }
}
