//! The tables agree with themselves and with each other.

use super::error::{Place, VerifyError};
use crate::instruction::{LayoutId, TypeId};
use crate::layout::{LayoutDef, MAX_FIELDS, MAX_LAYOUTS, MAX_VARIANTS, RegType, Storage, TypeDef, builtin_layout};
use crate::module::Module;

type Check = Result<(), VerifyError>;

fn wrong(table: &'static str, row: usize, message: impl Into<String>) -> Check {
    Err(VerifyError::new(Place::Row(table, row), message))
}

/// Nothing is larger than the machine's words for it.
pub(super) fn sizes(module: &Module) -> Check {
    if module.layouts.len() + builtin_layout::FIRST as usize > MAX_LAYOUTS {
        return Err(VerifyError::new(Place::Module, format!("more than {MAX_LAYOUTS} layouts")));
    }
    for (row, layout) in module.layouts.iter().enumerate() {
        if fields(layout).len() > MAX_FIELDS {
            return wrong("layout", row + builtin_layout::FIRST as usize, format!("more than {MAX_FIELDS} fields"));
        }
    }
    for (row, constant) in module.constants.iter().enumerate() {
        if u32::try_from(constant.len()).is_err() {
            return wrong("constant", row, "longer than a value can be");
        }
    }
    Ok(())
}

/// Types 0 and 1 are `Text` and `Bytes`, and no others are.
pub(super) fn builtin_types(module: &Module) -> Check {
    if module.types.first() != Some(&TypeDef::Text) || module.types.get(1) != Some(&TypeDef::Bytes) {
        return Err(VerifyError::new(Place::Module, "types 0 and 1 are not Text and Bytes"));
    }
    for (row, typ) in module.types.iter().enumerate().skip(2) {
        if matches!(typ, TypeDef::Text | TypeDef::Bytes) {
            return wrong("type", row, "a second Text or Bytes");
        }
    }
    Ok(())
}

/// Every id in a table is in range, signatures and registers included; ids in code come with the code.
pub(super) fn ids(module: &Module) -> Check {
    let typ = |t: TypeId| t.index() < module.types.len();
    let layout = |l: LayoutId| module.layout(l).is_some();
    let storage = |s: &Storage| !matches!(s, Storage::Ref(t) if !typ(*t));
    let reg = |r: &RegType| !matches!(r, RegType::Ref(t) if !typ(*t));
    for (row, def) in module.types.iter().enumerate() {
        let good = match def {
            TypeDef::Data(variants) => variants.iter().flatten().all(|l| layout(*l)),
            TypeDef::List { element, layout: l } => storage(element) && layout(*l),
            TypeDef::Function { params, result } => params.iter().all(reg) && reg(result),
            TypeDef::Text | TypeDef::Bytes => true,
        };
        if !good {
            return wrong("type", row, "it names a type or layout that does not exist");
        }
    }
    for (row, def) in module.layouts.iter().enumerate() {
        let good = match def {
            LayoutDef::Record { typ: t, .. } | LayoutDef::List(t) => typ(*t),
            LayoutDef::Closure { typ: t, function, .. } => typ(*t) && module.function(*function).is_some(),
        };
        if !good || !fields(def).iter().all(storage) {
            let row = row + builtin_layout::FIRST as usize;
            return wrong("layout", row, "it names a type or function that does not exist");
        }
    }
    if let Some(row) = module.globals.iter().position(|g| !reg(g)) {
        return wrong("global", row, "its type does not exist");
    }
    for (row, container) in module.containers.iter().enumerate() {
        let mut types = container.handlers.iter().map(|h| &h.reply).chain([&container.state]);
        if !types.all(reg) {
            return wrong("container", row, "it names a type that does not exist");
        }
    }
    for (row, f) in module.functions.iter().enumerate() {
        let mut types = f.params.iter().map(|p| &p.typ).chain(&f.registers).chain([&f.result]);
        if !types.all(reg) {
            return wrong("function", row, "it names a type that does not exist");
        }
    }
    Ok(())
}

/// A data type has 1 to 256 variants; each with fields has a record layout of its own, which says so too.
pub(super) fn data_types(module: &Module) -> Check {
    for (row, def) in module.types.iter().enumerate() {
        let TypeDef::Data(variants) = def else {
            continue;
        };
        if variants.is_empty() || variants.len() > MAX_VARIANTS {
            return wrong("type", row, format!("{} variants; there can be 1 to {MAX_VARIANTS}", variants.len()));
        }
        for (number, layout) in variants.iter().enumerate() {
            let Some(layout) = layout else { continue };
            let says = module.layout(*layout);
            let good = matches!(says, Some(LayoutDef::Record { typ, tag, .. })
                if typ.index() == row && usize::from(*tag) == number);
            if !good {
                return wrong("type", row, format!("the layout of variant {number} is not that variant's"));
            }
        }
    }
    for (row, id, def) in own_layouts(module) {
        let LayoutDef::Record { typ, tag, .. } = def else {
            continue;
        };
        let known = matches!(module.typ(*typ), Some(TypeDef::Data(variants))
            if variants.get(usize::from(*tag)) == Some(&Some(id)));
        if !known {
            return wrong("layout", row, "its type does not have it as that variant");
        }
    }
    Ok(())
}

/// A list type and its layout name each other.
pub(super) fn list_types(module: &Module) -> Check {
    for (row, def) in module.types.iter().enumerate() {
        let TypeDef::List { layout, .. } = def else {
            continue;
        };
        if !matches!(module.layout(*layout), Some(LayoutDef::List(typ)) if typ.index() == row) {
            return wrong("type", row, "its layout is not that of this list type");
        }
    }
    for (row, id, def) in own_layouts(module) {
        let LayoutDef::List(typ) = def else { continue };
        if !matches!(module.typ(*typ), Some(TypeDef::List { layout, .. }) if *layout == id) {
            return wrong("layout", row, "its type is not a list with this layout");
        }
    }
    Ok(())
}

/// A closure layout is of a function type, and its function says that it is the layout's.
pub(super) fn closure_layouts(module: &Module) -> Check {
    for (row, id, def) in own_layouts(module) {
        let LayoutDef::Closure { typ, function, .. } = def else {
            continue;
        };
        if !matches!(module.typ(*typ), Some(TypeDef::Function { .. })) {
            return wrong("layout", row, "its type is not a function type");
        }
        if module.function(*function).is_none_or(|f| f.closure != Some(id)) {
            return wrong("layout", row, "its function does not belong to it");
        }
    }
    Ok(())
}

fn own_layouts(module: &Module) -> impl Iterator<Item = (usize, LayoutId, &LayoutDef)> {
    (builtin_layout::FIRST..).zip(&module.layouts).map(|(n, def)| (n as usize, LayoutId(n), def))
}

/// The fields of a record or closure.
fn fields(layout: &LayoutDef) -> &[Storage] {
    match layout {
        LayoutDef::Record { fields, .. } | LayoutDef::Closure { fields, .. } => fields,
        LayoutDef::List(_) => &[],
    }
}
