//! What can be wrong with stored bytes, and where.

use std::fmt;

/// The first thing that is wrong with a stored module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecError {
    /// Bytes from the start of the module to what is wrong.
    pub offset: usize,
    /// What it is.
    pub wrong: Wrong,
}

/// A way in which bytes are not a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The first bytes are not [`super::MAGIC`].
    NotAModule,
    /// A format version that this reader does not know.
    Format(u64),
    /// VM semantics that this build does not have.
    Semantics(u64),
    /// The bytes, or a section's, end too early.
    Ended,
    /// Bytes follow where the module, or a section, should end.
    Trailing,
    /// A number in more bytes than it needs, or of more than 64 bits.
    Overlong,
    /// A number above what its place allows.
    Range {
        /// What the number is.
        what: &'static str,
        /// The number.
        found: u64,
    },
    /// More elements than the bytes that are left could hold, or than there may be.
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: u64,
    },
    /// A code without a meaning.
    Unknown {
        /// What it should name.
        what: &'static str,
        /// The code.
        code: u64,
    },
    /// Another section than the one whose turn it is.
    Section {
        /// Whose turn it is.
        expected: &'static str,
        /// The id found.
        found: u8,
    },
    /// Two runs of registers that should be one.
    SplitRun,
    /// The names do not decode, or not from their one form.
    Names(String),
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.wrong)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::NotAModule => write!(f, "this is not a .codex module"),
            Wrong::Format(v) => write!(f, "the format version is {v}; this build reads {}", super::FORMAT),
            Wrong::Semantics(v) => {
                write!(f, "the module needs VM semantics {v}; this build has {}", crate::semantics::VERSION)
            }
            Wrong::Ended => write!(f, "the bytes end too early"),
            Wrong::Trailing => write!(f, "bytes follow where the end should be"),
            Wrong::Overlong => write!(f, "a number takes more bytes than it needs"),
            Wrong::Range { what, found } => write!(f, "{found} is too large for {what}"),
            Wrong::TooMany { what, count } => {
                write!(f, "{count} {what} are more than there can be")
            }
            Wrong::Unknown { what, code } => write!(f, "there is no {what} {code}"),
            Wrong::Section { expected, found } => {
                write!(f, "the {expected} section should stand here, not one with id {found}")
            }
            Wrong::SplitRun => write!(f, "a run of registers of one type is split without need"),
            Wrong::Names(why) => write!(f, "the names: {why}"),
        }
    }
}

impl std::error::Error for CodecError {}
