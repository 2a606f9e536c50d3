//! The responder's side: begins rounds with callers, and keeps those open whose connection was lost.

use super::calling::burns;
use super::{Open, Progress, Round, Summary, attach, shut};
use crate::driver::DriveError;
use crate::driver::journal::{Carrier, Entry, read};
use crate::driver::resume::{Ends, Opening};
use crate::exit::{Exit, Failure};
use crate::gate::close_code;
use crate::peers::{Peer, Peers};
use crate::rounds::{self, evaluated};
use crate::transport::{Channel, TransportError};
use blindlink::error::PeerFault;
use blindlink::identity::PeerId;
use blindlink::session::Role;
use blindlink::transcript::frame_digest;
use blindlink::wire::resume::{History, Position};
use std::collections::BTreeMap;
use std::time::Duration;

/// What became of a call.
pub enum Answers {
    /// A round is over.
    Over(Box<Summary>),
    /// The connection was lost; the round stays open.
    Lost,
    /// A round that was over here already was ended there too.
    Closed,
}

/// The rounds of a responder that may go on: one with each peer.
pub struct Desk<'a> {
    open: BTreeMap<PeerId, Open<'a>>,
    /// Peers with a round that was debited and did not get far.
    debited: Vec<PeerId>,
}

impl<'a> Round<'a> {
    /// Takes up the rounds that were open when the node was stopped.
    ///
    /// # Errors
    /// Why one cannot be taken up; nothing is given up for that.
    pub async fn desk(&self, peers: &Peers, abandon: bool) -> Result<Desk<'a>, Failure> {
        let mut desk = Desk { open: BTreeMap::new(), debited: Vec::new() };
        for peer in peers.iter() {
            let Some(found) = self.standing(peer, Carrier::Line, abandon)? else { continue };
            if found.glance.round.is_none() {
                rounds::forget(&found.path)?;
                desk.debited.push(peer.id);
                continue;
            }
            let begun = crate::clock::date(found.header.begun);
            self.reporter.log(&format!("the round of {begun} with {} is open: making it again", peer.name));
            let basis = self.gate.readmit(&peer.id).map_err(shut)?;
            desk.open.insert(peer.id, self.restore(&found, peer, basis).await?);
        }
        Ok(desk)
    }

    /// How long until the first open round has not moved for too long; `None` without one.
    #[must_use]
    pub fn next_end(&self, desk: &Desk<'_>) -> Option<Duration> {
        desk.open.values().map(|open| self.left(open, open.drive.moved())).min()
    }

    /// Gives up the rounds that have not moved for too long; what became of them.
    pub async fn give_up(&self, desk: &mut Desk<'a>) -> Vec<Result<Summary, Failure>> {
        let late: Vec<PeerId> = desk
            .open
            .iter()
            .filter(|(_, open)| self.left(open, open.drive.moved()).is_zero())
            .map(|(peer, _)| *peer)
            .collect();
        let mut ends = Vec::new();
        for peer in late {
            let Some(mut open) = desk.open.remove(&peer) else { continue };
            ends.push(if open.ended {
                match self.over(&mut open, false).await {
                    Ok(Progress::Over(summary)) => Ok(*summary),
                    Ok(Progress::Lost(error)) => Err(error.into()),
                    Err(failure) => Err(failure),
                }
            } else {
                let error = open.lost.take().unwrap_or_else(|| TransportError::Vanished.into());
                Err(self.given_up(&mut open, error).await)
            });
        }
        ends
    }

    /// Answers a caller.
    ///
    /// # Errors
    /// Why the round stopped.
    pub async fn answer(&self, desk: &mut Desk<'a>, peer: &Peer, channel: Channel) -> Result<Answers, Failure> {
        self.connected(peer);
        // V-TIME-003
        let opening = Opening::read(channel, self.first_frame).await?;
        // A frame too short to say anything begins a round, which refuses it.
        match opening.resumes().unwrap_or(None) {
            Some(round) => self.go_on_with(desk, peer, opening, round).await,
            None => self.begin_with(desk, peer, opening).await,
        }
    }

    async fn begin_with(&self, desk: &mut Desk<'a>, peer: &Peer, opening: Opening) -> Result<Answers, Failure> {
        let mut debited = desk.debited.contains(&peer.id);
        if let Some(mut open) = desk.open.remove(&peer.id) {
            if open.ended {
                self.over(&mut open, false).await?;
            } else if open.drive.round().is_none() {
                rounds::forget(&open.path)?;
                debited = true;
            } else {
                debited = !evaluated(Role::Responder, open.drive.received());
                let error = DriveError::Protocol(PeerFault::LostState.into());
                let failure = self.burn(&mut open, error).await;
                self.reporter.log(&format!("{} begins anew; its open round is burnt: {failure}", peer.name));
            }
        }
        // V-AGREE-023: nothing of a round leaves before this.
        let admitted =
            if debited { self.gate.again(&peer.id, [0; 32]) } else { self.gate.enter(&peer.id, self.reporter) };
        let basis = match admitted {
            Ok(basis) => basis,
            Err(closed) => {
                opening.close(close_code(&closed));
                return Err(closed.into());
            }
        };
        desk.debited.retain(|known| *known != peer.id);
        let mut open = self.begin(peer, basis, opening.binding())?;
        attach(&mut open, opening.begin());
        self.run(desk, open).await
    }

    async fn go_on_with(
        &self,
        desk: &mut Desk<'a>,
        peer: &Peer,
        opening: Opening,
        round: [u8; 32],
    ) -> Result<Answers, Failure> {
        let own = self.identity.key();
        let ends = Ends { own: &own, peer: peer.id, patience: self.frame_timeout };
        let known = desk.open.get(&peer.id).and_then(|open| open.drive.round());
        if known != Some(round) {
            if let Some((received, sent)) = self.ended_here(peer, round) {
                // The caller has not heard that the round is over: it hears that everything has come.
                let (role, acknowledged) = (self.role, sent.count());
                let position =
                    Position { round, role, binding: [0; 32], received: &received, sent: &sent, acknowledged };
                let (link, _) = opening.answer(position, ends).await?;
                link.end(Duration::from_secs(10)).await;
                return Ok(Answers::Closed);
            }
            // V-RESUME-005: what was begun with this peer stays as it is.
            let error = DriveError::Protocol(PeerFault::UnknownRound.into());
            opening.refuse(&error).await;
            // The caller may know the id of a round of which this side does not have it yet: it begins anew now.
            let nameless = desk.open.get(&peer.id).is_some_and(|open| open.drive.round().is_none());
            let begins_anew = nameless || desk.debited.contains(&peer.id);
            return if begins_anew { Ok(Answers::Lost) } else { Err(error.into()) };
        }
        if let Err(closed) = self.gate.readmit(&peer.id) {
            opening.close(close_code(&closed));
            return Err(closed.into());
        }
        let Some(mut open) = desk.open.remove(&peer.id) else {
            return Err(Failure::new(Exit::Internal, "a round vanished"));
        };
        let binding = opening.binding();
        let position = open.drive.position(Role::Responder).await?;
        let (link, count) = match opening.answer(position, ends).await {
            Ok(agreed) => agreed,
            Err(error) if burns(&error) => return Err(self.burn(&mut open, error).await),
            Err(error) => {
                desk.open.insert(peer.id, open);
                return if error.is_loss() { Ok(Answers::Lost) } else { Err(error.into()) };
            }
        };
        self.gate.resumed(&peer.id, round)?;
        open.drive.note(Entry::Resumed(binding)).await?;
        self.resumed(&open);
        if let Err(error) = open.drive.resume(link, count) {
            self.broken(&mut open, error).await?;
        }
        self.run(desk, open).await
    }

    async fn run(&self, desk: &mut Desk<'a>, mut open: Open<'a>) -> Result<Answers, Failure> {
        match self.work(&mut open).await? {
            Progress::Over(summary) => Ok(Answers::Over(summary)),
            Progress::Lost(error) => {
                self.lost(&open.peer, &error);
                open.lost = Some(error);
                desk.open.insert(open.peer.id, open);
                Ok(Answers::Lost)
            }
        }
    }

    /// What crossed in a round with this peer that ended well here.
    fn ended_here(&self, peer: &Peer, round: [u8; 32]) -> Option<(History, History)> {
        let path = rounds::closed(self.data, &round).ok()?;
        let (header, entries) = read(&path, self.storage).ok()?;
        if header.peer != peer.id || header.role != self.role {
            return None;
        }
        let (mut received, mut sent, mut named, mut ended) = (History::default(), History::default(), false, false);
        for entry in entries {
            match entry.ok()? {
                Entry::Received(frame) => received.push(&frame_digest(&frame)),
                Entry::Sent(digest) => sent.push(&digest),
                Entry::Round(id) => named = id == round,
                Entry::Ended(_) => ended = true,
                Entry::Burnt(_) => return None,
                _ => {}
            }
        }
        (named && ended).then_some((received, sent))
    }
}
