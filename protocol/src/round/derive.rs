//! What both sides derive alike: randomness of the base OTs, keys of pads and gates, active labels.

use super::commitment::{Randomness, RoundContext};
use crate::crypto::cipher::{Stream, Tccr};
use crate::crypto::hash::{Prf, hash};
use crate::labels;

/// Randomness of the base OTs in which this side offers.
pub(super) fn offering(random: &Randomness) -> Prf {
    Prf::new(random.bound(labels::BASE_OT, &[b"offer"]))
}

/// Randomness of the base OTs in which this side chooses.
pub(super) fn choosing(random: &Randomness) -> Prf {
    Prf::new(random.bound(labels::BASE_OT, &[b"choose"]))
}

/// Hash of the score pads of a chunk: keyed by the choice frame, so that another matrix means other pads
/// (V-OT-003).
pub(super) fn pad_hash(round: &RoundContext, chunk: u32, choice: &[u8; 32]) -> Tccr {
    tccr(labels::PAD_KEY, round, chunk, choice)
}

/// Hash of the gates of a chunk: keyed by the correction frame, so that other choices mean other gates.
pub(super) fn gate_hash(round: &RoundContext, chunk: u32, correction: &[u8; 32]) -> Tccr {
    tccr(labels::GATE_KEY, round, chunk, correction)
}

fn tccr(label: &str, round: &RoundContext, chunk: u32, digest: &[u8; 32]) -> Tccr {
    Tccr::new(&half(hash(label, &[&round.id, &chunk.to_be_bytes(), digest])))
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
    Stream::new(seed).fill(circuit, 0, &mut bytes);
    bytes.as_chunks::<16>().0.iter().map(|b| u128::from_le_bytes(*b)).collect()
}
