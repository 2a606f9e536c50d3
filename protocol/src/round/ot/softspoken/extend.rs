//! OT extension: SoftSpokenOT (Roy, CRYPTO 2022, eprint 2022/192) with its consistency check at 128-bit soundness,
//! chunk by chunk.
//!
//! The receiver ends with rows t_i, the sender with q_i = t_i + x_i Delta over GF(2)^128, x the receiver's choices.
//! Each tree gives k of the 128 columns and costs one column on the wire.

use super::tree::{self, LEAVES, LeafKey, Leaves, TreeBinding};
use super::{fold, transpose};
use crate::crypto::cipher::Stream;
use crate::crypto::hash::{Labelled, Prf, hash};
use crate::crypto::universal::ColumnHash;
use crate::error::{Error, PeerFault};
use crate::labels;
use crate::round::ot::{BaseOtKey, OtChunk, OtReceiver, OtSender};
use crate::suite::{BASE_OTS, TREE_LEVELS, TREES, extension_bytes};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

impl OtChunk<'_> {
    /// Challenge of the consistency check: depends on the whole matrix, and on the trees by the digest at the end of their
    /// message (V-OT-006).
    fn challenge(&self, trees: &[u8; 32], matrix: &[u8]) -> ColumnHash {
        let parts: [&[u8]; 5] = [trees, &[self.direction as u8], &self.index.to_be_bytes(), self.beta, matrix];
        ColumnHash::new(&hash(labels::OT_CHALLENGE, &parts))
    }

    /// Stream of a leaf in this chunk (V-OT-007).
    fn stream(&self, leaf: &LeafKey) -> Stream {
        let mut key = Zeroizing::new([0; 16]);
        Prf::new(*leaf).fill_at(self.beta, &mut *key);
        Stream::new(&key)
    }

    /// The two mask blocks behind some choices.
    fn masks(&self, key: &Prf, choices: &[u8], out: &mut [u8]) {
        let parts: [&[u8]; 4] = [&self.index.to_be_bytes(), &[self.direction as u8], self.beta, choices];
        key.fill_at(&hash(labels::OT_CHOICES, &parts), out);
    }
}

/// Keys of the leaves of all trees, tree after tree.
fn leaf_keys(trees: &[Leaves]) -> Zeroizing<Vec<LeafKey>> {
    Zeroizing::new(trees.iter().flat_map(|leaves| leaves.iter().copied()).collect())
}

/// The digest at the end of the trees' message.
fn digest_of(message: &[u8]) -> [u8; 32] {
    message.last_chunk().copied().unwrap_or([0; 32])
}

/// The receiver: the owner of the trees.
pub struct SoftSpokenReceiver {
    leaves: Zeroizing<Vec<LeafKey>>,
    trees: [u8; 32],
    masks: Prf,
}

impl core::fmt::Debug for SoftSpokenReceiver {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Receiver(..)")
    }
}

impl SoftSpokenReceiver {
    /// Grows the trees from the keys of the base OTs that this side offered; `masks` is randomness for the mask blocks.
    /// Returns the trees' message too.
    #[must_use]
    pub fn grow(binding: &TreeBinding, keys: &[[BaseOtKey; 2]], masks: Prf) -> (Self, Vec<u8>) {
        let (trees, message) = tree::grow(binding, keys);
        (Self { leaves: leaf_keys(&trees), trees: digest_of(&message), masks }, message)
    }
}

