//! Pumps a round: frames in and out, heavy maths on a pool, the journal, time limits. A round outlives its connections:
//! what the peer has not acknowledged is kept and sent again over the next one.
//!
//! Memory is bounded without a way to deadlock. Nothing is produced while too much is unacknowledged, and nothing is read
//! while enough jobs wait; but a side that may not produce always reads (up to `READ_AHEAD`), makes durable what it read
//! and acknowledges it. So of two sides that wait for each other at least one reads, and jobs end by themselves
//! (V-FRAME-004).

mod connection;
mod engine;
mod error;
mod machine;
pub mod offline;
mod replay;
pub mod resumption;
mod send_queue;
mod send_window;
#[cfg(test)]
mod tests;
mod unacknowledged;
mod usage;

pub use crate::store::journal::{Journal, StorageKey};
pub use crate::sys::pool::Pool;
use blindlink::ids::RoundId;
pub use error::{DriveError, Stopped};
pub use machine::{LogNote, MadeFrame, Polled, RoundMachine, Step};
pub use replay::Replayed;
pub use send_queue::Link;
pub use usage::{Report, StageReport};

use crate::store::StoreError;
use crate::store::journal::{self, Entries, Entry};
use crate::transport::{PREFIX, TransportError, close};
use blindlink::Error;
use blindlink::session::{Event, Role};
use blindlink::wire::resume::Position;
use connection::Connection;
use engine::Engine;
use send_window::most_under_way;
use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::timeout;
use unacknowledged::Unacknowledged;

/// Bytes read while there is work enough and the peer does not take anything either. Above everything that an honest
/// peer can have under way (what it may leave unacknowledged, and one frame), so that it always gets to read.
const READ_AHEAD: usize = 48 << 20;
/// Longest wait for the peer to take an abort.
const LINGER: Duration = Duration::from_secs(2);

/// A round that ended.
#[derive(Debug)]
pub struct Finished<O> {
    /// What it gave.
    pub outcome: O,
    /// What it cost.
    pub report: Report,
    /// Whether the peer said that it is done too.
    pub confirmed: bool,
}

/// What a round runs with.
#[derive(Clone)]
pub struct Context<'a> {
    /// Threads for heavy maths.
    pub pool: &'a Pool,
    /// Longest silence of a peer while it is the peer's turn.
    pub frame_timeout: Duration,
    /// Turns true when the operator stops the node.
    pub stop: watch::Receiver<bool>,
    /// Shows progress.
    pub observe: &'a (dyn Fn(&Event) + Sync),
    /// Notes what becomes of audit logs.
    pub log: LogSink<'a>,
}

/// Notes what becomes of audit logs in a round; durable when it returns.
pub type LogSink<'a> = Arc<dyn Fn(&LogNote) -> Result<(), StoreError> + Send + Sync + 'a>;

/// For rounds of which no audit log is kept.
#[must_use]
pub fn no_log<'a>() -> LogSink<'a> {
    Arc::new(|_| Ok(()))
}

/// Runs one round over one connection to its end: a lost connection ends it. The connection is closed when it returns.
///
/// # Errors
/// Why the round stopped; the peer was told if it could be.
pub async fn run<M: RoundMachine>(
    machine: M,
    journal: Journal,
    link: impl Into<Link>,
    context: Context<'_>,
) -> Result<Finished<M::Outcome>, Stopped> {
    let mut drive = RoundDriver::new(machine, journal, context);
    drive.connect(link.into());
    if let Err(error) = drive.run().await {
        drive.abort(&error).await;
        return Err(drive.stopped(error));
    }
    let confirmed = matches!(drive.finish().await, Ok(true));
    drive.disconnect(close::LOCAL);
    match drive.take_outcome() {
        Some(outcome) => Ok(Finished { outcome, report: drive.report(), confirmed }),
        None => Err(drive.stopped(DriveError::Worker)),
    }
}

/// A round of this side: alive with and without a connection.
pub struct RoundDriver<'a, M: RoundMachine> {
    engine: Engine<'a, M>,
    kept: Unacknowledged,
    /// After a stop, until a peer says what it has: the most that was under way.
    stopped: Option<usize>,
    line: Option<Connection>,
    /// When something last moved, here or there.
    active: Instant,
    /// When the peer last moved the round on, over whatever connection.
    moved: Instant,
}

impl<'a, M: RoundMachine> RoundDriver<'a, M> {
    /// A round that begins.
    #[must_use]
    pub fn new(machine: M, journal: Journal, context: Context<'a>) -> Self {
        let engine = Engine::new(machine, Some(journal), context);
        Self {
            engine,
            kept: Unacknowledged::default(),
            stopped: None,
            line: None,
            active: Instant::now(),
            moved: Instant::now(),
        }
    }

