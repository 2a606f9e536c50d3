//! Checking evidence with nothing else at hand (spec 16.3).

use super::format::{EvidenceEntry, EvidenceHeader, EvidenceReader};
use crate::agreement::{Agreement, CheckedAgreement};
use crate::audit::LogHead;
use crate::error::{Error, EvidenceFault, Incompatible, Misuse, PeerFault, Place};
use crate::identity::PeerId;
use crate::ids::{FrameDigest, PolicyDigest, RoundId};
use crate::plan::Plan;
use crate::policy::{CheckedPolicy, Policy};
use crate::receipt::{Receipt, ReceiptStatement};
use crate::round::commitment::round_id;
use crate::transcript::{Chain, frame_digest, transcript};
use crate::wire::body::{Body, CommitBody, ReceiptBody};
use crate::wire::hello::Hello;
use crate::wire::schedule::{self, FrameSpec};
use crate::wire::{FrameKind, parse, turn};

/// What evidence says, once it holds.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Its header.
    pub header: EvidenceHeader,
    /// The policy, checked.
    pub policy: CheckedPolicy,
    /// The agreement, checked; none in training.
    pub agreement: Option<CheckedAgreement>,
    /// Round id, once both sides have committed.
    pub round: Option<RoundId>,
    /// The peer's commitments.
    pub peer_commitment: Option<CommitBody>,
    /// Transcript hash over the frames in it.
    pub transcript: [u8; 32],
    /// The receipt; none if the round was not finished.
    pub receipt: Option<Receipt>,
    /// Frames that this side sent.
    pub sent: u64,
    /// Frames that it received.
    pub received: u64,
}

/// Checks the evidence of a finished round: format, schedule, chains, hellos, commitments, receipt, both signatures.
///
/// # Errors
/// The first [`EvidenceFault`] met from front to back, with its place.
///
/// ```
/// use blindlink::Error;
/// use blindlink::error::EvidenceFault;
/// use blindlink::evidence::verify;
///
/// // `examples/verify_evidence.rs` makes evidence, checks it and makes its side again.
/// assert!(matches!(verify(&b"no evidence"[..]), Err(Error::Evidence(EvidenceFault::Format { .. }))));
/// ```
pub fn verify(mut source: impl EvidenceReader) -> Result<Verified, Error> {
    let mut verifier = Verifier::begin(&mut source)?;
    while let Some(entry) = verifier.next(&mut source)? {
        drop(entry);
    }
    let verified = verifier.finish();
    // V-EVIDENCE-006.
    match verified.receipt {
        Some(_) => Ok(verified),
        None => Err(EvidenceFault::Unfinished { entries: verified.sent + verified.received }.into()),
    }
}

/// Reads the header alone, and its policy: what must be known to encode records for a re-execution.
///
/// # Errors
/// An [`EvidenceFault`] of the header.
pub fn header(mut source: impl EvidenceReader) -> Result<(EvidenceHeader, CheckedPolicy), EvidenceFault> {
    let verifier = Verifier::begin(&mut source)?;
    Ok((verifier.header, verifier.policy))
}

/// A checked entry.
pub(super) enum Checked {
    Sent { entry: u64, digest: FrameDigest, spec: FrameSpec },
    Received { entry: u64, frame: Vec<u8>, spec: FrameSpec },
}

/// Frames of one direction.
struct Direction {
    schedule: Vec<FrameSpec>,
    next: usize,
    /// Over all frames; what stands in the entries.
    chain: Chain,
    /// Over all but the receipt.
    transcript: Chain,
}

impl Direction {
    const fn new(schedule: Vec<FrameSpec>) -> Self {
        Self { schedule, next: 0, chain: Chain::new(), transcript: Chain::new() }
    }

    fn spec(&self) -> Option<FrameSpec> {
        self.schedule.get(self.next).copied()
    }

    /// Takes the next frame by its digest; whether `said` is what the chain has afterwards.
    fn push(&mut self, spec: FrameSpec, digest: &FrameDigest, said: &[u8; 32]) -> bool {
        self.chain.push(digest);
        if spec.kind != FrameKind::Receipt {
            self.transcript.push(digest);
        }
        self.next += 1;
        self.chain.value() == said
    }

    fn complete(&self) -> bool {
        self.next == self.schedule.len()
    }
}

/// Reads entries and checks each against all before it.
pub(super) struct Verifier {
    pub(super) header: EvidenceHeader,
    pub(super) policy: CheckedPolicy,
    pub(super) agreement: Option<CheckedAgreement>,
    plan: Plan,
    own: Direction,
    peer: Direction,
    entries: u64,
    own_hello: FrameDigest,
    peer_hello: Option<FrameDigest>,
    peer_commitment: Option<CommitBody>,
    /// Entry and digest of the receipt that this side sent.
    sent_receipt: Option<(u64, FrameDigest)>,
    /// The one that it received.
    received_receipt: Option<ReceiptBody>,
    receipt: Option<Receipt>,
}

