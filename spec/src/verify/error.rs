//! What the verifier says when it refuses.

use std::fmt;

use crate::instruction::{BlockId, FuncId};

/// Where in a module something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the module as a whole.
    Module,
    /// In a row of a table, such as `type 3`.
    Row(&'static str, usize),
    /// In a function's signature or registers.
    Function(FuncId),
    /// In a block's states at entry, or its shape.
    Block(FuncId, BlockId),
    /// At an instruction of a block.
    Instruction(FuncId, BlockId, usize),
}

/// The first rule that a module breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
}

impl VerifyError {
    pub(super) fn new(place: Place, message: impl Into<String>) -> Self {
        VerifyError { place, message: message.into() }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Module => {}
            Place::Row(table, n) => write!(f, "{table} {n}: ")?,
            Place::Function(func) => write!(f, "function {}: ", func.0)?,
            Place::Block(func, block) => write!(f, "function {}, block {}: ", func.0, block.0)?,
            Place::Instruction(func, block, at) => {
                write!(f, "function {}, block {}, instruction {at}: ", func.0, block.0)?;
            }
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for VerifyError {}
