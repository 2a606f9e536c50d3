//! Commitments and randomness (spec section 9.1): everything random in a round comes from a fresh seed, the round id
//! and the commitment to the own inputs.

use crate::crypto::hash::{Prf, hash};
use crate::encode::EncodedRecord;
use crate::ids::{FrameDigest, RoundId};
use crate::labels;
use crate::plan::Plan;
use crate::policy::shape::ShapeFields;
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
    /// Commits to `records`, encoded for the tables of `shape` and padded to `padded` leaves.
    #[must_use]
    pub fn new(seed: &Seed, shape: &ShapeFields, records: &[EncodedRecord], padded: u32) -> Self {
        Self::of_root(seed, merkle_root(&leaves(seed, shape, records, padded)))
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

/// What a leaf of the commitment is about: a record, and what was encoded of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafContent {
    /// Digest of the record.
    pub record: [u8; 32],
    /// Digest of the encoding.
    pub encoding: [u8; 32],
}

impl LeafContent {
    /// Of a record that is encoded for the tables of `shape`.
    #[must_use]
    pub fn of(record: &EncodedRecord, shape: &ShapeFields) -> Self {
        let encoding = record.digest_of_encoding(shape.tables.iter().map(|table| table.id));
        Self { record: record.digest, encoding }
    }
}

/// Leaf of a record, or of padding. A padding leaf hides behind its salt just as a record's does.
#[must_use]
pub fn leaf(salt: &[u8; 32], content: Option<&LeafContent>) -> [u8; 32] {
    let (record, encoding) = content.map_or((&[][..], &[][..]), |c| (&c.record[..], &c.encoding[..]));
    hash(labels::MERKLE_LEAF, &[salt, record, encoding])
}

/// All leaves of the commitment to `records`, encoded for the tables of `shape` and padded to `padded`.
#[must_use]
pub fn leaves(seed: &Seed, shape: &ShapeFields, records: &[EncodedRecord], padded: u32) -> Vec<[u8; 32]> {
    leaves_of(seed, records.iter().map(|record| LeafContent::of(record, shape)), padded)
}

/// All leaves of the commitment to these contents, padded to `padded`.
#[must_use]
pub fn leaves_of(seed: &Seed, contents: impl Iterator<Item = LeafContent>, padded: u32) -> Vec<[u8; 32]> {
    let salts = Prf::derive(labels::RECORD_SALT, &[seed.expose()]);
    let contents = contents.map(Some).chain(core::iter::repeat(None));
    let leaves = (0..u64::from(padded)).zip(contents);
    leaves.map(|(i, content)| leaf(&Zeroizing::new(salts.bytes::<32>(&[i])), content.as_ref())).collect()
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
pub fn round_id(hello_requester: &FrameDigest, hello_responder: &FrameDigest, commits: [&CommitBody; 2]) -> RoundId {
    let [requester, responder] = commits.map(CommitBody::bytes);
    RoundId::from_bytes(hash(
        labels::ROUND_ID,
        &[hello_requester.as_bytes(), hello_responder.as_bytes(), &requester, &responder],
    ))
}

/// Public side of a round, the same for both parties.
#[derive(Clone, Debug)]
pub struct RoundContext {
    /// All sizes.
    pub plan: Plan,
    /// Round id.
    pub id: RoundId,
}

/// Late round id: the round id, and the chains of what the responder sent up to its keys and the requester up to its
/// query digests (V-RAND-006). Whoever is put back behind these and answered otherwise is in another round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateId([u8; 32]);

impl LateId {
    /// From the round id and the two chains.
    #[must_use]
    pub fn new(round: &RoundId, responder_to_keys: &[u8; 32], requester_to_digests: &[u8; 32]) -> Self {
        Self(hash(labels::LATE_ID, &[round.as_bytes(), responder_to_keys, requester_to_digests]))
    }

    /// A late round id that is known.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// One party's randomness in one round: the same for the same seed and inputs (V-RAND-001), unrelated for other inputs
/// (V-RAND-002).
#[derive(Clone, Debug)]
pub struct Randomness(Prf);

impl Randomness {
    /// From the seed, the round id, the commitment to the own inputs and the role byte.
    #[must_use]
    pub fn new(seed: &Seed, round: &RoundId, root: &[u8; 32], role: u8) -> Self {
        Self(Prf::derive(labels::PARTY_RANDOMNESS, &[seed.expose(), round.as_bytes(), root, &[role]]))
    }

    /// What the responder draws from once it has the query digests (V-RAND-007).
    #[must_use]
    pub fn late(&self, late: &LateId) -> Self {
        let root = Zeroizing::new(self.0.bytes::<32>(&[0]));
        Self(Prf::derive(labels::LATE_RANDOMNESS, &[&*root, late.as_bytes()]))
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
