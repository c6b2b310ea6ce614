//! Where bytes become numbers: little-endian, fixed widths, every step checked.
//!
//! A [`Source`] never panics and never allocates more than the bytes it was given hold; an error has its place in the file.

use crate::error::{Flaw, Wrong};

/// Bytes to read from, with their place in a file.
pub(crate) struct Source<'a> {
    bytes: &'a [u8],
    at: usize,
    base: u64,
}

/// Bytes being written.
#[derive(Default)]
pub(crate) struct Sink(pub(crate) Vec<u8>);

impl<'a> Source<'a> {
    /// Bytes that start `base` bytes into a file.
    pub(crate) fn new(bytes: &'a [u8], base: u64) -> Self {
        Source { bytes, at: 0, base }
    }

    /// The place in the file.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// A flaw here.
    pub(crate) fn flaw(&self, wrong: Wrong) -> Flaw {
        Flaw::new(self.offset(), wrong)
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Flaw> {
        let taken = self.bytes[self.at..].get(..count).ok_or_else(|| self.flaw(Wrong::Ended))?;
        self.at += count;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Flaw> {
        self.take(N).map(|bytes| bytes.try_into().expect("take gives as many as asked"))
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Flaw> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Flaw> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Flaw> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Flaw> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Flaw> {
        self.array().map(i64::from_le_bytes)
    }

    /// A number of at most `most`.
    pub(crate) fn up_to(&mut self, most: u64, what: &'static str) -> Result<u64, Flaw> {
        let offset = self.offset();
        match self.u64()? {
            found if found > most => Err(Flaw::new(offset, Wrong::Range { what, found, most })),
            found => Ok(found),
        }
    }

    /// How many elements of `size` bytes follow: not more than the bytes that are left can hold.
    pub(crate) fn count(&mut self, size: usize, what: &'static str) -> Result<usize, Flaw> {
        let offset = self.offset();
        let found = self.u32()? as usize;
        let most = self.left() / size;
        if found > most {
            let wrong = Wrong::Range { what, found: found as u64, most: most as u64 };
            return Err(Flaw::new(offset, wrong));
        }
        Ok(found)
    }

    /// Whether something follows: 0 or 1.
    pub(crate) fn presence(&mut self, what: &'static str) -> Result<bool, Flaw> {
        let offset = self.offset();
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            code => Err(Flaw::new(offset, Wrong::Unknown { what, code: code.into() })),
        }
    }

    /// A text of at most 65,535 bytes.
    pub(crate) fn text(&mut self) -> Result<String, Flaw> {
        let length = self.u16()?;
        let offset = self.offset();
        let bytes = self.take(length.into())?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Flaw::new(offset, Wrong::Text))
    }

    /// What a file begins with: its magic, and a version of its format.
    pub(crate) fn begin(&mut self, magic: &[u8; 8], format: u32, what: &'static str) -> Result<(), Flaw> {
        let offset = self.offset();
        if self.take(8)? != magic {
            return Err(Flaw::new(offset, Wrong::Magic(what)));
        }
        let offset = self.offset();
        match self.u32()? {
            found if found == format => Ok(()),
            found => Err(Flaw::new(offset, Wrong::Format(found))),
        }
    }

    /// The check of everything before it.
    pub(crate) fn checked(&mut self, what: &'static str) -> Result<(), Flaw> {
        let (end, before) = (self.offset(), check(&self.bytes[..self.at]));
        if self.array()? == before { Ok(()) } else { Err(Flaw::new(end, Wrong::Hash(what))) }
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<(), Flaw> {
        if self.left() == 0 { Ok(()) } else { Err(self.flaw(Wrong::Trailing)) }
    }
}

impl Sink {
    /// What a file begins with: its magic, and the version of its format.
    pub(crate) fn begin(magic: &[u8; 8], format: u32) -> Sink {
        let mut to = Sink::default();
        to.bytes(magic);
        to.u32(format);
        to
    }

    /// The bytes with a check behind them.
    pub(crate) fn checked(mut self) -> Vec<u8> {
        let check = check(&self.0);
        self.bytes(&check);
        self.0
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn u8(&mut self, n: u8) {
        self.0.push(n);
    }

    pub(crate) fn u32(&mut self, n: u32) {
        self.bytes(&n.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, n: u64) {
        self.bytes(&n.to_le_bytes());
    }

    pub(crate) fn i64(&mut self, n: i64) {
        self.bytes(&n.to_le_bytes());
    }

    /// A text, cut at the last character that ends within 65,535 bytes.
    pub(crate) fn text(&mut self, text: &str) {
        let kept = &text[..text.floor_char_boundary(u16::MAX.into())];
        self.bytes(&(kept.len() as u16).to_le_bytes());
        self.bytes(kept.as_bytes());
    }
}

/// The blake3 of some bytes.
pub(crate) fn hash(bytes: &[u8]) -> [u8; 32] {
    *blake3::hash(bytes).as_bytes()
}

/// The first half of the blake3 of some bytes: a check against accidents, where nothing is signed.
pub(crate) fn check(bytes: &[u8]) -> [u8; 16] {
    half(&hash(bytes))
}

/// The first half of a hash.
pub(crate) fn half(hash: &[u8; 32]) -> [u8; 16] {
    hash[..16].try_into().expect("16 of 32")
}
