//! A writer of `.codexsave` files that obeys: it signs whatever it is told, with no check of its own. Written from
//! spec/image.md alone, so that a sound file of its making also tests that chapter.

use codex_vm::dump;
use codex_vm::hash::hash;
use codex_vm::world::World;
use ed25519_dalek::{Signer, SigningKey};

/// Bytes of a chunk.
const CHUNK: usize = 64 << 10;

/// A blob: its length, and the id of its root.
pub type Blob = (u64, [u8; 32]);

/// A region as the manifest has it.
#[derive(Clone, Debug)]
pub struct Region {
    /// The container's number.
    pub container: u64,
    /// How long it says that it is.
    pub len: u64,
    /// Its base.
    pub base: Blob,
    /// How much of the base is visible.
    pub visible: u64,
}

/// A portable file to be written.
#[derive(Clone, Debug)]
pub struct Forged {
    /// The version of what instructions mean.
    pub semantics: u32,
    /// See spec/image.md: 0 full, 1 delta.
    pub kind: u8,
    /// 0 first, 1 goes on, 2 forks.
    pub descent: u8,
    /// The parent, for other descents than the first.
    pub parent: Option<[u8; 32]>,
    /// The tick.
    pub tick: u64,
    /// The state's hash.
    pub state_hash: [u8; 32],
    /// The modules: id and bytes.
    pub modules: Vec<([u8; 32], Blob)>,
    /// The state.
    pub state: Blob,
    /// What else belongs to the world.
    pub meta: Blob,
    /// The regions.
    pub regions: Vec<Region>,
    /// What the manifest says of the number of regions, if not the truth.
    pub claimed_regions: Option<u32>,
    /// All chunks but that of zeros, in the order in which a reader needs them.
    pub chunks: Vec<Vec<u8>>,
}

impl Forged {
    /// A file of a world, as it should be.
    pub fn of(world: &World) -> Forged {
        let mut forged = Forged {
            semantics: codex_spec::semantics::VERSION,
            kind: 0,
            descent: 0,
            parent: None,
            tick: world.ticks(),
            state_hash: hash(world),
            modules: Vec::new(),
            state: (0, [0; 32]),
            meta: (0, [0; 32]),
            regions: Vec::new(),
            claimed_regions: None,
            chunks: Vec::new(),
        };
        let module = codex_spec::codec::encode(world.program().module());
        let image = dump::image(world);
        let blob = forged.blob(&module);
        forged.modules.push((*blake3::hash(&module).as_bytes(), blob));
        forged.state = forged.blob(&image.state);
        for (container, cells) in &image.regions {
            let base = forged.blob(cells);
            let len = cells.len() as u64;
            forged.regions.push(Region { container: *container, len, base, visible: len });
        }
        forged
    }

    /// Takes bytes in as chunks, their lists first.
    pub fn blob(&mut self, bytes: &[u8]) -> Blob {
        let mut levels = vec![bytes.to_vec()];
        while levels[levels.len() - 1].len() > CHUNK {
            let below = levels[levels.len() - 1].chunks(CHUNK);
            levels.push(below.flat_map(|chunk| *blake3::hash(chunk).as_bytes()).collect());
        }
        let root = levels.last().filter(|root| !root.is_empty());
        let root = root.map_or([0; 32], |root| *blake3::hash(root).as_bytes());
        for chunk in levels.iter().rev().flat_map(|level| level.chunks(CHUNK)) {
            let zeros = chunk.len() == CHUNK && chunk.iter().all(|&byte| byte == 0);
            if !zeros && !self.chunks.iter().any(|other| other == chunk) {
                self.chunks.push(chunk.to_vec());
            }
        }
        (bytes.len() as u64, root)
    }

    /// The file, signed.
    pub fn write(&self, key: &SigningKey) -> Vec<u8> {
        let manifest = self.manifest();
        let mut file = self.header(key, &manifest);
        let signature = key.sign(&[b"codex save 1\n", &file[..]].concat());
        file.extend_from_slice(&signature.to_bytes());
        file.extend_from_slice(&manifest);
        let mut table = Vec::new();
        for chunk in &self.chunks {
            file.extend_from_slice(chunk);
            let (id, length) = (*blake3::hash(chunk).as_bytes(), (chunk.len() as u32).to_le_bytes());
            table.extend([&id[..], &length, &length, &id[..8]].concat());
        }
        let at = file.len() as u64;
        file.extend_from_slice(&table);
        let count = self.chunks.len() as u32;
        let hash = *blake3::hash(&table).as_bytes();
        let trailer = [&b"CODEXEND"[..], &at.to_le_bytes(), &count.to_le_bytes(), &[0], &hash].concat();
        file.extend_from_slice(&trailer);
        file.extend_from_slice(&blake3::hash(&trailer).as_bytes()[..16]);
        file
    }

    fn manifest(&self) -> Vec<u8> {
        let blob = |(len, root): &Blob| [&len.to_le_bytes()[..], root].concat();
        let mut to = (self.modules.len() as u32).to_le_bytes().to_vec();
        for (id, bytes) in &self.modules {
            to.extend([&id[..], &blob(bytes)].concat());
        }
        to.extend([blob(&self.state), blob(&self.meta)].concat());
        to.extend(self.claimed_regions.unwrap_or(self.regions.len() as u32).to_le_bytes());
        for region in &self.regions {
            to.extend([region.container.to_le_bytes(), region.len.to_le_bytes()].concat());
            to.extend([&blob(&region.base)[..], &region.visible.to_le_bytes(), &[0]].concat());
        }
        to
    }

    fn header(&self, key: &SigningKey, manifest: &[u8]) -> Vec<u8> {
        let public = key.verifying_key().to_bytes();
        let mut inside = self.semantics.to_le_bytes().to_vec();
        inside.extend([self.kind, self.descent]);
        inside.extend([&public[..], &[1; 16], &[2; 16], &[self.parent.is_some().into()]].concat());
        inside.extend(self.parent.unwrap_or_default());
        inside.extend(self.tick.to_le_bytes());
        inside.extend(self.state_hash);
        // The owner's epoch; the journal's place; a locator without a name and addresses; when it was made.
        inside.extend([0; 8 + 48 + 2 + 8 + 4 + 8]);
        inside.extend(public);
        inside.extend((manifest.len() as u64).to_le_bytes());
        inside.extend(blake3::hash(manifest).as_bytes());
        let (format, length) = (1u32.to_le_bytes(), (inside.len() as u32).to_le_bytes());
        [&b"CODEXSAV"[..], &format, &length, &inside].concat()
    }
}
