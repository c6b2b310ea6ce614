//! The finished types of functions, as others use them.

use crate::arena::{self, Arena};
use crate::constraint::Mask;
use crate::typed::{Ty, Type, Types};

/// The type of a finished function or constant.
#[derive(Clone, Debug)]
pub(crate) struct Scheme {
    pub(crate) types: Types,
    /// For each type parameter, what it must meet.
    pub(crate) masks: Vec<Mask>,
    pub(crate) params: Vec<Ty>,
    pub(crate) result: Ty,
    /// It never returns: its result is a type parameter that nothing it is given has.
    pub(crate) never: bool,
}

/// A scheme with its parameters replaced by new variables.
pub(crate) struct Instance {
    pub(crate) type_args: Vec<Ty>,
    pub(crate) params: Vec<Ty>,
    pub(crate) result: Ty,
}

impl Scheme {
    /// The scheme of something that went wrong: its uses are errors that were reported.
    pub(crate) fn unknown() -> Self {
        let types = Types { all: vec![Type::Error] };
        Scheme { types, masks: Vec::new(), params: Vec::new(), result: Ty(0), never: false }
    }

    /// Marks functions that never return.
    pub(crate) fn finish(mut self) -> Self {
        self.never = match self.types.all.get(self.result.index()) {
            Some(Type::Never) => true,
            Some(Type::Param(p)) => !self.params.iter().any(|t| mentions(&self.types, *t, *p)),
            _ => false,
        };
        self
    }

    /// New variables for the parameters.
    pub(crate) fn instantiate(&self, arena: &mut Arena<'_>, at: codex_diagnostics::Span) -> Instance {
        let type_args: Vec<Ty> =
            self.masks.iter().map(|m| if m.is_empty() { arena.var() } else { arena.var_with(*m, Some(at)) }).collect();
        let params = self.params.iter().map(|t| arena.import(&self.types, *t, &type_args)).collect();
        let result = if self.never { arena::NEVER } else { arena.import(&self.types, self.result, &type_args) };
        Instance { type_args, params, result }
    }
}

/// Whether a type has a parameter in it. A table lists parts before what they are parts of.
fn mentions(types: &Types, ty: Ty, param: u32) -> bool {
    let mut has: Vec<bool> = Vec::with_capacity(ty.index() + 1);
    for part in &types.all[..=ty.index()] {
        has.push(match part {
            Type::Param(p) => *p == param,
            Type::List(item) | Type::Reply(item) => has[item.index()],
            Type::Tuple(items) | Type::Data(_, items) => items.iter().any(|t| has[t.index()]),
            Type::Fn(params, result) => params.iter().chain([result]).any(|t| has[t.index()]),
            _ => false,
        });
    }
    has[ty.index()]
}
