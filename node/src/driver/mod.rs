//! Pumps a round: frames in and out, heavy maths on a pool, the journal, time limits. A round outlives its connections:
//! what the peer has not acknowledged is kept and sent again over the next one.
//!
//! Memory is bounded without a way to deadlock. Nothing is produced while too much is unacknowledged, and nothing is read
//! while enough jobs wait; but a side that may not produce always reads (up to `READ_AHEAD`), makes durable what it read
//! and acknowledges it. So of two sides that wait for each other at least one reads, and jobs end by themselves
//! (V-FRAME-004).

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
pub use error::{DriveError, Stopped};
pub use machine::{Machine, MadeFrame, Polled, Step};
pub use replay::Replayed;
pub use send_queue::Link;
pub use usage::{Report, StageReport};

use crate::store::journal::{self, Entries, Entry};
use crate::transport::{Closer, FrameReader, PREFIX, TransportError, close};
use blindlink::Error;
use blindlink::error::{Misuse, PeerFault};
use blindlink::session::{Event, Role};
use blindlink::wire::acknowledge::acknowledged;
use blindlink::wire::resume::Position;
use engine::{Engine, Happened};
use send_queue::Outbox;
use send_window::{Window, most_under_way};
use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout};
use unacknowledged::Kept;

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
}

/// Runs one round over one connection to its end: a lost connection ends it. The connection is closed when it returns.
///
/// # Errors
/// Why the round stopped; the peer was told if it could be.
pub async fn run<M: Machine>(
    machine: M,
    journal: Journal,
    link: impl Into<Link>,
    context: Context<'_>,
) -> Result<Finished<M::Outcome>, Stopped> {
    let mut drive = Drive::new(machine, journal, context);
    drive.connect(link.into());
    if let Err(error) = drive.pump().await {
        drive.abort(&error).await;
        return Err(drive.stopped(error));
    }
    let confirmed = matches!(drive.part().await, Ok(true));
    drive.disconnect(close::LOCAL);
    match drive.take_outcome() {
        Some(outcome) => Ok(Finished { outcome, report: drive.report(), confirmed }),
        None => Err(drive.stopped(DriveError::Worker)),
    }
}

/// A round of this side: alive with and without a connection.
pub struct Drive<'a, M: Machine> {
    engine: Engine<'a, M>,
    kept: Kept,
    /// After a stop, until a peer says what it has: the most that was under way.
    stopped: Option<usize>,
    line: Option<Line>,
    /// When something last moved, here or there.
    active: Instant,
    /// When the peer last moved the round on, over whatever connection.
    moved: Instant,
}

/// A connection in use.
struct Line {
    reader: FrameReader,
    outbox: Outbox,
    closer: Closer,
    /// A frame that was read before.
    first: Option<Vec<u8>>,
    /// Number of the first frame that was sent over it.
    from: u32,
    /// Number of the next one.
    next: u32,
    /// What was sent over it and is not acknowledged.
    window: Window,
    /// Whether the peer has ended its stream.
    ended: bool,
    /// How it broke, while only the journal is still at work: the outcome may be there already.
    lost: Option<TransportError>,
    /// Bytes read above the job limit since producing paused.
    read_ahead: usize,
    /// Frames written when last looked.
    written: u64,
    /// When writing failed: the peer's reason may still be readable.
    write_failed: Option<Instant>,
}

