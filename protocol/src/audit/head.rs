//! The head of a log in a hello, and the cosignature of the peer's (spec section 7.5). A node that was put back to an
//! earlier state does not notice. Its peer can: it remembers which head of the log it cosigned last.

use super::checkpoint::Checkpoint;
use super::merkle::{self, Hash, MAX_PROOF};
use super::note::{Key, timed_message};
use super::origin;
use crate::codec::{Reader, Writer};
use crate::error::PeerFault;
use crate::identity::{IdentityKey, PeerId};
use crate::wire::hello::HEAD_BYTES;

/// Size and root of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

impl TreeHead {
    /// Of a log with these leaf hashes.
    #[must_use]
    pub fn of(leaves: &[Hash]) -> Self {
        Self { size: leaves.len() as u64, root: merkle::root(leaves) }
    }

    /// Of a log that is not known yet.
    #[must_use]
    pub fn empty() -> Self {
        Self::of(&[])
    }

    /// The checkpoint's text for the log of `node`: what is signed.
    fn text(&self, node: &PeerId) -> String {
        Checkpoint { origin: origin(node), size: self.size, root: self.root }.text()
    }
}

/// The head of a log, as a hello shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// Size and root.
    pub head: TreeHead,
    /// By the log's node, over the checkpoint's text.
    pub signature: [u8; 64],
    /// Size of the head that the peer cosigned last, as far as the sender knows; 0 if none.
    pub since: u64,
    /// Consistency proof from there.
    pub proof: Vec<Hash>,
}

impl LogHead {
    /// Signs the head of a log with these leaf hashes, of which the peer cosigned the first `since`.
    #[must_use]
    pub fn new(identity: &IdentityKey, leaves: &[Hash], since: u64) -> Self {
        let head = TreeHead::of(leaves);
        let proof = usize::try_from(since).ok().and_then(|since| merkle::prove_consistency(leaves, since));
        let signature = identity.sign(head.text(&identity.id()).as_bytes());
        Self { head, signature, since, proof: proof.unwrap_or_default() }
    }

    /// The bytes, of one length whatever the size of the log.
    #[must_use]
    pub fn encode(&self) -> [u8; HEAD_BYTES] {
        let mut w = Writer::with_capacity(HEAD_BYTES);
        w.u64(self.head.size).bytes(&self.head.root).bytes(&self.signature).u64(self.since);
        w.u8(u8::try_from(self.proof.len()).unwrap_or(u8::MAX)).bytes(&self.proof.concat());
        let mut bytes = w.finish();
        bytes.resize(HEAD_BYTES, 0);
        <[u8; HEAD_BYTES]>::try_from(bytes).unwrap_or([0; HEAD_BYTES])
    }

    /// The checkpoint of the log of `node`, as a signed note.
    #[must_use]
    pub fn note(&self, node: &PeerId) -> String {
        let text = self.head.text(node);
        format!("{text}\n{}", Key::of_log(node).line(&self.signature))
    }

    /// Reads the bytes and checks form and signature (V-HELLO-009).
    ///
    /// # Errors
    /// [`PeerFault::BadField`] for what may not be, then [`PeerFault::BadSignature`].
    pub fn check_signed(bytes: &[u8; HEAD_BYTES], node: &PeerId) -> Result<Self, PeerFault> {
        let read = |r: &mut Reader<'_>| {
            let head = TreeHead { size: r.u64()?, root: r.array()? };
            Ok((head, r.array()?, r.u64()?, usize::from(r.u8()?), r.array::<{ 32 * MAX_PROOF }>()?))
        };
        let (head, signature, since, count, hashes) = Reader::all(bytes, read)?;
        if head.size == 0 {
            return Err(PeerFault::BadField("log head size"));
        }
        let hashes = hashes.as_chunks::<32>().0;
        let (proof, rest) = hashes.split_at_checked(count).ok_or(PeerFault::BadField("log head proof"))?;
        if rest.iter().any(|hash| *hash != [0; 32]) {
            return Err(PeerFault::BadField("log head proof"));
        }
        node.verify(head.text(node).as_bytes(), &signature).map_err(|_| PeerFault::BadSignature)?;
        Ok(Self { head, signature, since, proof: proof.to_vec() })
    }

    /// Whether the log has gone on from what this side cosigned last (V-HELLO-010).
    ///
    /// # Errors
    /// [`PeerFault::StateLost`] if the peer's log went back, [`PeerFault::HistoryMismatch`] if it forked.
    pub fn check_follows(&self, known: &TreeHead) -> Result<(), PeerFault> {
        if self.head == *known {
            return Ok(());
        }
        if self.head.size < known.size || self.since < known.size {
            return Err(PeerFault::StateLost);
        }
        if self.head.size == known.size || self.since > known.size {
            return Err(PeerFault::HistoryMismatch);
        }
        merkle::check_consistency((known.size, &known.root), (self.head.size, &self.head.root), &self.proof)
            .map_err(|_| PeerFault::HistoryMismatch)
    }
}

/// Cosigns the head of a peer's log. The caller has made durable that it did (V-COSIGN-001).
#[must_use]
pub fn cosign(identity: &IdentityKey, time: u64, peer: &PeerId, head: &TreeHead) -> [u8; 64] {
    identity.sign(&timed_message(time, &head.text(peer)))
}

/// Checks the peer's cosignature of the own log's head (V-COSIGN-002).
///
/// # Errors
/// [`PeerFault::BadSignature`].
pub fn check_cosignature(
    time: u64,
    signature: &[u8; 64],
    peer: &PeerId,
    own: &PeerId,
    head: &TreeHead,
) -> Result<(), PeerFault> {
    peer.verify(&timed_message(time, &head.text(own)), signature).map_err(|_| PeerFault::BadSignature)
}