    /// A round that was stopped, from its journal. `reopen` opens the journal again once it is replayed. `out` gets every
    /// frame with its number; what it does not want is kept for the peer.
    ///
    /// # Errors
    /// [`DriveError::Replay`] if the journal does not fit. As the session's: then the round is burnt, and its journal says
    /// so.
    pub async fn replay(
        machine: M,
        entries: Entries,
        acknowledged: u32,
        reopen: impl FnOnce(journal::Tail) -> Result<Journal, journal::JournalError>,
        context: Context<'a>,
    ) -> Result<(Self, Replayed), DriveError> {
        let mut engine = Engine::new(machine, None, context);
        let (mut kept, mut delivered) = (Unacknowledged::after(acknowledged, 0), 0);
        let mut keep = |number: u32, frame: MadeFrame| {
            if number >= acknowledged {
                kept.push(Arc::new(frame.bytes));
            } else {
                delivered += frame.bytes.len() as u64;
            }
        };
        let said = replay::replay(&mut engine, entries, reopen, |number, frame| {
            keep(number, frame);
            Ok(())
        })
        .await?;
        // Some of what was made after the last entry may have left; what left depends on nothing that is not here.
        loop {
            let number = engine.sent.count();
            match engine.next().await {
                Ok(Some(frame)) => keep(number, frame),
                Ok(None) => break,
                Err(error) => return Err(engine.burn(error).await),
            }
        }
        kept.left = said.left;
        let stopped = Some(most_under_way(delivered));
        Ok((Self { engine, kept, stopped, line: None, active: Instant::now(), moved: Instant::now() }, said))
    }

    /// The round's id, if it has one.
    #[must_use]
    pub fn round(&self) -> Option<RoundId> {
        self.engine.machine.round()
    }

    /// The journal's file with its lock, while there is one.
    #[must_use]
    pub fn locked(&self) -> Option<Arc<File>> {
        self.engine.journal.as_ref().map(Journal::locked)
    }

    /// Frames of the peer so far.
    #[must_use]
    pub fn received(&self) -> u32 {
        self.engine.received.count()
    }

    /// Whether every frame of the peer has come.
    #[must_use]
    pub const fn received_all(&self) -> bool {
        self.engine.whole
    }

    /// Works as far as what came goes, without a connection.
    ///
    /// # Errors
    /// As the session's.
    pub async fn drain(&mut self) -> Result<(), DriveError> {
        while let Some(frame) = self.engine.next().await? {
            self.kept.push(Arc::new(frame.bytes));
        }
        Ok(())
    }

    /// Whether the peer has every frame that was made.
    #[must_use]
    pub fn all_acknowledged(&self) -> bool {
        self.kept.is_empty()
    }

    /// When the peer last moved the round on.
    #[must_use]
    pub const fn last_progress(&self) -> Instant {
        self.moved
    }

    /// The outcome, if it has just come.
    pub fn take_outcome(&mut self) -> Option<M::Outcome> {
        self.engine.outcome.take()
    }

    /// Appends to the journal, durably.
    ///
    /// # Errors
    /// [`DriveError::Journal`].
    pub async fn note(&self, entry: Entry) -> Result<(), DriveError> {
        self.engine.note(entry).await
    }

