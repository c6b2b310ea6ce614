pub mod chunk;
pub mod disk;
pub mod id;
pub mod journal;
pub mod registry;
pub mod save;
#[cfg(feature = "simulate")]
pub mod seeded;
#[cfg(not(feature = "simulate"))]
mod seeded;

mod bytes;
mod collect;
mod error;
mod fence;
mod identity;
mod keys;
mod open;
mod portable;
mod saves;
mod vault;
pub use collect::{Collected, Policy};
pub use error::*;
pub use identity::Identity;
pub use keys::Key;
pub use portable::{Form, PortableFile};
pub use saves::Saves;
pub use vault::*;
