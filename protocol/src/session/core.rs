//! What both roles share: queues, hello and commitments, jobs, progress, the receipt.

use super::queue::{Inbox, Outbox, Outgoing, Taken};
use super::{Claim, Config, Event, Job, Match, Outcome, Output, Role, Stage};
use crate::agreement::Basis;
use crate::crypto::hash::hash;
use crate::encode::EncodedRecord;
use crate::error::{Error, Misuse, PeerFault};
use crate::identity::{IdentityKey, PeerId};
use crate::labels;
use crate::policy::EncodedList;
use crate::policy::plan::Plan;
use crate::receipt::{Receipt, Statement};
use crate::round::agree::{Commitment, Randomness, Round, round_id};
use crate::round::{oprf, requester, responder};
use crate::secret::Seed;
use crate::transcript::transcript;
use crate::wire::hello::{Hello, REQUESTER, RESPONDER, SUITE, VERSION};
use crate::wire::{Kind, schedule, turn};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What jobs give back.
pub(super) enum Payload {
    Placed(requester::Requester<requester::Placed>),
    Asked { chunk: u32, body: Vec<u8> },
    Opened { chunk: u32, outputs: Vec<oprf::Output> },
    Corrected { chunk: u32, frame: Outgoing, kept: requester::Corrected },
    Evaluated { chunk: u32, evaluated: requester::Evaluated },
    Found(Vec<requester::Found>),
    Items(Vec<Vec<responder::Item>>),
    Rows { table: usize, part: usize, rows: crate::round::okvs::Rows },
    Encoded { table: usize, columns: Vec<u8> },
    Answered { chunk: u32, frame: Outgoing },
    Chosen { chunk: u32, frame: Outgoing, chosen: responder::Chosen },
    Garbled { chunk: u32, frame: Outgoing },
}

/// Results of this side, once the round has them.
pub(super) struct Results {
    pub(super) matches: Vec<Match>,
    pub(super) claims: Vec<Claim>,
}

/// State that both roles share.
pub(super) struct Core {
    pub(super) role: Role,
    pub(super) plan: Plan,
    pub(super) records: Arc<[EncodedRecord]>,
    pub(super) keep_key: Zeroizing<[u8; 32]>,
    terms: Terms,
    seed: Seed,
    signer: Signer,
    peer: PeerId,
    hello: Hello,
    own_hello: [u8; 32],
    peer_hello: Option<[u8; 32]>,
    commitment: Commitment,
    round: Option<[u8; 32]>,
    pub(super) outbox: Outbox,
    pub(super) inbox: Inbox,
    outputs: VecDeque<Output>,
    pub(super) received: u64,
    pub(super) durable: u64,
    pub(super) jobs: BTreeSet<u64>,
    next_job: u64,
    progress: Vec<(Stage, u32, u32)>,
    /// Whether this side's frames before the receipt are made: what is left to compute changes none of them.
    pub(super) settled: bool,
    pub(super) results: Option<Results>,
    pub(super) peer_receipt: Option<Vec<u8>>,
    /// Its signature, once checked.
    theirs: Option<[u8; 64]>,
    statement: Option<Statement>,
    pub(super) done: bool,
}

/// What the agreement says that matters in a round.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    /// Canonical bytes; none in training.
    pub(super) agreement: Vec<u8>,
    /// Its digest; zeros in training.
    pub(super) digest: [u8; 32],
    /// Matches that the requester returns at most; no bound in training.
    pub(super) claims: Option<u32>,
}

impl Terms {
    fn of(basis: &Basis) -> Self {
        let claims = match basis {
            Basis::Training => None,
            Basis::Agreement(admitted) => Some(admitted.claims()),
        };
        Self { agreement: basis.canonical_bytes().to_vec(), digest: basis.digest(), claims }
    }
}

/// Who signs the receipt.
pub(super) enum Signer {
    Key(IdentityKey),
    /// A re-execution has no key, and ends before the receipt.
    Nobody(PeerId),
}

impl Signer {
    fn id(&self) -> PeerId {
        match self {
            Self::Key(key) => key.id(),
            Self::Nobody(id) => *id,
        }
    }
}

/// [`Config`] with agreement and key reduced to what is needed of them.
pub(super) struct Start {
    pub(super) role: Role,
    pub(super) list: EncodedList,
    pub(super) terms: Terms,
    pub(super) seed: Seed,
    pub(super) signer: Signer,
    pub(super) peer: PeerId,
    pub(super) binding: [u8; 32],
}

impl Core {
    pub(super) fn new(config: Config) -> Result<Self, Error> {
        // An agreement admits one policy, between two nodes, in one role, and no other.
        if let Basis::Agreement(admitted) = &config.basis {
            let policy = hash(labels::POLICY_DIGEST, &[&config.list.policy]);
            admitted.covers(&config.identity.id(), &config.peer, config.role, &policy)?;
        }
        Self::start(Start {
            role: config.role,
            list: config.list,
            terms: Terms::of(&config.basis),
            seed: config.seed,
            signer: Signer::Key(config.identity),
            peer: config.peer,
            binding: config.binding,
        })
    }

