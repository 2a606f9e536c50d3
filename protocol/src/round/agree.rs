//! Commitments and randomness (spec section 9.1): everything random in a round comes from a fresh seed, the round id
//! and the commitment to the own inputs.

use crate::crypto::hash::{Prf, hash};
use crate::encode::EncodedRecord;
use crate::labels;
use crate::policy::plan::Plan;
use crate::secret::Seed;
use zeroize::Zeroizing;

/// What a party commits to before the round, from its seed and its records.
#[derive(Clone, Debug)]
pub struct Commitment {
    /// Commitment to the seed.
    pub seed: [u8; 32],
    /// Salted Merkle root over the records, padded to the agreed size.
    pub root: [u8; 32],
    /// Nonce of the hello.
    pub nonce: [u8; 32],
}

impl Commitment {
    /// Commits to `records`, padded to `padded` leaves.
    #[must_use]
    pub fn new(seed: &Seed, records: &[EncodedRecord], padded: u32) -> Self {
        let salts = Prf::derive(labels::RECORD_SALT, &[seed.expose()]);
        let leaves = (0..u64::from(padded)).zip(records.iter().map(Some).chain(core::iter::repeat(None)));
        let leaves: Vec<[u8; 32]> = leaves
            .map(|(i, record)| {
                let salt = Zeroizing::new(salts.bytes::<32>(&[i]));
                // A padding leaf hides behind its salt just as a record's does.
                hash(labels::MERKLE_LEAF, &[&*salt, record.map_or(&[][..], |r| &r.digest)])
            })
            .collect();
        let root = merkle_root(&leaves);
        Self {
            seed: hash(labels::SEED_COMMITMENT, &[seed.expose()]),
            root,
            nonce: hash(labels::NONCE, &[seed.expose(), &root]),
        }
    }

    /// Bytes of the commit message: seed commitment, then root.
    #[must_use]
    pub fn encode(&self) -> [u8; 64] {
        let mut out = [0; 64];
        out[..32].copy_from_slice(&self.seed);
        out[32..].copy_from_slice(&self.root);
        out
    }

    /// Key of the choice of copies on this side: from seed and inputs only, so that the ideal functionality can be
    /// computed without a peer.
    #[must_use]
    pub fn keep_key(&self, seed: &Seed) -> [u8; 32] {
        hash(labels::KEEP_KEY, &[seed.expose(), &self.root])
    }
}

/// Root of a binary tree that splits at the largest power of two below its size (the shape of RFC 6962).
#[must_use]
pub fn merkle_root(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => hash(labels::MERKLE_NODE, &[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            hash(labels::MERKLE_NODE, &[&merkle_root(left), &merkle_root(right)])
        }
    }
}

/// Round id: both hellos and both commitments.
#[must_use]
pub fn round_id(hello_requester: &[u8; 32], hello_responder: &[u8; 32], commits: [&[u8; 64]; 2]) -> [u8; 32] {
    hash(labels::ROUND_ID, &[hello_requester, hello_responder, commits[0], commits[1]])
}

/// Public side of a round, the same for both parties.
#[derive(Clone, Debug)]
pub struct Round {
    /// All sizes.
    pub plan: Plan,
    /// Round id.
    pub id: [u8; 32],
}

/// One party's randomness in one round: the same for the same seed and inputs (V-RAND-001), unrelated for other inputs
/// (V-RAND-002).
#[derive(Clone, Debug)]
pub struct Randomness(Prf);

impl Randomness {
    /// From the seed, the round id, the commitment to the own inputs and the role byte.
    #[must_use]
    pub fn new(seed: &Seed, round: &[u8; 32], root: &[u8; 32], role: u8) -> Self {
        Self(Prf::derive(labels::PARTY_RANDOMNESS, &[seed.expose(), round, root, &[role]]))
    }

    /// An independent function for one use.
    #[must_use]
    pub fn stream(&self, label: &str) -> Prf {
        let root = Zeroizing::new(self.0.bytes::<32>(&[0]));
        Prf::derive(label, &[&*root])
    }

    /// 32 bytes for one use that also depends on public context, such as the digest of a received message.
    #[must_use]
    pub fn bound(&self, label: &str, context: &[&[u8]]) -> [u8; 32] {
        let root = Zeroizing::new(self.0.bytes::<32>(&[0]));
        let parts: Vec<&[u8]> = core::iter::once(&root[..]).chain(context.iter().copied()).collect();
        hash(label, &parts)
    }
}
