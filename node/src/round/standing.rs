//! What lies on disk of earlier rounds, and what becomes of it.

use super::{Open, Round};
use crate::driver::DriveError;
use crate::driver::journal::Carrier;
use crate::exit::{Exit, Failure};
use crate::gate::Closed;
use crate::peers::Peer;
use crate::rounds::{self, Found};
use blindlink::agreement::Basis;
use blindlink::crypto::hash::hash;
use blindlink::identity::PeerId;
use blindlink::labels;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// What a round that did not get far has left behind.
#[derive(Clone, Debug, Default)]
pub(super) struct Spent {
    /// Its journal, if there is one. It stays until that of the next round is there: it says that a debit is open.
    pub journal: Option<PathBuf>,
    /// The lock of that journal: nobody else may use its debit.
    _lock: Option<Arc<File>>,
    /// The agreement under which the next round may use its debit (V-RESUME-010): its digest, zeros in training.
    pub debit: Option<[u8; 32]>,
}

impl Spent {
    /// A round of this process: its records are the present ones.
    pub(super) fn here(open: &Open<'_>) -> Self {
        Self { journal: Some(open.path.clone()), _lock: open.drive.locked(), debit: Some(open.agreement) }
    }
}

impl Round<'_> {
    /// What a round without an id has left. With other records its debit is none for the next one: the rule of the least
    /// difference must look at them (V-BUDGET-006).
    pub(super) fn spent(&self, found: &Found) -> Spent {
        let debit = (self.root(&found.header.seed) == found.header.root).then(|| match &found.header.agreement[..] {
            [] => [0; 32],
            agreement => hash(labels::AGREEMENT_DIGEST, &[agreement]),
        });
        Spent { journal: Some(found.path.clone()), _lock: Some(Arc::clone(&found.file)), debit }
    }

    /// What a round with `peer` rests on that may use the debit of `spent`; none if it must be debited itself.
    pub(super) fn lent(&self, peer: &PeerId, spent: &Spent) -> Result<Option<Basis>, Closed> {
        let Some(debit) = spent.debit else { return Ok(None) };
        let basis = self.gate.readmit(peer)?;
        Ok((basis.digest() == debit).then_some(basis))
    }

    /// Lets a round begin in the place of one that did not get far, with its debit or with one of its own (V-AGREE-023,
    /// V-RESUME-010).
    pub(super) fn admit(&self, peer: &PeerId, spent: &Spent) -> Result<Basis, Closed> {
        let Some(basis) = self.lent(peer, spent)? else { return self.gate.enter(peer, self.reporter) };
        self.gate.resumed(peer, [0; 32])?;
        Ok(basis)
    }

    /// V-RESUME-010: the agreement in force is the one with which the round began.
    pub(super) fn same_agreement(&self, found: &Found, basis: &Basis) -> Result<(), Failure> {
        if basis.canonical_bytes() == found.header.agreement {
            return Ok(());
        }
        let begun = crate::clock::date(found.header.begun);
        let why =
            format_args!("the open round of {begun} rests on another agreement than the one that is in force now");
        Err(Failure::new(Exit::RoundAgreement, why))
    }

    /// V-RESUME-011: other records would give other frames under the same seed.
    pub(super) fn same_input(&self, found: &Found) -> Result<(), Failure> {
        if self.root(&found.header.seed) == found.header.root {
            return Ok(());
        }
        Err(Failure::new(
            Exit::InputChanged,
            format_args!(
                "{} does not hold the records with which the open round of {} began; nothing was sent",
                self.records.display(),
                crate::clock::date(found.header.begun)
            ),
        ))
    }

    /// Why a round could not be made again: it stays, or is burnt, as its journal says by now (V-RESUME-014).
    ///
    /// # Errors
    /// If it stays.
    pub(super) fn unmade(&self, found: &Found, error: DriveError) -> Result<Failure, Failure> {
        if !error.burns() {
            return Err(match error {
                DriveError::BadJournal(error) => rounds::unreadable(&found.path, &error),
                error => error.into(),
            });
        }
        let failure = Failure::from(error);
        self.bury_burnt(found.header.peer, &found.path, found.glance.round, Ok(()), failure.exit)?;
        Ok(failure)
    }

    /// Burns a round on disk that nobody will go on with.
    fn bury(&self, found: &Found, exit: Exit, why: &str) -> Result<(), Failure> {
        let begun = crate::clock::date(found.header.begun);
        self.reporter.log(&format!("the open round of {begun} is given up: {why}"));
        self.gate.failed(found.header.peer, exit)?;
        rounds::close(&found.path, found.glance.round).map(drop)
    }

    /// Looks at the open rounds with `peer`; those over a line that are too old, or all if the operator wants none of
    /// them, are given up. The newest that may go on is left. One whose outcome is here is not given up for its age
    /// (V-CLOSE-005).
    pub(super) fn standing(&self, peer: &Peer, carrier: Carrier, abandon: bool) -> Result<Option<Found>, Failure> {
        let policy = self.input.policy.canonical_bytes();
        let mut standing: Option<Found> = None;
        for found in rounds::open(self.data, self.storage, peer, self.role)? {
            if found.header.policy != policy || found.header.carrier != carrier {
                continue;
            }
            let glance = &found.glance;
            let late = found.age > self.give_up && carrier == Carrier::Line;
            if let Some(code) = glance.burnt {
                // Only its name was not yet changed; nor, perhaps, did the log hear of it.
                let since = crate::clock::now().saturating_sub(found.age.as_secs() + 1);
                self.gate.failed_since(peer.id, Failure::from(DriveError::Burnt(code)).exit, since)?;
                rounds::close(&found.path, glance.round)?;
            } else if glance.ended && (glance.confirmed || abandon || late || standing.is_some()) {
                // It ended well, and nobody waits for the peer any longer.
                rounds::close(&found.path, glance.round)?;
            } else if abandon {
                self.bury(&found, Exit::Interrupted, "--abandon")?;
            } else if late && !glance.whole {
                self.bury(&found, Exit::Vanished, "nothing was written to it for longer than --give-up-after")?;
            } else if standing.is_none() {
                standing = Some(found);
            } else if glance.round.is_none() {
                // The later one has its debit.
                rounds::forget(&found.path)?;
            } else if !glance.whole {
                self.bury(&found, Exit::Interrupted, "a later one is open")?;
            }
        }
        Ok(standing)
    }
}