    pub(super) fn start(config: Start) -> Result<Self, Error> {
        let EncodedList { shape, policy, records } = config.list;
        let mut plan = Plan::new(shape)?;
        let (own, peer) = (config.signer.id(), config.peer);
        let (requester, responder) = match config.role {
            Role::Requester => (own, peer),
            Role::Responder => (peer, own),
        };
        // V-FILES-002: both sides see from the binding that the frames go by files.
        if config.binding == turn::binding(requester, responder) {
            plan = plan.by_files();
        }
        let (padded, role) = match config.role {
            Role::Requester => (plan.shape.records_requester, REQUESTER),
            Role::Responder => (plan.shape.records_responder, RESPONDER),
        };
        check_records(&plan, &records, padded)?;
        let commitment = Commitment::new(&config.seed, &records, padded);
        let hello = Hello {
            version: VERSION,
            suite: SUITE,
            role,
            identity: *config.signer.id().as_bytes(),
            nonce: commitment.nonce,
            binding: config.binding,
            policy,
            agreement: config.terms.agreement.clone(),
        };
        let (sent, received) = match config.role {
            Role::Requester => (schedule::requester(&plan), schedule::responder(&plan)),
            Role::Responder => (schedule::responder(&plan), schedule::requester(&plan)),
        };
        let first = Outgoing::whole(hello.encode());
        let mut core = Self {
            role: config.role,
            plan,
            records: records.into(),
            keep_key: Zeroizing::new(commitment.keep_key(&config.seed)),
            terms: config.terms,
            seed: config.seed,
            signer: config.signer,
            peer: config.peer,
            hello,
            own_hello: first.digest,
            peer_hello: None,
            commitment,
            round: None,
            outbox: Outbox::new(sent),
            inbox: Inbox::new(received),
            outputs: VecDeque::new(),
            received: 0,
            durable: 0,
            jobs: BTreeSet::new(),
            next_job: 0,
            progress: Vec::new(),
            settled: false,
            results: None,
            peer_receipt: None,
            theirs: None,
            statement: None,
            done: false,
        };
        core.put(Kind::Hello, 0, first)?;
        core.total(Stage::Agree, 2);
        Ok(core)
    }

