//! The kinds of records, and their bytes.

use std::fmt;

use crate::bytes::{Sink, Source};
use crate::error::{Flaw, Wrong};
use crate::id::{ChunkId, SaveId, StateHash};

/// The most bytes of an input that stand in the journal itself; a longer one is chunks in the vault, and here by its hash.
pub const SMALL: usize = 64 << 10;
/// The most bytes of a record's body: an input and what stands around it.
pub(super) const MOST: usize = SMALL + 256;

/// Bytes kept as chunks: their length, and the chunk from which all are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Blob {
    /// In bytes.
    pub len: u64,
    /// The only chunk, or the one at the top of the tree of chunk lists.
    pub root: ChunkId,
}

/// What entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// At most [`SMALL`] bytes.
    Here(Vec<u8>),
    /// More, kept as chunks.
    Chunks(Blob),
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Something entered the world.
    Input {
        /// The tick that it belongs to.
        tick: u64,
        /// What it is: the world's business.
        payload: Payload,
    },
    /// Nothing else entered up to and including this tick.
    Horizon {
        /// The tick.
        tick: u64,
    },
    /// The state at a tick.
    Beat {
        /// The tick.
        tick: u64,
        /// The state's hash.
        hash: StateHash,
        /// Milliseconds since 1970, UTC.
        wall: i64,
    },
    /// All outputs up to this number have been let out.
    Released {
        /// The number.
        output: u64,
    },
    /// An owner has taken over.
    Owner {
        /// Its epoch.
        epoch: u64,
        /// Who it is, for people.
        name: String,
    },
    /// A save has been made and checked.
    Saved {
        /// Which.
        save: SaveId,
        /// The tick of its state.
        tick: u64,
    },
    /// A word to people who read the journal.
    Note {
        /// The word.
        text: String,
    },
    /// Everything before this record is on the disk. Written by the writer itself.
    Mark,
}

/// Numbers are forever.
pub(super) mod kind {
    pub(crate) const INPUT: u8 = 1;
    pub(crate) const LARGE_INPUT: u8 = 2;
    pub(crate) const HORIZON: u8 = 3;
    pub(crate) const BEAT: u8 = 4;
    pub(crate) const RELEASED: u8 = 5;
    pub(crate) const OWNER: u8 = 6;
    pub(crate) const SAVED: u8 = 7;
    pub(crate) const NOTE: u8 = 8;
    pub(crate) const MARK: u8 = 9;
}

impl Record {
    /// An input with a payload of at most [`SMALL`] bytes.
    pub fn input(tick: u64, payload: impl Into<Vec<u8>>) -> Self {
        Record::Input { tick, payload: Payload::Here(payload.into()) }
    }

    /// Kind and body.
    pub(super) fn encode(&self) -> (u8, Vec<u8>) {
        let mut body = Sink::default();
        let kind = match self {
            Record::Input { tick, payload: Payload::Here(bytes) } => {
                body.u64(*tick);
                body.bytes(bytes);
                kind::INPUT
            }
            Record::Input { tick, payload: Payload::Chunks(blob) } => {
                body.u64(*tick);
                blob.encode(&mut body);
                kind::LARGE_INPUT
            }
            Record::Horizon { tick } => {
                body.u64(*tick);
                kind::HORIZON
            }
            Record::Beat { tick, hash, wall } => {
                body.u64(*tick);
                body.bytes(&hash.0);
                body.i64(*wall);
                kind::BEAT
            }
            Record::Released { output } => {
                body.u64(*output);
                kind::RELEASED
            }
            Record::Owner { epoch, name } => {
                body.u64(*epoch);
                body.text(name);
                kind::OWNER
            }
            Record::Saved { save, tick } => {
                body.bytes(&save.0);
                body.u64(*tick);
                kind::SAVED
            }
            Record::Note { text } => {
                body.text(text);
                kind::NOTE
            }
            Record::Mark => kind::MARK,
        };
        (kind, body.0)
    }

    /// The record with this kind and body; the body starts `base` bytes into its segment.
    pub(super) fn decode(code: u8, body: &[u8], base: u64) -> Result<Self, Flaw> {
        let mut from = Source::new(body, base);
        let record = match code {
            kind::INPUT => {
                let tick = from.u64()?;
                let rest = from.left();
                Record::input(tick, from.take(rest)?)
            }
            kind::LARGE_INPUT => {
                Record::Input { tick: from.u64()?, payload: Payload::Chunks(Blob::decode(&mut from)?) }
            }
            kind::HORIZON => Record::Horizon { tick: from.u64()? },
            kind::BEAT => Record::Beat { tick: from.u64()?, hash: StateHash(from.array()?), wall: from.i64()? },
            kind::RELEASED => Record::Released { output: from.u64()? },
            kind::OWNER => Record::Owner { epoch: from.u64()?, name: from.text()? },
            kind::SAVED => Record::Saved { save: SaveId(from.array()?), tick: from.u64()? },
            kind::NOTE => Record::Note { text: from.text()? },
            code => {
                return Err(Flaw::new(base, Wrong::Unknown { what: "kind of record", code: code.into() }));
            }
        };
        from.end()?;
        Ok(record)
    }
}

impl Blob {
    pub(crate) fn encode(&self, to: &mut Sink) {
        to.u64(self.len);
        to.bytes(&self.root.0);
    }

    pub(crate) fn decode(from: &mut Source<'_>) -> Result<Self, Flaw> {
        let len = from.up_to(crate::chunk::LONGEST, "the length of something kept as chunks")?;
        Ok(Blob { len, root: ChunkId(from.array()?) })
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Record::Input { tick, payload: Payload::Here(bytes) } => {
                write!(f, "input    tick {tick}, {} bytes", bytes.len())
            }
            Record::Input { tick, payload: Payload::Chunks(blob) } => {
                write!(f, "input    tick {tick}, {} bytes in chunks of {}", blob.len, blob.root)
            }
            Record::Horizon { tick } => write!(f, "horizon  tick {tick}"),
            Record::Beat { tick, hash, wall } => write!(f, "beat     tick {tick}, state {hash}, at {wall} ms"),
            Record::Released { output } => write!(f, "released up to output {output}"),
            Record::Owner { epoch, name } => write!(f, "owner    epoch {epoch}, {name}"),
            Record::Saved { save, tick } => write!(f, "saved    tick {tick}, {save}"),
            Record::Note { text } => write!(f, "note     {text}"),
            Record::Mark => write!(f, "mark"),
        }
    }
}
