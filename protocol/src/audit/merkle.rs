//! Merkle trees of RFC 6962 section 2.1, with SHA-256 (V-AUDIT-001).

use crate::crypto::sha256::sha256;
use crate::error::AuditFault;

/// A hash of the tree.
pub type Hash = [u8; 32];

/// Longest proof: one hash a level.
pub const MAX_PROOF: usize = 64;

/// Hash of an entry.
#[must_use]
pub fn leaf(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry])
}

/// Hash of two subtrees.
#[must_use]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// Where a tree of at least two leaves splits: the largest power of two below its size.
fn split(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    leaves.split_at(leaves.len().next_power_of_two() / 2)
}

/// Root of a tree over leaf hashes.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = split(leaves);
            node(&root(left), &root(right))
        }
    }
}

/// Proof that leaf `index` is in the tree, from its sibling upwards; `None` if it is not.
#[must_use]
pub fn prove_inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let (left, right) = split(leaves);
    let (mut proof, sibling) = match index.checked_sub(left.len()) {
        None => (prove_inclusion(left, index)?, root(right)),
        Some(index) => (prove_inclusion(right, index)?, root(left)),
    };
    proof.push(sibling);
    Some(proof)
}

/// Proof that the tree over the first `size` leaves is the beginning of this one; `None` if it is larger or empty.
#[must_use]
pub fn prove_consistency(leaves: &[Hash], size: usize) -> Option<Vec<Hash>> {
    (1..=leaves.len()).contains(&size).then(|| subproof(leaves, size, true))
}

/// SUBPROOF of RFC 6962 section 2.1.2.
fn subproof(leaves: &[Hash], size: usize, whole: bool) -> Vec<Hash> {
    if size == leaves.len() {
        return if whole { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = split(leaves);
    let (mut proof, other) = match size.checked_sub(left.len()) {
        None | Some(0) => (subproof(left, size, whole), root(right)),
        Some(rest) => (subproof(right, rest, false), root(left)),
    };
    proof.push(other);
    proof
}

/// Checks that the entry with hash `leaf` is number `index` of the tree of this size and root (V-AUDIT-002).
///
/// # Errors
/// [`AuditFault::Inclusion`].
pub fn check_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), AuditFault> {
    // RFC 9162 section 2.1.3.2.
    if index >= size {
        return Err(AuditFault::Inclusion);
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(AuditFault::Inclusion);
        }
        if at & 1 == 1 || at == last {
            hash = node(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(AuditFault::Inclusion) }
}

/// Checks that a tree is the beginning of another (V-AUDIT-003): each of them as size and root.
///
/// # Errors
/// [`AuditFault::Consistency`].
pub fn check_consistency(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> Result<(), AuditFault> {
    // RFC 9162 section 2.1.4.2; a tree of no entry is the beginning of every other.
    let ((old, old_root), (new, new_root)) = (old, new);
    let verdict = |ok: bool| if ok { Ok(()) } else { Err(AuditFault::Consistency) };
    if old > new {
        return verdict(false);
    }
    if old == new {
        return verdict(proof.is_empty() && old_root == new_root);
    }
    if old == 0 {
        return verdict(proof.is_empty() && *old_root == root(&[]));
    }
    let mut hashes = proof.iter();
    // A whole subtree on the left is known already.
    let first = if old.is_power_of_two() { Some(old_root) } else { hashes.next() };
    let Some(first) = first else { return verdict(false) };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut of_old, mut of_new) = (*first, *first);
    for hash in hashes {
        if last == 0 {
            return verdict(false);
        }
        if at & 1 == 1 || at == last {
            of_old = node(hash, &of_old);
            of_new = node(hash, &of_new);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            of_new = node(&of_new, hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    verdict(last == 0 && of_old == *old_root && of_new == *new_root)
}
