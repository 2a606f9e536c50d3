//! Which frames each side sends, in which order and how long (spec section 7.2). It depends on the agreement only, so
//! counts and sizes on the wire (V-WIRE-003) cannot tell anything about the records; and every length is known before it arrives.

use super::body::{
    BaseRequesterBody, BaseResponderBody, ChoiceBody, ClaimsBody, CommitBody, CorrectionBody, CosignatureBody,
    EvaluationBody, GarbledBody, KeysBody, PseudonymsBody, QueryBody, QueryDigestsBody, ReceiptBody, SealKeysBody,
    TableBody,
};
use super::{FrameKind, HEADER_BYTES};
use crate::plan::Plan;
use crate::policy::shape::{OutputMode, Role};

/// The requester's frames up to its first query, in order.
const OPENING_OF_REQUESTER: [FrameKind; 5] =
    [FrameKind::Hello, FrameKind::Commit, FrameKind::BaseRequester, FrameKind::QueryDigests, FrameKind::Query];

/// The responder's frames up to its keys, in order.
const OPENING_OF_RESPONDER: [FrameKind; 3] = [FrameKind::Hello, FrameKind::Commit, FrameKind::Keys];

/// Whether anything may have been evaluated once a side has received `received` frames (spec section 9.3). The
/// requester queries once it has the responder's keys; the responder evaluates the requester's first query.
#[must_use]
pub const fn may_have_evaluated(role: Role, received: u32) -> bool {
    let opening = match role {
        Role::Requester => OPENING_OF_RESPONDER.len(),
        Role::Responder => OPENING_OF_REQUESTER.len(),
    };
    received as usize >= opening
}

/// Whether a side that has received `received` frames may have sent anything that rests on its list, but its commitment
/// (V-BUDGET-007). The requester's digests of its queries follow the responder's keys; the responder computes nothing of a
/// table before it has those digests.
#[must_use]
pub const fn may_have_shown(role: Role, received: u32) -> bool {
    let opening = match role {
        Role::Requester => OPENING_OF_RESPONDER.len(),
        Role::Responder => OPENING_OF_REQUESTER.len() - 1,
    };
    received as usize >= opening
}

/// One frame of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameSpec {
    /// Kind.
    pub kind: FrameKind,
    /// Chunk index; 0 for messages that come once.
    pub index: u32,
    /// Bytes of the frame, header included; for [`FrameKind::Hello`] the most it may have.
    pub len: usize,
}

impl FrameSpec {
    const fn new(kind: FrameKind, index: u32, body: usize) -> Self {
        Self { kind, index, len: HEADER_BYTES + body }
    }

    /// Whether a frame of `len` bytes has the length of this one.
    #[must_use]
    pub fn fits(&self, len: usize) -> bool {
        if self.kind == FrameKind::Hello { len <= self.len } else { len == self.len }
    }
}

/// Most bytes of a hello: fixed fields, policy, agreement and log head.
#[must_use]
pub const fn hello_max() -> usize {
    let (policy, agreement) = (crate::limits::MAX_POLICY_BYTES, crate::limits::MAX_AGREEMENT_BYTES);
    HEADER_BYTES + 2 + 2 + 1 + 3 * 32 + 2 + policy + 2 + agreement + super::hello::HEAD_BYTES
}

const HELLO: FrameSpec = FrameSpec { kind: FrameKind::Hello, index: 0, len: hello_max() };

/// Everything that a side sends, in order.
#[must_use]
pub fn frames_of(role: Role, plan: &Plan) -> Vec<FrameSpec> {
    match role {
        Role::Requester => requester(plan),
        Role::Responder => responder(plan),
    }
}

/// Everything that the requester sends, in order.
#[must_use]
pub fn requester(plan: &Plan) -> Vec<FrameSpec> {
    debug_assert!(plan.shape.payload_bits().is_multiple_of(8));
    let once = |kind, body| FrameSpec::new(kind, 0, body);
    let query = |c| FrameSpec::new(FrameKind::Query, c, QueryBody::length(plan, plan.query_range(c).1));
    let correction =
        |c| FrameSpec::new(FrameKind::Correction, c, CorrectionBody::length(plan, plan.compare_range(c).1));
    let mut out = vec![
        HELLO,
        once(FrameKind::Commit, CommitBody::LEN),
        once(FrameKind::BaseRequester, BaseRequesterBody::length(plan.suite)),
        once(FrameKind::QueryDigests, QueryDigestsBody::length(plan)),
    ];
    out.extend((0..plan.query_chunks()).map(query));
    out.extend((0..plan.compare_chunks()).map(correction));
    if plan.shape.output == OutputMode::Mutual {
        let claims = |i| FrameSpec::new(FrameKind::Claims, i, ClaimsBody::length(plan, i));
        out.extend((0..plan.claims_frames()).map(claims));
    }
    out.push(once(FrameKind::Cosignature, CosignatureBody::LEN));
    out.push(once(FrameKind::Receipt, ReceiptBody::LEN));
    out
}

/// Everything that the responder sends, in order.
#[must_use]
pub fn responder(plan: &Plan) -> Vec<FrameSpec> {
    let once = |kind, body| FrameSpec::new(kind, 0, body);
    let evaluation = |c| {
        let body = EvaluationBody::length(plan, plan.query_range(c).1)?;
        Some(FrameSpec::new(FrameKind::Evaluation, c, body))
    };
    let table = |c| {
        let range = plan.table_range(c)?;
        Some(FrameSpec::new(FrameKind::Table, c, TableBody::length(plan, range.columns)))
    };
    let choice = |c| FrameSpec::new(FrameKind::Choice, c, ChoiceBody::length(plan, plan.compare_range(c).1));
    let garbled = |c| FrameSpec::new(FrameKind::Garbled, c, GarbledBody::length(plan, plan.compare_range(c).1));
    let mut out = vec![
        HELLO,
        once(FrameKind::Commit, CommitBody::LEN),
        once(FrameKind::Keys, KeysBody::length(plan.suite)),
        once(FrameKind::BaseResponder, BaseResponderBody::length(plan.suite)),
    ];
    out.extend((0..plan.query_chunks()).filter_map(evaluation));
    out.extend((0..plan.table_chunks).filter_map(table));
    let chunks = plan.compare_chunks();
    out.extend((0..chunks.min(plan.window)).map(choice));
    for c in 0..chunks {
        out.push(garbled(c));
        if c + plan.window < chunks {
            out.push(choice(c + plan.window));
        }
    }
    let seal_keys = |i| FrameSpec::new(FrameKind::SealKeys, i, SealKeysBody::length(plan, i));
    out.extend((0..plan.seal_keys_frames()).map(seal_keys));
    let pseudonyms = |i| FrameSpec::new(FrameKind::Pseudonyms, i, PseudonymsBody::length(plan, i));
    out.extend((0..plan.pseudonyms_frames()).map(pseudonyms));
    out.push(once(FrameKind::Cosignature, CosignatureBody::LEN));
    out.push(once(FrameKind::Receipt, ReceiptBody::LEN));
    out
}
