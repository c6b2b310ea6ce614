//! The head of a save: what it is, signed.

use ed25519_dalek::{Signature, VerifyingKey};

use crate::bytes::{Sink, Source, hash};
use crate::error::{Flaw, Wrong};
use crate::id::{PublicKey, SaveId, StateHash, TimelineId, WorldId};
use crate::journal::Position;
use crate::keys::Key;

const MAGIC: &[u8; 8] = b"CODEXSAV";
const FORMAT: u32 = 1;
/// Bytes before the header: magic, format, the header's length.
const PREFIX: usize = 16;
const SIGNATURE: usize = 64;
/// The longest header.
const LONGEST: u64 = 32 << 10;
/// The longest head: what has to be read to have all of any head.
pub(crate) const MOST: usize = PREFIX + LONGEST as usize + SIGNATURE;
/// The longest manifest.
pub(crate) const MANIFEST: u64 = 64 << 20;
/// The most addresses of a locator.
const ADDRESSES: usize = 16;
/// What is signed is this and then the head, so that a signature of one thing is never one of another.
const DOMAIN: &[u8] = b"codex save 1\n";

/// Where a save comes from and where its world can be found.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Locator {
    /// The place that made it, for people.
    pub origin: String,
    /// The last sign of life of the world's owner, in milliseconds since 1970, UTC.
    pub heartbeat: i64,
    /// Vaults and nodes to resurrect the world from, best first; at most 16.
    pub resurrect_from: Vec<String>,
}

/// Whether a save's chunks are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It was made from the whole state.
    Full,
    /// It was made from what changed since its parent.
    Delta,
}

/// How a save's timeline follows from its parent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Descent {
    /// There is no parent.
    First,
    /// The same timeline goes on.
    GoesOn,
    /// A new timeline begins.
    Forks,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The VM semantics that the state needs.
    pub semantics: u32,
    /// Full or delta.
    pub kind: Kind,
    /// How it follows from its parent.
    pub descent: Descent,
    /// The public key of the Root.
    pub root: PublicKey,
    /// The world.
    pub world: WorldId,
    /// Its timeline.
    pub timeline: TimelineId,
    /// The save it came from.
    pub parent: Option<SaveId>,
    /// The tick at whose end the state is.
    pub tick: u64,
    /// The state's hash, as the machine defines it.
    pub state: StateHash,
    /// The epoch of the owner that made it.
    pub epoch: u64,
    /// Where the journal of its timeline goes on from this state.
    pub position: Position,
    /// Where it comes from.
    pub locator: Locator,
    /// When it was made, in milliseconds since 1970, UTC.
    pub wall: i64,
    /// The key that signs it.
    pub signer: PublicKey,
    /// The length of the manifest.
    pub manifest_len: u64,
    /// The blake3 of the manifest.
    pub manifest: [u8; 32],
}

/// A head whose signature is the signer's.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) id: SaveId,
    pub(crate) header: Header,
    /// Its bytes, signature and all.
    pub(crate) bytes: Vec<u8>,
}

impl Head {
    /// Signs a header.
    pub(crate) fn sign(mut header: Header, key: &Key) -> Self {
        header.signer = key.public();
        let mut bytes = header.encode();
        let id = SaveId(hash(&bytes));
        let signature = key.sign(&signed(&bytes));
        bytes.extend_from_slice(&signature);
        Head { id, header, bytes }
    }

    /// Reads a head at the start of a file. Whether the signer is trusted is the caller's question.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Flaw> {
        let mut from = Source::new(bytes, 0);
        if from.take(8)? != MAGIC {
            return Err(Flaw::new(0, Wrong::Magic("a save")));
        }
        let format = from.u32()?;
        if format != FORMAT {
            return Err(Flaw::new(8, Wrong::Format(format)));
        }
        let len = u64::from(from.u32()?);
        if len > LONGEST {
            return Err(Flaw::new(12, Wrong::Range { what: "a header's length", found: len, most: LONGEST }));
        }
        let mut inside = Source::new(from.take(len as usize)?, PREFIX as u64);
        let header = Header::decode(&mut inside)?;
        inside.end()?;
        let end = PREFIX + len as usize;
        let signature = Signature::from_bytes(&from.array()?);
        let wrong = Flaw::new(end as u64, Wrong::Signature);
        let key = VerifyingKey::from_bytes(&header.signer.0).map_err(|_| wrong.clone())?;
        key.verify_strict(&signed(&bytes[..end]), &signature).map_err(|_| wrong)?;
        Ok(Head { id: SaveId(hash(&bytes[..end])), header, bytes: bytes[..end + SIGNATURE].to_vec() })
    }

    /// Where the manifest starts in the file.
    pub(crate) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Where the signer's key stands in the file.
    pub(crate) fn signer_at(&self) -> u64 {
        self.len() - (SIGNATURE + 32 + 8 + 32) as u64
    }
}

