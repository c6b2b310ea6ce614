//! What the host knows of the pages of a mapping: which were written to ([`Watch`]), at no cost on a store; and which are touched before
//! somebody has filled them ([`Fill`]).
//!
//! Keeps true:
//!
//! - Every page that was written to between two calls of [`Watch::take`] is named by the second. Pages that were not may be
//!   named too.
//! - The bytes of the memory never change by anything done here.
//!
//! - A page that is being filled is seen by nobody before it is whole: who touches it waits.
//!
//! Where the host has nothing of the kind, [`Watch::begin`] and [`Fill::begin`] say so, and their callers compare, and fill at once.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod none;

#[cfg(target_os = "linux")]
use linux as host;
#[cfg(not(target_os = "linux"))]
use none as host;

use std::ops::Range;
use std::time::Duration;

/// Bytes of a page, on every host. Where the host's pages are larger, nothing is watched.
pub const PAGE: usize = 4096;

/// A mapping that is being watched. It has to be ended before the memory is moved or made longer; memory that is unmapped needs
/// nothing.
#[derive(Debug)]
pub struct Watch {
    start: usize,
    length: usize,
    host: host::Watching,
}

impl Watch {
    /// Watches private, anonymous memory of whole pages: all of it is clean from here on. `None` if the host can't.
    ///
    /// Which memory it is only decides whose pages are named: no address makes this do harm.
    pub fn begin(start: *const u8, length: usize) -> Option<Watch> {
        let start = start as usize;
        let whole = start.is_multiple_of(PAGE) && length.is_multiple_of(PAGE) && length > 0;
        let host = whole.then(|| host::begin(start, length)).flatten()?;
        Some(Watch { start, length, host })
    }

    /// Names the pages in the first `length` bytes that were written to since the last call, ascending, and makes them clean.
    /// `false` if the host failed: then any page may have been written to.
    #[must_use]
    pub fn take(&mut self, length: usize, mut each: impl FnMut(Range<usize>)) -> bool {
        let end = self.start + length.next_multiple_of(PAGE).min(self.length);
        let start = self.start;
        host::take(&self.host, start..end, &mut |from, to| each((from - start) / PAGE..(to - start) / PAGE))
    }

    /// Watches no more. `false` if the host failed.
    pub fn end(self) -> bool {
        host::end(&self.host, self.start, self.length)
    }
}

/// Memory that is filled as it is touched, by another thread than those that touch it: that one must not touch it itself. Once it is filled it
/// is watched memory.
#[derive(Debug)]
pub struct Fill {
    start: usize,
    pages: Range<usize>,
    host: host::Watching,
}

impl Fill {
    /// Takes some pages out of a mapping of private, anonymous memory of whole pages that nobody has touched: from here on whoever touches one
    /// of them waits until it is filled. The whole mapping is watched; what is filled is clean. `None` if the host can't.
    ///
    /// # Safety
    /// Somebody has to fill all these pages; until then nothing else may rely on touching them. What is filled is what they hold, so nobody has a
    /// reference to them.
    pub unsafe fn begin(start: *const u8, length: usize, pages: Range<usize>) -> Option<(Fill, Watch)> {
        let start = start as usize;
        let whole = start.is_multiple_of(PAGE) && length.is_multiple_of(PAGE) && pages.end * PAGE <= length;
        let at = start + pages.start * PAGE..start + pages.end * PAGE;
        let host = (whole && !pages.is_empty()).then(|| host::begin_fill(start, length, at)).flatten()?;
        let watch = Watch { start, length, host: host.clone() };
        Some((Fill { start, pages, host }, watch))
    }

    /// A page that somebody waits for, if one is touched so soon. Those of other fills of the same mapping are not mixed up: each has
    /// its own.
    pub fn touched(&self, patience: Duration) -> Option<usize> {
        let address = host::touched(&self.host, patience)?;
        Some((address.checked_sub(self.start)? / PAGE).clamp(self.pages.start, self.pages.end - 1))
    }

    /// Fills whole pages from this one on; nobody may have done that before. `false` if the memory is gone.
    #[must_use]
    pub fn fill(&self, page: usize, bytes: &[u8]) -> bool {
        let count = bytes.len() / PAGE;
        let inside = page >= self.pages.start && page + count <= self.pages.end && bytes.len().is_multiple_of(PAGE);
        inside && host::fill(&self.host, self.start + page * PAGE, bytes)
    }
}
