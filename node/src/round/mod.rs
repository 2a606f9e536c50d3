//! Rounds of this node, from the gate to a result file, over as many connections as it takes.

mod offline;
mod recovery;
mod requester;
mod responder;
mod result;
mod summary;

pub use offline::OfflineOptions;
pub use requester::CallOptions;
pub use responder::{CallOutcome, OpenRounds};
pub use summary::Summary;

use crate::admission::Admission;
use crate::driver::{Context, Drive, DriveError, Journal, Link, Pool, StorageKey};
use crate::error::NodeError;
use crate::event::{Event as NodeEvent, Sink};
use crate::failure_code::FailureCode;
use crate::store::StoreError;
use crate::store::journal::{Carrier, Entry, Header};
use crate::store::peers::Peer;
use crate::store::retention;
use crate::store::rounds::{self, StoredRound};
use crate::sys::entropy::fresh_secret;
use crate::transport::close;
use blindlink::agreement::Basis;
use blindlink::identity::PeerId;
use blindlink::round::agree::Commitment;
use blindlink::secret::Seed;
use blindlink::session::{Config, Event, Role, Session};
use recovery::Spent;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::timeout;

/// How rounds of one node are run.
#[derive(Clone, Debug)]
pub struct RoundOptions {
    /// The file of the own list, to name it.
    pub records: PathBuf,
    /// Whether the requester's result keeps at most one pair of each record.
    pub one_to_one: bool,
    /// Where the result goes.
    pub out: Option<PathBuf>,
    /// Whether the round's id is put into that name.
    pub out_by_round: bool,
    /// Longest wait for a caller's first frame.
    pub first_frame: Duration,
    /// Longest silence of the peer.
    pub frame_timeout: Duration,
    /// How long a round that does not move stays open.
    pub give_up: Duration,
}

/// Rounds of one node in one role, with one list.
pub struct Rounds<'a> {
    /// Decides whether a round may begin; it knows the node's folder, identity, list and role.
    pub admission: Admission<'a>,
    /// Key of the node's journals.
    pub storage: StorageKey,
    /// How they are run.
    pub options: RoundOptions,
    /// Threads for heavy maths.
    pub pool: &'a Pool,
    /// Turns true when the operator stops the node.
    pub stop: watch::Receiver<bool>,
    /// Takes what happens.
    pub sink: &'a dyn Sink,
    /// Takes a round's progress: [`Rounds::sink`] as a function.
    pub observe: &'a (dyn Fn(&Event) + Sync),
}

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

