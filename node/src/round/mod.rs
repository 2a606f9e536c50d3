//! Rounds of this node, from the gate to a result file, over as many connections as it takes.

mod calling;
mod filing;
mod result;
mod serving;
mod summary;

pub use calling::Calls;
pub use filing::Files;
pub use serving::{Answers, Desk};
pub use summary::Summary;

use crate::driver::journal::{Carrier, Entry, Header};
use crate::driver::{self, Context, Drive, DriveError, Journal, Link, Pool, StorageKey};
use crate::exit::{Exit, Failure};
use crate::gate::{Closed, Gate};
use crate::input::Input;
use crate::keystore::{DataDir, Identity, fresh_secret};
use crate::peers::Peer;
use crate::progress::Reporter;
use crate::retention;
use crate::rounds::{self, Found};
use crate::transport::close;
use blindlink::agreement::Basis;
use blindlink::audit::Fact;
use blindlink::crypto::hash::hash;
use blindlink::labels;
use blindlink::policy::first_difference;
use blindlink::round::agree::Commitment;
use blindlink::secret::Seed;
use blindlink::session::{Config, Event, Role, Session};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What rounds of one node have in common.
pub struct Round<'a> {
    /// The node's folder.
    pub data: &'a DataDir,
    /// Its identity.
    pub identity: &'a Identity,
    /// Key of its journals.
    pub storage: &'a StorageKey,
    /// Its list and policy.
    pub input: &'a Input,
    /// The file of its list, to name it.
    pub records: &'a Path,
    /// Its side.
    pub role: Role,
    /// Whether the requester's result keeps at most one pair of each record.
    pub one_to_one: bool,
    /// Where the result goes.
    pub out: Option<PathBuf>,
    /// Whether the round's id is put into that name.
    pub out_by_round: bool,
    /// Decides whether a round may begin.
    pub gate: Gate<'a>,
    /// Threads for heavy maths.
    pub pool: &'a Pool,
    /// Longest wait for a caller's first frame.
    pub first_frame: Duration,
    /// Longest silence of the peer.
    pub frame_timeout: Duration,
    /// How long a round that does not move stays open.
    pub give_up: Duration,
    /// Turns true when the operator stops the node.
    pub stop: watch::Receiver<bool>,
    /// Progress and log.
    pub reporter: &'a Reporter,
    /// Shows a round's progress.
    pub observe: &'a (dyn Fn(&Event) + Sync),
}

/// What is shown where a round rests on no agreement.
pub const TRAINING: &str = "TRAINING: no agreement, for invented persons only";

/// How long a round whose outcome is here and at the peer stays open for a peer that has not heard so.
pub(crate) const CLOSING: Duration = Duration::from_secs(20);

/// A round that may go on.
pub struct Open<'a> {
    pub(crate) drive: Drive<'a, Session>,
    pub(crate) peer: Peer,
    path: PathBuf,
    agreement: [u8; 32],
    /// Whether the audit log knows the outcome already.
    ended: bool,
    summary: Option<Summary>,
    /// How its last connection was lost.
    lost: Option<DriveError>,
    /// When a connection was first lost with nothing left to send: only the peer's end is missing.
    closing: Option<Instant>,
}

/// Silence shows only after the idle timeout: what only the end is missing of is counted from when that was noticed.
fn time_left(give_up: Duration, still: Duration, closing: Option<Duration>) -> Duration {
    closing.map_or_else(|| give_up.saturating_sub(still), |since| CLOSING.min(give_up).saturating_sub(since))
}

/// How far a connection brought a round.
pub(crate) enum Progress {
    /// It is over.
    Over(Box<Summary>),
    /// The connection was lost, for this reason; the round stays.
    Lost(DriveError),
}

