//! Saves: a world's state at a tick, signed.
//!
//! A save is a *head* (header and signature), a *manifest* (what the state is made of), and the chunks that the manifest names. In
//! a vault the first two are a file in `saves/` and the chunks lie in packs; a portable file (`portable`) holds all three.
//! Every manifest is complete: a delta names its parent, and shares chunks with it, but is read without it.
//!
//! `spec/image.md` has the bytes and the crash cases.

pub(crate) mod head;
pub(crate) mod load;
pub(crate) mod manifest;
pub(crate) mod region;
pub(crate) mod write;

pub use head::{Descent, Header, Kind, Locator};
pub use load::Save;
pub use manifest::{Manifest, Module, Region};
pub use region::{Page, RegionMap};
pub use write::{Change, Draft, ReadAt, RegionInput};
