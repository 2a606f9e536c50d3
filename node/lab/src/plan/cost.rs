//! What a round costs, from the policy alone (spec 6.10).

use blindlink::limits;
use blindlink::plan::Plan;
use blindlink::wire::schedule::{self, hello_max};
use serde::Serialize;

/// Microseconds of one thread for each bin, token row and payload bit, as measured in `benches/README.md`.
mod micros {
    pub(super) const REQUESTER_BIN: f64 = 61.0 + 82.0 + 1.9;
    pub(super) const RESPONDER_BIN: f64 = 66.0;
    pub(super) const RESPONDER_TOKEN: f64 = 150.0 + 3.0 * 1.2;
    /// OT extension and score, for each payload bit of a bin.
    pub(super) const REQUESTER_BIT: f64 = 0.057 + 13.7 / 584.0;
    pub(super) const RESPONDER_BIT: f64 = 0.060 + 8.6 / 584.0;
    /// Garbled comparison of one threshold, k = 18.
    pub(super) const REQUESTER_GATE: f64 = 0.6 / 17.0;
    pub(super) const RESPONDER_GATE: f64 = 1.2 / 17.0;
}

/// Cost of one round.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Bins.
    pub bins: u32,
    /// Bytes that the requester sends, frame headers included.
    pub bytes_requester_to_responder: u64,
    /// Bytes that the responder sends.
    pub bytes_responder_to_requester: u64,
    /// Processor seconds of the requester.
    pub requester_cpu_seconds: f64,
    /// Processor seconds of the responder.
    pub responder_cpu_seconds: f64,
    /// Seconds for both directions one after the other at 128 kbit/s.
    pub seconds_at_128_kbit: f64,
    /// The same at 2 Mbit/s.
    pub seconds_at_2_mbit: f64,
}

impl Cost {
    /// Of a round of this plan under a policy of that many canonical bytes, without the agreement's own (at most 8 KiB
    /// each way).
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn of(plan: &Plan, policy_bytes: usize) -> Self {
        // A hello has exactly its policy where the schedule has room for the longest policy and agreement.
        let spare = limits::MAX_POLICY_BYTES.saturating_sub(policy_bytes) + limits::MAX_AGREEMENT_BYTES;
        let sum = |frames: Vec<schedule::FrameSpec>| {
            let most: usize = frames.iter().map(|frame| frame.len).sum();
            most.saturating_sub(spare.min(hello_max())) as u64
        };
        let (forth, back) = (sum(schedule::requester(plan)), sum(schedule::responder(plan)));
        let bins = f64::from(plan.bins);
        let tokens: f64 = plan.tables.iter().map(|table| f64::from(table.tokens)).sum();
        let bits = plan.shape.payload_bits() as f64;
        let gates = plan.thresholds().len() as f64 * f64::from(plan.shape.ring_bits.saturating_sub(1));
        let requester = micros::REQUESTER_BIN + bits * micros::REQUESTER_BIT + gates * micros::REQUESTER_GATE;
        let responder = micros::RESPONDER_BIN + bits * micros::RESPONDER_BIT + gates * micros::RESPONDER_GATE;
        let at = |bits_per_second: f64| (forth + back) as f64 * 8.0 / bits_per_second;
        Self {
            bins: plan.bins,
            bytes_requester_to_responder: forth,
            bytes_responder_to_requester: back,
            requester_cpu_seconds: bins * requester / 1e6,
            responder_cpu_seconds: (bins * responder + tokens * micros::RESPONDER_TOKEN) / 1e6,
            seconds_at_128_kbit: at(128e3),
            seconds_at_2_mbit: at(2e6),
        }
    }
}