impl<'a> Rounds<'a> {
    fn context(&self) -> Context<'a> {
        Context {
            pool: self.pool,
            frame_timeout: self.options.frame_timeout,
            stop: self.stop.clone(),
            observe: self.observe,
        }
    }

    fn root(&self, seed: &Seed) -> [u8; 32] {
        let padded = match self.admission.role {
            Role::Requester => self.admission.input.policy.shape().records_requester,
            Role::Responder => self.admission.input.policy.shape().records_responder,
        };
        Commitment::new(seed, &self.admission.input.list.records, padded).root
    }

    fn session(&self, header: &Header, basis: Basis) -> Result<Session, NodeError> {
        Ok(Session::new(Config {
            role: self.admission.role,
            list: self.admission.input.list.clone(),
            basis,
            seed: header.seed.clone(),
            identity: self.admission.identity.key(),
            peer: header.peer,
            binding: header.binding,
        })?)
    }

    /// How much longer a round stays open that has not moved since `moved`.
    fn left(&self, open: &Open<'a>, moved: Instant) -> Duration {
        time_left(self.options.give_up, moved.elapsed(), open.closing.map(|since| since.elapsed()))
    }

    /// Session and journal of a round that begins; nothing of it has left.
    fn found(
        &self,
        peer: &Peer,
        basis: Basis,
        binding: [u8; 32],
        carrier: Carrier,
    ) -> Result<(PathBuf, Session, Journal), NodeError> {
        if basis == Basis::Training {
            self.sink.take(&NodeEvent::Training);
        } else {
            // The round was let in and debited: that an old journal is still there does not stop it.
            let expired = retention::expire(
                self.admission.data,
                self.admission.identity,
                &self.storage,
                crate::sys::clock::now(),
            );
            if let Err(failure) = expired {
                self.sink.take(&NodeEvent::ExpiryFailed(&failure.into()));
            }
        }
        let seed = fresh_secret().map_err(StoreError::Entropy)?;
        let header = Header {
            role: self.admission.role,
            carrier,
            begun: crate::sys::clock::now(),
            own: self.admission.identity.key().id(),
            peer: peer.id,
            binding,
            root: self.root(&seed),
            seed,
            policy: self.admission.input.policy.canonical_bytes().to_vec(),
            agreement: basis.canonical_bytes().to_vec(),
        };
        let session = self.session(&header, basis)?;
        let path = rounds::new_path(self.admission.data, header.begun)?;
        let journal = Journal::create(&path, &self.storage, &header).map_err(|error| {
            // Half a journal would be taken for a damaged one.
            let _ = std::fs::remove_file(&path);
            StoreError::JournalNotCreated(error)
        })?;
        Ok((path, session, journal))
    }

    /// A round over a line that begins, in the place of one that did not get far.
    fn begin(&self, peer: &Peer, basis: Basis, binding: [u8; 32], spent: &Spent) -> Result<Open<'a>, NodeError> {
        let agreement = basis.digest();
        let (path, session, journal) = self.found(peer, basis, binding, Carrier::Line)?;
        if let Some(journal) = &spent.journal {
            rounds::discard(journal)?;
        }
        Ok(Open::new(Drive::new(session, journal, self.context()), peer, path, agreement))
    }

    /// A round that was stopped: from its journal, the same records and an agreement that is still in force. If its
    /// outcome comes out, it is written before anybody is called or heard (V-CLOSE-005). Inside, the failure for which it
    /// is burnt now.
    async fn restore(
        &self,
        found: &StoredRound,
        peer: &Peer,
        basis: Basis,
    ) -> Result<Result<Open<'a>, NodeError>, NodeError> {
        self.same_input(found)?;
        self.same_agreement(found, &basis)?;
        let agreement = basis.digest();
        let session = self.session(&found.header, basis)?;
        let reopen = |tail| Journal::reopen(&found.file, &self.storage, tail);
        let entries = found.entries(&self.storage)?;
        let replay = Drive::replay(session, entries, found.summary.acknowledged, reopen, self.context());
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
    async fn settle(&self, open: &mut Open<'a>) -> Result<(), NodeError> {
        let Some(outcome) = open.drive.take_outcome() else { return Ok(()) };
        self.sink.take(&NodeEvent::ProgressOver);
        open.summary = Some(self.write(&open.peer, open.agreement, &outcome, open.drive.report())?);
        self.admission.ended(outcome.round, &outcome.receipt)?;
        if !open.ended {
            open.drive.note(Entry::Ended(outcome.receipt)).await?;
            open.ended = true;
        }
        Ok(())
    }

    /// Whether this side has its outcome. If the connection was lost while the peer's last frames were still worked on,
    /// that is done now: nothing more is needed for it.
    async fn has_outcome(&self, open: &mut Open<'a>) -> Result<bool, NodeError> {
        if !open.ended && open.drive.has_all() {
            if let Err(error) = open.drive.work_off().await {
                return Err(self.broken(open, error).await.map_or_else(|failure| failure, NodeError::from));
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
    ) -> Result<Progress, NodeError> {
        self.admission.resumed(&open.peer.id, open.drive.round().unwrap_or_default())?;
        open.drive.note(Entry::Resumed(binding)).await?;
        self.resumed(open);
        if let Err(error) = open.drive.resume(link, count) {
            return self.broken(open, error).await.map(Progress::Lost);
        }
        self.work(open).await
    }

    /// Lets the round run over its connection, to its end or to the connection's.
    async fn work(&self, open: &mut Open<'a>) -> Result<Progress, NodeError> {
        let progress = self.work_on(open).await;
        if matches!(progress, Ok(Progress::Lost(_))) && open.ended && open.drive.nothing_kept() {
            open.closing.get_or_insert_with(Instant::now);
        }
        progress
    }

    async fn work_on(&self, open: &mut Open<'a>) -> Result<Progress, NodeError> {
        let peer = open.peer.id;
        match self.while_agreed(&peer, open.drive.talk()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return self.broken(open, error).await.map(Progress::Lost),
            Err(closed) => {
                self.sink.take(&NodeEvent::Halted { peer: &open.peer.name, error: &closed });
                // A loss for the peer: it calls again, and hears why then.
                open.drive.disconnect(close::LOCAL);
                return Ok(Progress::Lost(DriveError::Denied(closed.refusal())));
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
    async fn while_agreed<T>(&self, peer: &PeerId, work: impl Future<Output = T>) -> Result<T, NodeError> {
        let mut work = pin!(work);
        loop {
            self.admission.still_admitted(peer)?;
            if let Ok(done) = timeout(LOOK_AGAIN, &mut work).await {
                return Ok(done);
            }
        }
    }

    /// The round has its outcome and is not waited for any longer.
    async fn over(&self, open: &mut Open<'a>, confirmed: bool) -> Result<Summary, NodeError> {
        open.drive.disconnect(close::DONE);
        if confirmed {
            open.drive.note(Entry::Confirmed).await?;
        } else {
            self.sink.take(&NodeEvent::Unconfirmed);
        }
        rounds::mark_closed(&open.path, open.drive.round())?;
        open.over = true;
        let summary = open.summary.take().ok_or_else(|| NodeError::Internal("a round without a result"))?;
        Ok(Summary { confirmed, report: open.drive.report(), ..summary })
    }

    /// Why a connection ended without the outcome: lost, and the round stays; or not, and then it is burnt unless the
    /// trouble is this node's own.
    async fn broken(&self, open: &mut Open<'a>, error: DriveError) -> Result<DriveError, NodeError> {
        if error.is_loss() {
            open.drive.disconnect(error.code());
            return Ok(error);
        }
        self.sink.take(&NodeEvent::ProgressOver);
        if !error.burns() {
            open.drive.disconnect(error.code());
            return Err(open.drive.stopped(error).into());
        }
        open.drive.abort(&error).await;
        Err(self.burn(open, error).await)
    }

    /// The round is over without an outcome. What was debited stays debited.
    async fn burn(&self, open: &mut Open<'a>, error: DriveError) -> NodeError {
        let code = u16::try_from(error.code()).unwrap_or(0);
        let failure = NodeError::from(open.drive.stopped(error));
        let noted = open.drive.note(Entry::Burnt(code)).await;
        // The first reason is the one to tell; that it could not be noted is the greater trouble.
        match self.bury_burnt(open.peer.id, &open.path, open.drive.round(), noted, failure.code()) {
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
        code: FailureCode,
    ) -> Result<(), NodeError> {
        self.admission.failed(peer, code)?;
        rounds::mark_closed(path, round)?;
        Ok(noted?)
    }

    /// Says that a round goes on.
    fn resumed(&self, open: &Open<'a>) {
        self.sink.take(&NodeEvent::Resumed { peer: &open.peer.name, round: open.drive.round() });
    }

    fn lost(&self, peer: &Peer, error: &DriveError) {
        self.sink.take(&NodeEvent::ConnectionLost { peer: &peer.name, error });
    }

    fn connected(&self, peer: &Peer) {
        self.sink.take(&NodeEvent::Connected { peer: &peer.name });
    }

    /// The failure of a round that did not move for too long.
    async fn given_up(&self, open: &mut Open<'a>, error: DriveError) -> NodeError {
        let error = self.burn(open, error).await;
        match self.options.give_up {
            Duration::ZERO => error,
            after => NodeError::GivenUp { error: Box::new(error), after },
        }
    }
}

fn done(summary: Summary) -> Progress {
    Progress::Over(Box::new(summary))
}

/// Connects a round that begins.
fn attach(open: &mut Open<'_>, link: Link) {
    open.drive.connect(link);
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
