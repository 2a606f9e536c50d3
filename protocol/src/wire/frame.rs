//! Frames: a header of kind and index, then the body.

use super::FrameKind;
use crate::error::PeerFault;

/// Bytes of a frame's header: kind, then index as a big-endian 32-bit integer.
pub const HEADER_BYTES: usize = 5;

/// A frame's header in front of room for `body` bytes.
#[must_use]
pub fn frame(kind: FrameKind, index: u32, body: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER_BYTES + body);
    out.push(kind as u8);
    out.extend_from_slice(&index.to_be_bytes());
    out
}

/// Kind byte, index and body of a received frame.
///
/// # Errors
/// [`PeerFault::Truncated`] if the frame is shorter than a header.
pub fn parse(frame: &[u8]) -> Result<(u8, u32, &[u8]), PeerFault> {
    let (head, body) = frame.split_first_chunk::<HEADER_BYTES>().ok_or(PeerFault::Truncated)?;
    let [kind, index @ ..] = *head;
    Ok((kind, u32::from_be_bytes(index), body))
}

/// The abort frame for an error code.
#[must_use]
pub fn abort(code: u16) -> Vec<u8> {
    let mut out = frame(FrameKind::Abort, 0, 2);
    out.extend_from_slice(&code.to_be_bytes());
    out
}
