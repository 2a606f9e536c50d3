//! What both roles share: queues, hello and commitments, jobs, progress.

use super::config::{AgreementTerms, LogTerms, ReceiptSigner, SessionInputs};
use super::event::{Claim, Event, Match, Output};
use super::job::{Job, Payload};
use super::queue::{Inbox, Outbox, QueuedFrame, ScheduledFrame};
use crate::audit::{LogHead, TreeHead, head};
use crate::encode::EncodedRecord;
use crate::error::{Error, PeerFault};
use crate::identity::PeerId;
use crate::ids::{FrameDigest, Pseudonym, RoundId};
use crate::plan::Plan;
use crate::policy::shape::Role;
use crate::receipt::ReceiptStatement;
use crate::round::commitment::{Randomness, RoundContext, round_id};
use crate::wire::body::{Body, CommitBody, CosignatureBody, ReceiptBody};
use crate::wire::hello::{Hello, VERSION};
use crate::wire::{FrameKind, Stage, schedule, turn};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How far this side's receipt is.
pub(super) enum ReceiptState {
    Unsigned,
    /// This side has signed, or checked in the place of one that signed.
    Signed {
        statement: ReceiptStatement,
        ours: [u8; 64],
    },
    /// The peer has signed the same.
    BothSigned {
        statement: ReceiptStatement,
        ours: [u8; 64],
        theirs: [u8; 64],
    },
    /// The round is over.
    Done,
}

/// Results of this side, once the round has them.
pub(super) struct Results {
    pub(super) matches: Vec<Match>,
    pub(super) claims: Vec<Claim>,
    pub(super) claimed: Vec<Pseudonym>,
}

/// How far the two sides have agreed on a round.
enum Opening {
    /// The peer's hello is to come.
    Hello,
    /// The peer's commitment is to come.
    Commit { peer_hello: FrameDigest },
    /// The round has an id.
    Agreed { round: RoundId },
}

/// State that both roles share.
pub(super) struct Core {
    pub(super) role: Role,
    pub(super) plan: Plan,
    pub(super) inputs: SessionInputs,
    pub(super) terms: AgreementTerms,
    pub(super) signer: ReceiptSigner,
    pub(super) peer: PeerId,
    pub(super) log: LogTerms,
    /// Head of the peer's log, once its hello is good: what this side cosigns.
    pub(super) peer_log: Option<TreeHead>,
    pub(super) hello: Hello,
    own_hello: FrameDigest,
    opening: Opening,
    pub(super) outbox: Outbox,
    pub(super) inbox: Inbox,
    pub(super) outputs: VecDeque<Output>,
    pub(super) received: u64,
    pub(super) durable: u64,
    pub(super) jobs: BTreeSet<u64>,
    next_job: u64,
    progress: Vec<(Stage, u32, u32)>,
    /// Whether this side's frames before the receipt are made: what is left to compute changes none of them.
    pub(super) settled: bool,
    pub(super) results: Option<Results>,
    pub(super) peer_receipt: Option<ReceiptBody>,
    pub(super) receipt: ReceiptState,
}

impl Core {
    pub(super) fn new(
        inputs: SessionInputs,
        terms: AgreementTerms,
        signer: ReceiptSigner,
        (peer, binding): (PeerId, [u8; 32]),
        log: LogTerms,
    ) -> Result<Self, Error> {
        let (role, list) = (inputs.role(), inputs.list());
        let mut plan = Plan::of_suite(terms.suite, list.shape.clone())?;
        let (requester, responder) = role.sides(signer.id(), peer);
        // V-FILES-002: both sides see from the binding that the frames go by files.
        if binding == turn::binding(requester, responder) {
            plan = plan.by_files();
        }
        let hello = Hello {
            version: VERSION,
            suite: plan.suite.number,
            role: role.code(),
            identity: *signer.id().as_bytes(),
            nonce: inputs.commitment().nonce,
            binding,
            policy: list.policy.clone(),
            agreement: terms.agreement.clone(),
            log_head: log.head.clone(),
        };
        let first = QueuedFrame::whole(FrameKind::Hello, 0, hello.encode());
        let mut core = Self {
            role,
            outbox: Outbox::new(schedule::frames_of(role, &plan)),
            inbox: Inbox::new(schedule::frames_of(role.peer(), &plan)),
            plan,
            inputs,
            terms,
            signer,
            peer,
            log,
            peer_log: None,
            hello,
            own_hello: first.frame.digest,
            opening: Opening::Hello,
            outputs: VecDeque::new(),
            received: 0,
            durable: 0,
            jobs: BTreeSet::new(),
            next_job: 0,
            progress: Vec::new(),
            settled: false,
            results: None,
            peer_receipt: None,
            receipt: ReceiptState::Unsigned,
        };
        core.queue_frame(first)?;
        core.begin_stage(Stage::Agree, 2);
        Ok(core)
    }

    pub(super) fn records(&self) -> &Arc<[EncodedRecord]> {
        &self.inputs.list().records
    }

