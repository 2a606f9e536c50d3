//! The requester's side: calls, and calls again when the connection is lost.

use super::standing::Spent;
use super::{Open, Progress, Round, Summary, attach, done, shut};
use crate::driver::journal::Carrier;
use crate::driver::{DriveError, resume};
use crate::exit::{Exit, Failure};
use crate::gate::close_code;
use crate::peers::Peer;
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
pub struct Calls<'a> {
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
enum Stand<'a> {
    /// No round yet; what one that did not get far has left.
    Nothing(Spent),
    /// A round, without a connection.
    Open(Box<Open<'a>>),
}

impl<'a> Round<'a> {
    /// Runs a round with the peer to its end; goes on with one that was stopped, if there is one.
    ///
    /// # Errors
    /// Why it stopped; then no result file is there.
    pub async fn call(&self, calls: &Calls<'_>) -> Result<Summary, Failure> {
        let mut stand = self.stand(calls).await?;
        let (mut pause, mut first) = (PAUSE, matches!(stand, Stand::Nothing(_)));
        let mut begun = Instant::now();
        loop {
            let outcome = match self.dial(calls).await? {
                Ok((client, channel)) => {
                    first = false;
                    let progress = self.once(calls, &mut stand, channel).await;
                    client.finish(Duration::from_secs(2)).await;
                    progress?
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
            if let Stand::Open(open) = &mut stand {
                self.lost(calls.peer, &error);
                if !open.ended {
                    // The agreement may be the reason, or have ended since; the round stays.
                    self.gate.readmit(&calls.peer.id).map_err(shut)?;
                }
                if open.drive.moved() > begun {
                    (begun, pause) = (open.drive.moved(), PAUSE);
                }
                if self.left(open, begun).is_zero() {
                    if self.has_outcome(open).await? {
                        return self.over(open, false).await;
                    }
                    return Err(self.given_up(open, error).await);
                }
            } else if begun.elapsed() >= self.give_up {
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
    async fn interrupted(&self, stand: Stand<'a>) -> Result<Summary, Failure> {
        if let Stand::Open(mut open) = stand
            && open.ended
        {
            return self.over(&mut open, false).await;
        }
        Err(Failure::new(Exit::Interrupted, "interrupted"))
    }

    /// What is on disk of a round with this peer.
    async fn stand(&self, calls: &Calls<'_>) -> Result<Stand<'a>, Failure> {
        let Some(found) = self.standing(calls.peer, Carrier::Line, calls.abandon)? else {
            // Who may not ask does not call.
            self.gate.check(&calls.peer.id)?;
            return Ok(Stand::Nothing(Spent::default()));
        };
        if found.glance.round.is_none() {
            let spent = self.spent(&found);
            if self.lent(&calls.peer.id, &spent).map_err(shut)?.is_none() {
                self.gate.check(&calls.peer.id)?;
            }
            return Ok(Stand::Nothing(spent));
        }
        let begun = crate::clock::date(found.header.begun);
        self.reporter.log(&format!("going on with the open round of {begun} with {}", calls.peer.name));
        let basis = self.gate.readmit(&calls.peer.id).map_err(shut)?;
        Ok(Stand::Open(Box::new(self.restore(&found, calls.peer, basis).await??)))
    }

    async fn dial(&self, calls: &Calls<'_>) -> Result<Result<(Client, Channel), TransportError>, Failure> {
        let mut stop = self.stop.clone();
        self.reporter.log(&format!("calling {} at {}", calls.peer.name, calls.addr));
        let connecting = Client::connect(self.identity.secret(), calls.peer.id, calls.addr, &calls.settings);
        tokio::select! {
            connected = connecting => Ok(connected),
            () = crate::driver::stopped(&mut stop) => Err(Failure::new(Exit::Interrupted, "interrupted")),
        }
    }

    /// One connection: begins the round, or goes on with it.
    async fn once(&self, calls: &Calls<'_>, stand: &mut Stand<'a>, channel: Channel) -> Result<Progress, Failure> {
        self.connected(calls.peer);
        let spent = match stand {
            Stand::Open(open) if open.drive.round().is_some() => return self.go_on(calls, stand, channel).await,
            // It was cut before both had committed: there is nothing to resume, and nothing was evaluated.
            Stand::Open(open) => Spent::here(open),
            Stand::Nothing(spent) => spent.clone(),
        };
        // V-AGREE-023: nothing of a round leaves before this.
        let basis = match self.admit(&calls.peer.id, &spent) {
            Ok(basis) => basis,
            Err(closed) => {
                let (_reader, _writer, closer) = channel.split();
                closer.close(close_code(&closed));
                return Err(closed.into());
            }
        };
        let mut open = self.begin(calls.peer, basis, channel.binding(), &spent)?;
        attach(&mut open, channel.into());
        let progress = self.work(&mut open).await;
        *stand = Stand::Open(Box::new(open));
        progress
    }

    /// One more connection of a round.
    async fn go_on(&self, calls: &Calls<'_>, stand: &mut Stand<'a>, channel: Channel) -> Result<Progress, Failure> {
        let Stand::Open(open) = stand else { return Err(Failure::new(Exit::Internal, "no round to go on with")) };
        let own = self.identity.key();
        if let Err(closed) = self.gate.readmit(&calls.peer.id) {
            let (_reader, _writer, closer) = channel.split();
            closer.close(close_code(&closed));
            return Err(closed.into());
        }
        let binding = channel.binding();
        let ends = resume::Ends { own: &own, peer: calls.peer.id, patience: self.frame_timeout };
        let position = open.drive.position(Role::Requester).await?;
        let (link, count) = match resume::call(channel, position, ends).await {
            Ok(agreed) => agreed,
            Err(error) if error.is_loss() => return Ok(Progress::Lost(error)),
            Err(DriveError::Protocol(Error::Peer(PeerFault::Aborted(code))))
                if code == PeerFault::UnknownRound.code() =>
            {
                return self.forgotten(stand).await;
            }
            Err(error) if burns(&error) => return Err(self.burn(open, error).await),
            Err(error) => return Err(error.into()),
        };
        self.resume(open, link, count, binding).await
    }

    /// The peer does not know the round any more. If nothing can have been evaluated it begins anew; else it is burnt.
    async fn forgotten(&self, stand: &mut Stand<'a>) -> Result<Progress, Failure> {
        let Stand::Open(open) = stand else { return Err(Failure::new(Exit::Internal, "no round to go on with")) };
        if self.has_outcome(open).await? {
            return self.over(open, false).await.map(done);
        }
        if may_have_evaluated(Role::Requester, open.drive.received()) {
            let error = DriveError::Protocol(PeerFault::Aborted(PeerFault::UnknownRound.code()).into());
            return Err(self.burn(open, error).await);
        }
        open.drive.disconnect(close::MOVED);
        *stand = Stand::Nothing(Spent::here(open));
        Ok(Progress::Lost(TransportError::Vanished.into()))
    }
}

/// Whether a failed exchange of resume messages burns the round: by what the peer says, or by what it says of us.
pub(super) fn burns(error: &DriveError) -> bool {
    let pasts = [PeerFault::OtherPast.code(), PeerFault::LostState.code(), PeerFault::ClaimedMore.code()];
    match error {
        DriveError::Protocol(Error::Peer(PeerFault::Aborted(code))) => pasts.contains(code),
        DriveError::Protocol(error) => blindlink::wire::resume::burns(error),
        _ => false,
    }
}
