//! The verifier: the only door to the machine.
//!
//! For a module that passes, this holds on every run, whatever the input:
//!
//! 1. Every id, index and register that code names exists, and has the type that its place wants.
//! 2. A register is read only while it holds something, and the something is of the register's type.
//! 3. Every owned reference is given up exactly once: moved, stored, passed, returned or dropped. Nothing leaks and
//!    nothing is freed twice.
//! 4. A borrowed reference is read only while its holder still holds it, unchanged.
//! 5. A cell is written only through a reference that is its only one.
//! 6. A field is read only in the variant that has it.
//! 7. A cell with a field taken out is not looked at until the field is back.
//! 8. Control stays inside of its function, and falls off no end.
//!
//! The rules and why they suffice are in spec/ownership.md. The states at block entries are stored, so each function
//! is one pass over its blocks; time and memory are linear in the module's size, but for a
//! `switch_tag`, whose edges (256 at most) are each checked against their whole target.
//! No module makes it panic.

mod classes;
mod edges;
mod entries;
mod error;
mod frame;
mod function;
#[cfg(any(test, feature = "grow"))]
pub mod grow;
mod holds;
mod rules;
mod signatures;
mod tables;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

pub use error::{Place, VerifyError};
pub use holds::{is_fresh, shares};

pub(crate) use entries::normalised;
pub(crate) use frame::Frame;
pub(crate) use function::{consume, for_each_result, for_each_use, produce};

use crate::codec::{self, CodecError};
use crate::instruction::FuncId;
use crate::liveness::Table;
use crate::module::Module;

/// A module that keeps every promise above. Only [`verify`] makes one.
pub struct Verified {
    module: Module,
    safepoints: Box<[OnceLock<Table>]>,
}

/// A checker, and what it is about.
type Checker = fn(&Module) -> Result<(), VerifyError>;

/// The checkers in their order. Each may rely on what the ones before it established:
/// ids are in range before anything follows them, tables agree before signatures are compared with
/// them, and code is looked at last, against sound tables and signatures only.
const CHECKERS: &[Checker] = &[
    tables::sizes,
    tables::builtin_types,
    tables::ids,
    tables::data_types,
    tables::list_types,
    tables::closure_layouts,
    signatures::functions,
    signatures::closures,
    signatures::entry,
    signatures::containers,
    function::all,
];

/// Checks a module.
pub fn verify(module: Module) -> Result<Verified, VerifyError> {
    for checker in CHECKERS {
        checker(&module)?;
    }
    let safepoints = module.functions.iter().map(|_| OnceLock::new()).collect();
    Ok(Verified { module, safepoints })
}

/// Why stored bytes cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// They are not the stored form of a module.
    Codec(CodecError),
    /// The module breaks a rule.
    Verify(VerifyError),
}

/// Decodes and checks a module.
pub fn load(bytes: &[u8]) -> Result<Verified, LoadError> {
    verify(codec::decode(bytes).map_err(LoadError::Codec)?).map_err(LoadError::Verify)
}

impl Verified {
    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The module, for change: it has to be checked again.
    pub fn into_module(self) -> Module {
        self.module
    }

    /// Where [`crate::liveness`] keeps what it found.
    pub(crate) fn safepoints(&self, function: FuncId) -> Option<&OnceLock<Table>> {
        self.safepoints.get(function.index())
    }
}

impl Deref for Verified {
    type Target = Module;
    fn deref(&self) -> &Module {
        &self.module
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verified").field(&self.module).finish()
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Codec(e) => e.fmt(f),
            LoadError::Verify(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {}
