//! A host that says nothing about its pages.

use std::ops::Range;
use std::time::Duration;

/// There are none.
#[derive(Clone, Debug)]
pub(crate) enum Watching {}

pub(crate) fn begin(_: usize, _: usize) -> Option<Watching> {
    None
}

pub(crate) fn take(watching: &Watching, _: Range<usize>, _: &mut dyn FnMut(usize, usize)) -> bool {
    match *watching {}
}

pub(crate) fn end(watching: &Watching, _: usize, _: usize) -> bool {
    match *watching {}
}

pub(crate) fn begin_fill(_: usize, _: usize, _: Range<usize>) -> Option<Watching> {
    None
}

pub(crate) fn touched(watching: &Watching, _: Duration) -> Option<usize> {
    match *watching {}
}

pub(crate) fn fill(watching: &Watching, _: usize, _: &[u8]) -> bool {
    match *watching {}
}