    /// Key of the choice of copies on this side.
    pub(super) fn keep_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.inputs.commitment().keep_key(self.inputs.seed()))
    }

    /// Checks a frame against the schedule and asks for its digest to be made durable.
    pub(super) fn receive<'a>(&mut self, frame: &'a [u8]) -> Result<ScheduledFrame<'a>, Error> {
        let taken = self.inbox.take(frame)?;
        // V-WIRE-006: whatever has been computed so far, so that a re-execution decides alike.
        if taken.kind.question().is_some_and(|kind| !self.outbox.has_left(kind, taken.index)) {
            return Err(PeerFault::Unexpected { got: taken.kind as u8, index: taken.index }.into());
        }
        self.outputs.push_back(Output::Persist { seq: self.received, digest: taken.digest });
        self.received += 1;
        Ok(taken)
    }

    pub(super) fn hello(&mut self, body: &[u8], digest: FrameDigest) -> Result<(), Error> {
        let hello = Hello::decode(body)?;
        hello.check(&self.hello, self.peer)?;
        let head = LogHead::check_signed(&hello.log_head, &self.peer)?;
        if let Some(known) = &self.log.known {
            head.check_follows(known)?;
            // V-COSIGN-001: the node notes it before it says that this frame is durable.
            self.peer_log = Some(head.head);
            self.outputs.push_back(Output::Cosign { peer: self.peer, head: Box::new(head) });
        } else {
            self.peer_log = Some(head.head);
        }
        self.opening = Opening::Commit { peer_hello: digest };
        self.advance_stage(Stage::Agree, 1);
        self.queue_body(0, &self.inputs.commitment().body())?;
        // Near the end of the schedule it leaves.
        let (ReceiptSigner::Key(identity), Some(log)) = (&self.signer, &self.peer_log) else { return Ok(()) };
        let signature = head::cosign(identity, self.log.time, &self.peer, log);
        self.queue_body(0, &CosignatureBody { time: self.log.time.to_be_bytes(), signature })
    }

    /// Takes the peer's cosignature of the own log.
    pub(super) fn cosignature(&mut self, body: &[u8]) -> Result<(), Error> {
        let body = CosignatureBody::read(body)?;
        let own = self.signer.id();
        // V-COSIGN-002.
        let log = LogHead::check_signed(&self.hello.log_head, &own)?.head;
        head::check_cosignature(body.seconds(), &body.signature, &self.peer, &own, &log)?;
        let (time, signature) = (body.seconds(), body.signature);
        self.outputs.push_back(Output::Cosigned { peer: self.peer, time, signature });
        Ok(())
    }

    /// Takes the peer's commitment; from now on the round has an id.
    pub(super) fn commit(&mut self, body: &[u8]) -> Result<(Arc<RoundContext>, Randomness), Error> {
        let theirs = CommitBody::read(body)?;
        let commitment = self.inputs.commitment();
        let Opening::Commit { peer_hello } = &self.opening else {
            return Err(Error::Internal("commitment before hello"));
        };
        let (ours, own_hello) = (commitment.body(), self.own_hello);
        let (hello_requester, hello_responder) = self.role.sides(&own_hello, peer_hello);
        let commits = self.role.sides(&ours, &theirs);
        let round = round_id(hello_requester, hello_responder, commits.into());
        let random = Randomness::new(self.inputs.seed(), &round, &commitment.root, self.hello.role);
        self.opening = Opening::Agreed { round };
        self.advance_stage(Stage::Agree, 1);
        Ok((Arc::new(RoundContext { plan: self.plan.clone(), id: round }), random))
    }

    pub(super) const fn round(&self) -> Option<RoundId> {
        match self.opening {
            Opening::Agreed { round } => Some(round),
            Opening::Hello | Opening::Commit { .. } => None,
        }
    }

    /// The chain of the own frames up to one of them that has left.
    pub(super) fn chain_to(&self, kind: FrameKind, index: u32) -> Result<[u8; 32], Error> {
        self.outbox.chain_to(kind, index).ok_or(Error::Internal("chain up to a frame that is not made"))
    }

    /// Matches that this side returns at most.
    pub(super) fn claims_cap(&self) -> usize {
        self.terms.claims.unwrap_or(self.plan.shape.records_requester) as usize
    }

    /// Queues a frame for its slot in the schedule.
    pub(super) fn queue_frame(&mut self, frame: QueuedFrame) -> Result<(), Error> {
        if self.outbox.put(frame, self.received) {
            Ok(())
        } else {
            Err(Error::Internal("frame does not fit the schedule"))
        }
    }

    pub(super) fn queue_body<B: Body>(&mut self, index: u32, body: &B) -> Result<(), Error> {
        self.queue_frame(QueuedFrame::new(index, body))
    }

    pub(super) fn work<P: Into<Payload>>(&mut self, run: impl FnOnce() -> Result<P, Error> + Send + 'static) {
        let number = self.next_job;
        self.next_job += 1;
        self.jobs.insert(number);
        self.outputs.push_back(Output::Work(Job { number, run: Box::new(move || run().map(Into::into)) }));
    }

    /// Begins a stage of `total` steps.
    pub(super) fn begin_stage(&mut self, stage: Stage, total: u32) {
        self.progress.push((stage, 0, total));
        self.outputs.push_back(Output::Event(Event::Progress { stage, done: 0, total }));
    }

    /// Counts steps of a stage.
    pub(super) fn advance_stage(&mut self, stage: Stage, by: u32) {
        if let Some((_, done, total)) = self.progress.iter_mut().find(|p| p.0 == stage) {
            *done = done.saturating_add(by).min(*total);
            let event = Event::Progress { stage, done: *done, total: *total };
            self.outputs.push_back(Output::Event(event));
        }
    }

    pub(super) fn poll(&mut self) -> Result<Option<Output>, Error> {
        if let Some(output) = self.outputs.pop_front() {
            return Ok(Some(output));
        }
        if let Some(frame) = self.outbox.pop(self.durable) {
            return Ok(Some(Output::Send(frame)));
        }
        self.settle()?;
        if let Some(frame) = self.outbox.pop(self.durable) {
            return Ok(Some(Output::Send(frame)));
        }
        Ok(self.outputs.pop_front())
    }
}
