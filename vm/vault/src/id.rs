//! The names of things: 32-byte hashes and keys, 16-byte random ids, shown as lower-case hex.

use std::fmt;
use std::str::FromStr;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $bytes:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; $bytes]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = NotHex;

            fn from_str(text: &str) -> Result<Self, NotHex> {
                from_hex(text).map($name)
            }
        }
    )*};
}

ids! {
    /// A chunk: the blake3 of its bytes.
    ChunkId: 32;
    /// A save: the blake3 of its header.
    SaveId: 32;
    /// A module: the blake3 of its stored bytes.
    ModuleId: 32;
    /// A world's state.
    StateHash: 32;
    /// An ed25519 public key.
    PublicKey: 32;
    /// A world, from its birth through all its forks.
    WorldId: 16;
    /// One line of a world's history.
    TimelineId: 16;
}

/// A text that is not the hex of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotHex;

impl fmt::Display for NotHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not an id in hexadecimal digits of the right number")
    }
}

impl std::error::Error for NotHex {}

/// The bytes that exactly `2 * N` lower-case hex digits stand for.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], NotHex> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(NotHex),
    };
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return Err(NotHex);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(bytes)
}

/// Random bytes from the system.
///
/// # Panics
/// Where the system has no source of randomness; nothing here can be safe without one.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random source");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_there_and_back() {
        let id = TimelineId(random());
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("00".parse::<TimelineId>(), Err(NotHex));
        assert_eq!("0g".repeat(16).parse::<TimelineId>(), Err(NotHex));
    }
}
