//! The admission check before every round: agreement, budget and memory are asked, and the audit log told, before a hello leaves
//! (V-AGREE-023).

use crate::error::NodeError;
use crate::event::{Event, Sink};
use crate::failure_code::FailureCode;
use crate::own_list::Input;
use crate::store::DataDir;
use crate::store::agreements::Store;
use crate::store::audit_log::Log;
use crate::store::database::{Database, KeptAsk};
use crate::store::journal::StorageKey;
use crate::store::keys::Identity;
use crate::store::query_history::QueryHistory;
use crate::sys::clock;
use blindlink::agreement::budget::{self, Debit};
use blindlink::agreement::urgent::{AskedRecord, asked_again};
use blindlink::agreement::{Admitted, Basis, SignedAgreement, StatementKind, USUAL_LEFT_OUT, admit};
use blindlink::audit::{AuditEntry, Fact};
use blindlink::crypto::hash::hash;
use blindlink::error::Refusal;
use blindlink::identity::PeerId;
use blindlink::ids::RoundId;
use blindlink::labels;
use blindlink::policy::EncodedList;
use blindlink::session::Role;
use blindlink::suite::{CURRENT, Suite};
use blindlink::wire::schedule::may_have_shown;

/// Attempts that one debit carries (V-RESUME-018).
const ATTEMPTS: usize = 4;

/// What a command was told to rest its rounds on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BasisChoice {
    /// On nothing: invented persons only, in this suite.
    Training(&'static Suite),
    /// On the agreement of this name; without a name, on the one that the policy names.
    Agreement(Option<String>),
}

/// Decides whether this node's rounds may begin.
#[derive(Clone, Copy, Debug)]
pub struct Admission<'a> {
    /// The node's folder.
    pub data: &'a DataDir,
    /// Its identity.
    pub identity: &'a Identity,
    /// Its list and policy.
    pub input: &'a Input,
    /// Its side.
    pub role: Role,
    /// On what its rounds rest.
    pub ground: &'a BasisChoice,
    /// The urgent question, if it asks one.
    pub ask: Option<&'a ApprovedAsk>,
}

/// An urgent question that may be asked, or whose round is open.
#[derive(Clone, Debug)]
pub struct ApprovedAsk {
    /// The question.
    pub kept: KeptAsk,
    /// Hash of the entry of the log of review with which it was approved; none if it may only go on (V-URGENT-007).
    pub approved: Option<[u8; 32]>,
    /// Key of the node's store.
    pub storage: StorageKey,
}

/// Of each person of a list what V-URGENT-005 compares.
#[must_use]
pub fn asked(list: &EncodedList) -> Vec<([u8; 32], [u8; 32])> {
    list.records.iter().map(|record| record.digest).zip(list.digests_of_encodings()).collect()
}

/// Seconds after which every peer has given up a round that does not move, with the patience of V-TIME-004.
const SILENCE: u64 = 6 * 3600;

