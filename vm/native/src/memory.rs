//! Code memory: written once, then only executed.

use memmap2::{Mmap, MmapMut};

/// Machine code of one unit. It is unmapped when this value is dropped.
#[derive(Debug)]
pub(crate) struct Code(Mmap);

impl Code {
    /// Makes a copy of bytes executable. They do not depend on where they are.
    pub(crate) fn new(bytes: &[u8]) -> std::io::Result<Code> {
        let mut map = MmapMut::map_anon(bytes.len().max(1))?;
        map[..bytes.len()].copy_from_slice(bytes);
        // From here on nobody can write it.
        map.make_exec().map(Code)
    }

    /// The address of a byte.
    pub(crate) fn address(&self, offset: usize) -> usize {
        self.0.as_ptr() as usize + offset
    }

    /// How much memory it takes.
    pub(crate) fn size(&self) -> usize {
        self.0.len().next_multiple_of(4096)
    }
}
