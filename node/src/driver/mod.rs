//! Pumps one round: frames in and out, heavy maths on a pool, digests to the journal, time limits.
//!
//! Memory is bounded without a way to deadlock. Nothing is produced while the outbox is full, and nothing is read while
//! enough jobs wait; but a side whose outbox is full always reads (up to `READ_AHEAD`). So of two sides that wait for
//! each other at least one reads, and jobs end by themselves (V-FRAME-004).

pub mod journal;
mod machine;
mod meter;
mod outbox;
mod pool;
#[cfg(test)]
mod tests;

pub use journal::{Journal, StorageKey, sync_folder};
pub use machine::{Machine, Polled, Step};
pub use meter::{Report, StageReport};
pub use pool::Pool;

use crate::transport::{Channel, Closer, FrameReader, PREFIX, TransportError, close};
use blindlink::Error;
use blindlink::error::{Misuse, PeerFault};
use blindlink::session::{Event, Stage};
use meter::Meter;
use outbox::Outbox;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use thiserror::Error as ThisError;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep_until, timeout};

/// Jobs for each thread that may wait before reading pauses.
const JOBS_WAITING: usize = 4;
/// Bytes read beyond that while the peer does not read either. Above everything that an honest peer can have under way
/// (its outbox, both QUIC windows and one frame), so that it always gets to read.
const READ_AHEAD: usize = 48 << 20;
/// Longest wait for the peer to take an abort.
const LINGER: Duration = Duration::from_secs(2);

/// Why a round stopped.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum DriveError {
    /// The protocol says so.
    #[error(transparent)]
    Protocol(#[from] Error),
    /// The connection broke.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The peer's node lives but neither sends nor takes a frame.
    #[error("the peer sent and took nothing for {} s", .0.as_secs())]
    Stalled(Duration),
    /// The journal could not be written.
    #[error("cannot write the round journal: {0}")]
    Journal(#[source] io::Error),
    /// A job panicked: a bug.
    #[error("a computation failed")]
    Worker,
    /// The operator stopped the node.
    #[error("interrupted")]
    Interrupted,
}

/// A round that stopped, where, and what it had cost.
#[derive(Debug, ThisError)]
#[error("{error} (in stage `{}`)", .stage.name())]
pub struct Stopped {
    /// Why.
    #[source]
    pub error: DriveError,
    /// In which stage.
    pub stage: Stage,
    /// What it had cost.
    pub report: Report,
}

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
pub struct Context<'a> {
    /// Threads for heavy maths.
    pub pool: &'a Pool,
    /// Journal of this round.
    pub journal: Journal,
    /// Longest silence of a peer while it is the peer's turn.
    pub frame_timeout: Duration,
    /// Turns true when the operator stops the node.
    pub stop: watch::Receiver<bool>,
    /// Shows progress.
    pub observe: &'a (dyn Fn(&Event) + Sync),
}

/// Runs one round over `channel` to its end. The connection is closed when it returns.
///
/// # Errors
/// Why the round stopped; the peer was told if it could be.
pub async fn run<M: Machine>(
    machine: &mut M,
    channel: Channel,
    context: Context<'_>,
) -> Result<Finished<M::Outcome>, Stopped> {
    let (reader, writer, closer) = channel.split();
    let (found, results) = mpsc::unbounded_channel();
    let mut drive = Drive {
        machine,
        reader,
        outbox: Outbox::start(writer),
        closer,
        context,
        meter: Meter::start(),
        found,
        results,
        waiting: VecDeque::new(),
        running: 0,
        taken: 0,
        persisting: 0,
        ended: false,
        lost: None,
        read_ahead: 0,
        active: Instant::now(),
        written: 0,
        write_failed: None,
    };
    match drive.pump().await {
        Ok(outcome) => {
            let confirmed = drive.part().await;
            Ok(Finished { outcome, report: drive.meter.report(drive.closer.udp_bytes()), confirmed })
        }
        Err(error) => {
            drive.abort(&error).await;
            let stage = drive.meter.stage();
            Err(Stopped { error, stage, report: drive.meter.report(drive.closer.udp_bytes()) })
        }
    }
}

/// A job's result, or nothing if it panicked, and the time it took.
type Found<M> = (Option<<M as Machine>::Found>, Duration);

