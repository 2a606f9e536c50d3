//! The end of a round: seals of what a bin holds, seal keys, claims (spec section 8.9).

use super::commitment::LateId;
use super::derive::half;
use crate::crypto::hash::{Prf, hash};
use crate::error::PeerFault;
use crate::ids::Pseudonym;
use crate::labels;
use crate::policy::shape::Grade;
use crate::secret::Secret;
use crate::suite::{PSEUDONYM_BYTES, SEAL_KEY_BYTES, TAG_BYTES};
use crate::wire::body::{SEAL_CHECK_BYTES, SealKeysBody};
use core::cmp::Reverse;
use std::collections::BTreeMap;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Key of the seals of one comparison chunk; released after the requester's last correction.
pub type SealKey = Secret<SEAL_KEY_BYTES>;

/// Commitment to a seal key.
#[must_use]
pub fn commit_seal_key(late: &LateId, chunk: u32, key: &SealKey) -> [u8; 32] {
    hash(labels::SEAL_KEY_COMMITMENT, &[late.as_bytes(), &chunk.to_be_bytes(), key.expose()])
}

/// The function that gives the tags of strong pairs in one round (V-SETTLE-010).
#[derive(Clone, Debug)]
pub struct StrongTags(Prf);

impl StrongTags {
    /// Of a round.
    #[must_use]
    pub fn new(late: &LateId) -> Self {
        Self(Prf::derive(labels::STRONG_TAG, &[late.as_bytes()]))
    }

    /// The tag of a pseudonym token in a bin.
    #[must_use]
    pub fn tag(&self, token: &[u8; PSEUDONYM_BYTES], bin: u32) -> [u8; TAG_BYTES] {
        let mut at = [0; PSEUDONYM_BYTES + 4];
        at[..PSEUDONYM_BYTES].copy_from_slice(token);
        at[PSEUDONYM_BYTES..].copy_from_slice(&bin.to_be_bytes());
        let mut tag = [0; TAG_BYTES];
        self.0.fill_at(&at, &mut tag);
        tag
    }
}

/// Circuits of a bin: a label of each may go into one pad.
const MOST_LABELS: usize = 2;

/// What seals and opens the bins of one comparison chunk.
#[derive(Clone, Debug)]
pub struct Sealing {
    key: Prf,
    mutual: bool,
}

/// What a bin opens to. All of it is noise where the lower threshold was not reached.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedBin {
    /// Pseudonym token.
    pub token: [u8; PSEUDONYM_BYTES],
    /// What stands for the tag, where there is a grade strong.
    pub tag: Option<[u8; TAG_BYTES]>,
    /// Whether the label is one that the garbler has sealed for; always in requester-only mode (V-SETTLE-011).
    pub checked: bool,
}

impl core::fmt::Debug for OpenedBin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("OpenedBin(..)")
    }
}

impl Sealing {
    /// With the seal key of a chunk. In mutual mode seals have checks of the label.
    #[must_use]
    pub fn new(late: &LateId, chunk: u32, key: &SealKey, mutual: bool) -> Self {
        let key = Prf::derive(labels::SEAL, &[late.as_bytes(), &chunk.to_be_bytes(), key.expose()]);
        Self { key, mutual }
    }

    /// The pad of a bin's circuit under one label, or under two.
    fn pad(&self, bin: u32, circuit: u8, labels: &[u128], out: &mut [u8]) {
        let mut point = [0; 5 + 16 * MOST_LABELS];
        point[..4].copy_from_slice(&bin.to_be_bytes());
        point[4] = circuit;
        let places = point[5..].chunks_exact_mut(16);
        places.zip(labels).for_each(|(place, label)| place.copy_from_slice(&label.to_le_bytes()));
        self.key.fill_at(&point[..5 + 16 * labels.len().min(MOST_LABELS)], out);
    }

    /// Pad and check of a label of the lower threshold.
    fn lower(&self, bin: u32, label: u128) -> ([u8; PSEUDONYM_BYTES], [u8; SEAL_CHECK_BYTES]) {
        let mut both = [0; PSEUDONYM_BYTES + SEAL_CHECK_BYTES];
        self.pad(bin, 0, &[label], &mut both);
        let (mut pad, mut check) = ([0; PSEUDONYM_BYTES], [0; SEAL_CHECK_BYTES]);
        pad.copy_from_slice(&both[..PSEUDONYM_BYTES]);
        check.copy_from_slice(&both[PSEUDONYM_BYTES..]);
        (pad, check)
    }

    /// Appends the seal of a bin (V-SETTLE-009). `share` is the responder's share of token and tag; `reached` the label of
    /// "reached" of each circuit.
    pub fn seal(&self, bin: u32, share: &[u8], reached: &[u128], delta: u128, out: &mut Vec<u8>) {
        let lower = reached.first().copied().unwrap_or(0);
        let (token, tag) = share.split_at(share.len().min(PSEUDONYM_BYTES));
        let (pad, check) = self.lower(bin, lower);
        out.extend(token.iter().zip(pad).map(|(s, p)| s ^ p));
        if self.mutual {
            let checks = [check, self.lower(bin, lower ^ delta).1];
            let first = Choice::from((lower & 1) as u8);
            for by_colour in [first, !first] {
                let of = |i: usize| u8::conditional_select(&checks[0][i], &checks[1][i], by_colour);
                out.extend((0..SEAL_CHECK_BYTES).map(of));
            }
        }
        if reached.len() > 1 {
            let mut pad = [0; TAG_BYTES];
            self.pad(bin, 1, reached, &mut pad);
            out.extend(tag.iter().zip(pad).map(|(s, p)| s ^ p));
        }
    }

