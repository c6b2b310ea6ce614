//! Whose vault it is: the file `vault`, written once.

use std::io;
use std::path::Path;

use crate::bytes::{Sink, Source};
use crate::disk::{Disk, publish, read_whole};
use crate::error::{Error, Flaw, Refusal, Result};
use crate::id::{PublicKey, SaveId, TimelineId, WorldId};

pub(crate) const FILE: &str = "vault";
const MAGIC: &[u8; 8] = b"CODEXVLT";
const FORMAT: u32 = 1;

/// The world that a vault holds. A vault holds one timeline of one world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The world.
    pub world: WorldId,
    /// The timeline that goes on here.
    pub timeline: TimelineId,
    /// The public key of the Root.
    pub root: PublicKey,
    /// The save from elsewhere with which this vault begins: the one that its timeline forked from, or was taken over at.
    pub origin: Option<SaveId>,
}

impl Identity {
    fn encode(&self) -> Vec<u8> {
        let mut to = Sink::begin(MAGIC, FORMAT);
        to.bytes(&self.world.0);
        to.bytes(&self.timeline.0);
        to.bytes(&self.root.0);
        to.u8(self.origin.is_some().into());
        to.bytes(&self.origin.unwrap_or_default().0);
        to.checked()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Flaw> {
        let mut from = Source::new(bytes, 0);
        from.begin(MAGIC, FORMAT, "a vault")?;
        let (world, timeline, root) = (WorldId(from.array()?), TimelineId(from.array()?), PublicKey(from.array()?));
        let present = from.presence("origin")?;
        let origin = SaveId(from.array()?);
        from.checked("the vault's identity")?;
        from.end()?;
        Ok(Identity { world, timeline, root, origin: present.then_some(origin) })
    }

    /// Reads whose vault a directory is.
    ///
    /// # Errors
    /// If it is none, or the file is damaged.
    pub fn read(disk: &dyn Disk, vault: &Path) -> Result<Self> {
        let path = vault.join(FILE);
        let bytes = match read_whole(disk, &path, 4096) {
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Err(Refusal::NoVault(vault.to_owned()).into());
            }
            bytes => bytes?,
        };
        Identity::decode(&bytes).map_err(|flaw| flaw.in_file(&path))
    }

    pub(crate) fn write(&self, disk: &dyn Disk, vault: &Path) -> Result<()> {
        publish(disk, vault, FILE, &self.encode())
    }
}
