//! Choices: from a seed, or from the bytes that a fuzzer hands in.
//!
//! Keeps true: the same seed or bytes give the same choices on every host.

/// A source of choices.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
    /// Bytes that decide before the seed does, last one first.
    bytes: Vec<u8>,
}

impl Random {
    /// Choices that follow from a seed (splitmix64).
    pub fn new(seed: u64) -> Random {
        Random { state: seed, bytes: Vec::new() }
    }

    /// Choices that the bytes make, one each; when they are used up, a seed made of them goes on.
    pub fn from_bytes(bytes: &[u8]) -> Random {
        let state = bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        Random { state, bytes: bytes.iter().rev().copied().collect() }
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 if there is none.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n.max(1);
        match self.bytes.pop() {
            Some(byte) if n <= 256 => usize::from(byte) % n,
            _ => (self.bits() >> 16) as usize % n,
        }
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}
