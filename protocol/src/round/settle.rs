//! The end of a round: sealed output labels, the round key, claims (spec section 8.9).

use super::derive::half;
use crate::crypto::hash::{Prf, hash};
use crate::error::PeerFault;
use crate::labels;
use crate::policy::shape::Grade;
use crate::secret::Secret;
use crate::wire::body::{RevealBody, SEAL_CHECK_BYTES};
use core::cmp::Reverse;
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// Key that opens the output labels; released after the requester's last correction.
pub type RoundKey = Secret<32>;

/// Commitment to a round key.
#[must_use]
pub fn commit_key(key: &RoundKey, round: &[u8; 32]) -> [u8; 32] {
    hash(labels::ROUND_KEY_COMMITMENT, &[round, key.expose()])
}

/// What seals and opens output labels under the round key.
#[derive(Clone, Debug)]
pub struct Sealing(Prf);

impl Sealing {
    /// With a round key.
    #[must_use]
    pub fn new(key: &RoundKey, round: &[u8; 32]) -> Self {
        Self(Prf::derive(labels::SEAL, &[round, key.expose()]))
    }

    fn pad(&self, bin: u32, threshold: u8, label: u128, out: &mut [u8]) {
        let mut point = [0; 21];
        point[..4].copy_from_slice(&bin.to_be_bytes());
        point[4] = threshold;
        point[5..].copy_from_slice(&label.to_le_bytes());
        self.0.fill_at(&point, out);
    }

    /// Appends `content` and the check, sealed under the label of "reached".
    pub fn seal(&self, bin: u32, threshold: u8, label: u128, content: &[u8], out: &mut Vec<u8>) {
        let first = out.len();
        out.resize(first + content.len() + SEAL_CHECK_BYTES, 0);
        let new = &mut out[first..];
        self.pad(bin, threshold, label, new);
        new.iter_mut().zip(content).for_each(|(n, c)| *n ^= c);
    }

    /// Opens a ciphertext with the label that evaluation gave: the content if that label means "reached". A changed
    /// table or ciphertext reads as "not reached", which is the harmless side (V-SETTLE-003).
    #[must_use]
    pub fn open(&self, bin: u32, threshold: u8, label: u128, sealed: &[u8]) -> Option<Vec<u8>> {
        let mut plain = vec![0; sealed.len()];
        self.pad(bin, threshold, label, &mut plain);
        plain.iter_mut().zip(sealed).for_each(|(p, s)| *p ^= s);
        let content = plain.len().checked_sub(SEAL_CHECK_BYTES)?;
        let check = plain.split_off(content);
        bool::from(check.ct_eq(&[0; SEAL_CHECK_BYTES])).then_some(plain)
    }
}

/// What the reveal gives: what opens sealed labels, and the pseudonyms of the responder's records.
#[derive(Clone, Debug)]
pub struct Revealed {
    pub(super) sealing: Sealing,
    /// Ascending.
    listed: Vec<[u8; 16]>,
}

impl Revealed {
    /// Checks a reveal.
    ///
    /// # Errors
    /// [`PeerFault::BrokenCommitment`] if the key is not the one committed to; [`PeerFault::BadField`] if the pseudonyms
    /// are not strictly ascending.
    pub fn check(reveal: RevealBody, round: &[u8; 32], commitment: &[u8; 32]) -> Result<Self, PeerFault> {
        let RevealBody { key, pseudonyms: listed } = reveal;
        let key = RoundKey::new(key);
        // V-SETTLE-002.
        if !bool::from(commit_key(&key, round).ct_eq(commitment)) {
            return Err(PeerFault::BrokenCommitment { chunk: 0 });
        }
        if !listed.is_sorted_by(|a, b| a < b) {
            return Err(PeerFault::BadField("pseudonyms"));
        }
        Ok(Self { sealing: Sealing::new(&key, round), listed })
    }

    /// Whether this is the token of a listed pseudonym (V-SETTLE-008).
    #[must_use]
    pub fn lists(&self, token: &[u8; 16]) -> bool {
        self.listed.binary_search(&public_pseudonym(token)).is_ok()
    }
}

/// The reveal: the round key, then the pseudonyms of the tokens, sorted.
#[must_use]
pub fn reveal(key: &RoundKey, tokens: impl Iterator<Item = [u8; 16]>) -> RevealBody {
    let mut pseudonyms: Vec<[u8; 16]> = tokens.map(|token| public_pseudonym(&token)).collect();
    pseudonyms.sort_unstable();
    RevealBody { key: *key.expose(), pseudonyms }
}

/// The pseudonym that both sides show for a token: the token itself proves a claim.
#[must_use]
pub fn public_pseudonym(token: &[u8; 16]) -> [u8; 16] {
    half(hash(labels::PSEUDONYM_SHOWN, &[token]))
}

/// The tokens of the claims message: the different tokens of pairs, at most `cap` and `padded` of them, padded with random ones and
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
