//! Which frames each side sends, in which order and how long (spec section 7.2). It depends on the agreement only, so
//! counts and sizes on the wire (V-WIRE-003) cannot tell anything about the records; and every length is known before it arrives.

use super::{HEADER_BYTES, Kind};
use crate::policy::plan::Plan;
use crate::policy::shape::{OutputMode, Role};

/// Base OTs of one extension.
pub const BASE_OTS: usize = 128;

/// Levels of a puncturable tree: k of SoftSpokenOT. A message has 1 / k of the bytes of IKNP's, for 2^k / k blocks of
/// AES a choice instead of two.
pub const TREE_LEVELS: usize = 4;

/// Trees of one extension.
pub const TREES: usize = BASE_OTS / TREE_LEVELS;

/// Bytes of the trees of one extension: two sums of 16 bytes a level after the first and 32 bytes of check a tree, then
/// the digest of all leaves' checks.
#[must_use]
pub const fn tree_bytes() -> usize {
    TREES * (32 * (TREE_LEVELS - 1) + 32) + 32
}

/// The kind of frame that one of this kind answers, with the same index (V-WIRE-006).
#[must_use]
pub const fn question(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::Evaluation => Some(Kind::Query),
        Kind::Correction => Some(Kind::Choice),
        Kind::Garbled => Some(Kind::Correction),
        _ => None,
    }
}

/// One frame of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameSpec {
    /// Kind.
    pub kind: Kind,
    /// Chunk index; 0 for messages that come once.
    pub index: u32,
    /// Bytes of the frame, header included; for [`Kind::Hello`] the most it may have.
    pub len: usize,
}

/// Bytes of an OT-extension message for `bits` choices: one column of whole blocks and two mask blocks a tree, then the
/// hash of the choices and the digest of the hashed columns.
#[must_use]
pub const fn extension_bytes(bits: usize) -> usize {
    TREES * 16 * (bits.div_ceil(128) + 2) + 32 + 32
}

/// Bytes of the corrections of `bins` bins: w numbers of k bits each, packed.
#[must_use]
pub fn correction_bytes(plan: &Plan, bins: u32) -> usize {
    (bins as usize * plan.shape.payload_bits() * usize::from(plan.shape.ring_bits)).div_ceil(8)
}

/// Bytes of a garbled chunk: label seed, two ciphertexts an AND gate, label ciphertexts.
#[must_use]
pub fn garbled_bytes(plan: &Plan, bins: u32) -> usize {
    let circuits = plan.thresholds().len();
    let gates = usize::from(plan.shape.ring_bits).saturating_sub(1);
    16 + bins as usize * (circuits * gates * 32 + sealed_bytes(circuits))
}

/// Bytes of one bin's label ciphertexts: pseudonym share with 8 zero bytes for the lower threshold, 8 zero bytes for
/// the upper.
#[must_use]
pub const fn sealed_bytes(circuits: usize) -> usize {
    16 + 8 * circuits
}

/// Most bytes of a hello: fixed fields, policy and agreement.
#[must_use]
pub const fn hello_max() -> usize {
    HEADER_BYTES + 2 + 2 + 1 + 3 * 32 + 2 + crate::limits::MAX_POLICY_BYTES + 2 + crate::limits::MAX_AGREEMENT_BYTES
}

fn once(kind: Kind, body: usize) -> FrameSpec {
    FrameSpec { kind, index: 0, len: HEADER_BYTES + body }
}

fn chunk(kind: Kind, index: u32, body: usize) -> FrameSpec {
    FrameSpec { kind, index, len: HEADER_BYTES + body }
}

/// Everything that the requester sends, in order.
#[must_use]
pub fn requester(plan: &Plan) -> Vec<FrameSpec> {
    let (w, k) = (plan.shape.payload_bits(), usize::from(plan.shape.ring_bits));
    debug_assert!(w % 8 == 0);
    let mut out = vec![
        FrameSpec { kind: Kind::Hello, index: 0, len: hello_max() },
        once(Kind::Commit, 64),
        once(Kind::BaseRequester, BASE_OTS * 96),
        once(Kind::QueryDigests, plan.query_chunks() as usize * 32),
    ];
    out.extend((0..plan.query_chunks()).map(|c| chunk(Kind::Query, c, plan.query_range(c).1 as usize * 32)));
    out.push(once(Kind::Trees, tree_bytes()));
    out.extend((0..plan.compare_chunks()).map(|c| {
        let bins = plan.compare_range(c).1;
        chunk(Kind::Correction, c, correction_bytes(plan, bins) + extension_bytes(bins as usize * k))
    }));
    if plan.shape.output == OutputMode::Mutual {
        out.push(once(Kind::Claims, plan.shape.records_requester as usize * 16));
    }
    out.push(once(Kind::Receipt, 96));
    out
}

/// Everything that the responder sends, in order.
#[must_use]
pub fn responder(plan: &Plan) -> Vec<FrameSpec> {
    let w = plan.shape.payload_bits();
    let mut out = vec![
        FrameSpec { kind: Kind::Hello, index: 0, len: hello_max() },
        once(Kind::Commit, 64),
        once(Kind::Keys, 32 + 64 + 32 + BASE_OTS * 32),
        once(Kind::BaseResponder, BASE_OTS * 64 + tree_bytes()),
    ];
    out.extend((0..plan.query_chunks()).map(|c| chunk(Kind::Evaluation, c, plan.query_range(c).1 as usize * 32 + 64)));
    out.extend((0..plan.table_chunks).filter_map(|c| {
        let (_, _, columns) = plan.table_range(c)?;
        Some(chunk(Kind::Table, c, columns as usize * plan.value_bytes()))
    }));
    let chunks = plan.compare_chunks();
    let choice = |c: u32| chunk(Kind::Choice, c, extension_bytes(plan.compare_range(c).1 as usize * w));
    out.extend((0..chunks.min(plan.window)).map(choice));
    for c in 0..chunks {
        out.push(chunk(Kind::Garbled, c, garbled_bytes(plan, plan.compare_range(c).1)));
        if c + plan.window < chunks {
            out.push(choice(c + plan.window));
        }
    }
    out.push(once(Kind::Reveal, 32 + plan.shape.records_responder as usize * 16));
    out.push(once(Kind::Receipt, 96));
    out
}

/// Whether anything may have been evaluated once a side has received this many frames of its peer (spec section 9.3).
/// The requester asks only when it has the responder's keys, its third frame; the responder answers the first query, the
/// requester's fifth.
#[must_use]
pub const fn may_have_evaluated(role: Role, received: u32) -> bool {
    match role {
        Role::Requester => received >= 3,
        Role::Responder => received >= 5,
    }
}
