//! Tables of finished types in which equal types have equal ids.

use rustc_hash::FxHashMap;

use crate::typed::{Ty, Type, Types};

/// Builds a [`Types`].
#[derive(Default)]
pub(crate) struct Interner {
    types: Types,
    index: FxHashMap<Type, Ty>,
}

impl Interner {
    /// The id of a type.
    pub(crate) fn intern(&mut self, ty: Type) -> Ty {
        if let Some(id) = self.index.get(&ty) {
            return *id;
        }
        let id = Ty(self.types.all.len() as u32);
        self.types.all.push(ty.clone());
        self.index.insert(ty, id);
        id
    }

    /// The table so far.
    pub(crate) fn types(&self) -> &Types {
        &self.types
    }

    /// The table; the interner is empty again.
    pub(crate) fn take(&mut self) -> Types {
        self.index.clear();
        std::mem::take(&mut self.types)
    }

    /// The table.
    pub(crate) fn finish(self) -> Types {
        self.types
    }
}
