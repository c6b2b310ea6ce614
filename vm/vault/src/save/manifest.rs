//! The manifest: what a state is made of.

use crate::bytes::{Sink, Source};
use crate::error::{Flaw, Wrong};
use crate::id::ModuleId;
use crate::journal::Blob;

/// The longest region: what 32-bit references in units of 8 bytes can reach.
pub(crate) const REGION: u64 = 32 << 30;
/// Bytes of a module's entry.
const MODULE: usize = 32 + 40;
/// Bytes of the shortest region's entry.
const ENTRY: usize = 8 + 8 + 40 + 8 + 1;

/// A module that a world runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its id.
    pub id: ModuleId,
    /// Its stored bytes.
    pub bytes: Blob,
}

/// A stretch of memory: a container's heap, or whatever the machine keeps under a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its number.
    pub container: u64,
    /// Bytes.
    pub len: u64,
    /// The bytes as they were when they were last written whole.
    pub base: Blob,
    /// Of the base, only so many bytes count; what comes after is zero.
    pub visible: u64,
    /// Pages that changed since.
    pub overlay: Option<Blob>,
}

/// What a state is made of.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Manifest {
    /// The modules, by id.
    pub modules: Vec<Module>,
    /// The state outside of the regions, as the machine writes it.
    pub state: Blob,
    /// What else belongs to the world, as the shell writes it.
    pub meta: Blob,
    /// The regions, by number.
    pub regions: Vec<Region>,
}

impl Manifest {
    /// Bytes of all regions.
    pub fn bytes(&self) -> u64 {
        self.regions.iter().map(|region| region.len).sum()
    }

    /// The region with this number.
    pub fn region(&self, container: u64) -> Option<&Region> {
        let index = self.regions.binary_search_by_key(&container, |region| region.container).ok()?;
        Some(&self.regions[index])
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut to = Sink::default();
        to.u32(self.modules.len() as u32);
        for module in &self.modules {
            to.bytes(&module.id.0);
            module.bytes.encode(&mut to);
        }
        self.state.encode(&mut to);
        self.meta.encode(&mut to);
        to.u32(self.regions.len() as u32);
        for region in &self.regions {
            to.u64(region.container);
            to.u64(region.len);
            region.base.encode(&mut to);
            to.u64(region.visible);
            to.u8(region.overlay.is_some().into());
            if let Some(overlay) = region.overlay {
                overlay.encode(&mut to);
            }
        }
        to.0
    }

    /// Reads a manifest that starts `base` bytes into its file; everything that it names may be `most` bytes long together. What
    /// is stored may be much shorter, since a chunk can be named many times.
    pub(crate) fn decode(bytes: &[u8], base: u64, most: u64) -> Result<Self, Flaw> {
        let mut from = Source::new(bytes, base);
        let mut manifest = Manifest::default();
        let mut left = most;
        for _ in 0..from.count(MODULE, "the number of modules")? {
            let at = from.offset();
            let module = Module { id: ModuleId(from.array()?), bytes: blob(&mut from, &mut left)? };
            if manifest.modules.last().is_some_and(|last| last.id >= module.id) {
                return Err(Flaw::new(at, Wrong::Order("modules")));
            }
            manifest.modules.push(module);
        }
        manifest.state = blob(&mut from, &mut left)?;
        manifest.meta = blob(&mut from, &mut left)?;
        for _ in 0..from.count(ENTRY, "the number of regions")? {
            let at = from.offset();
            let region = Region::decode(&mut from, &mut left)?;
            if manifest.regions.last().is_some_and(|last| last.container >= region.container) {
                return Err(Flaw::new(at, Wrong::Order("regions")));
            }
            manifest.regions.push(region);
        }
        from.end()?;
        Ok(manifest)
    }
}

/// A blob, if it is not longer than what is left.
fn blob(from: &mut Source<'_>, left: &mut u64) -> Result<Blob, Flaw> {
    let at = from.offset();
    let blob = Blob::decode(from)?;
    match left.checked_sub(blob.len) {
        Some(rest) => *left = rest,
        None => return Err(Flaw::new(at, Wrong::Range { what: TOGETHER, found: blob.len, most: *left })),
    }
    Ok(blob)
}

const TOGETHER: &str = "a part of a save, with those before it";

impl Region {
    fn decode(from: &mut Source<'_>, left: &mut u64) -> Result<Self, Flaw> {
        let container = from.u64()?;
        let len = from.up_to((*left).min(REGION), TOGETHER)?;
        let at = from.offset();
        // A region that shrank has a base longer than itself.
        let mut longer = *left;
        let base = blob(from, &mut longer)?;
        *left -= len.max(base.len);
        if base.len > REGION {
            let wrong = Wrong::Range { what: "the length of a region's base", found: base.len, most: REGION };
            return Err(Flaw::new(at, wrong));
        }
        let visible = from.up_to(base.len.min(len), "the visible part of a base")?;
        let overlay = if from.presence("overlay")? { Some(blob(from, left)?) } else { None };
        Ok(Region { container, len, base, visible, overlay })
    }
}