    /// Waits until everything that came is durable; then says where this side stands, for another connection.
    ///
    /// # Errors
    /// As the session's; [`Error::Internal`] if the round has no id yet.
    pub async fn position(&mut self, role: Role) -> Result<Position<'_>, DriveError> {
        self.engine.settle_journal().await?;
        let round = self.round().ok_or(Error::Internal("a round without an id was to be resumed"))?;
        Ok(Position {
            round,
            role,
            binding: [0; 32],
            received: &self.engine.received,
            sent: &self.engine.sent,
            acknowledged: self.kept.acknowledged(),
        })
    }

    /// Goes on over another connection, to a peer that has `count` of the own frames (V-RESUME-001): sends it what it
    /// does not have.
    ///
    /// # Errors
    /// As the session's.
    pub fn resume(&mut self, link: Link, count: u32) -> Result<(), DriveError> {
        self.kept.acknowledge(count)?;
        if let Some(most) = self.stopped.take() {
            self.kept.left_at_most(most);
        }
        let again = self.kept.frames().filter(|(number, _)| *number < self.kept.left);
        let again = again.map(|(_, frame)| PREFIX + frame.len()).sum();
        self.engine.meter.resumed(again);
        self.connect(link);
        Ok(())
    }

    /// Hands frames to the connection while little is under way.
    fn fill_window(&mut self) {
        let Some(line) = &mut self.line else { return };
        while line.window.is_open()
            && let Some(frame) = self.kept.get(line.next)
        {
            self.engine.meter.sent(M::stage(frame), PREFIX + frame.len());
            line.next += 1;
            line.window.sent(frame.len(), Instant::now());
            line.outbox.push(Arc::clone(frame));
        }
    }

    /// Runs until the outcome is there.
    ///
    /// # Errors
    /// Why not; [`DriveError::is_loss`] says whether another connection can mend it.
    pub async fn run(&mut self) -> Result<(), DriveError> {
        self.run_until(|_| false).await
    }

    /// Runs until the outcome is there, or until both sides have said everything: what the peer can still see then is
    /// when this side ends its stream, and that must not wait for what it found (V-SETTLE-007).
    ///
    /// # Errors
    /// As [`RoundDriver::run`].
    pub async fn run_until_said(&mut self) -> Result<(), DriveError> {
        self.run_until(|drive| {
            drive.engine.whole && drive.engine.last_made && drive.engine.persisting() == 0 && drive.kept.is_empty()
        })
        .await
    }

    async fn run_until(&mut self, enough: impl Fn(&Self) -> bool) -> Result<(), DriveError> {
        loop {
            self.produce()?;
            if self.engine.done {
                return Ok(());
            }
            if !self.kept.is_full() {
                self.engine.start_jobs();
            }
            if enough(self) {
                return Ok(());
            }
            self.step().await?;
        }
    }

    /// Whether the outcome is there, or has been.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.engine.done
    }

    /// After the outcome: runs until the peer has everything and has said that it is done too, and closes
    /// (V-CLOSE-001). Says whether it is through with it; if not, the peer may still wait for an acknowledgement, and is
    /// to be heard over another connection. The outcome stays in any case (V-CLOSE-004).
    ///
    /// # Errors
    /// As [`RoundDriver::run`], before the peer has everything.
    pub async fn finish(&mut self) -> Result<bool, DriveError> {
        while !self.kept.is_empty() || self.engine.persisting() > 0 {
            if self.line.as_ref().is_none_or(|line| line.ended) {
                return Ok(self.kept.is_empty());
            }
            match self.step().await {
                // It had all of it and closed before its last acknowledgement came.
                Err(DriveError::Transport(TransportError::ClosedByPeer(code))) if code == u64::from(close::DONE) => {
                    return Ok(true);
                }
                other => other?,
            }
        }
        let Some(mut line) = self.line.take() else { return Ok(true) };
        line.outbox.close();
        let limit = self.engine.context.frame_timeout.min(Duration::from_secs(30));
        let mut stop = self.engine.context.stop.clone();
        let (outbox, reader) = (&mut line.outbox, &mut line.reader);
        let both = async { tokio::join!(outbox.finished(), reader.drain()) };
        let through = tokio::select! {
            ends = timeout(limit, both) => matches!(ends, Ok((Ok(()), Ok(())))),
            () = stopped(&mut stop) => true,
        };
        // The peer closes as soon as it is through itself.
        let through = through
            || matches!(line.closer.reason(), Some(TransportError::ClosedByPeer(code)) if code == u64::from(close::DONE));
        line.closer.close(close::DONE);
        self.engine.meter.add_udp(line.closer.udp_bytes());
        Ok(through)
    }

    /// Takes the machine's wishes while there is room for what they produce.
    fn produce(&mut self) -> Result<(), DriveError> {
        while !self.kept.is_full() {
            let Some(frame) = self.engine.poll()? else { break };
            self.kept.push(Arc::new(frame.bytes));
        }
        self.fill_window();
        Ok(())
    }

    /// What the round has cost.
    #[must_use]
    pub fn report(&mut self) -> Report {
        let mut report = self.engine.meter.report();
        // Those of the present connection are not with the others yet; a report may be asked for again.
        let (sent, received) = self.line.as_ref().map_or((0, 0), |line| line.closer.udp_bytes());
        report.udp_bytes_sent += sent;
        report.udp_bytes_received += received;
        report
    }

    /// The error with its place and cost.
    pub fn stopped(&mut self, error: DriveError) -> Stopped {
        Stopped { error, stage: self.engine.meter.stage(), report: self.report() }
    }
}

/// Waits until the operator stops the node.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Nobody is left who could stop it.
        std::future::pending::<()>().await;
    }
}
