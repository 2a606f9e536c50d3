//! OT extension: SoftSpokenOT (Roy, CRYPTO 2022, eprint 2022/192) with its consistency check at 128-bit soundness,
//! chunk by chunk.
//!
//! The receiver ends with rows t_i, the sender with q_i = t_i + x_i Delta over GF(2)^128, x the receiver's choices.
//! Each tree gives k of the 128 columns and costs one column on the wire.

use super::buffers::{Buffers, OtRows};
use super::tree::{self, LeafKey, Leaves, TreeBinding};
use crate::crypto::cipher::{LeafStreams, transpose};
use crate::crypto::hash::{Labelled, Prf, hash};
use crate::crypto::universal::ColumnHash;
use crate::error::{Error, PeerFault};
use crate::labels;
use crate::round::ot::{BaseOtKey, Direction, OtChunk, OtReceiver, OtSender};
use crate::suite::{BASE_OTS, TREE_LEVELS, TREES, extension_bytes};
use std::sync::{Arc, OnceLock};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

impl OtChunk<'_> {
    /// Challenge of the consistency check: depends on the whole matrix, and on the trees by the digest at the end of their
    /// message (V-OT-006).
    fn challenge(&self, trees: &[u8; 32], matrix: &[u8], blocks: usize) -> ColumnHash {
        let parts: [&[u8]; 5] = [trees, &[self.direction as u8], &self.index.to_be_bytes(), self.beta, matrix];
        ColumnHash::new(&hash(labels::OT_CHALLENGE, &parts), blocks)
    }

    /// The two mask blocks behind some choices.
    fn masks(&self, key: &Prf, choices: &[u8], out: &mut [u8]) {
        let parts: [&[u8]; 4] = [&self.index.to_be_bytes(), &[self.direction as u8], self.beta, choices];
        key.fill_at(&hash(labels::OT_CHOICES, &parts), out);
    }
}

/// Streams of the leaves under beta (V-OT-007).
pub(in crate::round) fn streams(leaves: &[LeafKey], beta: &[u8; 32]) -> LeafStreams {
    let seed = |leaf: &LeafKey| {
        let mut seed = [0; 16];
        Prf::new(*leaf).fill_at(beta, &mut seed);
        seed
    };
    LeafStreams::new(&Zeroizing::new(leaves.iter().map(seed).collect::<Vec<[u8; 16]>>()))
}

/// Leaves of an extension, with their streams of the direction in which beta is the same for all chunks: to expand 512 keys
/// for each of them took as long as their columns.
struct LeafKeys {
    leaves: Zeroizing<Vec<LeafKey>>,
    fixed: OnceLock<([u8; 32], Arc<LeafStreams>)>,
}

impl LeafKeys {
    fn of(trees: &[Leaves]) -> Self {
        Self { leaves: leaf_keys(trees), fixed: OnceLock::new() }
    }

    /// The streams of a chunk.
    fn streams(&self, chunk: &OtChunk<'_>) -> Arc<LeafStreams> {
        let fresh = || Arc::new(streams(&self.leaves, chunk.beta));
        if chunk.direction != Direction::Masks {
            return fresh();
        }
        let (beta, fixed) = self.fixed.get_or_init(|| (*chunk.beta, fresh()));
        if beta == chunk.beta { Arc::clone(fixed) } else { fresh() }
    }
}

/// Keys of the leaves of all trees, tree after tree.
pub(in crate::round) fn leaf_keys(trees: &[Leaves]) -> Zeroizing<Vec<LeafKey>> {
    Zeroizing::new(trees.iter().flat_map(|leaves| leaves.iter().copied()).collect())
}

/// The digest at the end of the trees' message.
pub(in crate::round) fn digest_of(message: &[u8]) -> [u8; 32] {
    message.last_chunk().copied().unwrap_or([0; 32])
}

/// The receiver: the owner of the trees.
pub struct SoftSpokenReceiver {
    leaves: LeafKeys,
    trees: [u8; 32],
    masks: Prf,
    buffers: Buffers,
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
        (Self { leaves: LeafKeys::of(&trees), trees: digest_of(&message), masks, buffers: Buffers::default() }, message)
    }
}

