//! The journal: what entered a world, in order, in append-only segments.
//!
//! What it keeps true:
//!
//! - A record that [`Writer::commit`] has acknowledged is read again, whatever happens to the process or the power.
//! - Records are read in the order in which they were appended, without a gap, up to the *end*: where the last one that got to
//!   the disk stands. What was appended and not acknowledged may be there; nothing else is.
//! - A segment is never written again after an error: what was not acknowledged goes to a new one, which says where the old one ends.
//! - A damaged record that was once acknowledged is an error with its place, and not a short journal.
//!
//! The format and the crash cases are in `spec/journal.md`.

mod frame;
mod reader;
mod record;
mod segment;
mod writer;

pub use reader::{End, Entry, Reader};
pub use record::{Blob, Payload, Record, SMALL};
pub use segment::{Header, Position};
pub use writer::{Settings, Writer};

pub(crate) use segment::segments;