impl Verifier {
    pub(super) fn begin(source: &mut impl EvidenceReader) -> Result<Self, EvidenceFault> {
        let header = EvidenceHeader::read(source)?;
        let policy = check_policy(&header.policy)?;
        let agreement = check_agreement(&header, policy.digest())?;
        let odd = |_| EvidenceFault::Policy { field: String::from("tables") };
        let mut plan = Plan::of_suite(header.suite, policy.shape().clone()).map_err(odd)?;
        let (requester, responder) = header.role.sides(header.own, header.peer);
        // Files carry the same frames in an order of their own (chapter 17).
        if header.binding == turn::binding(requester, responder) {
            plan = plan.by_files();
        }
        let own = Direction::new(schedule::frames_of(header.role, &plan));
        let peer = Direction::new(schedule::frames_of(header.role.peer(), &plan));
        Ok(Self {
            own_hello: frame_digest(&header.hello().encode()),
            header,
            policy,
            agreement,
            plan,
            own,
            peer,
            entries: 0,
            peer_hello: None,
            peer_commitment: None,
            sent_receipt: None,
            received_receipt: None,
            receipt: None,
        })
    }

    /// The next entry, checked; `None` where the evidence ends.
    pub(super) fn next(&mut self, source: &mut impl EvidenceReader) -> Result<Option<Checked>, EvidenceFault> {
        let entry = self.entries;
        let max = self.peer.spec().map_or(0, |spec| spec.len);
        let Some(read) = EvidenceEntry::read(source, entry, max)? else { return Ok(None) };
        self.entries += 1;
        match read {
            EvidenceEntry::Sent { digest, chain } => self.sent(entry, digest, &chain).map(Some),
            EvidenceEntry::Received { frame, chain } => self.received(entry, frame, &chain).map(Some),
            EvidenceEntry::Receipt(bytes) => {
                self.entries = entry;
                self.check_receipt(&bytes)?;
                Ok(None)
            }
        }
    }

    /// V-EVIDENCE-003, V-EVIDENCE-004.
    fn sent(&mut self, entry: u64, digest: FrameDigest, chain: &[u8; 32]) -> Result<Checked, EvidenceFault> {
        let spec = self.own.spec().ok_or(EvidenceFault::Schedule { entry })?;
        if !self.own.push(spec, &digest, chain) {
            return Err(EvidenceFault::Chain { entry });
        }
        let wanted = match spec.kind {
            FrameKind::Hello => Some(self.own_hello),
            FrameKind::Commit => Some(frame_digest(&self.header.commit().frame(0))),
            _ => None,
        };
        // V-EVIDENCE-005.
        if wanted.is_some_and(|wanted| wanted != digest) {
            return Err(EvidenceFault::OwnFrame { entry });
        }
        if spec.kind == FrameKind::Receipt {
            self.sent_receipt = Some((entry, digest));
        }
        Ok(Checked::Sent { entry, digest, spec })
    }

    fn received(&mut self, entry: u64, frame: Vec<u8>, chain: &[u8; 32]) -> Result<Checked, EvidenceFault> {
        let wrong = EvidenceFault::Schedule { entry };
        let Some(spec) = self.peer.spec() else { return Err(wrong) };
        let (kind, index, body) = parse(&frame).map_err(|_| wrong.clone())?;
        if (kind, index) != (spec.kind as u8, spec.index) || !spec.fits(frame.len()) {
            return Err(wrong);
        }
        let digest = frame_digest(&frame);
        if !self.peer.push(spec, &digest, chain) {
            return Err(EvidenceFault::Chain { entry });
        }
        match spec.kind {
            FrameKind::Hello => {
                let ours = self.header.hello();
                // V-HELLO-010 is left out: what the owner had cosigned before stands in its audit log.
                let peer = self.header.peer;
                let checked = Hello::decode(body).and_then(|hello| {
                    hello.check(&ours, peer)?;
                    Ok(LogHead::check_signed(&hello.log_head, &peer)?)
                });
                checked.map_err(|error| EvidenceFault::PeerHello { entry, code: error.code() })?;
                self.peer_hello = Some(digest);
            }
            FrameKind::Commit => self.peer_commitment = CommitBody::read(body).ok(),
            FrameKind::Receipt => self.received_receipt = ReceiptBody::read(body).ok(),
            _ => {}
        }
        Ok(Checked::Received { entry, frame, spec })
    }

    fn round(&self) -> Option<RoundId> {
        let (peer_hello, theirs) = (self.peer_hello?, self.peer_commitment?);
        let (ours, role) = (self.header.commit(), self.header.role);
        let (hello_requester, hello_responder) = role.sides(&self.own_hello, &peer_hello);
        Some(round_id(hello_requester, hello_responder, role.sides(&ours, &theirs).into()))
    }

