//! A machine, its jobs and its journal: everything of a round but the connection. What comes is taken and made durable;
//! what is to go is given out, frame by frame.

use super::usage::UsageMeter;
use super::{Context, DriveError, Journal, MadeFrame, RoundMachine, Step};
use crate::store::journal::Entry;
use blindlink::session::Event;
use blindlink::transcript::frame_digest;
use blindlink::wire::resume::History;
use blindlink::wire::{self, FrameKind};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Jobs for each thread that may wait before reading pauses.
const JOBS_WAITING: usize = 4;
/// Bytes that may wait for the disk before reading pauses.
const JOURNAL_WAITING: usize = 16 << 20;

/// A job's result, or nothing if it panicked, and the time it took.
type Found<M> = (Option<<M as RoundMachine>::Found>, Duration);

/// Something that was waited for.
pub(super) enum Completed<M: RoundMachine> {
    Computed(Found<M>),
    Durable(u64),
}

pub(super) struct Engine<'a, M: RoundMachine> {
    pub(super) machine: M,
    pub(super) context: Context<'a>,
    /// None while a journal is replayed.
    pub(super) journal: Option<Journal>,
    pub(super) meter: UsageMeter,
    found: mpsc::UnboundedSender<Found<M>>,
    results: mpsc::UnboundedReceiver<Found<M>>,
    /// Jobs not yet given to the pool.
    waiting: VecDeque<M::Job>,
    /// Jobs given to the pool.
    running: usize,
    /// The peer's frames.
    pub(super) received: History,
    /// Whether the last of them came.
    pub(super) whole: bool,
    /// Own frames.
    pub(super) sent: History,
    /// Whether the last of them was made.
    pub(super) last_made: bool,
    /// Those of the peer's frames that are durable.
    pub(super) durable: u32,
    named: bool,
    /// The outcome, once it is there.
    pub(super) outcome: Option<M::Outcome>,
    /// Whether it has been there.
    pub(super) done: bool,
}

impl<'a, M: RoundMachine> Engine<'a, M> {
    pub(super) fn new(machine: M, journal: Option<Journal>, context: Context<'a>) -> Self {
        let (found, results) = mpsc::unbounded_channel();
        Self {
            machine,
            context,
            journal,
            meter: UsageMeter::start(),
            found,
            results,
            waiting: VecDeque::new(),
            running: 0,
            received: History::default(),
            whole: false,
            sent: History::default(),
            last_made: false,
            durable: 0,
            named: false,
            outcome: None,
            done: false,
        }
    }

    /// The next frame that is to go, if there is one now.
    pub(super) fn poll(&mut self) -> Result<Option<MadeFrame>, DriveError> {
        while let Some(step) = self.machine.poll()? {
            match step {
                Step::Send(frame) => {
                    self.sent.push(&frame.digest);
                    self.last_made |= wire::kind_of(&frame.bytes).is_some_and(FrameKind::ends_direction);
                    if let Some(journal) = &self.journal {
                        journal.note(Entry::Sent(frame.digest));
                    }
                    return Ok(Some(frame));
                }
                Step::Work(job) => self.waiting.push_back(job),
                Step::Event(event) => {
                    if let Event::Progress { stage, .. } = event {
                        self.meter.enter(stage);
                    }
                    (self.context.observe)(&event);
                }
                // V-COSIGN-001: what the machine wants after this is not even asked before the log has it.
                Step::Log(note) => (self.context.log)(&note).map_err(|error| DriveError::AuditLog(Box::new(error)))?,
                Step::Done(outcome) => (self.outcome, self.done) = (Some(outcome), true),
            }
        }
        Ok(None)
    }