impl<'a> Round<'a> {
    fn context(&self) -> Context<'a> {
        Context { pool: self.pool, frame_timeout: self.frame_timeout, stop: self.stop.clone(), observe: self.observe }
    }

    fn root(&self, seed: &Seed) -> [u8; 32] {
        let padded = match self.role {
            Role::Requester => self.input.policy.shape().records_requester,
            Role::Responder => self.input.policy.shape().records_responder,
        };
        Commitment::new(seed, &self.input.records, padded).root
    }

    fn session(&self, header: &Header, basis: Basis) -> Result<Session, Failure> {
        Ok(Session::new(Config {
            role: self.role,
            shape: self.input.policy.shape().clone(),
            policy: self.input.policy.canonical_bytes().to_vec(),
            basis,
            name_difference: first_difference,
            records: self.input.records.clone(),
            seed: header.seed.clone(),
            identity: self.identity.key(),
            peer: header.peer,
            binding: header.binding,
        })?)
    }

    /// How much longer a round stays open that has not moved since `moved`.
    fn left(&self, open: &Open<'a>, moved: Instant) -> Duration {
        time_left(self.give_up, moved.elapsed(), open.closing.map(|since| since.elapsed()))
    }

    /// Session and journal of a round that begins; nothing of it has left.
    fn found(
        &self,
        peer: &Peer,
        basis: Basis,
        binding: [u8; 32],
        carrier: Carrier,
    ) -> Result<(PathBuf, Session, Journal), Failure> {
        if basis == Basis::Training {
            self.reporter.log(TRAINING);
        } else {
            // The round was let in and debited: that an old journal is still there does not stop it.
            let expired = retention::expire(self.data, self.identity, self.storage, crate::clock::now());
            if let Err(failure) = expired {
                self.reporter.log(&format!("warning: old journals could not be deleted: {failure}"));
            }
        }
        let seed = fresh_secret()?;
        let header = Header {
            role: self.role,
            carrier,
            begun: crate::clock::now(),
            own: self.identity.key().id(),
            peer: peer.id,
            binding,
            root: self.root(&seed),
            seed,
            policy: self.input.policy.canonical_bytes().to_vec(),
            agreement: basis.canonical_bytes().to_vec(),
        };
        let session = self.session(&header, basis)?;
        let path = rounds::fresh(self.data, header.begun)?;
        let journal = Journal::create(&path, self.storage, &header)
            .map_err(Failure::because(Exit::Io, "cannot create the round journal"))?;
        Ok((path, session, journal))
    }

    /// A round over a line that begins.
    fn begin(&self, peer: &Peer, basis: Basis, binding: [u8; 32]) -> Result<Open<'a>, Failure> {
        let agreement = basis.digest();
        let (path, session, journal) = self.found(peer, basis, binding, Carrier::Line)?;
        let drive = Drive::new(session, journal, self.context());
        Ok(Open { drive, peer: peer.clone(), path, agreement, ended: false, summary: None, lost: None, closing: None })
    }

    /// V-RESUME-010: the agreement in force is the one with which the round began.
    fn same_agreement(&self, found: &Found, basis: &Basis) -> Result<(), Failure> {
        if basis.canonical_bytes() == found.header.agreement {
            return Ok(());
        }
        let begun = crate::clock::date(found.header.begun);
        let why = format_args!("the open round of {begun} rests on another agreement than the one that is in force now");
        Err(Failure::new(Exit::RoundAgreement, why))
    }

    /// A round that was stopped: from its journal, the same records and an agreement that is still in force.
    async fn restore(&self, found: &Found, peer: &Peer, basis: Basis) -> Result<Open<'a>, Failure> {
        self.same_input(found)?;
        self.same_agreement(found, &basis)?;
        let agreement = basis.digest();
        let session = self.session(&found.header, basis)?;
        let (path, storage) = (&found.path, self.storage);
        let reopen = |tail| Journal::reopen(path, storage, tail);
        let entries = found.entries(storage)?;
        let replay = Drive::replay(session, entries, found.glance.acknowledged, reopen, self.context());
        let (drive, said) = replay.await.map_err(|error| match error {
            DriveError::BadJournal(error) => rounds::unreadable(path, &error),
            error => error.into(),
        })?;
        let path = found.path.clone();
        let closing = (said.ended && drive.nothing_kept()).then(Instant::now);
        Ok(Open { drive, peer: peer.clone(), path, agreement, ended: said.ended, summary: None, lost: None, closing })
    }

    /// V-RESUME-011: other records would give other frames under the same seed.
    fn same_input(&self, found: &Found) -> Result<(), Failure> {
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

    /// Lets the round run over its connection, to its end or to the connection's.
    async fn work(&self, open: &mut Open<'a>) -> Result<Progress, Failure> {
        let progress = self.work_on(open).await;
        if matches!(progress, Ok(Progress::Lost(_))) && open.ended && open.drive.nothing_kept() {
            open.closing.get_or_insert_with(Instant::now);
        }
        progress
    }

    async fn work_on(&self, open: &mut Open<'a>) -> Result<Progress, Failure> {
        if let Err(error) = open.drive.pump().await {
            return self.broken(open, error).await.map(Progress::Lost);
        }
        if let Some(outcome) = open.drive.take_outcome() {
            self.reporter.clear();
            open.summary = Some(self.write(&open.peer, open.agreement, &outcome, open.drive.report())?);
            if !open.ended {
                let receipt = hash(labels::RECEIPT_DIGEST, &[&outcome.receipt]);
                open.drive.note(Entry::Ended(outcome.receipt)).await?;
                self.gate.leave(Fact::RoundEnded { round: outcome.round, receipt })?;
                open.ended = true;
            }
        }
        match open.drive.part().await {
            Ok(true) => self.over(open, true).await,
            Ok(false) => Ok(Progress::Lost(DriveError::Transport(crate::transport::TransportError::Vanished))),
            Err(error) if error.is_loss() => {
                open.drive.disconnect(error.code());
                Ok(Progress::Lost(error))
            }
            // The outcome stays, whatever the peer says or the operator does now.
            Err(_) => self.over(open, false).await,
        }
        .map(|progress| match progress {
            Progress::Over(mut summary) => {
                summary.report = open.drive.report();
                Progress::Over(summary)
            }
            lost => lost,
        })
    }

    /// The round has its outcome and is not waited for any longer.
    async fn over(&self, open: &mut Open<'a>, confirmed: bool) -> Result<Progress, Failure> {
        open.drive.disconnect(close::DONE);
        if confirmed {
            open.drive.note(Entry::Confirmed).await?;
        } else {
            self.reporter.log("the peer left before it confirmed the end; this side has its whole result");
        }
        rounds::close(&open.path, open.drive.round())?;
        let summary = open.summary.take().ok_or_else(|| Failure::new(Exit::Internal, "a round without a result"))?;
        Ok(Progress::Over(Box::new(Summary { confirmed, report: open.drive.report(), ..summary })))
    }

    /// Why a connection ended without the outcome: lost, and the round stays; or not, and then it is burnt unless the
    /// trouble is this node's own.
    async fn broken(&self, open: &mut Open<'a>, error: DriveError) -> Result<DriveError, Failure> {
        if error.is_loss() {
            open.drive.disconnect(error.code());
            return Ok(error);
        }
        self.reporter.clear();
        if !error.burns() {
            open.drive.disconnect(error.code());
            return Err(open.drive.stopped(error).into());
        }
        open.drive.abort(&error).await;
        Err(self.burn(open, error).await)
    }

    /// The round is over without an outcome. What was debited stays debited.
    async fn burn(&self, open: &mut Open<'a>, error: DriveError) -> Failure {
        let code = u16::try_from(error.code()).unwrap_or(0);
        let failure = Failure::from(open.drive.stopped(error));
        let noted = open.drive.note(Entry::Burnt(code)).await;
        let closed = rounds::close(&open.path, open.drive.round());
        let fact = Fact::RoundFailed { peer: open.peer.id, exit: failure.exit.exit() };
        let logged = self.gate.leave(fact);
        // The first reason is the one to tell; that it could not be noted is the greater trouble.
        match (noted, closed, logged) {
            (Err(error), ..) => error.into(),
            (_, Err(failure), _) | (_, _, Err(failure)) => failure,
            _ => failure,
        }
    }

    /// Burns a round on disk that nobody will go on with.
    fn bury(&self, found: &Found, exit: Exit, why: &str) -> Result<(), Failure> {
        let begun = crate::clock::date(found.header.begun);
        self.reporter.log(&format!("the open round of {begun} is given up: {why}"));
        self.gate.leave(Fact::RoundFailed { peer: found.header.peer, exit: exit.exit() })?;
        rounds::close(&found.path, found.glance.round).map(drop)
    }

    /// Looks at the open rounds with `peer`; those over a line that are too old, or all if the operator wants none of
    /// them, are given up. The newest that may go on is left.
    fn standing(&self, peer: &Peer, carrier: Carrier, abandon: bool) -> Result<Option<Found>, Failure> {
        let policy = self.input.policy.canonical_bytes();
        let mut standing = None;
        for found in rounds::open(self.data, self.storage)? {
            if found.header.peer == peer.id && found.header.role == self.role && found.in_use() {
                let why = format_args!("another command of this node is in a round with {}", peer.name);
                return Err(Failure::new(Exit::RoundInUse, why));
            }
            if !found.is(&peer.id, self.role, policy) || found.header.carrier != carrier {
                continue;
            }
            if found.glance.burnt || (found.glance.ended && found.glance.confirmed) {
                // Only its name was not yet changed.
                rounds::close(&found.path, found.glance.round)?;
            } else if abandon {
                self.bury(&found, Exit::Interrupted, "--abandon")?;
            } else if found.age > self.give_up && carrier == Carrier::Line {
                self.bury(&found, Exit::Vanished, "nothing was written to it for longer than --give-up-after")?;
            } else if standing.is_some() {
                self.bury(&found, Exit::Interrupted, "a later one is open")?;
            } else {
                standing = Some(found);
            }
        }
        Ok(standing)
    }

    /// Says that a round goes on.
    fn resumed(&self, open: &Open<'_>) {
        let round = open.drive.round().map(hex::encode);
        self.reporter.event(
            "resumed",
            serde_json::json!({"peer": open.peer.name, "round": round}),
            &format!("the round with {} goes on", open.peer.name),
        );
    }

    fn lost(&self, peer: &Peer, error: &DriveError) {
        self.reporter.event(
            "connection_lost",
            serde_json::json!({"peer": peer.name}),
            &format!("the connection with {} is lost ({error}); the round stays open", peer.name),
        );
    }

    fn connected(&self, peer: &Peer) {
        let fields = serde_json::json!({"peer": peer.name});
        self.reporter.event("connected", fields, &format!("connected with {}", peer.name));
    }

    /// The failure of a round that did not move for too long.
    async fn given_up(&self, open: &mut Open<'a>, error: DriveError) -> Failure {
        let mut failure = self.burn(open, error).await;
        if self.give_up > Duration::ZERO {
            failure.message += &format!("; given up after {} s without progress", self.give_up.as_secs());
        }
        failure
    }
}

/// A gate that is shut, as the failure of a side that tells nobody else.
fn shut(closed: Closed) -> Failure {
    closed.into()
}

/// Connects a round that begins.
fn attach(open: &mut Open<'_>, link: Link) {
    open.drive.connect(link);
}

impl From<driver::journal::JournalError> for Failure {
    fn from(error: driver::journal::JournalError) -> Self {
        rounds::unreadable(Path::new("the round journal"), &error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// V-CLOSE-001: after an idle timeout of 30 s there is still time to call again.
    #[test]
    fn the_end_is_waited_for_from_when_the_loss_was_noticed() {
        let seconds = Duration::from_secs;
        let left =
            |give_up, still, closing: Option<u64>| time_left(seconds(give_up), seconds(still), closing.map(seconds));
        assert_eq!(left(21_600, 30, None), seconds(21_570));
        assert_eq!(left(21_600, 30, Some(0)), CLOSING);
        assert_eq!(left(21_600, 50, Some(20)), Duration::ZERO);
        assert_eq!(left(5, 1, Some(0)), seconds(5));
        assert_eq!(left(0, 0, None), Duration::ZERO);
    }
}
