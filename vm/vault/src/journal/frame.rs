//! A record's frame: what stands around its body, and how the chain goes on.
//!
//! ```text
//! length of the body: 4 | kind: 1 | zeros: 3 | body | zeros up to a multiple of 8 | first half of the chain: 16
//! ```
//!
//! The chain's hash after a record is the blake3 of the hash before it and of all bytes of the frame but the last 16.

use crate::bytes::half;

use super::record::{MOST, kind};

/// Bytes before the body.
pub(super) const HEAD: usize = 8;
/// Bytes after the padding.
const TAIL: usize = 16;
/// The longest frame.
pub(super) const LONGEST: usize = whole(MOST);
/// Bytes of a mark's frame.
pub(super) const MARK: usize = whole(MARK_BODY);
const MARK_BODY: usize = 24;

/// Bytes of a frame whose body is this long.
const fn whole(body: usize) -> usize {
    HEAD + body.next_multiple_of(8) + TAIL
}

/// Appends a frame, without its tail's value.
pub(super) fn push(to: &mut Vec<u8>, kind: u8, body: &[u8]) {
    let end = to.len() + whole(body.len());
    to.extend_from_slice(&(body.len() as u32).to_le_bytes());
    to.extend_from_slice(&[kind, 0, 0, 0]);
    to.extend_from_slice(body);
    to.resize(end, 0);
}

/// How long the frame is that begins so, if it can be one.
pub(super) fn length(head: &[u8]) -> Option<usize> {
    let body = u32::from_le_bytes(head.get(..4)?.try_into().ok()?) as usize;
    (body <= MOST).then(|| whole(body))
}

/// The chain after a whole frame.
fn next(chain: &[u8; 32], frame: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(chain);
    hasher.update(&frame[..frame.len() - TAIL]);
    *hasher.finalize().as_bytes()
}

/// Fills in the tails of whole frames that follow each other, and gives the chain after them.
pub(super) fn link(mut frames: &mut [u8], mut chain: [u8; 32]) -> [u8; 32] {
    while let Some(length) = length(frames) {
        let (frame, rest) = frames.split_at_mut(length);
        chain = next(&chain, frame);
        frame[length - TAIL..].copy_from_slice(&half(&chain));
        frames = rest;
    }
    chain
}

/// The chain after this frame, if the frame follows from the chain before.
pub(super) fn follows(frame: &[u8], chain: &[u8; 32]) -> Option<[u8; 32]> {
    let next = next(chain, frame);
    (frame[frame.len() - TAIL..] == half(&next)).then_some(next)
}

/// Kind and body of a whole frame.
pub(super) fn parts(frame: &[u8]) -> (u8, &[u8]) {
    let body = u32::from_le_bytes(frame[..4].try_into().expect("four bytes")) as usize;
    (frame[4], &frame[HEAD..HEAD + body])
}

/// The body of the mark at this place: what nobody can know who doesn't know the nonce.
pub(super) fn mark(nonce: &[u8; 16], offset: u64) -> [u8; MARK_BODY] {
    let mut body = [0; MARK_BODY];
    body[..16].copy_from_slice(nonce);
    body[16..].copy_from_slice(&offset.to_le_bytes());
    body
}

/// Whether the mark of this place stands here, whatever the chain says.
pub(super) fn is_mark(bytes: &[u8], nonce: &[u8; 16], offset: u64) -> bool {
    bytes[..HEAD] == [MARK_BODY as u8, 0, 0, 0, kind::MARK, 0, 0, 0]
        && bytes[HEAD..HEAD + MARK_BODY] == mark(nonce, offset)
}
