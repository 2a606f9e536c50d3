//! The requester's side: calls, and calls again when the connection is lost.

use super::open::{OpenRound, Progress};
use super::recovery::ReusableDebit;
use super::{Rounds, Summary};
use crate::driver::{DriveError, resumption};
use crate::error::NodeError;
use crate::event::{Event, Replaying};
use crate::store::journal::Carrier;
use crate::store::peers::Peer;

use crate::transport::{Channel, Client, Settings, TransportError, close};
use blindlink::Error;
use blindlink::error::PeerFault;
use blindlink::session::Role;
use blindlink::wire::schedule::may_have_evaluated;
use std::time::{Duration, Instant};

/// First pause before calling again; it doubles up to the longest (V-TIME-004).
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Where and how to call.
#[derive(Debug)]
pub struct CallOptions<'a> {
    /// The peer.
    pub peer: &'a Peer,
    /// Its address.
    pub addr: &'a str,
    /// Times.
    pub settings: Settings,
    /// Whether open rounds with it are given up first.
    pub abandon: bool,
}

/// Where a calling side stands.
enum CallState<'a> {
    /// No round yet; what one that did not get far has left.
    New(ReusableDebit),
    /// A round, without a connection.
    Open(Box<OpenRound<'a>>),
}

impl<'a> Rounds<'a> {
    /// Runs a round with the peer to its end; goes on with one that was stopped, if there is one.
    ///
    /// # Errors
    /// Why it stopped; then no result file is there.
    pub async fn call(&self, calls: &CallOptions<'_>) -> Result<Summary, NodeError> {
        let mut stand = self.state(calls).await?;
        let _turn = self.urgent_turn(&calls.peer.id).await?;
        let (mut pause, mut first) = (PAUSE, matches!(stand, CallState::New(_)));
        let mut begun = Instant::now();
        loop {
            self.let_urgent_go_first(&calls.peer.id).await?;
            let outcome = match self.dial(calls).await? {
                Ok((client, channel)) => {
                    first = false;
                    let progress = self.run_connection(calls, &mut stand, channel).await;
                    client.finish(Duration::from_secs(2)).await;
                    progress?
                }
                // V-QUIC-010: who was turned away before it was admitted calls again; the peer is there.
                Err(error @ TransportError::Busy) => {
                    self.sink.take(&Event::PeerBusy { peer: &calls.peer.name });
                    Progress::Lost(error.into())
                }
                // Nobody is told twice to wait for somebody who was never there.
                Err(error) if first => return Err(error.into()),
                Err(error) => Progress::Lost(error.into()),
            };
            let error = match outcome {
                Progress::Over(summary) => return Ok(*summary),
                Progress::Lost(error) => error,
            };
            if !error.is_loss() {
                return Err(error.into());
            }
            if let CallState::Open(open) = &mut stand {
                self.lost(calls.peer, &error);
                // V-CLOSE-004: of a round of which everything came nothing but the peer's end is missing.
                if !open.ended && !open.drive.received_all() {
                    // The agreement may be the reason, or have ended since; the round stays.
                    self.admission.readmit(&calls.peer.id)?;
                }
                if open.drive.last_progress() > begun {
                    (begun, pause) = (open.drive.last_progress(), PAUSE);
                }
                if self.time_left_of(open, begun).is_zero() {
                    if self.has_outcome(open).await? {
                        return self.over(open, false).await;
                    }
                    return Err(self.expire(open, error).await);
                }
            } else if begun.elapsed() >= self.options.give_up {
                return Err(error.into());
            }
            let mut stop = self.stop.clone();
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = (2 * pause).min(LONGEST_PAUSE),
                () = crate::driver::stopped(&mut stop) => return self.interrupted(stand).await,
            }
        }
    }

    /// Stopped between two connections.
    async fn interrupted(&self, stand: CallState<'a>) -> Result<Summary, NodeError> {
        if let CallState::Open(mut open) = stand
            && self.has_outcome(&mut open).await?
        {
            return self.over(&mut open, false).await;
        }
        Err(NodeError::Interrupted)
    }

    /// What is on disk of a round with this peer.
    async fn state(&self, calls: &CallOptions<'_>) -> Result<CallState<'a>, NodeError> {
        let Some(found) = self.stored_round(calls.peer, Carrier::Line, calls.abandon)? else {
            // Who may not ask does not call.
            self.admission.would_admit(&calls.peer.id)?;
            return Ok(CallState::New(ReusableDebit::default()));
        };
        if found.summary.round.is_none() {
            let spent = self.reusable_debit(&found);
            if self.reusable_basis(&calls.peer.id, &spent)?.is_none() {
                self.admission.would_admit(&calls.peer.id)?;
            }
            return Ok(CallState::New(spent));
        }
        let begun = crate::sys::clock::date(found.header.begun);
        self.sink.take(&Event::Replaying { begun: &begun, peer: &calls.peer.name, kind: Replaying::Calling });
        let basis = self.admission.readmit(&calls.peer.id)?;
        Ok(CallState::Open(Box::new(self.restore(&found, calls.peer, basis).await??)))
    }

    async fn dial(&self, calls: &CallOptions<'_>) -> Result<Result<(Client, Channel), TransportError>, NodeError> {
        let mut stop = self.stop.clone();
        self.sink.take(&Event::Calling { peer: &calls.peer.name, addr: calls.addr });
        let connecting = Client::connect(self.admission.identity.secret(), calls.peer.id, calls.addr, &calls.settings);
        tokio::select! {
            connected = connecting => Ok(connected),
            () = crate::driver::stopped(&mut stop) => Err(NodeError::Interrupted),
        }
    }

    /// One connection: begins the round, or goes on with it.
    async fn run_connection(
        &self,
        calls: &CallOptions<'_>,
        stand: &mut CallState<'a>,
        channel: Channel,
    ) -> Result<Progress, NodeError> {
        self.connected(calls.peer);
        let spent = match stand {
            CallState::Open(open) if open.drive.round().is_some() => return self.go_on(calls, stand, channel).await,
            // It was cut before both had committed: there is nothing to resume, and nothing was evaluated.
            CallState::Open(open) => ReusableDebit::here(open),
            CallState::New(spent) => spent.clone(),
        };
        // V-AGREE-023: nothing of a round leaves before this.
        let basis = match self.admit(&calls.peer.id, &spent) {
            Ok(basis) => basis,
            Err(closed) => {
                let (_reader, _writer, closer) = channel.split();
                closer.close(closed.close_code());
                return Err(closed);
            }
        };
        let prepared = self.prepare(calls.peer, &basis, channel.binding(), Carrier::Line)?;
        let mut open = self.begin(calls.peer, basis, prepared, &spent)?;
        open.drive.connect(channel.into());
        let progress = self.work(&mut open).await;
        *stand = CallState::Open(Box::new(open));
        progress
    }

    /// One more connection of a round.
    async fn go_on(
        &self,
        calls: &CallOptions<'_>,
        stand: &mut CallState<'a>,
        channel: Channel,
    ) -> Result<Progress, NodeError> {
        let CallState::Open(open) = stand else { return Err(NodeError::Internal("no round to go on with")) };
        let own = self.admission.identity.key();
        if let Err(closed) = self.admission.readmit(&calls.peer.id) {
            let (_reader, _writer, closer) = channel.split();
            closer.close(closed.close_code());
            // V-CLOSE-004
            if self.has_outcome(open).await? {
                return self.over(open, false).await.map(Progress::over);
            }
            return Err(closed);
        }
        let binding = channel.binding();
        let ends = resumption::Ends { own: &own, peer: calls.peer.id, patience: self.options.frame_timeout };
        let position = open.drive.position(Role::Requester).await?;
        let (link, count) = match resumption::call(channel, position, ends).await {
            Ok(agreed) => agreed,
            Err(error) if error.is_loss() => return Ok(Progress::Lost(error)),
            Err(DriveError::Protocol(Error::Peer(PeerFault::Aborted(code))))
                if code == PeerFault::UnknownRound.code() =>
            {
                return self.unknown_to_peer(stand).await;
            }
            Err(error) if burns(&error) => return Err(self.burn(open, error).await),
            Err(error) => return Err(error.into()),
        };
        self.resume(open, link, count, binding).await
    }

    /// The peer does not know the round any more. If nothing can have been evaluated it begins anew; else it is burnt.
    async fn unknown_to_peer(&self, stand: &mut CallState<'a>) -> Result<Progress, NodeError> {
        let CallState::Open(open) = stand else { return Err(NodeError::Internal("no round to go on with")) };
        if self.has_outcome(open).await? {
            return self.over(open, false).await.map(Progress::over);
        }
        if may_have_evaluated(Role::Requester, open.drive.received()) {
            let error = DriveError::Protocol(PeerFault::Aborted(PeerFault::UnknownRound.code()).into());
            return Err(self.burn(open, error).await);
        }
        open.drive.disconnect(close::MOVED);
        *stand = CallState::New(ReusableDebit::here(open));
        Ok(Progress::Lost(TransportError::Vanished.into()))
    }
}

/// Whether a failed exchange of resume messages burns the round: by what the peer says, or by what it says of us.
pub(super) fn burns(error: &DriveError) -> bool {
    let pasts = [PeerFault::HistoryMismatch.code(), PeerFault::StateLost.code(), PeerFault::OverAcknowledged.code()];
    match error {
        DriveError::Protocol(Error::Peer(PeerFault::Aborted(code))) => pasts.contains(code),
        DriveError::Protocol(error) => blindlink::wire::resume::burns(error),
        _ => false,
    }
}