    /// Checks a frame against the schedule and asks for its digest to be made durable.
    pub(super) fn receive<'a>(&mut self, frame: &'a [u8]) -> Result<Taken<'a>, Error> {
        let taken = self.inbox.take(frame)?;
        // V-WIRE-006: whatever has been computed so far, so that a re-execution decides alike.
        if schedule::question(taken.kind).is_some_and(|kind| !self.outbox.has_left(kind, taken.index)) {
            return Err(PeerFault::Unexpected { got: taken.kind as u8, index: taken.index }.into());
        }
        self.outputs.push_back(Output::Persist { seq: self.received, digest: taken.digest });
        self.received += 1;
        Ok(taken)
    }

    pub(super) fn hello(&mut self, body: &[u8], digest: [u8; 32]) -> Result<(), Error> {
        Hello::decode(body)?.check(&self.hello, self.peer)?;
        self.peer_hello = Some(digest);
        self.advance(Stage::Agree, 1);
        self.put(Kind::Commit, 0, Outgoing::new(Kind::Commit, 0, &self.commitment.encode()))
    }

    /// Takes the peer's commitment; from now on the round has an id.
    pub(super) fn commit(&mut self, body: &[u8]) -> Result<(Arc<Round>, Randomness), Error> {
        let theirs: [u8; 64] = body.try_into().map_err(|_| PeerFault::Truncated)?;
        let ours = self.commitment.encode();
        let peer_hello = self.peer_hello.ok_or(Error::Internal("commitment before hello"))?;
        let id = match self.role {
            Role::Requester => round_id(&self.own_hello, &peer_hello, [&ours, &theirs]),
            Role::Responder => round_id(&peer_hello, &self.own_hello, [&theirs, &ours]),
        };
        self.round = Some(id);
        self.advance(Stage::Agree, 1);
        let random = Randomness::new(&self.seed, &id, &self.commitment.root, self.hello.role);
        Ok((Arc::new(Round { plan: self.plan.clone(), id }), random))
    }

    pub(super) const fn round(&self) -> Option<[u8; 32]> {
        self.round
    }

    /// Matches that this side returns at most.
    pub(super) fn claims_cap(&self) -> usize {
        self.terms.claims.unwrap_or(self.plan.shape.records_requester) as usize
    }

    pub(super) fn put(&mut self, kind: Kind, index: u32, frame: Outgoing) -> Result<(), Error> {
        if self.outbox.put(kind, index, frame, self.received) {
            Ok(())
        } else {
            Err(Error::Internal("frame does not fit the schedule"))
        }
    }

    pub(super) fn put_body(&mut self, kind: Kind, index: u32, body: &[u8]) -> Result<(), Error> {
        self.put(kind, index, Outgoing::new(kind, index, body))
    }

    pub(super) fn work(&mut self, run: impl FnOnce() -> Result<Payload, Error> + Send + 'static) {
        let number = self.next_job;
        self.next_job += 1;
        self.jobs.insert(number);
        self.outputs.push_back(Output::Work(Job { number, run: Box::new(run) }));
    }

    /// Begins a stage of `total` steps.
    pub(super) fn total(&mut self, stage: Stage, total: u32) {
        self.progress.push((stage, 0, total));
        self.outputs.push_back(Output::Event(Event::Progress { stage, done: 0, total }));
    }

    /// Counts steps of a stage.
    pub(super) fn advance(&mut self, stage: Stage, by: u32) {
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

    /// Signs the receipt when everything else has crossed, and ends the round when both receipts have.
    fn settle(&mut self) -> Result<(), Error> {
        if self.done || !self.settled || !self.inbox.only_receipt_left() {
            return Ok(());
        }
        let Signer::Key(identity) = &self.signer else { return self.check_only() };
        let identity = identity.clone();
        if self.statement.is_none() && self.outbox.only_receipt_left() {
            let statement = self.make_statement()?;
            let message = statement.message(&identity);
            self.statement = Some(statement);
            self.put_body(Kind::Receipt, 0, &message)?;
        }
        if !self.outbox.all_gone() {
            return Ok(());
        }
        let (Some(body), Some(statement)) = (&self.peer_receipt, self.statement.clone()) else { return Ok(()) };
        // Whether the peer has signed the same does not wait for what was found.
        let theirs = match self.theirs {
            Some(theirs) => theirs,
            None => *self.theirs.insert(statement.check(self.peer, body)?),
        };
        if self.results.is_none() {
            return Ok(());
        }
        let message = statement.message(&identity);
        let ours = message.last_chunk::<64>().copied().ok_or(Error::Internal("receipt without signature"))?;
        let (round, transcript) = (statement.round, statement.transcript);
        let (by_requester, by_responder) = match self.role {
            Role::Requester => (ours, theirs),
            Role::Responder => (theirs, ours),
        };
        let receipt = Receipt { statement, by_requester, by_responder }.encode();
        let Some(Results { matches, claims }) = self.results.take() else { return Ok(()) };
        self.done = true;
        self.advance(Stage::Settle, 1);
        let outcome = Outcome { matches, claims, round, transcript, receipt };
        self.outputs.push_back(Output::Done(Box::new(outcome)));
        Ok(())
    }

    /// A side that is made again makes no receipt. It refuses a peer's that it has to refuse (V-EVIDENCE-011).
    fn check_only(&mut self) -> Result<(), Error> {
        if self.statement.is_none()
            && self.outbox.only_receipt_left()
            && let Some(body) = &self.peer_receipt
        {
            let statement = self.make_statement()?;
            statement.check(self.peer, body)?;
            self.statement = Some(statement);
        }
        Ok(())
    }

    fn make_statement(&self) -> Result<Statement, Error> {
        let (own, peer) = (self.signer.id(), self.peer);
        let (from_requester, from_responder, requester, responder) = match self.role {
            Role::Requester => (&self.outbox.chain, &self.inbox.chain, own, peer),
            Role::Responder => (&self.inbox.chain, &self.outbox.chain, peer, own),
        };
        Ok(Statement {
            round: self.round.ok_or(Error::Internal("receipt before the round has an id"))?,
            transcript: transcript(from_requester, from_responder),
            policy: hash(labels::POLICY_DIGEST, &[&self.hello.policy]),
            agreement: self.terms.digest,
            requester: *requester.as_bytes(),
            responder: *responder.as_bytes(),
            records_requester: self.plan.shape.records_requester,
            records_responder: self.plan.shape.records_responder,
            bins: self.plan.bins,
        })
    }
}

/// Records must have the shape that every size on the wire was computed from.
fn check_records(plan: &Plan, records: &[EncodedRecord], padded: u32) -> Result<(), Misuse> {
    if records.len() > padded as usize {
        return Err(Misuse::TooManyRecords { got: records.len(), max: padded as usize });
    }
    let bits = plan.shape.filter_bits() + plan.shape.segments.len();
    let fits = |r: &EncodedRecord| {
        let bytes = r.filter.as_bytes();
        bytes.len() == bits.div_ceil(8)
            && (bits..bytes.len() * 8).all(|b| !r.filter.get(b))
            && r.tokens.len() == plan.shape.tables.len()
            && r.tokens.iter().zip(&plan.shape.tables).all(|(tokens, t)| tokens.len() <= usize::from(t.slots))
    };
    if records.iter().all(fits) { Ok(()) } else { Err(Misuse::WrongEncoding) }
}