impl OtReceiver for SoftSpokenReceiver {
    /// Appends two blocks of random choices, which mask what the check reveals. They depend on the choices, so that a
    /// repetition with other choices shows nothing of the first.
    fn extend(&self, chunk: &OtChunk<'_>, choices: &[u8], bits: usize) -> (Vec<u8>, Vec<u128>) {
        let blocks = bits.div_ceil(128) + 2;
        let mut padded = vec![0u8; blocks * 16];
        padded[..choices.len()].copy_from_slice(choices);
        chunk.masks(&self.masks, choices, &mut padded[(blocks - 2) * 16..]);
        let streams: Vec<Stream> = self.leaves.iter().map(|leaf| chunk.stream(leaf)).collect();

        let mut own = vec![0u8; BASE_OTS * blocks * 16];
        let mut message = Vec::with_capacity(extension_bytes(bits));
        message.resize(TREES * blocks * 16, 0);
        let columns = own.chunks_exact_mut(TREE_LEVELS * blocks * 16).zip(message.chunks_exact_mut(blocks * 16));
        for ((t, u), leaves) in columns.zip(streams.chunks_exact(LEAVES)) {
            fold::columns(chunk.index, leaves.iter().map(Some), t, u);
            u.iter_mut().zip(&padded).for_each(|(u, x)| *u ^= x);
        }
        let check = chunk.challenge(&self.trees, &message);
        message.extend_from_slice(&check.column(&padded));
        let hashed = own.chunks_exact(blocks * 16).map(|t| check.column(t));
        let digest = hashed.fold(Labelled::new(labels::OT_COLUMNS), |h, t| h.part(&t)).finish();
        message.extend_from_slice(&digest);
        padded.zeroize();
        let rows = transpose::rows(&own, blocks, bits);
        own.zeroize();
        (message, rows)
    }
}

/// The sender: its secret Delta and the keys of all leaves but those at Delta.
#[derive(ZeroizeOnDrop, Zeroize)]
pub struct SoftSpokenSender {
    delta: u128,
    leaves: Zeroizing<Vec<LeafKey>>,
    trees: [u8; 32],
}

impl core::fmt::Debug for SoftSpokenSender {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sender(..)")
    }
}

impl SoftSpokenSender {
    /// Opens the receiver's trees with Delta, whose complement was the choices in the base OTs that this side answered, and
    /// their keys.
    ///
    /// # Errors
    /// [`PeerFault::Length`], or [`PeerFault::InconsistentTree`] if the check fails.
    pub fn open(binding: &TreeBinding, delta: u128, keys: &[BaseOtKey], setup: &[u8]) -> Result<Self, PeerFault> {
        let trees = tree::open(binding, delta, keys, setup)?;
        Ok(Self { delta, leaves: leaf_keys(&trees), trees: digest_of(setup) })
    }
}

impl OtSender for SoftSpokenSender {
    fn delta(&self) -> u128 {
        self.delta
    }

    fn extend(&self, chunk: &OtChunk<'_>, message: &[u8], bits: usize) -> Result<Vec<u128>, Error> {
        let expected = extension_bytes(bits);
        if message.len() != expected {
            return Err(PeerFault::Length { expected, got: message.len() }.into());
        }
        let blocks = bits.div_ceil(128) + 2;
        let column = blocks * 16;
        let (matrix, check) = message.split_at(TREES * column);
        let (choices, digest) = check.split_at(32);
        let challenge = chunk.challenge(&self.trees, matrix);
        let streams: Vec<Stream> = self.leaves.iter().map(|leaf| chunk.stream(leaf)).collect();

        let mut own = vec![0u8; BASE_OTS * column];
        let mut sum = vec![0u8; column];
        let mut expected = Labelled::new(labels::OT_COLUMNS);
        let columns = own.chunks_exact_mut(TREE_LEVELS * column).zip(matrix.chunks_exact(column));
        for (tree, ((all, u), leaves)) in columns.zip(streams.chunks_exact(LEAVES)).enumerate() {
            // The leaf at distance 0 has no weight, and is unknown.
            let known = core::iter::once(None).chain(leaves.iter().skip(1).map(Some));
            fold::columns(chunk.index, known, all, &mut sum);
            for (bit, q) in all.chunks_exact_mut(column).enumerate() {
                let set = (self.delta >> (tree * TREE_LEVELS + bit) & 1) as u8;
                let select = u8::conditional_select(&0, &0xff, Choice::from(set));
                q.iter_mut().zip(u).for_each(|(q, u)| *q ^= u & select);
                let mut hashed = challenge.column(q);
                hashed.iter_mut().zip(choices).for_each(|(h, x)| *h ^= x & select);
                expected = expected.part(&hashed);
            }
        }
        sum.zeroize();
        // V-OT-001.
        let fits: bool = expected.finish().ct_eq(digest).into();
        let rows = fits.then(|| transpose::rows(&own, blocks, bits));
        own.zeroize();
        rows.ok_or_else(|| PeerFault::InconsistentOt { chunk: chunk.index }.into())
    }
}
