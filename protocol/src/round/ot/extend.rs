//! OT extension: IKNP with the consistency check of SoftSpokenOT (Roy, CRYPTO 2022) at 128-bit soundness, chunk by
//! chunk. The check of KOS15 is not used: its lemma is false.
//!
//! The receiver ends with rows t_i, the sender with q_i = t_i + x_i Delta over GF(2)^128, x the receiver's choices.

use super::base::Key;
use super::{Direction, transpose};
use crate::crypto::cipher::Stream;
use crate::crypto::hash::{Labelled, Prf, hash};
use crate::crypto::universal::ColumnHash;
use crate::error::{Error, PeerFault};
use crate::labels;
use crate::wire::schedule::{BASE_OTS, extension_bytes};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Which chunk of which extension; enters the challenge.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// Round id.
    pub round: &'a [u8; 32],
    /// Extension.
    pub direction: Direction,
    /// Chunk index.
    pub index: u32,
}

impl Chunk<'_> {
    /// Challenge of the consistency check: depends on the whole matrix.
    fn challenge(&self, matrix: &[u8]) -> ColumnHash {
        let parts: [&[u8]; 4] = [self.round, &[self.direction as u8], &self.index.to_be_bytes(), matrix];
        ColumnHash::new(&hash(labels::OT_CHALLENGE, &parts))
    }
}

/// The receiver: two streams a column.
#[derive(Debug)]
pub struct Receiver {
    streams: Vec<[Stream; 2]>,
    masks: Prf,
}

impl Receiver {
    /// From the keys of the base OTs that this side sent, and randomness for the mask blocks.
    #[must_use]
    pub fn new(keys: &[[Key; 2]], masks: Prf) -> Self {
        Self { streams: keys.iter().map(|pair| [0, 1].map(|i| Stream::new(pair[i].expose()))).collect(), masks }
    }

    /// Extends `bits` choices (LSB first in `choices`). Returns the message and the rows t_i.
    ///
    /// Two blocks of random choices are appended, which mask what the check tells. They depend on the choices, so that
    /// a repetition with other choices shows nothing of the first.
    #[must_use]
    pub fn extend(&self, chunk: &Chunk<'_>, choices: &[u8], bits: usize) -> (Vec<u8>, Vec<u128>) {
        let blocks = bits.div_ceil(128) + 2;
        let mut padded = vec![0u8; blocks * 16];
        padded[..choices.len()].copy_from_slice(choices);
        let seed = hash(labels::OT_CHOICES, &[&chunk.index.to_be_bytes(), &[chunk.direction as u8], choices]);
        self.masks.fill_at(&seed, &mut padded[(blocks - 2) * 16..]);

        let mut own = vec![0u8; BASE_OTS * blocks * 16];
        let mut message = Vec::with_capacity(extension_bytes(bits));
        message.resize(BASE_OTS * blocks * 16, 0);
        let columns = own.chunks_exact_mut(blocks * 16).zip(message.chunks_exact_mut(blocks * 16));
        for ((t, u), [zero, one]) in columns.zip(&self.streams) {
            zero.fill(chunk.index, t);
            one.fill(chunk.index, u);
            u.iter_mut().zip(&*t).zip(&padded).for_each(|((u, t), x)| *u ^= t ^ x);
        }
        let check = chunk.challenge(&message);
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

/// The sender: its secret Delta and one stream a column.
#[derive(ZeroizeOnDrop, Zeroize)]
pub struct Sender {
    delta: u128,
    #[zeroize(skip)] // AES wipes its own key schedule.
    streams: Vec<Stream>,
}

impl core::fmt::Debug for Sender {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sender(..)")
    }
}

impl Sender {
    /// From Delta, which was the choices in the base OTs that this side received, and their keys.
    #[must_use]
    pub fn new(delta: u128, keys: &[Key]) -> Self {
        Self { delta, streams: keys.iter().map(|k| Stream::new(k.expose())).collect() }
    }

    /// Delta.
    #[must_use]
    pub const fn delta(&self) -> u128 {
        self.delta
    }

    /// Checks an extension of `bits` choices and returns the rows q_i.
    ///
    /// # Errors
    /// [`PeerFault::Length`], or [`PeerFault::InconsistentOt`] if the check fails.
    pub fn extend(&self, chunk: &Chunk<'_>, message: &[u8], bits: usize) -> Result<Vec<u128>, Error> {
        let expected = extension_bytes(bits);
        if message.len() != expected {
            return Err(PeerFault::Length { expected, got: message.len() }.into());
        }
        let blocks = bits.div_ceil(128) + 2;
        let (matrix, check) = message.split_at(BASE_OTS * blocks * 16);
        let (choices, digest) = check.split_at(32);
        let challenge = chunk.challenge(matrix);

        let mut own = vec![0u8; matrix.len()];
        let mut expected = Labelled::new(labels::OT_COLUMNS);
        let columns = own.chunks_exact_mut(blocks * 16).zip(matrix.chunks_exact(blocks * 16));
        for (j, ((q, u), stream)) in columns.zip(&self.streams).enumerate() {
            stream.fill(chunk.index, q);
            let select = u8::conditional_select(&0, &0xff, Choice::from(u8::from(self.delta >> j & 1 == 1)));
            q.iter_mut().zip(u).for_each(|(q, u)| *q ^= u & select);
            let mut hashed = challenge.column(q);
            hashed.iter_mut().zip(choices).for_each(|(h, x)| *h ^= x & select);
            expected = expected.part(&hashed);
        }
        // V-OT-001.
        let fits: bool = expected.finish().ct_eq(digest).into();
        let rows = fits.then(|| transpose::rows(&own, blocks, bits));
        own.zeroize();
        rows.ok_or_else(|| PeerFault::InconsistentOt { chunk: chunk.index }.into())
    }
}
