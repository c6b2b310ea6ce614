//! The names section: bincode of [`Names`], length-limited. The only use of a derived form in a module, because
//! nothing that runs depends on it.

use super::error::Wrong;
use crate::module::Names;

/// Bytes of the section at most.
const LIMIT: usize = 64 << 20;

fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<LIMIT>()
}

/// The names as bytes. Names over the limit are left out: a module is better nameless than unreadable.
pub(super) fn encode(names: &Names) -> Vec<u8> {
    let encode = |n: &Names| bincode::serde::encode_to_vec(n, config()).ok().filter(|b| b.len() <= LIMIT);
    encode(names).or_else(|| encode(&Names::default())).unwrap_or_default()
}

/// The names from bytes that are exactly their one form.
pub(super) fn decode(bytes: &[u8]) -> Result<Names, Wrong> {
    if bytes.len() > LIMIT {
        return Err(Wrong::TooMany { what: "bytes of names", count: bytes.len() as u64 });
    }
    let (names, _): (Names, usize) =
        bincode::serde::decode_from_slice(bytes, config()).map_err(|e| Wrong::Names(e.to_string()))?;
    // bincode accepts padded numbers; we do not, and this also finds trailing bytes.
    if encode(&names) != bytes {
        return Err(Wrong::Names("not in their one form".to_owned()));
    }
    Ok(names)
}
