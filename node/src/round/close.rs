//! How a round ends: with its outcome, burnt, or given up.

use super::keep::EndingRound;
use super::open::{OpenRound, time_left};
use super::{Rounds, Summary};
use crate::driver::DriveError;
use crate::error::NodeError;
use crate::event::Event;
use crate::failure_code::FailureCode;
use crate::store::journal::Entry;
use crate::store::rounds::{self, EndedRound};
use crate::sys::clock;
use crate::transport::close;
use std::time::{Duration, Instant};

/// A round that is over without an outcome.
pub(super) struct StoppedRound<'a> {
    pub ending: EndingRound<'a>,
    /// When the journal began, in seconds since 1970.
    pub begun: u64,
    /// Frames of the peer that came.
    pub received: u32,
}

impl<'a> Rounds<'a> {
    /// How much longer a round stays open that has not moved since `moved`.
    pub(super) fn time_left_of(&self, open: &OpenRound<'a>, moved: Instant) -> Duration {
        time_left(self.options.give_up, moved.elapsed(), open.closing.map(|since| since.elapsed()))
    }

    /// Writes the outcome, if it has just come; the audit log hears of it, and then the journal. Whatever of this was cut
    /// short is done again when the journal is replayed.
    pub(super) async fn settle(&self, open: &mut OpenRound<'a>) -> Result<(), NodeError> {
        let Some(outcome) = open.drive.take_outcome() else { return Ok(()) };
        self.sink.take(&Event::ProgressOver);
        open.summary = Some(self.write(&open.peer, (&open.path, open.agreement), &outcome, open.drive.report())?);
        self.admission.ended(outcome.round, &outcome.receipt)?;
        if !open.ended {
            open.drive.note(Entry::Ended(outcome.receipt)).await?;
            open.ended = true;
        }
        Ok(())
    }

    /// Whether this side has its outcome. If the connection was lost while the peer's last frames were still worked on,
    /// that is done now: nothing more is needed for it.
    pub(super) async fn has_outcome(&self, open: &mut OpenRound<'a>) -> Result<bool, NodeError> {
        if !open.ended && open.drive.received_all() {
            if let Err(error) = open.drive.drain().await {
                return Err(self.broken(open, error).await.map_or_else(|failure| failure, NodeError::from));
            }
            self.settle(open).await?;
        }
        Ok(open.ended)
    }

    /// The round has its outcome and is not waited for any longer.
    pub(super) async fn over(&self, open: &mut OpenRound<'a>, confirmed: bool) -> Result<Summary, NodeError> {
        open.drive.disconnect(close::DONE);
        if confirmed {
            open.drive.note(Entry::Confirmed).await?;
        } else {
            self.sink.take(&Event::Unconfirmed);
        }
        if let Some(round) = open.drive.round() {
            let (role, peer) = (self.admission.role, open.peer.id);
            if let Ok(at) = open.drive.position(role).await {
                let received = (at.received.count(), *at.received.value());
                let sent = (at.sent.count(), *at.sent.value());
                EndedRound { role, peer, received, sent }.write(self.admission.data, &round)?;
            }
        }
        rounds::mark_closed(&open.path, open.drive.round())?;
        open.over = true;
        let summary = open.summary.take().ok_or(NodeError::Internal("a round without a result"))?;
        Ok(Summary { confirmed, report: open.drive.report(), ..summary })
    }

    /// Why a connection ended without the outcome: lost, and the round stays; or not, and then it is burnt unless the
    /// trouble is this node's own.
    pub(super) async fn broken(&self, open: &mut OpenRound<'a>, error: DriveError) -> Result<DriveError, NodeError> {
        if error.is_loss() {
            open.drive.disconnect(error.code());
            return Ok(error);
        }
        self.sink.take(&Event::ProgressOver);
        if !error.burns() {
            open.drive.disconnect(error.code());
            return Err(open.drive.stopped(error).into());
        }
        if error.is_kept_silent() {
            // To the peer this is trouble of this node's own, such as a full disk: it waits for a call that does not come.
            open.drive.disconnect(close::LOCAL);
        } else {
            open.drive.abort(&error).await;
        }
        Err(self.burn(open, error).await)
    }

    /// The round is over without an outcome. What was debited stays debited.
    pub(super) async fn burn(&self, open: &mut OpenRound<'a>, error: DriveError) -> NodeError {
        let code = error.own_code();
        let failure = NodeError::from(open.drive.stopped(error));
        let noted = open.drive.note(Entry::Burnt(code)).await;
        // The first reason is the one to tell; that it could not be noted is the greater trouble.
        let stopped = StoppedRound {
            ending: EndingRound {
                peer: open.peer.id,
                path: &open.path,
                round: open.drive.round(),
                agreement: open.agreement,
            },
            // No other with this peer has begun since: this one is still in memory.
            begun: clock::now(),
            received: open.drive.received(),
        };
        match self.record_failure(&stopped, noted, failure.code()) {
            Ok(()) => {
                open.over = true;
                failure
            }
            Err(trouble) => trouble,
        }
    }

    /// Keeps and logs that a round failed whose journal says so, and closes it: in this order, so that what the log does
    /// not know is found again (V-AUDIT-016).
    pub(super) fn record_failure(
        &self,
        stopped: &StoppedRound<'_>,
        noted: Result<(), DriveError>,
        code: FailureCode,
    ) -> Result<(), NodeError> {
        let ending = stopped.ending;
        self.keep_failure(ending, code)?;
        self.admission.failed(ending.peer, code)?;
        self.admission.give_back(&ending.peer, stopped.begun, stopped.received)?;
        rounds::mark_closed(ending.path, ending.round)?;
        Ok(noted?)
    }

    /// The failure of a round that did not move for too long.
    pub(super) async fn expire(&self, open: &mut OpenRound<'a>, error: DriveError) -> NodeError {
        let error = self.burn(open, error).await;
        match self.options.give_up {
            Duration::ZERO => error,
            after => NodeError::GivenUp { error: Box::new(error), after },
        }
    }
}
