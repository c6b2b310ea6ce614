//! What can go wrong, and where.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::id::{ChunkId, PublicKey, SaveId, TimelineId, WorldId};

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be done.
#[derive(Debug)]
pub enum Error {
    /// The disk did not do what it was asked.
    Io {
        /// What was asked of it.
        doing: &'static str,
        /// Of which file or directory.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
    /// Stored bytes are not what they should be.
    Bad {
        /// The file.
        path: PathBuf,
        /// The first thing that is wrong with it.
        flaw: Flaw,
    },
    /// Another process has the vault open for writing.
    Held {
        /// The vault.
        path: PathBuf,
        /// The process, if it said so.
        pid: Option<u32>,
    },
    /// A newer owner has taken the vault: nothing more is written, nothing more is acknowledged.
    Fenced {
        /// The epoch of this owner.
        mine: u64,
        /// The epoch of the newer one.
        newer: u64,
    },
    /// An earlier failure left it unknown what is on the disk, so this writer has stopped for good.
    Stopped,
    /// Nothing is broken, but this may not be done.
    Refused(Refusal),
    /// An object store's answer.
    Remote(String),
}

/// The first thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Bytes from the start of the file.
    pub offset: u64,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// A way for stored bytes to be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It does not begin as such a file does.
    Magic(&'static str),
    /// A format version that this build does not read.
    Format(u32),
    /// VM semantics that this build does not have.
    Semantics(u32),
    /// It ends too early.
    Ended,
    /// Bytes follow where it should end.
    Trailing,
    /// The bytes of something do not have the hash that they should have.
    Hash(&'static str),
    /// A record does not follow from the one before it, though later ones were on the disk.
    Chain,
    /// The part before this one does not end where this one begins.
    Broken(&'static str),
    /// A number above what its place allows.
    Range {
        /// What the number is.
        what: &'static str,
        /// The number.
        found: u64,
        /// The most it may be.
        most: u64,
    },
    /// A code without a meaning.
    Unknown {
        /// What it should name.
        what: &'static str,
        /// The code.
        code: u64,
    },
    /// A text that is not UTF-8.
    Text,
    /// Elements out of order, or one twice.
    Order(&'static str),
    /// The signature does not fit the header and the key that it names.
    Signature,
    /// Signed by a key that is not trusted here.
    UnknownKey(PublicKey),
    /// Of another world.
    World(WorldId),
    /// Of another timeline than its parent, though it does not say that it is a fork.
    Timeline(TimelineId),
    /// It names a parent that is not here.
    Parent(SaveId),
    /// Its parent is of a later tick.
    Later(u64),
    /// Its lineage comes back to a save that was passed before.
    Cycle(SaveId),
    /// A chunk is nowhere.
    Missing(ChunkId),
    /// A chunk is there that nothing refers to.
    Stray(ChunkId),
    /// A chunk cannot be unpacked to the length that it should have.
    Packed,
}

/// Why a thing may not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is a vault already.
    Exists(PathBuf),
    /// There is no vault.
    NoVault(PathBuf),
    /// No such save.
    NoSave(SaveId),
    /// The vault was last written under other VM semantics.
    Semantics {
        /// Those of the vault.
        vault: u32,
        /// Those of this build.
        ours: u32,
    },
    /// A key's file can be read by others.
    Mode {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A key may not be kept in a vault.
    KeyInVault(PathBuf),
    /// Something is larger than it may be.
    TooLarge {
        /// What.
        what: &'static str,
        /// How large it is.
        found: u64,
        /// How large it may be.
        most: u64,
    },
    /// A region of a delta is said to be unchanged, but the parent has none.
    NoParentRegion(u64),
    /// Regions of a save out of order, or one twice.
    Regions(u64),
    /// No stored state passes its checks.
    NoState,
    /// An address that is not understood.
    Address(String),
}

impl Error {
    /// The disk's error, with what was done to what.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { doing, path, source }
    }
}

impl Flaw {
    pub(crate) fn new(offset: u64, wrong: Wrong) -> Self {
        Flaw { offset, wrong }
    }

    /// This flaw, as an error about a file.
    pub(crate) fn in_file(self, path: &Path) -> Error {
        Error::Bad { path: path.to_owned(), flaw: self }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(refusal)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { doing, path, source } => write!(f, "{}: cannot {doing}: {source}", path.display()),
            Error::Bad { path, flaw } => write!(f, "{}: {flaw}", path.display()),
            Error::Held { path, pid: Some(pid) } => {
                write!(f, "{}: process {pid} has this vault open for writing", path.display())
            }
            Error::Held { path, pid: None } => {
                write!(f, "{}: another process has this vault open for writing", path.display())
            }
            Error::Fenced { mine, newer } => {
                write!(f, "epoch {newer} owns this vault now; this process had epoch {mine} and has to stop")
            }
            Error::Stopped => write!(f, "an earlier write failed, so nothing more is written"),
            Error::Refused(why) => why.fmt(f),
            Error::Remote(why) => write!(f, "the object store: {why}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.wrong)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Magic(what) => write!(f, "this is not {what}"),
            Wrong::Format(v) => write!(f, "format version {v} is not known to this build"),
            Wrong::Semantics(v) => {
                write!(f, "it needs VM semantics {v}; this build has {}", codex_spec::semantics::VERSION)
            }
            Wrong::Ended => write!(f, "it ends too early"),
            Wrong::Trailing => write!(f, "bytes follow where the end should be"),
            Wrong::Hash(what) => write!(f, "{what} does not have the hash that it should have"),
            Wrong::Chain => write!(f, "a record is damaged, though later ones were safely written"),
            Wrong::Broken(what) => write!(f, "{what} does not go on where the one before it ends"),
            Wrong::Range { what, found, most } => write!(f, "{found} is too large for {what}, which is at most {most}"),
            Wrong::Unknown { what, code } => write!(f, "there is no {what} {code}"),
            Wrong::Text => write!(f, "a text is not UTF-8"),
            Wrong::Order(what) => write!(f, "{what} are out of order"),
            Wrong::Signature => write!(f, "the signature is not the signer's"),
            Wrong::UnknownKey(key) => write!(f, "the signer {key} is not trusted here"),
            Wrong::World(id) => write!(f, "it belongs to another world, {id}"),
            Wrong::Timeline(id) => write!(f, "its parent is on another timeline, {id}"),
            Wrong::Parent(id) => write!(f, "its parent {id} is not here"),
            Wrong::Later(tick) => write!(f, "its parent is of tick {tick}, which is later"),
            Wrong::Cycle(id) => write!(f, "its lineage comes back to {id}"),
            Wrong::Missing(id) => write!(f, "chunk {id} is missing"),
            Wrong::Stray(id) => write!(f, "nothing refers to chunk {id}"),
            Wrong::Packed => write!(f, "a chunk does not unpack to its length"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Exists(path) => write!(f, "{}: there is a vault already", path.display()),
            Refusal::NoVault(path) => write!(f, "{}: there is no vault", path.display()),
            Refusal::NoSave(id) => write!(f, "there is no save {id}"),
            Refusal::Semantics { vault, ours } => {
                write!(f, "the vault was last written under VM semantics {vault}; this build has {ours}")
            }
            Refusal::Mode { path, mode } => {
                write!(f, "{}: mode {mode:03o} lets others read this key; make it 600", path.display())
            }
            Refusal::KeyInVault(path) => write!(f, "{}: a key may not be kept in a vault", path.display()),
            Refusal::TooLarge { what, found, most } => {
                write!(f, "{what} is {found} bytes long, and may be at most {most}")
            }
            Refusal::NoParentRegion(id) => {
                write!(f, "region {id} is said to be unchanged, but the parent has no such region")
            }
            Refusal::Regions(id) => write!(f, "region {id} is out of order or there twice"),
            Refusal::NoState => write!(f, "no stored state passes its checks"),
            Refusal::Address(why) => write!(f, "this address is not understood: {why}"),
        }
    }
}
