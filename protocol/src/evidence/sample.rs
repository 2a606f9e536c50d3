//! Opening some of the committed records (spec 16.5): which, by the auditor's choice; how, by salt and path.

use super::verify::Verified;
use crate::crypto::hash::{Prf, hash};
use crate::encode::{EncodedRecord, Encoder};
use crate::error::{Error, EvidenceFault, Misuse};
use crate::ids::RoundId;
use crate::labels;
use crate::policy::shape::{Role, ShapeFields};
use crate::record::Record;
use crate::round::commitment::{LeafContent, leaf, leaves, merkle_root, salt};
use crate::secret::Seed;

/// Longest path: one hash a level of [`crate::limits::MAX_RECORDS`] leaves.
pub const MAX_PATH: usize = 20;

/// A position of a commitment, opened. The salt hides the record of nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Position in the committed list, from 0.
    pub position: u32,
    /// Salt of its leaf.
    pub salt: [u8; 32],
    /// Its siblings, from the leaf's upwards.
    pub path: Vec<[u8; 32]>,
}

/// A commitment to a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its root.
    pub root: [u8; 32],
    /// Leaves, padding included.
    pub padded: u32,
    /// Round id.
    pub round: RoundId,
}

impl Verified {
    /// The commitment of a side; `None` if the round ended before it.
    #[must_use]
    pub fn committed(&self, role: Role) -> Option<Committed> {
        let root = if role == self.header.role { self.header.root } else { self.peer_commitment?.root };
        let padded = self.policy.shape().records(role);
        Some(Committed { root, padded, round: self.round? })
    }
}

/// The positions that an auditor's seed draws, ascending: those `count` of all with the smallest `F[K](position)`, K from
/// the seed, the round and the root (V-EVIDENCE-012).
#[must_use]
pub fn positions(auditor: &[u8; 32], committed: &Committed, count: u32) -> Vec<u32> {
    let draw = Prf::derive(labels::AUDIT_SAMPLE, &[auditor, committed.round.as_bytes(), &committed.root]);
    let mut drawn: Vec<([u8; 16], u32)> = (0..committed.padded).map(|p| (draw.bytes(&[p.into()]), p)).collect();
    drawn.sort_unstable();
    let mut drawn: Vec<u32> = drawn.into_iter().map(|(_, p)| p).take(count as usize).collect();
    drawn.sort_unstable();
    drawn
}

/// What a party hands to the auditor besides the records, without its seed.
///
/// # Errors
/// [`Misuse::TooManyRecords`] if there are more records than leaves; [`EvidenceFault::Positions`] for a position that
/// does not exist.
pub fn open(
    seed: &Seed,
    (shape, records): (&ShapeFields, &[EncodedRecord]),
    padded: u32,
    positions: &[u32],
) -> Result<Vec<Opening>, Error> {
    if records.len() > padded as usize {
        return Err(Misuse::TooManyRecords { got: records.len(), max: padded as usize }.into());
    }
    let all = leaves(seed, shape, records, padded);
    let opening = |&position: &u32| {
        let path = path(&all, position as usize)?;
        Some(Opening { position, salt: salt(seed, position), path })
    };
    positions.iter().map(|p| opening(p).ok_or_else(|| EvidenceFault::Positions.into())).collect()
}

/// Checks that the openings are for these positions, and that each record, by its digest and that of its encoding, lies
/// where it is said to lie; no digests are padding (V-EVIDENCE-013).
///
/// # Errors
/// [`EvidenceFault::Positions`] or [`EvidenceFault::Opening`].
pub fn check(
    committed: &Committed,
    positions: &[u32],
    openings: &[(Opening, Option<LeafContent>)],
) -> Result<(), EvidenceFault> {
    if !openings.iter().map(|(opening, _)| opening.position).eq(positions.iter().copied()) {
        return Err(EvidenceFault::Positions);
    }
    for (opening, content) in openings {
        let position = opening.position;
        let leaf = leaf(&opening.salt, content.as_ref());
        let root = climb(leaf, position as usize, committed.padded as usize, &opening.path);
        if root != Some(committed.root) {
            return Err(EvidenceFault::Opening { position });
        }
    }
    Ok(())
}

/// Checks a sample of a side's records and encodes them anew, so that the auditor sees what had to enter the round: one
/// encoding a position, none for padding.
///
/// # Errors
/// As [`check`]; [`EvidenceFault::Unfinished`] if the round ended before that side had committed.
pub fn sample(
    verified: &Verified,
    role: Role,
    auditor: &[u8; 32],
    count: u32,
    openings: &[(Opening, Option<&Record>)],
) -> Result<Vec<Option<EncodedRecord>>, Error> {
    let entries = verified.sent + verified.received;
    let committed = verified.committed(role).ok_or(EvidenceFault::Unfinished { entries })?;
    let mut encoder = Encoder::new(verified.policy.encoding());
    let encoded: Vec<Option<EncodedRecord>> =
        openings.iter().map(|(_, record)| record.map(|record| encoder.encode(record))).collect();
    let shape = verified.policy.shape();
    let content = |record: &EncodedRecord| LeafContent::of(record, shape);
    let contents: Vec<_> =
        openings.iter().zip(&encoded).map(|((o, _), r)| (o.clone(), r.as_ref().map(content))).collect();
    check(&committed, &positions(auditor, &committed, count), &contents)?;
    Ok(encoded)
}

/// Siblings of a leaf, from the bottom upwards.
fn path(leaves: &[[u8; 32]], index: usize) -> Option<Vec<[u8; 32]>> {
    match leaves {
        [] => None,
        [_] => (index == 0).then(Vec::new),
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            let (mut hashes, sibling) = match index.checked_sub(left.len()) {
                None => (path(left, index)?, merkle_root(right)),
                Some(index) => (path(right, index)?, merkle_root(left)),
            };
            hashes.push(sibling);
            Some(hashes)
        }
    }
}

/// Root of a tree of `size` leaves in which this leaf lies at `index`, with these siblings; `None` if their number is
/// not that of its level.
fn climb(leaf: [u8; 32], index: usize, size: usize, path: &[[u8; 32]]) -> Option<[u8; 32]> {
    if path.len() > MAX_PATH || index >= size {
        return None;
    }
    if size == 1 {
        return path.is_empty().then_some(leaf);
    }
    let (sibling, below) = path.split_last()?;
    let left = size.next_power_of_two() / 2;
    Some(match index.checked_sub(left) {
        None => hash(labels::MERKLE_NODE, &[&climb(leaf, index, left, below)?, sibling]),
        Some(index) => hash(labels::MERKLE_NODE, &[sibling, &climb(leaf, index, size - left, below)?]),
    })
}
