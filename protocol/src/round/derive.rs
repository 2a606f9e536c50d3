//! What both sides derive alike: keys of pads and gates, active labels.

use super::commitment::LateId;
use crate::crypto::cipher::{Stream, Tccr};
use crate::crypto::hash::hash;
use crate::labels;

/// Hash of the score pads of a chunk: keyed by the responder's chain up to the choice, so that another matrix, or another
/// table before it, means other pads (V-OT-003).
pub(super) fn pad_hash(late: &LateId, chunk: u32, to_choice: &[u8; 32]) -> Tccr {
    tccr(labels::PAD_KEY, late, chunk, to_choice)
}

/// Hash of the gates of a chunk: keyed by the requester's chain up to the correction, so that other choices mean other
/// gates.
pub(super) fn gate_hash(late: &LateId, chunk: u32, to_correction: &[u8; 32]) -> Tccr {
    tccr(labels::GATE_KEY, late, chunk, to_correction)
}

fn tccr(label: &str, late: &LateId, chunk: u32, chain: &[u8; 32]) -> Tccr {
    Tccr::new(&half(hash(label, &[late.as_bytes(), &chunk.to_be_bytes(), chain])))
}

/// The first 16 of 32 bytes.
pub(super) fn half(bytes: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    half
}

/// Active labels of the garbler's shares in one circuit.
pub(super) fn active_labels(seed: &[u8; 16], circuit: u32, n: usize) -> Vec<u128> {
    let mut bytes = vec![0; n * 16];
    Stream::new(seed).fill(circuit, &mut bytes);
    bytes.as_chunks::<16>().0.iter().map(|b| u128::from_le_bytes(*b)).collect()
}
