//! Proofs as text: of inclusion (C2SP tlog-proof), and of consistency in the form in which a witness gets it (C2SP
//! tlog-witness, the body of `add-checkpoint`). The checkpoint stands at their end.

use super::base64;
use super::checkpoint::Checkpoint;
use super::merkle::{self, Hash, MAX_PROOF};
use crate::error::AuditFault;
use crate::identity::PeerId;

const ODD: AuditFault = AuditFault::Format("inclusion proof");
const INCLUSION: &str = "c2sp.org/tlog-proof@v1\n";

/// Text of an inclusion proof; `checkpoint` is the whole note.
#[must_use]
pub fn write_inclusion(index: u64, proof: &[Hash], checkpoint: &str) -> String {
    format!("{INCLUSION}index {index}\n{}\n{checkpoint}", lines(proof))
}

/// Text of a consistency proof from the tree of size `old`; `checkpoint` is the whole note.
#[must_use]
pub fn write_consistency(old: u64, proof: &[Hash], checkpoint: &str) -> String {
    format!("old {old}\n{}\n{checkpoint}", lines(proof))
}

fn lines(proof: &[Hash]) -> String {
    proof.iter().map(|hash| base64::encode(hash) + "\n").collect()
}

fn decimal(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|n| n.to_string() == text)
}

/// Number, hashes, checkpoint.
fn split<'a>(text: &'a str, word: &str) -> Option<(u64, Vec<Hash>, &'a str)> {
    let (head, checkpoint) = text.split_once("\n\n")?;
    let mut lines = head.split('\n');
    let number = decimal(lines.next()?.strip_prefix(word)?)?;
    let hashes: Option<Vec<Hash>> = lines.take(MAX_PROOF + 1).map(base64::decode_32).collect();
    hashes.filter(|hashes| hashes.len() <= MAX_PROOF).map(|hashes| (number, hashes, checkpoint))
}

/// Checks an inclusion proof for `entry` in the log of `node` (V-AUDIT-010); gives the entry's number.
///
/// # Errors
/// [`AuditFault::Format`], [`AuditFault::Inclusion`], or what is wrong with the checkpoint.
pub fn check_inclusion(text: &str, entry: &[u8], node: &PeerId) -> Result<u64, AuditFault> {
    let body = text.strip_prefix(INCLUSION).ok_or(ODD)?;
    // Opaque data that may stand here is not authenticated, and nobody needs it.
    let body = match body.strip_prefix("extra ") {
        Some(rest) => rest.split_once('\n').ok_or(ODD)?.1,
        None => body,
    };
    let (index, proof, checkpoint) = split(body, "index ").ok_or(ODD)?;
    let checkpoint = Checkpoint::open(checkpoint.as_bytes(), node)?;
    merkle::check_inclusion(&merkle::leaf(entry), index, checkpoint.size, &proof, &checkpoint.root)?;
    Ok(index)
}

/// Checks that a log of `node` has gone on from `old` (V-AUDIT-011); gives the checkpoint that it has come to.
///
/// # Errors
/// [`AuditFault::Format`], [`AuditFault::Consistency`], or what is wrong with the checkpoint.
pub fn check_consistency(text: &str, old: Option<&Checkpoint>, node: &PeerId) -> Result<Checkpoint, AuditFault> {
    let (size, proof, checkpoint) = split(text, "old ").ok_or(AuditFault::Format("consistency proof"))?;
    let new = Checkpoint::open(checkpoint.as_bytes(), node)?;
    let empty = Checkpoint { origin: new.origin.clone(), size: 0, root: merkle::root(&[]) };
    let old = old.unwrap_or(&empty);
    if size != old.size || old.origin != new.origin {
        return Err(AuditFault::Consistency);
    }
    merkle::check_consistency((old.size, &old.root), (new.size, &new.root), &proof)?;
    Ok(new)
}

/// The checkpoint note at the end of a proof of either kind.
#[must_use]
pub fn checkpoint_of(text: &str) -> Option<&str> {
    text.split_once("\n\n").map(|(_, checkpoint)| checkpoint)
}
