//! The storage of durable worlds. It knows nothing of the machine: a world is a journal of inputs, and saves made of opaque bytes.
//!
//! # The directory
//!
//! | name | is | made again from |
//! |---|---|---|
//! | `vault` | whose vault it is ([`Identity`]) | – |
//! | `trusted` | the public keys whose saves are used | – |
//! | `journal/N-E.log` | segment *N*, written by the owner with epoch *E* ([`journal`]) | – |
//! | `saves/ID.save` | head and manifest of a save ([`save`]) | – |
//! | `packs/N.pack` | chunks ([`chunk`]) | – |
//! | `registry` | the index of all that ([`registry`]) | packs, saves, journal |
//! | `epochs/N` | the claim of the owner with epoch *N* | – |
//! | `lock` | who has the vault open now | – |
//!
//! # How the machine's shell uses it
//!
//! ```no_run
//! # use std::{path::Path, sync::Arc};
//! # use codex_vault::{*, disk::RealDisk, id::*, journal::Record};
//! # fn demo(identity: Identity, draft: save::Draft<'_>) -> Result<()> {
//! let key = Key::read_or_make(&Key::default_path().expect("a home"))?;
//! let dir = Path::new("world");
//! if !Vault::is_vault(&RealDisk, dir) {
//!     Vault::create(&RealDisk, dir, &identity, key.public())?;
//! }
//! let mut vault = Vault::open(Arc::new(RealDisk), dir, Options::new(key, "codexvm run"))?;
//! // Resume: the newest good save, and what entered after it.
//! let mut recovery = vault.recover(Check::Quick)?;
//! while let Some(_entry) = recovery.journal.next_entry()? { /* run it again, outputs held against `Released` */ }
//! // Run: what enters, then a horizon, then one sync for many; only then outputs are let out.
//! vault.append_input(1, b"an input")?;
//! vault.append(&Record::Horizon { tick: 1 })?;
//! let _place_for_a_save_of_tick_1 = vault.commit()?;
//! vault.append(&Record::Released { output: 7 })?;
//! // Save, from any thread: after `Ok` the dirty set may be cleared.
//! let id = vault.saves().clone().save(&draft)?;
//! vault.append(&Record::Saved { save: id, tick: draft.tick })?;
//! vault.collect(&Policy::default(), 1_795_000_000_000)?;
//! # Ok(()) }
//! ```
//!
//! What the shell has to keep in mind:
//!
//! - The watermark as of a save belongs into the save's `meta`: records before the save's place go with the history.
//! - [`Draft::position`](save::Draft) is what [`Vault::commit`] gave when everything up to the save's tick had been committed.
//! - An error of [`Vault::commit`] ends this owner. An error of [`Saves::save`] doesn't: keep the dirty set, and try again later.
//! - Without owning it, read a vault with [`look`] and [`journal::Reader`].
//!
//! # What it keeps true
//!
//! - What was acknowledged is there after any death of the process or the power; what was not may be there; nothing else is.
//! - Everything on the disk happens through [`disk::Disk`], and every operation of it has been made to fail in the tests.
//! - After a failed sync no byte of that file is trusted or written over: the rest goes elsewhere.
//! - Stored bytes are input: checked, bounded in memory, an error with its place, never a panic.

pub mod chunk;
pub mod disk;
pub mod id;
pub mod journal;
pub mod registry;
pub mod save;
#[cfg(not(feature = "simulate"))]
#[allow(unreachable_pub, reason = "public where tests plant bugs")]
mod seeded;
#[cfg(feature = "simulate")]
pub mod seeded;

mod bytes;
mod collect;
mod error;
mod fence;
mod identity;
mod keys;
#[cfg(unix)]
mod map;
mod open;
mod pieces;
mod portable;
#[cfg(feature = "remote")]
mod remote;
mod saves;
mod secrets;
mod vault;

pub use collect::{Collected, Collector, Policy};
pub use error::{Error, Flaw, Refusal, Result, Wrong};
pub use identity::Identity;
pub use keys::Key;
#[cfg(unix)]
pub use map::{Mapped, Unseen};
pub use open::look;
pub use pieces::Pieces;
pub use portable::{Form, PortableFile};
#[cfg(feature = "remote")]
pub use remote::Remote;
pub use saves::Saves;
pub use secrets::Secrets;
pub use vault::{Check, Options, Recovery, Vault, journal_dir};