impl Admission<'_> {
    /// Decides without taking anything from the budget, before a peer is called.
    ///
    /// # Errors
    /// Why the round may not begin; a refusal is in the audit log then.
    pub fn would_admit(&self, peer: &PeerId) -> Result<(), NodeError> {
        let mut log = Log::open(self.data, self.identity)?;
        match self.decide(&log, peer) {
            Ok(_) => Ok(()),
            Err(closed) => Err(self.refuse(&mut log, peer, closed)),
        }
    }

    /// The peer that the agreement names, if this node has it and is a party to it.
    ///
    /// # Errors
    /// As the store's.
    pub fn party(&self) -> Result<Option<PeerId>, NodeError> {
        let versions = match self.ground {
            BasisChoice::Training(_) => return Ok(None),
            BasisChoice::Agreement(name) => Store::of(self.data).versions(self.name(name.as_deref()))?,
        };
        let own = self.identity.key().id();
        let current = blindlink::agreement::current(&versions, clock::now());
        Ok(current.and_then(|sealed| sealed.agreement().agreement().seen_from(&own).map(|(_, peer)| peer.node)))
    }

    /// Decides, debits, and lets the round begin. What was debited is durable when this returns (V-BUDGET-005).
    ///
    /// # Errors
    /// As [`Admission::would_admit`].
    pub fn admit_and_debit(&self, peer: &PeerId, sink: &dyn Sink) -> Result<Basis, NodeError> {
        // The log stays locked from the decision to the debit: two rounds cannot spend the same bins.
        let mut log = Log::open(self.data, self.identity)?;
        let (basis, debit, mut memory) = match self.decide(&log, peer) {
            Ok(granted) => granted,
            Err(closed) => return Err(self.refuse(&mut log, peer, closed)),
        };
        let policy = *self.input.policy.digest();
        let begun = Fact::RoundBegun { role: self.role, peer: *peer, agreement: basis.digest(), policy };
        if let (Some(ask), true) = (self.ask, debit.as_ref().is_some_and(|debit| debit.urgent.is_some())) {
            Database::open(self.data, &ask.storage)?.ask_begins(ask.kept.row, clock::now())?;
        }
        let mut facts = vec![begun];
        facts.extend(debit.map(Fact::Debited));
        if let Some(memory) = &mut memory {
            let warnings = memory.remember(&self.input.list, self.role)?;
            // What it is about tells of the own list: peers see the log (V-AUDIT-018).
            facts.extend(warnings.first().map(|_| Fact::Warned { peer: *peer }));
            warnings.into_iter().for_each(|warning| sink.take(&Event::Warned(warning)));
        }
        log.append(facts)?;
        Ok(basis)
    }

    /// As [`Admission::readmit`], and logs that the round goes on. `round` is its id, if it has one already.
    ///
    /// # Errors
    /// As [`Admission::would_admit`].
    pub fn readmit_and_log(&self, peer: &PeerId, round: Option<RoundId>) -> Result<Basis, NodeError> {
        let basis = self.readmit(peer)?;
        self.resumed(peer, round)?;
        Ok(basis)
    }

    /// Logs that a round goes on.
    ///
    /// # Errors
    /// As [`Log::open`] and [`Log::append`].
    pub fn resumed(&self, peer: &PeerId, round: Option<RoundId>) -> Result<(), NodeError> {
        Ok(Log::open(self.data, self.identity)?.append_hourly(Fact::RoundResumed { peer: *peer, round })?)
    }

    /// Whether the debit of the round that began last with the peer carries one attempt more (V-RESUME-018).
    ///
    /// # Errors
    /// As [`Log::open`].
    pub fn may_try_again(&self, peer: &PeerId) -> Result<bool, NodeError> {
        let log = Log::open(self.data, self.identity)?;
        let begun = |entry: &&AuditEntry| matches!(&entry.fact, Fact::RoundBegun { role, peer: with, .. } if (*role, with) == (self.role, peer));
        let again = Fact::RoundResumed { peer: *peer, round: None };
        let since = log.entries().iter().rev().take_while(|entry| !begun(entry));
        Ok(since.filter(|entry| entry.fact == again).count() + 1 < ATTEMPTS)
    }

    /// Logs one attempt more, each of them: they are counted.
    ///
    /// # Errors
    /// As [`Log::open`] and [`Log::append`].
    pub fn tries_again(&self, peer: &PeerId) -> Result<(), NodeError> {
        let again = Fact::RoundResumed { peer: *peer, round: None };
        Ok(Log::open(self.data, self.identity)?.append(vec![again])?)
    }

    /// Decides whether a round that was admitted and debited before may go on, and whether a node may serve: the
    /// agreement may have ended since, or been suspended. Nothing is debited, and the budget is not asked: what is open
    /// was paid for (V-RESUME-010).
    ///
    /// # Errors
    /// As [`Admission::would_admit`].
    pub fn readmit(&self, peer: &PeerId) -> Result<Basis, NodeError> {
        let mut log = Log::open(self.data, self.identity)?;
        match self.admit(peer).and_then(|admitted| self.suspensions_are_present(&log, admitted)) {
            Ok(Some((_, admitted))) => Ok(Basis::Agreement(Box::new(admitted))),
            Ok(None) => Ok(self.training()),
            Err(closed) => Err(self.refuse(&mut log, peer, closed)),
        }
    }

    /// Whether a round that runs may run on (V-AGREE-013). It is asked every few seconds: only a refusal opens the log.
    ///
    /// # Errors
    /// As [`Admission::would_admit`].
    pub fn still_admitted(&self, peer: &PeerId) -> Result<(), NodeError> {
        if self.admit(peer).is_ok() { Ok(()) } else { self.readmit(peer).map(drop) }
    }

    /// The version that decides, and what it admits; none in training.
    fn admit(&self, peer: &PeerId) -> Result<Option<(SignedAgreement, Admitted)>, NodeError> {
        let complete = &self.input.completeness;
        let BasisChoice::Agreement(name) = self.ground else {
            complete.check(USUAL_LEFT_OUT.into())?;
            return Ok(None);
        };
        let (now, policy) = (clock::now(), &self.input.policy);
        let versions = Store::of(self.data).versions(self.name(name.as_deref()))?;
        // V-AGREE-024
        let sealed = blindlink::agreement::for_policy(&versions, policy.digest(), now)?;
        let admitted = admit(sealed, now, &self.identity.key().id(), peer, self.role, policy)?;
        complete.check(admitted.left_out_percent().into())?;
        Ok(Some((sealed.clone(), admitted)))
    }

    /// Refuses if a suspension that the log knows is not among the statements: it came, and an older folder was put back
    /// since (V-AGREE-019).
    fn suspensions_are_present(
        &self,
        log: &Log,
        admitted: Option<(SignedAgreement, Admitted)>,
    ) -> Result<Option<(SignedAgreement, Admitted)>, NodeError> {
        let Some((sealed, _)) = &admitted else { return Ok(None) };
        let deciding = *sealed.agreement().digest();
        let here = Store::of(self.data).statements(&deciding)?;
        let suspension = StatementKind::Suspend { time: 0, nonce: [0; 16] }.code();
        let lost = |entry: &AuditEntry| match &entry.fact {
            Fact::StatementAdded { agreement, statement, kind } => {
                *agreement == deciding && *kind == suspension && here.iter().all(|one| one.digest() != *statement)
            }
            _ => false,
        };
        if !log.entries().iter().any(lost) {
            return Ok(admitted);
        }
        Err(NodeError::SuspensionLost)
    }

    /// Refuses a round of this side while the peer must still take the one before for one whose line was cut (V-SETTLE-012).
    fn silence_is_over(&self, log: &Log, peer: &PeerId) -> Result<(), NodeError> {
        let (now, matches) = (clock::now(), FailureCode::BudgetMatches.number());
        let silent = |entry: &&AuditEntry| matches!(entry.fact, Fact::RoundFailed { peer: with, exit } if with == *peer && exit == matches);
        let until = log.entries().iter().rev().find(silent).map_or(0, |entry| entry.time.saturating_add(SILENCE));
        if self.role == Role::Responder || until <= now {
            return Ok(());
        }
        Err(NodeError::Silent { until: clock::date(until) })
    }

    /// Logs that a round ended well, with the digest of its receipt; once, however often it is told (V-AUDIT-016).
    ///
    /// # Errors
    /// As [`Log::open`] and [`Log::append`].
    pub fn ended(&self, round: RoundId, receipt: &[u8]) -> Result<(), NodeError> {
        let receipt = hash(labels::RECEIPT_DIGEST, &[receipt]);
        Ok(Log::open(self.data, self.identity)?.append_once(Fact::RoundEnded { round, receipt })?)
    }

    /// Logs that a round failed.
    ///
    /// # Errors
    /// As [`Log::open`] and [`Log::append`].
    pub fn failed(&self, peer: PeerId, code: FailureCode) -> Result<(), NodeError> {
        Ok(Log::open(self.data, self.identity)?.append(vec![Fact::RoundFailed { peer, exit: code.number() }])?)
    }

    /// Gives the debit of the round that began last with the peer back, if it stopped before anything that rests on the own
    /// list had left (V-BUDGET-007). `begun` is when its journal began, `received` what came of the peer's frames.
    ///
    /// # Errors
    /// As [`Log::open`] and [`Log::append`].
    pub fn give_back(&self, peer: &PeerId, begun: u64, received: u32) -> Result<(), NodeError> {
        if may_have_shown(self.role, received) {
            return Ok(());
        }
        let mut log = Log::open(self.data, self.identity)?;
        let its_begin = |entry: &AuditEntry| matches!(&entry.fact, Fact::RoundBegun { role, peer: with, .. } if (*role, with) == (self.role, peer));
        let last = log.entries().iter().rposition(its_begin).filter(|at| {
            // Another round began since: its debit is not this one's.
            log.entries().get(*at).is_some_and(|entry| entry.time <= begun)
        });
        // An earlier attempt on this debit may have come further than the one that stopped.
        let again = Fact::RoundResumed { peer: *peer, round: None };
        let once = |at: &usize| log.entries().iter().skip(at + 1).all(|entry| entry.fact != again);
        let last = last.filter(once);
        // Both are appended at once.
        let Some(number) = last.map(|at| at as u64 + 1) else { return Ok(()) };
        match log.account().give_back(number, clock::now()) {
            Some(fact) => Ok(log.append(vec![fact])?),
            None => Ok(()),
        }
    }

    /// Logs that a round failed that was burnt at the time `since`, unless that was logged then (V-AUDIT-016).
    ///
    /// # Errors
    /// As [`Log::open`] and [`Log::append`].
    pub fn failed_since(&self, peer: PeerId, code: FailureCode, since: u64) -> Result<(), NodeError> {
        let mut log = Log::open(self.data, self.identity)?;
        let of_it = |entry: &AuditEntry| {
            entry.time >= since && matches!(entry.fact, Fact::RoundFailed { peer: failed, .. } if failed == peer)
        };
        if log.entries().iter().any(of_it) {
            return Ok(());
        }
        Ok(log.append(vec![Fact::RoundFailed { peer, exit: code.number() }])?)
    }

    /// The basis of a round without an agreement.
    fn training(&self) -> Basis {
        let chosen = if let BasisChoice::Training(suite) = self.ground { suite } else { CURRENT };
        Basis::Training(chosen)
    }

    fn name<'b>(&'b self, given: Option<&'b str>) -> &'b str {
        given.unwrap_or(&self.input.policy.policy().context.agreement)
    }

    fn decide(&self, log: &Log, peer: &PeerId) -> Result<(Basis, Option<Debit>, Option<QueryHistory>), NodeError> {
        let admitted = self.suspensions_are_present(log, self.admit(peer)?)?;
        let Some((sealed, admitted)) = admitted else { return Ok((self.training(), None, None)) };
        self.silence_is_over(log, peer)?;
        let agreement = sealed.agreement().agreement();
        let urgent = agreement.urgent.filter(|_| admitted.is_urgent());
        let caps = agreement.caps_of(urgent.is_some());
        let mut debit = Debit::new(&self.input.policy, self.role, *peer, clock::now());
        if urgent.is_some() {
            debit = debit.urgent(self.approved(&admitted)?);
        }
        budget::check(&caps, &log.debits(), &debit)?;
        if let Some(urgent) = urgent.filter(|_| self.role == Role::Requester) {
            self.not_asked_lately(urgent.again_days, &debit)?;
            return Ok((Basis::Agreement(Box::new(admitted)), Some(debit), None));
        }
        // V-URGENT-006: a responder's list is compared with those of both kinds of rounds.
        let memory = QueryHistory::open(self.data, peer, debit.lanes, self.role)?;
        if memory.differs_by_few(&self.input.list, caps.delta_records) {
            return Err(Refusal::Batch.into());
        }
        Ok((Basis::Agreement(Box::new(admitted)), Some(debit), Some(memory)))
    }

    /// With which entry of the log of review an urgent round is approved: of the requester alone (V-URGENT-007).
    fn approved(&self, admitted: &Admitted) -> Result<[u8; 32], NodeError> {
        if self.role == Role::Responder {
            return Ok([0; 32]);
        }
        let ask = self.ask.filter(|ask| {
            let about = &ask.kept.about;
            about.version == *admitted.digest() && about.records == asked(&self.input.list)
        });
        ask.and_then(|ask| ask.approved).ok_or(NodeError::NotApproved)
    }

    /// Refuses a question about somebody who was asked about a short while ago (V-URGENT-005).
    fn not_asked_lately(&self, again_days: u16, next: &Debit) -> Result<(), NodeError> {
        let Some(ask) = self.ask else { return Err(NodeError::NotApproved) };
        let asks = Database::open(self.data, &ask.storage)?.asks()?;
        let same = |past: &&KeptAsk| (past.peer, past.lanes) == (next.peer, next.lanes) && past.answered.is_some();
        let past: Vec<(u64, Vec<AskedRecord>)> =
            asks.iter().filter(same).map(|past| (past.begun.unwrap_or(past.made), past.records())).collect();
        let past = past.iter().map(|(time, records)| (*time, records.as_slice()));
        if asked_again(past, next.time, again_days, &ask.kept.records()) {
            return Err(Refusal::Batch.into());
        }
        Ok(())
    }

    fn refuse(&self, log: &mut Log, peer: &PeerId, closed: NodeError) -> NodeError {
        let code = closed.refusal_code();
        if code == 0 {
            return closed;
        }
        let policy = *self.input.policy.digest();
        let fact = Fact::Refused { role: self.role, peer: *peer, policy, code };
        match log.append_hourly(fact) {
            Ok(()) => closed,
            // If the refusal cannot be logged, return that error instead.
            Err(error) => error.into(),
        }
    }
}