    /// Opens the seal of a bin with the labels that evaluation gave, in the same steps whatever they are (V-SETTLE-007).
    /// `share` is the requester's share. A changed table or seal reads as noise, which is the harmless side
    /// (V-SETTLE-003).
    #[must_use]
    pub fn open(&self, bin: u32, sealed: &[u8], share: &[u8], labels: &[u128]) -> OpenedBin {
        let lower = labels.first().copied().unwrap_or(0);
        let (pad, own_check) = self.lower(bin, lower);
        let at = |bytes: &[u8], i: usize| bytes.get(i).copied().unwrap_or(0);
        let token = core::array::from_fn(|i| at(share, i) ^ at(sealed, i) ^ pad[i]);
        let mut next = PSEUDONYM_BYTES;
        let mut checked = Choice::from(1);
        if self.mutual {
            let colour = Choice::from((lower & 1) as u8);
            let check: [u8; SEAL_CHECK_BYTES] = core::array::from_fn(|i| {
                u8::conditional_select(&at(sealed, next + i), &at(sealed, next + SEAL_CHECK_BYTES + i), colour)
            });
            checked = check.ct_eq(&own_check);
            next += 2 * SEAL_CHECK_BYTES;
        }
        let tag = (labels.len() > 1).then(|| {
            let mut pad = [0; TAG_BYTES];
            self.pad(bin, 1, labels, &mut pad);
            core::array::from_fn(|i| at(share, PSEUDONYM_BYTES + i) ^ at(sealed, next + i) ^ pad[i])
        });
        OpenedBin { token, tag, checked: checked.into() }
    }
}

/// Seal keys that fit their commitments, in the order of the chunks.
#[derive(Clone, Debug, Default)]
pub struct SealKeys(Vec<SealKey>);

impl SealKeys {
    /// Adds the keys of a frame, which follow those that are here. `commitments` are those of all chunks.
    ///
    /// # Errors
    /// [`PeerFault::BrokenCommitment`] with the chunk whose key is not the one committed to (V-SETTLE-002).
    pub fn add(&mut self, late: &LateId, body: &SealKeysBody, commitments: &[[u8; 32]]) -> Result<(), PeerFault> {
        for key in &body.keys {
            let at = self.0.len();
            let chunk = u32::try_from(at).unwrap_or(u32::MAX);
            let key = SealKey::new(*key);
            let committed = commitments.get(at).is_some_and(|c| commit_seal_key(late, chunk, &key).ct_eq(c).into());
            if !committed {
                return Err(PeerFault::BrokenCommitment { chunk });
            }
            self.0.push(key);
        }
        Ok(())
    }

    /// What opens the bins of a chunk.
    pub(super) fn sealing(&self, late: &LateId, chunk: u32, mutual: bool) -> Option<Sealing> {
        Some(Sealing::new(late, chunk, self.0.get(chunk as usize)?, mutual))
    }
}

/// The pseudonyms of tokens, sorted.
#[must_use]
pub fn pseudonyms(tokens: impl Iterator<Item = [u8; PSEUDONYM_BYTES]>) -> Vec<[u8; PSEUDONYM_BYTES]> {
    let mut pseudonyms: Vec<[u8; PSEUDONYM_BYTES]> = tokens.map(|token| *public_pseudonym(&token).as_bytes()).collect();
    pseudonyms.sort_unstable();
    pseudonyms
}

/// The pseudonym that both sides show for a token: the token itself proves a claim.
#[must_use]
pub fn public_pseudonym(token: &[u8; PSEUDONYM_BYTES]) -> Pseudonym {
    Pseudonym::from_bytes(half(hash(labels::PSEUDONYM_SHOWN, &[token])))
}

/// The tokens of the claims: the different tokens of pairs, at most `cap` and `padded` of them, padded with random ones and
/// sorted. Where there are more, strong pairs come first, then the smallest tokens (V-SETTLE-005, V-SETTLE-006).
#[must_use]
pub fn claims(pairs: impl Iterator<Item = ([u8; 16], Grade)>, cap: usize, padded: u32, padding: &Prf) -> Vec<[u8; 16]> {
    let mut best: BTreeMap<[u8; 16], Grade> = BTreeMap::new();
    for (token, grade) in pairs {
        let known = best.entry(token).or_insert(grade);
        *known = (*known).max(grade);
    }
    let mut tokens: Vec<_> = best.into_iter().collect();
    tokens.sort_by_key(|(_, grade)| Reverse(*grade)); // which keeps the order of equal grades
    let random = (0u64..).map(|i| padding.bytes::<16>(&[i]));
    let tokens = tokens.into_iter().map(|(token, _)| token).take(cap);
    let mut all: Vec<[u8; 16]> = tokens.chain(random).take(padded as usize).collect();
    all.sort_unstable();
    all
}
