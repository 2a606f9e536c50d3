//! Commitments and randomness (spec section 9.1): everything random in a round comes from a fresh seed, the round id
//! and the commitment to the own inputs.

use crate::crypto::hash::{Prf, hash};
use crate::encode::EncodedRecord;
use crate::labels;
use crate::plan::Plan;
use crate::secret::Seed;
use crate::wire::body::CommitBody;
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
        Self::of_root(seed, merkle_root(&leaves(seed, records, padded)))
    }

    /// The commitment with this root, where the records themselves are not at hand.
    #[must_use]
    pub fn of_root(seed: &Seed, root: [u8; 32]) -> Self {
        let nonce = hash(labels::NONCE, &[seed.expose(), &root]);
        Self { seed: hash(labels::SEED_COMMITMENT, &[seed.expose()]), root, nonce }
    }

    /// The commit message.
    #[must_use]
    pub const fn body(&self) -> CommitBody {
        CommitBody { seed: self.seed, root: self.root }
    }

    /// Key of the choice of copies on this side: from seed and inputs only, so that the ideal functionality can be
    /// computed without a peer.
    #[must_use]
    pub fn keep_key(&self, seed: &Seed) -> [u8; 32] {
        hash(labels::KEEP_KEY, &[seed.expose(), &self.root])
    }
}

/// Salt of the leaf at a position.
#[must_use]
pub fn salt(seed: &Seed, position: u32) -> [u8; 32] {
    Prf::derive(labels::RECORD_SALT, &[seed.expose()]).bytes(&[position.into()])
}

/// Leaf of a record's digest, or of padding. A padding leaf hides behind its salt just as a record's does.
#[must_use]
pub fn leaf(salt: &[u8; 32], digest: Option<&[u8; 32]>) -> [u8; 32] {
    hash(labels::MERKLE_LEAF, &[salt, digest.map_or(&[][..], |digest| digest)])
}

/// All leaves of the commitment to `records`, padded to `padded`.
#[must_use]
pub fn leaves(seed: &Seed, records: &[EncodedRecord], padded: u32) -> Vec<[u8; 32]> {
    let salts = Prf::derive(labels::RECORD_SALT, &[seed.expose()]);
    let digests = records.iter().map(|record| Some(&record.digest)).chain(core::iter::repeat(None));
    let leaves = (0..u64::from(padded)).zip(digests);
    leaves.map(|(i, digest)| leaf(&Zeroizing::new(salts.bytes::<32>(&[i])), digest)).collect()
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
pub fn round_id(hello_requester: &[u8; 32], hello_responder: &[u8; 32], commits: [&CommitBody; 2]) -> [u8; 32] {
    let [requester, responder] = commits.map(CommitBody::bytes);
    hash(labels::ROUND_ID, &[hello_requester, hello_responder, &requester, &responder])
}

/// Public side of a round, the same for both parties.
#[derive(Clone, Debug)]
pub struct RoundContext {
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