impl OtReceiver for SoftSpokenReceiver {
    /// Appends two blocks of random choices, which mask what the check reveals. They depend on the choices, so that a
    /// repetition with other choices shows nothing of the first.
    fn extend(&self, chunk: &OtChunk<'_>, choices: &[u8], bits: usize) -> (Vec<u8>, OtRows) {
        let blocks = bits.div_ceil(128) + 2;
        let column = blocks * 16;
        let mut padded = Zeroizing::new(vec![0u8; column]);
        padded[..choices.len()].copy_from_slice(choices);
        chunk.masks(&self.masks, choices, &mut padded[(blocks - 2) * 16..]);
        let streams = self.leaves.streams(chunk);
        let mut message = Vec::with_capacity(extension_bytes(bits));
        message.resize(TREES * column, 0);
        let rows = self.buffers.columns(BASE_OTS * column, |own| {
            let columns = own.chunks_exact_mut(TREE_LEVELS * column).zip(message.chunks_exact_mut(column));
            for (tree, (t, u)) in columns.enumerate() {
                streams.columns(tree, true, chunk.index, t, u);
                u.iter_mut().zip(padded.iter()).for_each(|(u, x)| *u ^= x);
            }
            let check = chunk.challenge(&self.trees, &message, blocks);
            message.extend_from_slice(&check.column(&padded));
            let hashed = own.chunks_exact(column).map(|t| check.column(t));
            let digest = hashed.fold(Labelled::new(labels::OT_COLUMNS), |h, t| h.part(&t)).finish();
            message.extend_from_slice(&digest);
            let mut rows = self.buffers.rows(bits);
            transpose(own, rows.as_mut());
            rows
        });
        (message, rows)
    }
}

/// The sender: its secret Delta and the keys of all leaves but those at Delta.
pub struct SoftSpokenSender {
    delta: Zeroizing<u128>,
    leaves: LeafKeys,
    trees: [u8; 32],
    buffers: Buffers,
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
        let trees = tree::open(binding, &delta.to_le_bytes(), keys, setup)?;
        Ok(Self {
            delta: Zeroizing::new(delta),
            leaves: LeafKeys::of(&trees),
            trees: digest_of(setup),
            buffers: Buffers::default(),
        })
    }
}

impl OtSender for SoftSpokenSender {
    fn delta(&self) -> u128 {
        *self.delta
    }

    fn extend(&self, chunk: &OtChunk<'_>, message: &[u8], bits: usize) -> Result<OtRows, Error> {
        let expected = extension_bytes(bits);
        if message.len() != expected {
            return Err(PeerFault::Length { expected, got: message.len() }.into());
        }
        let blocks = bits.div_ceil(128) + 2;
        let column = blocks * 16;
        let (matrix, check) = message.split_at(TREES * column);
        let (choices, digest) = check.split_at(32);
        let challenge = chunk.challenge(&self.trees, matrix, blocks);
        let streams = self.leaves.streams(chunk);
        let mut sum = Zeroizing::new(vec![0u8; column]);
        let rows = self.buffers.columns(BASE_OTS * column, |own| {
            let mut expected = Labelled::new(labels::OT_COLUMNS);
            let columns = own.chunks_exact_mut(TREE_LEVELS * column).zip(matrix.chunks_exact(column));
            for (tree, (all, u)) in columns.enumerate() {
                // The leaf at distance 0 has no weight, and is unknown.
                streams.columns(tree, false, chunk.index, all, &mut sum);
                for (bit, q) in all.chunks_exact_mut(column).enumerate() {
                    let set = (*self.delta >> (tree * TREE_LEVELS + bit) & 1) as u8;
                    let select = u8::conditional_select(&0, &0xff, Choice::from(set));
                    q.iter_mut().zip(u).for_each(|(q, u)| *q ^= u & select);
                    let mut hashed = challenge.column(q);
                    hashed.iter_mut().zip(choices).for_each(|(h, x)| *h ^= x & select);
                    expected = expected.part(&hashed);
                }
            }
            // V-OT-001.
            let fits: bool = expected.finish().ct_eq(digest).into();
            fits.then(|| {
                let mut rows = self.buffers.rows(bits);
                transpose(own, rows.as_mut());
                rows
            })
        });
        rows.ok_or_else(|| PeerFault::InconsistentOt { chunk: chunk.index }.into())
    }
}
