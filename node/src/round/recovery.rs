//! What lies on disk of earlier rounds, and what becomes of it.

use super::Rounds;
use super::close::StoppedRound;
use super::keep::EndingRound;
use super::open::OpenRound;
use crate::driver::DriveError;
use crate::error::NodeError;
use crate::event::Event;
use crate::failure_code::FailureCode;
use crate::store::audit_log::Log;
use crate::store::journal::Carrier;
use crate::store::peers::Peer;
use crate::store::rounds::{self, StoredRound};
use blindlink::agreement::Basis;
use blindlink::audit::{AuditEntry, Fact};
use blindlink::identity::PeerId;
use blindlink::ids::AgreementDigest;
use blindlink::session::SessionInputs;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// What a debit was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DebitedFor {
    /// A round in training.
    Training,
    /// A round under this agreement.
    Agreement(AgreementDigest),
}

impl DebitedFor {
    /// `agreement` is that of the round; none in training.
    pub(super) fn round_under(agreement: Option<AgreementDigest>) -> Self {
        agreement.map_or(Self::Training, Self::Agreement)
    }
}

/// What a round that did not get far has left behind.
#[derive(Clone, Debug, Default)]
pub(super) struct ReusableDebit {
    /// Its journal, if there is one. It stays until that of the next round is there: it says that a debit is open.
    pub journal: Option<PathBuf>,
    /// The lock of that journal: nobody else may use its debit.
    _lock: Option<Arc<File>>,
    /// What the next round must rest on to use its debit (V-RESUME-010), if it may.
    pub debit: Option<DebitedFor>,
}

impl ReusableDebit {
    /// A round of this process: its records are the present ones.
    pub(super) fn here(open: &OpenRound<'_>) -> Self {
        Self {
            journal: Some(open.path.clone()),
            _lock: open.drive.locked(),
            debit: Some(DebitedFor::round_under(open.agreement)),
        }
    }
}

/// Digest of the agreement with which a round began; none in training.
fn agreement_of(found: &StoredRound) -> Option<AgreementDigest> {
    match &found.header.agreement[..] {
        [] => None,
        agreement => Some(AgreementDigest::of(agreement)),
    }
}

fn ending(found: &StoredRound) -> EndingRound<'_> {
    let (peer, agreement) = (found.header.peer, agreement_of(found));
    EndingRound { peer, path: &found.path, round: found.summary.round, agreement }
}

fn stopped(found: &StoredRound) -> StoppedRound<'_> {
    StoppedRound { ending: ending(found), begun: found.header.begun, received: found.summary.received }
}

