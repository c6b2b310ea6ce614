//! Interned names. A [`Symbol`] is a small copyable handle; equal names have equal handles
//! in one process. Never order or hash output by a symbol's number: it depends on the
//! order in which threads met the names; compare the text instead.

use std::hash::BuildHasher;
use std::sync::{OnceLock, RwLock};

use rustc_hash::{FxBuildHasher, FxHashMap};

/// An interned name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Symbol(u32);

const SHARD_BITS: u32 = 4;
const SHARDS: usize = 1 << SHARD_BITS;

#[derive(Default)]
struct Shard {
    ids: FxHashMap<&'static str, u32>,
    names: Vec<&'static str>,
}

fn shards() -> &'static [RwLock<Shard>; SHARDS] {
    static TABLE: OnceLock<[RwLock<Shard>; SHARDS]> = OnceLock::new();
    TABLE.get_or_init(|| std::array::from_fn(|_| RwLock::default()))
}

impl Symbol {
    /// Interns a name. The text lives as long as the process.
    pub fn new(name: &str) -> Symbol {
        let index = (FxBuildHasher.hash_one(name) >> (64 - SHARD_BITS)) as usize;
        let shard = &shards()[index];
        if let Some(&id) = shard.read().unwrap_or_else(|e| e.into_inner()).ids.get(name) {
            return Symbol(id << SHARD_BITS | index as u32);
        }
        let mut shard = shard.write().unwrap_or_else(|e| e.into_inner());
        let id = match shard.ids.get(name) {
            Some(&id) => id,
            None => {
                let name: &'static str = Box::leak(name.into());
                let id = shard.names.len() as u32;
                shard.names.push(name);
                shard.ids.insert(name, id);
                id
            }
        };
        Symbol(id << SHARD_BITS | index as u32)
    }

    /// The handle as a number, to be kept in a token.
    pub(crate) fn raw(self) -> u32 {
        self.0
    }

    /// The handle of a number made by [`Symbol::raw`] in this process.
    pub(crate) fn from_raw(raw: u32) -> Symbol {
        Symbol(raw)
    }

    /// The name.
    pub fn as_str(self) -> &'static str {
        let shard = &shards()[self.0 as usize & (SHARDS - 1)];
        shard.read().unwrap_or_else(|e| e.into_inner()).names[(self.0 >> SHARD_BITS) as usize]
    }
}

impl std::fmt::Display for Symbol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for Symbol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`", self.as_str())
    }
}
