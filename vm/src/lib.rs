//! The glyph virtual machine.
//!
//! From the ground up; a module uses only those above it in this list:
//!
//! - [`heap`]: a container's cells, counted and reused, and the walk that checks them all.
//! - [`program`]: a verified module with its layouts as a table and its functions loaded on demand.
//! - [`interpreter`]: loaded code, frames and registers, and the loop that runs them.
//! - [`native`]: machine code for what is hot, and which tier runs.
//! - [`container`]: heap and stack together: an actor at work. [`collapse`]: the report when it fails.
//! - `mailbox`: messages that wait; `rest`: containers that do; `actor`: what a world keeps of each container; `slab`: where;
//!   `post`: how a container that runs alone reaches others.
//! - [`world`]: containers, clock, seeds, timers, counters. [`tick()`]: the one function that changes a world.
//! - [`hash`]: what the state of a world is, as one number. [`dump`]: the same as bytes, and back.
//! - `snapshot`: a world that is copied, to be saved while it runs on.
//! - [`inspect`]: a world as people look at it.
//! - [`shell`]: the world around it: console, files, permissions. Nothing above it knows of the host.
//!
//! **The law.** `state′, outputs = tick(state, inputs)` is pure and gives the same bits on every host. So
//! nothing up to `hash` reads clocks, environment, addresses or hash maps with random keys.

mod actor;
pub mod collapse;
pub mod container;
pub mod dump;
mod effects;
mod frames;
pub mod hash;
pub mod heap;
pub mod inspect;
mod interpreter;
mod kept;
mod loan;
mod mailbox;
pub mod native;
mod post;
pub mod profile;
pub mod program;
mod rest;
#[cfg(not(feature = "simulate"))]
#[allow(unreachable_pub, reason = "public where tests plant bugs")]
mod seeded;
#[cfg(feature = "simulate")]
pub mod seeded;
pub mod shell;
mod sizes;
mod slab;
mod snapshot;
mod state;
pub mod tick;
mod timers;
pub mod world;

pub use tick::tick;