    /// Keeps each thread busy with one more job at hand.
    pub(super) fn start_jobs(&mut self) {
        while self.running < 2 * self.context.pool.threads() {
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

    /// Whether there is enough at hand that nothing more need be read now.
    pub(super) fn has_enough(&self) -> bool {
        self.waiting.len() + self.running >= JOBS_WAITING * self.context.pool.threads()
            || self.journal.as_ref().is_some_and(|journal| journal.backlog() > JOURNAL_WAITING)
    }

    pub(super) const fn computes(&self) -> bool {
        self.running > 0
    }

    /// Frames that came and are not yet durable.
    pub(super) fn persisting(&self) -> u32 {
        self.received.count() - self.durable
    }

    /// Whether nothing more will happen by itself.
    pub(super) fn is_idle(&self) -> bool {
        self.running == 0 && self.waiting.is_empty() && self.persisting() == 0
    }

    /// Takes the next frame of the peer: to the machine and to the journal, the good and the bad.
    pub(super) fn take(&mut self, frame: Vec<u8>) -> Result<(), DriveError> {
        self.whole |= wire::kind_of(&frame).is_some_and(FrameKind::ends_direction);
        let handled = self.machine.handle(&frame);
        // A frame that the machine refused counts too; only for such a one the digest is not there yet.
        self.received.push(&handled.clone().unwrap_or_else(|_| frame_digest(&frame)));
        let round = self.machine.round().filter(|_| !self.named);
        self.named |= round.is_some();
        if let Some(journal) = &self.journal {
            journal.received(Arc::new(frame), round.map(Entry::Round));
        }
        Ok(handled.map(drop)?)
    }

    /// Waits for a job's result or for the disk. Cancel-safe.
    pub(super) async fn wait(&mut self) -> Result<Completed<M>, DriveError> {
        let durable = async {
            match &mut self.journal {
                Some(journal) => journal.durable().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(found) = self.results.recv() => Ok(Completed::Computed(found)),
            durable = durable => durable.map(Completed::Durable).map_err(DriveError::Journal),
        }
    }

    /// Tells the machine what happened.
    pub(super) fn tell(&mut self, happened: Completed<M>) -> Result<(), DriveError> {
        match happened {
            Completed::Computed((found, time)) => {
                self.running -= 1;
                self.meter.computed(time);
                self.machine.finish_work(found.ok_or(DriveError::Worker)?)?;
            }
            Completed::Durable(count) => self.is_durable(u32::try_from(count).unwrap_or(u32::MAX))?,
        }
        Ok(())
    }

    /// The first `count` frames of the peer are durable.
    pub(super) fn is_durable(&mut self, count: u32) -> Result<(), DriveError> {
        self.durable = count;
        if let Some(last) = u64::from(count).checked_sub(1) {
            self.machine.persisted(last)?;
        }
        Ok(())
    }

    /// The next frame that is to go, however long it takes; `None` if no more comes by itself.
    pub(super) async fn next(&mut self) -> Result<Option<MadeFrame>, DriveError> {
        loop {
            if let Some(frame) = self.poll()? {
                return Ok(Some(frame));
            }
            self.start_jobs();
            if self.is_idle() {
                return Ok(None);
            }
            let mut stop = self.context.stop.clone();
            let happened = tokio::select! {
                biased;
                () = super::stopped(&mut stop) => return Err(DriveError::Interrupted),
                happened = self.wait() => happened?,
            };
            self.tell(happened)?;
        }
    }

    /// Appends to the journal, durably.
    pub(super) async fn note(&self, entry: Entry) -> Result<(), DriveError> {
        let Some(journal) = &self.journal else { return Ok(()) };
        journal.note(entry);
        journal.sync().await.map_err(DriveError::Journal)
    }

    /// If the round is burnt for this error, the journal says so first; that it cannot is the greater trouble.
    pub(super) async fn burn(&self, error: DriveError) -> DriveError {
        let code = error.own_code();
        let noted = if error.burns() { self.note(Entry::Burnt(code)).await } else { Ok(()) };
        noted.err().unwrap_or(error)
    }

    /// Waits until everything that came is durable.
    pub(super) async fn settle_journal(&mut self) -> Result<(), DriveError> {
        while self.persisting() > 0 {
            let happened = self.wait().await?;
            self.tell(happened)?;
        }
        Ok(())
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