struct Drive<'a, M: Machine> {
    machine: &'a mut M,
    reader: FrameReader,
    outbox: Outbox,
    closer: Closer,
    context: Context<'a>,
    meter: Meter,
    found: mpsc::UnboundedSender<Found<M>>,
    results: mpsc::UnboundedReceiver<Found<M>>,
    /// Jobs not yet given to the pool.
    waiting: VecDeque<M::Job>,
    /// Jobs given to the pool.
    running: usize,
    /// Frames received.
    taken: u64,
    /// Those of them that are not yet durable.
    persisting: u64,
    /// Whether the peer has ended its stream.
    ended: bool,
    /// How the connection broke, while only the journal is still at work: the outcome may be there already.
    lost: Option<TransportError>,
    /// Bytes read above the job limit since the outbox became full.
    read_ahead: usize,
    /// When something last moved.
    active: Instant,
    /// Frames written when last looked.
    written: u64,
    /// When writing failed: the peer's reason may still be readable.
    write_failed: Option<Instant>,
}

impl<M: Machine> Drive<'_, M> {
    async fn pump(&mut self) -> Result<M::Outcome, DriveError> {
        loop {
            if let Some(outcome) = self.poll()? {
                return Ok(outcome);
            }
            self.start_jobs();
            if self.ended && self.running + self.waiting.len() == 0 && self.persisting == 0 {
                return Err(self.lost.take().unwrap_or(TransportError::EndOfStream).into());
            }
            let (may_read, max) = (self.may_read(), self.machine.max_frame());
            let deadline = self.deadline();
            tokio::select! {
                biased;
                () = stopped(&mut self.context.stop) => return Err(DriveError::Interrupted),
                Some((found, time)) = self.results.recv() => {
                    self.running -= 1;
                    self.active = Instant::now();
                    self.meter.computed(time);
                    self.machine.finish_work(found.ok_or(DriveError::Worker)?)?;
                }
                durable = self.context.journal.durable() => {
                    let durable = durable.map_err(DriveError::Journal)?;
                    self.persisting = self.taken - durable;
                    self.machine.persisted(durable - 1)?;
                }
                () = self.outbox.changed() => self.look_at_outbox(),
                frame = self.reader.next(max), if may_read => self.take(frame)?,
                () = sleep_until(deadline.into()) => return Err(self.too_late()),
            }
        }
    }

    /// Takes the machine's wishes while there is room for what they produce.
    fn poll(&mut self) -> Result<Option<M::Outcome>, DriveError> {
        while !self.outbox.is_full() {
            let Some(step) = self.machine.poll()? else { break };
            match step {
                Step::Send(frame) => {
                    self.meter.sent(M::stage(&frame), PREFIX + frame.len());
                    self.outbox.push(frame);
                }
                Step::Work(job) => self.waiting.push_back(job),
                Step::Event(event) => {
                    if let Event::Progress { stage, .. } = event {
                        self.meter.enter(stage);
                    }
                    (self.context.observe)(&event);
                }
                Step::Done(outcome) => return Ok(Some(outcome)),
            }
        }
        Ok(None)
    }

    /// Keeps each thread busy with one more job at hand, unless there is no room for what they produce.
    fn start_jobs(&mut self) {
        while self.running < 2 * self.context.pool.threads() && !self.outbox.is_full() {
            let Some(job) = self.waiting.pop_front() else { return };
            let mut report = Reply { found: Some(self.found.clone()), begun: None };
            self.context.pool.submit(move || {
                report.begun = Some(Instant::now());
                let found = M::run(job);
                report.send(Some(found));
            });
            self.running += 1;
        }
    }

    fn may_read(&mut self) -> bool {
        let enough = self.waiting.len() + self.running >= JOBS_WAITING * self.context.pool.threads();
        let full = self.outbox.is_full();
        if !full {
            self.read_ahead = 0;
        }
        !self.ended && (!enough || (full && self.read_ahead < READ_AHEAD))
    }

    fn take(&mut self, frame: Result<Option<Vec<u8>>, TransportError>) -> Result<(), DriveError> {
        let frame = match frame {
            Ok(Some(frame)) => frame,
            // The peer may be done while this side still has to digest what it got.
            Ok(None) => {
                self.ended = true;
                return Ok(());
            }
            Err(error @ (TransportError::FrameTooLong { .. } | TransportError::EndOfStream)) => {
                return Err(error.into());
            }
            Err(error) if self.persisting > 0 && self.running + self.waiting.len() == 0 => {
                (self.ended, self.lost) = (true, Some(error));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        self.active = Instant::now();
        self.read_ahead += frame.len();
        self.meter.received(M::stage(&frame), PREFIX + frame.len());
        let handled = self.machine.handle(&frame);
        self.context.journal.received(Arc::new(frame), None);
        (self.taken, self.persisting) = (self.taken + 1, self.persisting + 1);
        Ok(handled?)
    }

    fn look_at_outbox(&mut self) {
        let written = self.outbox.written();
        if written != self.written {
            (self.written, self.active) = (written, Instant::now());
        }
        if self.outbox.has_failed() && self.write_failed.is_none() {
            self.write_failed = Some(Instant::now());
        }
    }

    /// When the peer's silence is too long (V-TIME-002). Our own work is no silence of the peer.
    fn deadline(&self) -> Instant {
        if let Some(failed) = self.write_failed {
            return failed + LINGER;
        }
        let busy = self.running > 0 && self.outbox.is_empty();
        let from = if busy { Instant::now() } else { self.active };
        from + self.context.frame_timeout
    }

    fn too_late(&self) -> DriveError {
        match self.write_failed {
            Some(_) => self.closer.reason().unwrap_or(TransportError::EndOfStream).into(),
            None => DriveError::Stalled(self.context.frame_timeout),
        }
    }

    /// After the end: closes when the peer has our last frame and has ended its stream too (V-CLOSE-001). Says whether it
    /// did; the outcome stays in any case (V-CLOSE-004).
    async fn part(&mut self) -> bool {
        self.outbox.close();
        let limit = self.context.frame_timeout;
        let (outbox, reader) = (&mut self.outbox, &mut self.reader);
        let both = async { tokio::join!(outbox.finished(), reader.drain()) };
        let well = |end: Result<(), TransportError>| match end {
            Ok(()) => true,
            // The peer had all of it and closed before its acknowledgement or the end of its stream came.
            Err(TransportError::ClosedByPeer(code)) => code == u64::from(close::DONE),
            Err(_) => false,
        };
        let confirmed = tokio::select! {
            ends = timeout(limit, both) => ends.is_ok_and(|(ours, theirs)| well(ours) && well(theirs)),
            () = stopped(&mut self.context.stop) => false,
        };
        self.closer.close(close::DONE);
        confirmed
    }

    /// Tells the peer, if it is there, and closes (V-CLOSE-002). An abort is not answered with one (V-CLOSE-003).
    async fn abort(&mut self, error: &DriveError) {
        let (code, reason) = match error {
            DriveError::Protocol(error @ Error::Peer(PeerFault::Aborted(_))) => (u32::from(error.code()), None),
            DriveError::Protocol(error) => (u32::from(error.code()), Some(error.clone())),
            DriveError::Transport(TransportError::FrameTooLong { got, max }) => {
                let fault = Error::Peer(PeerFault::Length { expected: *max, got: *got });
                (u32::from(fault.code()), Some(fault))
            }
            DriveError::Transport(TransportError::EndOfStream) => {
                let fault = Error::Peer(PeerFault::Truncated);
                (u32::from(fault.code()), Some(fault))
            }
            DriveError::Transport(_) => return self.closer.close(close::LOCAL),
            DriveError::Stalled(_) => (close::STALLED, Some(Error::Misuse(Misuse::Aborted))),
            DriveError::Journal(_) | DriveError::Worker => (close::LOCAL, Some(Error::Misuse(Misuse::Aborted))),
            DriveError::Interrupted => (close::SHUTDOWN, Some(Error::Misuse(Misuse::Aborted))),
        };
        let frame = reason.map(|reason| self.machine.abort(&reason));
        self.outbox.close_with(frame.filter(|frame| !frame.is_empty()));
        // The peer reads the abort, ends its stream and closes; one that does not is not waited for.
        let (outbox, reader) = (&mut self.outbox, &mut self.reader);
        let _ = timeout(LINGER, async { tokio::join!(outbox.finished(), reader.drain()) }).await;
        self.closer.close(code);
    }
}

/// Waits until the operator stops the node.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Nobody is left who could stop it.
        std::future::pending::<()>().await;
    }
}

/// Sends a job's result; if the job panics, says that instead.
struct Reply<F> {
    found: Option<mpsc::UnboundedSender<(Option<F>, Duration)>>,
    begun: Option<Instant>,
}

impl<F> Reply<F> {
    fn send(&mut self, found: Option<F>) {
        if let Some(sender) = self.found.take() {
            let time = self.begun.map_or(Duration::ZERO, |begun| begun.elapsed());
            // Nobody listens any more if the round is over.
            let _ = sender.send((found, time));
        }
    }
}

impl<F> Drop for Reply<F> {
    fn drop(&mut self) {
        self.send(None);
    }
}
