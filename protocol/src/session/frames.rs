//! Frames as a session returns them, with what it has worked out already.

use crate::ids::FrameDigest;
use crate::wire::FrameKind;

/// A frame that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingFrame {
    /// Its kind.
    pub kind: FrameKind,
    /// Its digest, [`crate::transcript::frame_digest`].
    pub digest: FrameDigest,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A frame that was taken: [`super::Session::handle`] accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenFrame {
    /// Its kind.
    pub kind: FrameKind,
    /// Its digest, [`crate::transcript::frame_digest`].
    pub digest: FrameDigest,
}
