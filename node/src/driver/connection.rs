//! A round's connection: what is read, what is written, when the peer's silence is too long, and how it is let go.

use super::engine::Completed;
use super::send_queue::SendQueue;
use super::send_window::SendWindow;
use super::{DriveError, LINGER, Link, READ_AHEAD, RoundDriver, RoundMachine, stopped};
use crate::store::journal::Entry;
use crate::transport::{Closer, FrameReader, PREFIX, TransportError};
use blindlink::Error;
use blindlink::error::{Misuse, PeerFault};
use blindlink::wire::acknowledge::acknowledged;
use std::time::Instant;
use tokio::time::{sleep_until, timeout};

/// Acknowledgements without a frame between them that may say nothing new.
const MAX_EMPTY_ACKNOWLEDGEMENTS: u32 = 64;

/// A connection in use.
pub(super) struct Connection {
    pub(super) reader: FrameReader,
    pub(super) outbox: SendQueue,
    pub(super) closer: Closer,
    /// A frame that was read before.
    pub(super) first: Option<Vec<u8>>,
    /// Number of the first frame that was sent over it.
    pub(super) from: u32,
    /// Number of the next one.
    pub(super) next: u32,
    /// What was sent over it and is not acknowledged.
    pub(super) window: SendWindow,
    /// Whether the peer has ended its stream.
    pub(super) ended: bool,
    /// How it broke, while only the journal is still at work: the outcome may be there already.
    pub(super) lost: Option<TransportError>,
    /// Bytes read above the job limit since producing paused.
    pub(super) read_ahead: usize,
    /// Frames written when last looked.
    pub(super) written: u64,
    /// Acknowledgements since the last frame that said nothing new.
    pub(super) empty_acknowledgements: u32,
    /// When writing failed: the peer's reason may still be readable.
    pub(super) write_failed: Option<Instant>,
}

impl<M: RoundMachine> RoundDriver<'_, M> {
    /// Takes a connection and sends what is kept.
    pub fn connect(&mut self, link: Link) {
        let outbox = SendQueue::start(link.writer);
        self.active = Instant::now();
        self.line = Some(Connection {
            reader: link.reader,
            outbox,
            closer: link.closer,
            first: link.first,
            from: self.kept.acknowledged(),
            next: self.kept.acknowledged(),
            window: SendWindow::default(),
            ended: false,
            lost: None,
            read_ahead: 0,
            written: 0,
            empty_acknowledgements: 0,
            write_failed: None,
        });
        self.fill_window();
    }

    /// Waits for one thing to happen and deals with it.
    pub(super) async fn step(&mut self) -> Result<(), DriveError> {
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
                    Completed::Computed(_) => self.active = Instant::now(),
                    // V-RESUME-002
                    Completed::Durable(count) => line.outbox.acknowledge(u32::try_from(*count).unwrap_or(u32::MAX)),
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
            let grown = count > self.kept.acknowledged();
            let frames = self.kept.acknowledge(count)?;
            // V-RESUME-016, V-RESUME-002: one that says nothing new is no sign of life, and no entry of the journal.
            if !grown {
                line.empty_acknowledgements += 1;
                let too_many = line.empty_acknowledgements > MAX_EMPTY_ACKNOWLEDGEMENTS;
                return if too_many { Err(DriveError::EmptyAcknowledgements) } else { Ok(()) };
            }
            line.empty_acknowledgements = 0;
            (self.active, self.moved) = (Instant::now(), Instant::now());
            line.window.acknowledged(frames, Instant::now());
            self.fill_window();
            if let Some(journal) = &self.engine.journal {
                journal.note(Entry::Acknowledged(count));
            }
            return Ok(());
        }
        (self.active, self.moved) = (Instant::now(), Instant::now());
        line.read_ahead += frame.len();
        line.empty_acknowledgements = 0;
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
}
