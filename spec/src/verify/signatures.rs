//! Signatures fit registers, closures fit their types.

use super::error::{Place, VerifyError};
use crate::instruction::{FuncId, LayoutId};
use crate::layout::{LayoutDef, RegType, TypeDef};
use crate::module::{ContainerDef, Function, Lifecycle, Module, Param};

type Check = Result<(), VerifyError>;

/// Registers of a function at most: what a register's number can say.
const MAX_REGISTERS: usize = 1 << 16;

fn each(module: &Module, check: impl Fn(&Function) -> Result<(), &'static str>) -> Check {
    for (n, function) in (0..).zip(&module.functions) {
        check(function).map_err(|m| VerifyError::new(Place::Function(FuncId(n)), m))?;
    }
    Ok(())
}

/// Parameters arrive in the first registers; words are not borrowed.
pub(super) fn functions(module: &Module) -> Check {
    each(module, |f| {
        if f.registers.len() > MAX_REGISTERS {
            return Err("more registers than there can be");
        }
        let types = f.params.iter().map(|p| p.typ);
        if f.params.len() > f.registers.len() || !types.eq(f.registers[..f.params.len()].iter().copied()) {
            return Err("the first registers do not have the types of the parameters");
        }
        if f.params.iter().any(|p| p.borrowed && !matches!(p.typ, RegType::Ref(_))) {
            return Err("a parameter that is a word is borrowed");
        }
        Ok(())
    })
}

/// The function of a closure layout takes the function value and what its type says, all owned.
pub(super) fn closures(module: &Module) -> Check {
    for (n, f) in (0..).zip(&module.functions) {
        let Some(layout) = f.closure else { continue };
        if !is_function_of(module, FuncId(n), f, layout) {
            let message = "it is not the function of its closure layout, or has another signature";
            return Err(VerifyError::new(Place::Function(FuncId(n)), message));
        }
    }
    Ok(())
}

fn is_function_of(module: &Module, id: FuncId, f: &Function, layout: LayoutId) -> bool {
    let Some(LayoutDef::Closure { typ, function, .. }) = module.layout(layout) else {
        return false;
    };
    let Some(TypeDef::Function { params, result }) = module.typ(*typ) else {
        return false;
    };
    let owned = |typ| Param { typ, borrowed: false };
    let expected = [RegType::Ref(*typ)].into_iter().chain(params.iter().copied()).map(owned);
    *function == id && f.result == *result && expected.eq(f.params.iter().copied())
}

/// The entry and the tests exist, take nothing, and belong to no closure.
pub(super) fn entry(module: &Module) -> Check {
    let tests = module.tests.iter().map(|(_, function)| ("test", *function));
    for (what, id) in module.entry.iter().map(|f| ("entry", *f)).chain(tests) {
        match module.function(id) {
            None => return Err(VerifyError::new(Place::Module, format!("the {what} function does not exist"))),
            Some(f) if !f.params.is_empty() || f.closure.is_some() => {
                return Err(VerifyError::new(Place::Function(id), format!("the {what} function takes parameters")));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The functions of a kind of container take and give its state; all their parameters are owned.
pub(super) fn containers(module: &Module) -> Check {
    for (row, container) in module.containers.iter().enumerate() {
        container_functions(module, container)
            .map_err(|message| VerifyError::new(Place::Row("container", row), message))?;
    }
    Ok(())
}

fn container_functions(module: &Module, container: &ContainerDef) -> Result<(), String> {
    let state = container.state;
    let gives_state = |id: FuncId| {
        let function = module.function(id).ok_or_else(|| format!("there is no f{}", id.0))?;
        let plain = function.closure.is_none() && function.params.iter().all(|p| !p.borrowed);
        if plain && function.result == state {
            Ok(function)
        } else {
            Err(format!("f{} does not give the state, or borrows, or belongs to a closure", id.0))
        }
    };
    gives_state(container.init)?;
    for handler in &container.handlers {
        if gives_state(handler.function)?.params.first().map(|p| p.typ) != Some(state) {
            return Err(format!("f{} does not take the state", handler.function.0));
        }
    }
    for (event, id) in Lifecycle::ALL.into_iter().zip(container.lifecycle) {
        let Some(id) = id else { continue };
        let expected = [state].into_iter().chain(event.params().iter().copied());
        if !gives_state(id)?.params.iter().map(|p| p.typ).eq(expected) {
            return Err(format!("f{} does not take what `{}` gives", id.0, event.name()));
        }
    }
    Ok(())
}