fn signed(head: &[u8]) -> Vec<u8> {
    [DOMAIN, head].concat()
}

/// Places of header fields in the file, for messages.
pub(crate) mod at {
    use super::PREFIX;

    pub(crate) const SEMANTICS: u64 = PREFIX as u64;
    pub(crate) const WORLD: u64 = SEMANTICS + 4 + 1 + 1 + 32;
    pub(crate) const TIMELINE: u64 = WORLD + 16;
    pub(crate) const PARENT: u64 = TIMELINE + 16;
}

impl Header {
    /// Everything but the signature.
    fn encode(&self) -> Vec<u8> {
        let mut to = Sink::default();
        to.bytes(MAGIC);
        to.u32(FORMAT);
        to.u32(0);
        to.u32(self.semantics);
        to.u8(self.kind as u8);
        to.u8(self.descent as u8);
        to.bytes(&self.root.0);
        to.bytes(&self.world.0);
        to.bytes(&self.timeline.0);
        to.u8(self.parent.is_some().into());
        to.bytes(&self.parent.unwrap_or_default().0);
        to.u64(self.tick);
        to.bytes(&self.state.0);
        to.u64(self.epoch);
        self.position.encode(&mut to);
        self.locator.encode(&mut to);
        to.i64(self.wall);
        to.bytes(&self.signer.0);
        to.u64(self.manifest_len);
        to.bytes(&self.manifest);
        let len = (to.0.len() - PREFIX) as u32;
        to.0[12..PREFIX].copy_from_slice(&len.to_le_bytes());
        to.0
    }

    fn decode(from: &mut Source<'_>) -> Result<Self, Flaw> {
        let semantics = from.u32()?;
        let kind = [Kind::Full, Kind::Delta][code(from, "kind of save", 2)?];
        let descent = [Descent::First, Descent::GoesOn, Descent::Forks][code(from, "way to descend", 3)?];
        let (root, world, timeline) = (PublicKey(from.array()?), WorldId(from.array()?), TimelineId(from.array()?));
        let present_at = from.offset();
        let present = from.presence("parent")?;
        let parent = SaveId(from.array()?);
        if present == (descent == Descent::First) || (!present && (parent != SaveId::default() || kind == Kind::Delta))
        {
            return Err(Flaw::new(present_at, Wrong::Unknown { what: "parent", code: present.into() }));
        }
        Ok(Header {
            semantics,
            kind,
            descent,
            root,
            world,
            timeline,
            parent: present.then_some(parent),
            tick: from.u64()?,
            state: StateHash(from.array()?),
            epoch: from.u64()?,
            position: Position::decode(from)?,
            locator: Locator::decode(from)?,
            wall: from.i64()?,
            signer: PublicKey(from.array()?),
            manifest_len: from.up_to(MANIFEST, "a manifest's length")?,
            manifest: from.array()?,
        })
    }
}

fn code(from: &mut Source<'_>, what: &'static str, count: usize) -> Result<usize, Flaw> {
    let offset = from.offset();
    let code = from.u8()?;
    if usize::from(code) < count {
        return Ok(code.into());
    }
    Err(Flaw::new(offset, Wrong::Unknown { what, code: code.into() }))
}

impl Locator {
    fn encode(&self, to: &mut Sink) {
        to.text(short(&self.origin));
        to.i64(self.heartbeat);
        let addresses = &self.resurrect_from[..self.resurrect_from.len().min(ADDRESSES)];
        to.u32(addresses.len() as u32);
        addresses.iter().for_each(|address| to.text(short(address)));
    }

    fn decode(from: &mut Source<'_>) -> Result<Self, Flaw> {
        let (origin, heartbeat) = (from.text()?, from.i64()?);
        let offset = from.offset();
        let count = from.count(2, "the number of addresses")?;
        if count > ADDRESSES {
            let wrong = Wrong::Range { what: "the number of addresses", found: count as u64, most: ADDRESSES as u64 };
            return Err(Flaw::new(offset, wrong));
        }
        let resurrect_from = (0..count).map(|_| from.text()).collect::<Result<_, _>>()?;
        Ok(Locator { origin, heartbeat, resurrect_from })
    }
}

/// What of a locator's text fits: 1,024 bytes.
fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(1024)]
}