    fn transcript(&self) -> [u8; 32] {
        let (requester, responder) = self.header.role.sides(&self.own.transcript, &self.peer.transcript);
        transcript(requester, responder)
    }

    /// V-EVIDENCE-006: the receipt says what the entries say, and both sides have signed it.
    fn check_receipt(&mut self, bytes: &[u8]) -> Result<(), EvidenceFault> {
        if !self.own.complete() || !self.peer.complete() {
            return Err(EvidenceFault::Schedule { entry: self.entries });
        }
        let (own, peer) = (*self.header.own.as_bytes(), *self.header.peer.as_bytes());
        let (requester, responder) = self.header.role.sides(own, peer);
        let wanted = ReceiptStatement {
            round: self.round().ok_or(EvidenceFault::Receipt { field: "round" })?,
            transcript: self.transcript(),
            policy: *self.policy.digest(),
            agreement: self.agreement.as_ref().map(|agreement| *agreement.digest()),
            requester,
            responder,
            records_requester: self.plan.shape.records_requester,
            records_responder: self.plan.shape.records_responder,
            bins: self.plan.bins,
        };
        let Ok(receipt) = Receipt::read(bytes) else {
            return Err(EvidenceFault::Format { at: Place::Receipt, what: "length" });
        };
        if let Some(field) = wanted.first_difference(&receipt.statement) {
            return Err(EvidenceFault::Receipt { field });
        }
        for (by, key, signature) in
            [("requester", requester, &receipt.by_requester), ("responder", responder, &receipt.by_responder)]
        {
            let signed = PeerId::from_bytes(key).map_err(PeerFault::from).and_then(|key| wanted.verify(key, signature));
            signed.map_err(|_| EvidenceFault::Signature { by })?;
        }
        // `sides` is its own inverse.
        let (ours, theirs) = self.header.role.sides(&receipt.by_requester, &receipt.by_responder);
        let body = |signature: &[u8; 64]| ReceiptBody { transcript: wanted.transcript, signature: *signature };
        if self.received_receipt != Some(body(theirs)) {
            return Err(EvidenceFault::Receipt { field: "message" });
        }
        match self.sent_receipt {
            Some((_, digest)) if digest == frame_digest(&body(ours).frame(0)) => {}
            Some((entry, _)) => return Err(EvidenceFault::OwnFrame { entry }),
            None => return Err(EvidenceFault::Schedule { entry: self.entries }),
        }
        self.receipt = Some(receipt);
        Ok(())
    }

    pub(super) fn finish(self) -> Verified {
        Verified {
            round: self.round(),
            peer_commitment: self.peer_commitment,
            transcript: self.transcript(),
            receipt: self.receipt,
            sent: self.own.next as u64,
            received: self.peer.next as u64,
            header: self.header,
            policy: self.policy,
            agreement: self.agreement,
        }
    }
}

/// V-EVIDENCE-002.
fn check_policy(bytes: &[u8]) -> Result<CheckedPolicy, EvidenceFault> {
    let policy = Policy::from_canonical_bytes(bytes)
        .map_err(|_| EvidenceFault::Policy { field: String::from("canonical bytes") })?;
    policy.validate().map_err(|error| match error {
        Error::Misuse(Misuse::Policy { field, .. }) => EvidenceFault::Policy { field },
        _ => EvidenceFault::Policy { field: String::from("policy") },
    })
}

/// V-EVIDENCE-002: the agreement is canonical, and is for this policy and these nodes. Whether its signers have approved
/// it, and when, is for statements and the audit log to show.
fn check_agreement(header: &EvidenceHeader, policy: &PolicyDigest) -> Result<Option<CheckedAgreement>, EvidenceFault> {
    if header.agreement.is_empty() {
        return Ok(None);
    }
    let odd = |field| EvidenceFault::Agreement { field };
    let read = Agreement::from_canonical_bytes(&header.agreement).map_err(|_| odd("canonical bytes"))?;
    let checked = read.validate().map_err(|_| odd("agreement"))?;
    let agreement = checked.agreement();
    let (ours, theirs) = agreement.seen_from(&header.own).ok_or_else(|| odd("party"))?;
    for (fits, field) in [
        (theirs.node == header.peer, "party"),
        (ours.role.allow(header.role), "role"),
        (agreement.policy == *policy, "policy"),
        (*checked.suite() == *header.suite, "suite"),
    ] {
        if !fits {
            return Err(odd(field));
        }
    }
    Ok(Some(checked))
}

/// The code that a party stops with, for an error of its session.
pub(super) const fn refusal(error: &Error) -> Option<u16> {
    match error {
        Error::Peer(fault) => Some(PeerFault::code(fault)),
        Error::Incompatible(kind) => Some(Incompatible::code(kind)),
        _ => None,
    }
}