impl Rounds<'_> {
    /// What a round without an id has left. With other records its debit is none for the next one: the rule of the least
    /// difference must look at them (V-BUDGET-006).
    pub(super) fn reusable_debit(&self, found: &StoredRound) -> ReusableDebit {
        let same_input = self.same_input(found).is_ok();
        let debit = same_input.then(|| DebitedFor::round_under(agreement_of(found)));
        ReusableDebit { journal: Some(found.path.clone()), _lock: Some(Arc::clone(&found.file)), debit }
    }

    /// What a round with `peer` rests on that may use the debit of `spent`; none if it must be debited itself.
    pub(super) fn reusable_basis(&self, peer: &PeerId, spent: &ReusableDebit) -> Result<Option<Basis>, NodeError> {
        let Some(debit) = spent.debit else { return Ok(None) };
        let basis = self.admission.readmit(peer)?;
        let usable = DebitedFor::round_under(basis.digest()) == debit
            && (matches!(basis, Basis::Training(_)) || self.admission.may_try_again(peer)?);
        Ok(usable.then_some(basis))
    }

    /// Lets a round begin in the place of one that did not get far, with its debit or with one of its own (V-AGREE-023,
    /// V-RESUME-010).
    pub(super) fn admit(&self, peer: &PeerId, spent: &ReusableDebit) -> Result<Basis, NodeError> {
        let Some(basis) = self.reusable_basis(peer, spent)? else {
            return self.admission.admit_and_debit(peer, self.sink);
        };
        match basis {
            Basis::Training(_) => self.admission.resumed(peer, None)?,
            Basis::Agreement(_) => self.admission.tries_again(peer)?,
        }
        Ok(basis)
    }

    /// V-RESUME-010: the agreement in force is the one with which the round began.
    pub(super) fn same_agreement(&self, found: &StoredRound, basis: &Basis) -> Result<(), NodeError> {
        if basis.canonical_bytes() == found.header.agreement {
            return Ok(());
        }
        let begun = crate::sys::clock::date(found.header.begun);
        Err(NodeError::OtherAgreement { begun })
    }

    /// V-RESUME-011: other records would give other frames under the same seed.
    pub(super) fn same_input(&self, found: &StoredRound) -> Result<SessionInputs, NodeError> {
        let inputs = self.inputs(found.header.seed.clone())?;
        if inputs.commitment().root == found.header.root {
            return Ok(inputs);
        }
        let list = self.options.records.display().to_string();
        Err(NodeError::OtherRecords { list, begun: crate::sys::clock::date(found.header.begun) })
    }

    /// Why a round could not be made again: it stays, or is burnt, as its journal says by now (V-RESUME-014).
    ///
    /// # Errors
    /// If it stays.
    pub(super) fn replay_failed(&self, found: &StoredRound, error: DriveError) -> Result<NodeError, NodeError> {
        if !error.burns() {
            return Err(NodeError::replay(&found.path, error));
        }
        let failure = NodeError::from(error);
        self.record_failure(&stopped(found), Ok(()), failure.code())?;
        Ok(failure)
    }

    /// Burns a round on disk that nobody will go on with.
    fn abandon(&self, found: &StoredRound, code: FailureCode, why: &'static str) -> Result<(), NodeError> {
        let begun = crate::sys::clock::date(found.header.begun);
        self.sink.take(&Event::Abandoned { begun: &begun, why });
        if code == FailureCode::JournalRestored {
            // What an older copy says of what came proves nothing: its debit stays.
            self.keep_failure(ending(found), code)?;
            self.admission.failed(found.header.peer, code)?;
            rounds::mark_closed(&found.path, found.summary.round)?;
            return Ok(());
        }
        self.record_failure(&stopped(found), Ok(()), code)
    }

    /// Whether the journal of a round is an older copy (V-RESUME-017): it was opened more often than it says, or the audit log
    /// knows the end of the round. A round of which everything came and that only did not hear of its own end is none.
    fn was_put_back(&self, found: &StoredRound) -> Result<bool, NodeError> {
        if found.put_back {
            return Ok(true);
        }
        let (Some(round), false) = (found.summary.round, found.summary.whole) else { return Ok(false) };
        let log = Log::open(self.admission.data, self.admission.identity)?;
        let ended = |entry: &AuditEntry| matches!(entry.fact, Fact::RoundEnded { round: ended, .. } if ended == round);
        if log.entries().iter().any(ended) {
            return Ok(true);
        }
        // An entry of a failed round names the peer only: it is of this round if no other with the peer began.
        let (peer, role) = (found.header.peer, found.header.role);
        let began = log.entries().iter().rposition(|entry| match &entry.fact {
            Fact::RoundBegun { role: its, peer: with, .. } => {
                (*its, *with) == (role, peer) && entry.time <= found.header.begun
            }
            _ => false,
        });
        let since = log.entries().iter().skip(began.map_or(usize::MAX, |at| at + 1));
        let (mut others, mut failed) = (false, false);
        for entry in since {
            others |= matches!(&entry.fact, Fact::RoundBegun { peer: with, .. } if *with == peer);
            failed |= !others && matches!(&entry.fact, Fact::RoundFailed { peer: with, .. } if *with == peer);
        }
        Ok(failed && found.summary.burnt.is_none() && !self.has_two_roles(found)?)
    }

    /// Whether a round with the same peer in the other role began at any time: a failure could be its.
    fn has_two_roles(&self, found: &StoredRound) -> Result<bool, NodeError> {
        let log = Log::open(self.admission.data, self.admission.identity)?;
        let (peer, role) = (found.header.peer, found.header.role.peer());
        let of_it = |entry: &AuditEntry| matches!(&entry.fact, Fact::RoundBegun { role: its, peer: with, .. } if (*its, *with) == (role, peer));
        Ok(log.entries().iter().any(of_it))
    }

    /// Gives up the rounds with `peer` whose journals `RoundOptions::given_up` names, without a call.
    ///
    /// # Errors
    /// Why a journal or the audit log cannot be read or written.
    pub fn give_up(&self, peer: &Peer) -> Result<(), NodeError> {
        self.stored_round(peer, Carrier::Line, false).map(drop)
    }

    /// Looks at the open rounds with `peer`; those over a line that are too old, or all if the operator wants none of
    /// them, are given up. The newest that may go on is left. One whose outcome is here is not given up for its age
    /// (V-CLOSE-005).
    pub(super) fn stored_round(
        &self,
        peer: &Peer,
        carrier: Carrier,
        abandon: bool,
    ) -> Result<Option<StoredRound>, NodeError> {
        let policy = self.admission.input.policy.canonical_bytes();
        let mut standing: Option<StoredRound> = None;
        for found in rounds::open_rounds(self.admission.data, &self.storage, peer, self.admission.role)? {
            if found.header.policy != policy || found.header.carrier != carrier {
                continue;
            }
            let summary = &found.summary;
            let abandon = abandon || self.options.given_up.contains(&found.path);
            if self.was_put_back(&found)? {
                // V-RESUME-017: other frames under the same seed would tell what it hides.
                self.abandon(&found, FailureCode::JournalRestored, "an older copy of its journal was put back")?;
                continue;
            }
            let late = found.age > self.options.give_up && carrier == Carrier::Line;
            if let Some(code) = summary.burnt {
                // Only its name was not yet changed; nor, perhaps, did the log hear of it.
                let since = crate::sys::clock::now().saturating_sub(found.age.as_secs() + 1);
                let code = NodeError::from(DriveError::Burnt(code)).code();
                self.keep_failure(ending(&found), code)?;
                self.admission.failed_since(peer.id, code, since)?;
                rounds::mark_closed(&found.path, summary.round)?;
            } else if summary.ended && (summary.confirmed || abandon || late || standing.is_some()) {
                // It ended well, and nobody waits for the peer any longer.
                rounds::mark_closed(&found.path, summary.round)?;
            } else if abandon {
                self.abandon(&found, FailureCode::Interrupted, "--abandon")?;
            } else if late && !summary.whole {
                self.abandon(
                    &found,
                    FailureCode::Vanished,
                    "nothing was written to it for longer than --give-up-after",
                )?;
            } else if standing.is_none() {
                standing = Some(found);
            } else if summary.round.is_none() {
                // The later one has its debit.
                rounds::discard(&found.path)?;
            } else if !summary.whole {
                self.abandon(&found, FailureCode::Interrupted, "a later one is open")?;
            }
        }
        Ok(standing)
    }
}