impl<'a, M: Machine> Drive<'a, M> {
    /// A round that begins.
    #[must_use]
    pub fn new(machine: M, journal: Journal, context: Context<'a>) -> Self {
        let engine = Engine::new(machine, Some(journal), context);
        Self { engine, kept: Kept::default(), stopped: None, line: None, active: Instant::now(), moved: Instant::now() }
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
        let (mut kept, mut delivered) = (Kept::after(acknowledged, 0), 0);
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
    pub fn round(&self) -> Option<[u8; 32]> {
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
    pub const fn has_all(&self) -> bool {
        self.engine.whole
    }

    /// Works as far as what came goes, without a connection.
    ///
    /// # Errors
    /// As the session's.
    pub async fn work_off(&mut self) -> Result<(), DriveError> {
        while let Some(frame) = self.engine.next().await? {
            self.kept.push(Arc::new(frame.bytes));
        }
        Ok(())
    }

    /// Whether the peer has every frame that was made.
    #[must_use]
    pub fn nothing_kept(&self) -> bool {
        self.kept.is_empty()
    }

    /// When the peer last moved the round on.
    #[must_use]
    pub const fn moved(&self) -> Instant {
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

    /// Takes a connection and sends what is kept.
    pub fn connect(&mut self, link: Link) {
        let outbox = Outbox::start(link.writer);
        self.active = Instant::now();
        self.line = Some(Line {
            reader: link.reader,
            outbox,
            closer: link.closer,
            first: link.first,
            from: self.kept.acknowledged(),
            next: self.kept.acknowledged(),
            window: Window::default(),
            ended: false,
            lost: None,
            read_ahead: 0,
            written: 0,
            write_failed: None,
        });
        self.feed();
    }

    /// Hands frames to the connection while little is under way.
    fn feed(&mut self) {
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
    pub async fn pump(&mut self) -> Result<(), DriveError> {
        self.pump_until(|_| false).await
    }

    /// Runs until the outcome is there, or until both sides have said everything: what the peer can still see then is
    /// when this side ends its stream, and that must not wait for what it found (V-SETTLE-007).
    ///
    /// # Errors
    /// As [`Drive::pump`].
    pub async fn talk(&mut self) -> Result<(), DriveError> {
        self.pump_until(|drive| {
            drive.engine.whole && drive.engine.last_made && drive.engine.persisting() == 0 && drive.kept.is_empty()
        })
        .await
    }

    async fn pump_until(&mut self, enough: impl Fn(&Self) -> bool) -> Result<(), DriveError> {
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
            self.turn().await?;
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
    /// As [`Drive::pump`], before the peer has everything.
    pub async fn part(&mut self) -> Result<bool, DriveError> {
        while !self.kept.is_empty() || self.engine.persisting() > 0 {
            if self.line.as_ref().is_none_or(|line| line.ended) {
                return Ok(self.kept.is_empty());
            }
            match self.turn().await {
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
        self.feed();
        Ok(())
    }

    /// Waits for one thing to happen and deals with it.
    async fn turn(&mut self) -> Result<(), DriveError> {
        let (may_read, max) = (self.may_read(), self.engine.machine.max_frame());
        let deadline = self.deadline();
        let Some(line) = &mut self.line else {
            return Err(TransportError::ClosedHere.into());
        };
        if line.ended && self.engine.is_idle() {
            return Err(line.lost.take().unwrap_or(TransportError::EndOfStream).into());
        }
        if let Some(frame) = line.first.take() {
            return self.take(Ok(Some(frame)));
        }
        let mut stop = self.engine.context.stop.clone();
        tokio::select! {
            biased;
            () = stopped(&mut stop) => Err(DriveError::Interrupted),
            happened = self.engine.wait() => {
                let happened = happened?;
                match &happened {
                    Happened::Computed(_) => self.active = Instant::now(),
                    // V-RESUME-002
                    Happened::Durable(count) => line.outbox.acknowledge(u32::try_from(*count).unwrap_or(u32::MAX)),
                }
                self.engine.tell(happened)
            }
            () = line.outbox.changed() => {
                self.look_at_outbox();
                Ok(())
            }
            frame = line.reader.next(max), if may_read => self.take(frame),
            () = sleep_until(deadline.into()) => Err(self.too_late()),
        }
    }

    fn may_read(&mut self) -> bool {
        let (enough, full) = (self.engine.has_enough(), self.kept.is_full());
        let Some(line) = &mut self.line else { return false };
        if !full {
            line.read_ahead = 0;
        }
        !line.ended && (!enough || (full && line.read_ahead < READ_AHEAD))
    }

    fn take(&mut self, frame: Result<Option<Vec<u8>>, TransportError>) -> Result<(), DriveError> {
        let Some(line) = &mut self.line else { return Ok(()) };
        let frame = match frame {
            Ok(Some(frame)) => frame,
            // The peer may be done while this side still has to digest what it got.
            Ok(None) => {
                line.ended = true;
                return Ok(());
            }
            Err(error @ (TransportError::FrameTooLong { .. } | TransportError::EndOfStream)) => {
                return Err(error.into());
            }
            Err(error) if self.engine.persisting() > 0 && !self.engine.computes() => {
                (line.ended, line.lost) = (true, Some(error));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(count) = acknowledged(&frame) {
            // One that says nothing new does not count as a sign of life.
            if count > self.kept.acknowledged() {
                (self.active, self.moved) = (Instant::now(), Instant::now());
            }
            let frames = self.kept.acknowledge(count)?;
            line.window.acknowledged(frames, Instant::now());
            self.feed();
            if let Some(journal) = &self.engine.journal {
                journal.note(Entry::Acknowledged(count));
            }
            return Ok(());
        }
        (self.active, self.moved) = (Instant::now(), Instant::now());
        line.read_ahead += frame.len();
        self.engine.meter.received(M::stage(&frame), PREFIX + frame.len());
        self.engine.take(frame)
    }

    fn look_at_outbox(&mut self) {
        let Some(line) = &mut self.line else { return };
        let written = line.outbox.written();
        if written != line.written {
            (line.written, self.active) = (written, Instant::now());
        }
        if line.outbox.has_failed() && line.write_failed.is_none() {
            line.write_failed = Some(Instant::now());
        }
    }

    /// When the peer's silence is too long (V-TIME-002). Our own work is no silence of the peer.
    fn deadline(&self) -> Instant {
        let Some(line) = &self.line else { return Instant::now() };
        if let Some(failed) = line.write_failed {
            return failed + LINGER;
        }
        let busy = self.engine.computes() && line.outbox.is_empty();
        let from = if busy { Instant::now() } else { self.active };
        from + self.engine.context.frame_timeout
    }

    fn too_late(&self) -> DriveError {
        let line = self.line.as_ref().filter(|line| line.write_failed.is_some());
        line.map_or(DriveError::Stalled(self.engine.context.frame_timeout), |line| {
            line.closer.reason().unwrap_or(TransportError::EndOfStream).into()
        })
    }

    /// Lets a connection go that is of no more use; the round stays.
    pub fn disconnect(&mut self, code: u32) {
        let Some(line) = self.line.take() else { return };
        self.kept.left = self.kept.left.max(line.from + line.outbox.begun());
        self.engine.meter.add_udp(line.closer.udp_bytes());
        line.closer.close(code);
    }

    /// Ends the round for good: tells the peer, if it is there, and closes (V-CLOSE-002). An abort is not answered with
    /// one (V-CLOSE-003).
    pub async fn abort(&mut self, error: &DriveError) {
        let reason = match error {
            DriveError::Protocol(Error::Peer(PeerFault::Aborted(_))) | DriveError::Transport(_) => error.fault(),
            other => Some(other.fault().unwrap_or(Error::Misuse(Misuse::Aborted))),
        };
        let frame = reason.map(|reason| self.engine.machine.abort(&reason)).filter(|frame| !frame.is_empty());
        let Some(mut line) = self.line.take() else { return };
        let reached = !matches!(error, DriveError::Transport(_)) || frame.is_some();
        if reached {
            line.outbox.close_with(frame, line.from == 0);
            // The peer reads the abort, ends its stream and closes; one that does not is not waited for.
            let (outbox, reader) = (&mut line.outbox, &mut line.reader);
            let _ = timeout(LINGER, async { tokio::join!(outbox.finished(), reader.drain()) }).await;
        }
        self.engine.meter.add_udp(line.closer.udp_bytes());
        line.closer.close(error.code());
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
