//! Rounds of this node, from the gate to a result file, over as many connections as it takes.

mod calling;
mod filing;
mod result;
mod serving;
mod standing;
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
use blindlink::identity::PeerId;
use blindlink::round::agree::Commitment;
use blindlink::secret::Seed;
use blindlink::session::{Config, Event, Role, Session};
use standing::Spent;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::timeout;

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

/// How often a round that runs asks whether it still may (V-AGREE-013).
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// A round that may go on.
pub struct Open<'a> {
    pub(crate) drive: Drive<'a, Session>,
    pub(crate) peer: Peer,
    path: PathBuf,
    agreement: [u8; 32],
    /// Whether the outcome is here, written, and known to the audit log.
    ended: bool,
    /// Whether it is burnt, or closed after its end: nobody goes on with it.
    over: bool,
    summary: Option<Summary>,
    /// How its last connection was lost.
    lost: Option<DriveError>,
    /// When a connection was first lost with nothing left to send: only the peer's end is missing.
    closing: Option<Instant>,
}

impl<'a> Open<'a> {
    fn new(drive: Drive<'a, Session>, peer: &Peer, path: PathBuf, agreement: [u8; 32]) -> Self {
        let peer = peer.clone();
        Self { drive, peer, path, agreement, ended: false, over: false, summary: None, lost: None, closing: None }
    }
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
        let padded = self.input.policy.shape().records(self.role);
        Commitment::new(seed, &self.input.list.records, padded).root
    }

    fn session(&self, header: &Header, basis: Basis) -> Result<Session, Failure> {
        Ok(Session::new(Config {
            role: self.role,
            list: self.input.list.clone(),
            basis,
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
        let journal = Journal::create(&path, self.storage, &header).map_err(|error| {
            // Half a journal would be taken for a damaged one.
            let _ = std::fs::remove_file(&path);
            Failure::new(Exit::Io, format_args!("cannot create the round journal: {error}"))
        })?;
        Ok((path, session, journal))
    }

    /// A round over a line that begins, in the place of one that did not get far.
    fn begin(&self, peer: &Peer, basis: Basis, binding: [u8; 32], spent: &Spent) -> Result<Open<'a>, Failure> {
        let agreement = basis.digest();
        let (path, session, journal) = self.found(peer, basis, binding, Carrier::Line)?;
        if let Some(journal) = &spent.journal {
            rounds::forget(journal)?;
        }
        Ok(Open::new(Drive::new(session, journal, self.context()), peer, path, agreement))
    }

    /// A round that was stopped: from its journal, the same records and an agreement that is still in force. If its
    /// outcome comes out, it is written before anybody is called or heard (V-CLOSE-005). Inside, the failure for which it
    /// is burnt now.
    async fn restore(&self, found: &Found, peer: &Peer, basis: Basis) -> Result<Result<Open<'a>, Failure>, Failure> {
        self.same_input(found)?;
        self.same_agreement(found, &basis)?;
        let agreement = basis.digest();
        let session = self.session(&found.header, basis)?;
        let reopen = |tail| Journal::reopen(&found.file, self.storage, tail);
        let entries = found.entries(self.storage)?;
        let replay = Drive::replay(session, entries, found.glance.acknowledged, reopen, self.context());
        let (drive, said) = match replay.await {
            Ok(replayed) => replayed,
            Err(error) => return self.unmade(found, error).map(Err),
        };
        let mut open = Open { ended: said.ended, ..Open::new(drive, peer, found.path.clone(), agreement) };
        self.settle(&mut open).await?;
        open.closing = (open.ended && open.drive.nothing_kept()).then(Instant::now);
        Ok(Ok(open))
    }

    /// Writes the outcome, if it has just come; the audit log hears of it, and then the journal. Whatever of this was cut
    /// short is done again when the journal is replayed.
    async fn settle(&self, open: &mut Open<'a>) -> Result<(), Failure> {
        let Some(outcome) = open.drive.take_outcome() else { return Ok(()) };
        self.reporter.clear();
        open.summary = Some(self.write(&open.peer, open.agreement, &outcome, open.drive.report())?);
        self.gate.ended(outcome.round, &outcome.receipt)?;
        if !open.ended {
            open.drive.note(Entry::Ended(outcome.receipt)).await?;
            open.ended = true;
        }
        Ok(())
    }

    /// Whether this side has its outcome. If the connection was lost while the peer's last frames were still worked on,
    /// that is done now: nothing more is needed for it.
    async fn has_outcome(&self, open: &mut Open<'a>) -> Result<bool, Failure> {
        if !open.ended && open.drive.has_all() {
            if let Err(error) = open.drive.work_off().await {
                return Err(self.broken(open, error).await.map_or_else(|failure| failure, Failure::from));
            }
            self.settle(open).await?;
        }
        Ok(open.ended)
    }

    /// Goes on with a round over a connection of which the peer has shown that it is in it.
    async fn resume(
        &self,
        open: &mut Open<'a>,
        link: Link,
        count: u32,
        binding: [u8; 32],
    ) -> Result<Progress, Failure> {
        self.gate.resumed(&open.peer.id, open.drive.round().unwrap_or_default())?;
        open.drive.note(Entry::Resumed(binding)).await?;
        self.resumed(open);
        if let Err(error) = open.drive.resume(link, count) {
            return self.broken(open, error).await.map(Progress::Lost);
        }
        self.work(open).await
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
        let peer = open.peer.id;
        match self.while_agreed(&peer, open.drive.talk()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return self.broken(open, error).await.map(Progress::Lost),
            Err(closed) => {
                self.reporter.log(&format!("the round with {} is stopped: {}", open.peer.name, closed.failure));
                // A loss for the peer: it calls again, and hears why then.
                open.drive.disconnect(close::LOCAL);
                return Ok(Progress::Lost(DriveError::Shut(closed.failure.exit)));
            }
        }
        // V-SETTLE-007: where nothing more is to be said the stream ends before this side knows what it found.
        let early = if open.drive.is_done() { None } else { Some(open.drive.part().await) };
        if early.is_some()
            && let Err(error) = open.drive.work_off().await
        {
            return self.broken(open, error).await.map(Progress::Lost);
        }
        self.settle(open).await?;
        let parted = match early {
            Some(parted) => parted,
            None => open.drive.part().await,
        };
        match parted {
            Ok(true) => self.over(open, true).await.map(done),
            Ok(false) => Ok(Progress::Lost(DriveError::Transport(crate::transport::TransportError::Vanished))),
            Err(error) if error.is_loss() => {
                open.drive.disconnect(error.code());
                Ok(Progress::Lost(error))
            }
            // The outcome stays, whatever the peer says or the operator does now.
            Err(_) => self.over(open, false).await.map(done),
        }
    }

    /// Works for as long as the agreement lets it, and begins only then (V-AGREE-013). What is dropped in the middle is
    /// in the journal, or made again from it.
    async fn while_agreed<T>(&self, peer: &PeerId, work: impl Future<Output = T>) -> Result<T, Closed> {
        let mut work = pin!(work);
        loop {
            self.gate.still(peer)?;
            if let Ok(done) = timeout(LOOK_AGAIN, &mut work).await {
                return Ok(done);
            }
        }
    }

    /// The round has its outcome and is not waited for any longer.
    async fn over(&self, open: &mut Open<'a>, confirmed: bool) -> Result<Summary, Failure> {
        open.drive.disconnect(close::DONE);
        if confirmed {
            open.drive.note(Entry::Confirmed).await?;
        } else {
            self.reporter.log("the peer left before it confirmed the end; this side has its whole result");
        }
        rounds::close(&open.path, open.drive.round())?;
        open.over = true;
        let summary = open.summary.take().ok_or_else(|| Failure::new(Exit::Internal, "a round without a result"))?;
        Ok(Summary { confirmed, report: open.drive.report(), ..summary })
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
        // The first reason is the one to tell; that it could not be noted is the greater trouble.
        match self.bury_burnt(open.peer.id, &open.path, open.drive.round(), noted, failure.exit) {
            Ok(()) => {
                open.over = true;
                failure
            }
            Err(trouble) => trouble,
        }
    }

    /// Logs that a round failed whose journal says so, and closes it: in this order, so that what the log does not know
    /// is found again (V-AUDIT-016).
    fn bury_burnt(
        &self,
        peer: PeerId,
        path: &Path,
        round: Option<[u8; 32]>,
        noted: Result<(), DriveError>,
        exit: Exit,
    ) -> Result<(), Failure> {
        self.gate.failed(peer, exit)?;
        rounds::close(path, round)?;
        Ok(noted?)
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

fn done(summary: Summary) -> Progress {
    Progress::Over(Box::new(summary))
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
