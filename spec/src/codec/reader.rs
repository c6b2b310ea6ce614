//! A checked reader: every step can fail, none can panic or allocate more than the input is long.

use super::error::{CodecError, Wrong};
use crate::instruction::{BlockId, OperandSource, Reg};

/// Bytes with a place in them.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where `bytes` starts in the module, for errors.
    base: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0, base: 0 }
    }

    /// The place in the whole module.
    pub(super) fn offset(&self) -> usize {
        self.base + self.at
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// An error at this place.
    pub(super) fn error(&self, wrong: Wrong) -> CodecError {
        CodecError { offset: self.offset(), wrong }
    }

    /// The next `count` bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..count).ok_or_else(|| self.error(Wrong::Ended))?;
        self.at += count;
        Ok(taken)
    }

    /// The next `count` bytes, to be read apart.
    pub(super) fn part(&mut self, count: usize) -> Result<Reader<'a>, CodecError> {
        let base = self.offset();
        Ok(Reader { bytes: self.take(count)?, at: 0, base })
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        self.at = self.bytes.len();
        rest
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Result<(), CodecError> {
        if self.left() == 0 { Ok(()) } else { Err(self.error(Wrong::Trailing)) }
    }

    pub(super) fn byte(&mut self) -> Result<u8, CodecError> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| self.error(Wrong::Ended))?;
        self.at += 1;
        Ok(byte)
    }

    /// An unsigned number: LEB128 in as few bytes as it needs.
    pub(super) fn number(&mut self) -> Result<u64, CodecError> {
        let start = self.offset();
        let overlong = Err(CodecError { offset: start, wrong: Wrong::Overlong });
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            // The tenth byte holds the 64th bit alone; a last byte of 0 adds nothing.
            if (shift == 63 && byte > 1) || (shift > 0 && byte == 0) {
                return overlong;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        overlong
    }

    /// A number of at most `max`.
    pub(super) fn below(&mut self, max: u64, what: &'static str) -> Result<u64, CodecError> {
        let offset = self.offset();
        let found = self.number()?;
        if found <= max { Ok(found) } else { Err(CodecError { offset, wrong: Wrong::Range { what, found } }) }
    }

    /// How many elements follow, each of at least one byte.
    pub(super) fn count(&mut self, what: &'static str) -> Result<usize, CodecError> {
        let offset = self.offset();
        let count = self.number()?;
        match usize::try_from(count) {
            Ok(n) if n <= self.left() => Ok(n),
            _ => Err(CodecError { offset, wrong: Wrong::TooMany { what, count } }),
        }
    }

    /// A counted list of elements, each of at least one byte.
    pub(super) fn list<T>(
        &mut self,
        what: &'static str,
        mut element: impl FnMut(&mut Self) -> Result<T, CodecError>,
    ) -> Result<Vec<T>, CodecError> {
        let count = self.count(what)?;
        (0..count).map(|_| element(self)).collect()
    }

    /// A table index.
    pub(super) fn id(&mut self, what: &'static str) -> Result<u32, CodecError> {
        self.below(u32::MAX.into(), what).map(|n| n as u32)
    }

    /// 0 for none, else an index + 1.
    pub(super) fn optional_id(&mut self, what: &'static str) -> Result<Option<u32>, CodecError> {
        let n = self.below(u64::from(u32::MAX) + 1, what)?;
        Ok(n.checked_sub(1).map(|n| n as u32))
    }
}

impl OperandSource for Reader<'_> {
    type Error = CodecError;

    fn reg(&mut self) -> Result<Reg, CodecError> {
        self.below(u16::MAX.into(), "a register").map(|n| Reg(n as u16))
    }

    fn regs(&mut self) -> Result<Box<[Reg]>, CodecError> {
        self.list("registers", Self::reg).map(Vec::into_boxed_slice)
    }

    fn imm(&mut self) -> Result<i64, CodecError> {
        let n = self.number()?;
        // Zigzag: the sign is the lowest bit.
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    fn float(&mut self) -> Result<u64, CodecError> {
        self.number().map(u64::swap_bytes)
    }

    fn index(&mut self) -> Result<u32, CodecError> {
        self.id("an index")
    }

    fn blocks(&mut self) -> Result<Box<[BlockId]>, CodecError> {
        self.list("blocks", |r| r.index().map(BlockId)).map(Vec::into_boxed_slice)
    }
}
