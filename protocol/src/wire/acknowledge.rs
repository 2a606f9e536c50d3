//! Acknowledgements (spec section 11.7). They are no part of the transcript.

/// Kind of an acknowledgement. Its index is the number of the peer's frames that are durable; it has no body.
pub const ACKNOWLEDGE: u8 = 0x70;

/// The frame that says that `count` frames of the peer are durable.
#[must_use]
pub fn acknowledge(count: u32) -> Vec<u8> {
    [&[ACKNOWLEDGE][..], &count.to_be_bytes()].concat()
}

/// The count of an acknowledgement; `None` if the frame is none.
#[must_use]
pub fn acknowledged(frame: &[u8]) -> Option<u32> {
    let [ACKNOWLEDGE, count @ ..] = frame else { return None };
    Some(u32::from_be_bytes(count.try_into().ok()?))
}
