//! The responder's side: begins rounds with callers, and keeps those open whose connection was lost.

use super::begin::PreparedRound;
use super::open::{OpenRound, Progress};
use super::recovery::ReusableDebit;
use super::requester::burns;
use super::{Rounds, Summary, inquiry};
use crate::driver::DriveError;
use crate::driver::resumption::{Ends, Opening};
use crate::error::NodeError;
use crate::event::{Event, Replaying};
use crate::store::journal::Carrier;
use crate::store::log_heads::LogHeads;
use crate::store::peers::{Peer, Peers};
use crate::store::rounds::EndedRound;
use crate::transport::{Channel, TransportError, close};
use blindlink::Error;
use blindlink::audit::LogHead;
use blindlink::error::PeerFault;
use blindlink::identity::PeerId;
use blindlink::ids::RoundId;
use blindlink::session::Role;
use blindlink::wire::HEADER_BYTES;
use blindlink::wire::hello::Hello;
use blindlink::wire::resume::{History, Position};
use blindlink::wire::schedule::may_have_evaluated;
use std::collections::BTreeMap;
use std::time::Duration;

/// What became of a call.
pub enum CallOutcome {
    /// A round is over.
    Over(Box<Summary>),
    /// The connection was lost; the round stays open.
    Lost,
    /// A round that was over here already was ended there too.
    Closed,
    /// Trouble of this node's own stopped a round that is not burnt. Only a node that is started again can go on with
    /// it; until then nobody may hear that it is unknown (V-RESUME-013).
    Stopped(NodeError),
}

/// The rounds of a responder that may go on: one with each peer.
pub struct OpenRounds<'a> {
    open: BTreeMap<PeerId, OpenRound<'a>>,
    /// What rounds have left that did not get far.
    spent: BTreeMap<PeerId, ReusableDebit>,
    /// Rounds that ended by the way: one had ended here when its peer began the next, another could not be taken up.
    finished: Vec<Result<CallOutcome, NodeError>>,
}

impl<'a> OpenRounds<'a> {
    /// What concerns one peer: while a call of it is answered, rounds with others go on.
    pub(crate) fn take_of(&mut self, peer: &PeerId) -> Self {
        let open = self.open.remove(peer).map(|round| (*peer, round)).into_iter().collect();
        let spent = self.spent.remove(peer).map(|spent| (*peer, spent)).into_iter().collect();
        Self { open, spent, finished: Vec::new() }
    }

    /// Takes it back.
    pub(crate) fn put_back(&mut self, of_one: Self) {
        self.open.extend(of_one.open);
        self.spent.extend(of_one.spent);
        self.finished.extend(of_one.finished);
    }

    /// Whether no round is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// What became of rounds that ended by the way.
    pub fn take_finished(&mut self) -> Vec<Result<CallOutcome, NodeError>> {
        std::mem::take(&mut self.finished)
    }
}

impl<'a> Rounds<'a> {
    /// Takes up the rounds that were open when the node was stopped.
    ///
    /// # Errors
    /// Why one cannot be taken up now; nothing is given up for that. One that is burnt is among the open_rounds's news.
    pub async fn take_up(&self, peers: &Peers, abandon: bool) -> Result<OpenRounds<'a>, NodeError> {
        let mut open_rounds = OpenRounds { open: BTreeMap::new(), spent: BTreeMap::new(), finished: Vec::new() };
        for peer in peers.iter() {
            let Some(found) = self.stored_round(peer, Carrier::Line, abandon)? else { continue };
            if found.summary.round.is_none() {
                open_rounds.spent.insert(peer.id, self.reusable_debit(&found));
                continue;
            }
            let begun = crate::sys::clock::date(found.header.begun);
            self.sink.take(&Event::Replaying { begun: &begun, peer: &peer.name, kind: Replaying::Answering });
            let basis = self.admission.readmit(&peer.id)?;
            match self.restore(&found, peer, basis).await? {
                Ok(open) => drop(open_rounds.open.insert(peer.id, open)),
                Err(failure) => open_rounds.finished.push(Err(failure)),
            }
        }
        Ok(open_rounds)
    }

    /// How long until the first open round has not moved for too long; `None` without one.
    #[must_use]
    pub fn next_end(&self, open_rounds: &OpenRounds<'_>) -> Option<Duration> {
        open_rounds.open.values().map(|open| self.time_left_of(open, open.drive.last_progress())).min()
    }

    /// Ends the rounds that have not moved for too long; what became of them.
    pub async fn ends(&self, open_rounds: &mut OpenRounds<'a>) -> Vec<Result<CallOutcome, NodeError>> {
        let mut ends = open_rounds.take_finished();
        let late: Vec<PeerId> = open_rounds
            .open
            .iter()
            .filter(|(_, open)| self.time_left_of(open, open.drive.last_progress()).is_zero())
            .map(|(peer, _)| *peer)
            .collect();
        for peer in late {
            let Some(mut open) = open_rounds.open.remove(&peer) else { continue };
            let end = match self.has_outcome(&mut open).await {
                Ok(true) => self.over(&mut open, false).await.map(Progress::over),
                Ok(false) => {
                    let error = open.lost.take().unwrap_or_else(|| TransportError::Vanished.into());
                    Err(self.expire(&mut open, error).await)
                }
                Err(failure) => Err(failure),
            };
            ends.push(self.park(open_rounds, open, end));
        }
        ends
    }

    /// A round after a connection: it is over, or stays.
    fn park(
        &self,
        open_rounds: &mut OpenRounds<'a>,
        mut open: OpenRound<'a>,
        progress: Result<Progress, NodeError>,
    ) -> Result<CallOutcome, NodeError> {
        match progress {
            Ok(Progress::Over(summary)) => Ok(CallOutcome::Over(summary)),
            Ok(Progress::Lost(error)) => {
                self.lost(&open.peer, &error);
                open.lost = Some(error);
                open_rounds.open.insert(open.peer.id, open);
                Ok(CallOutcome::Lost)
            }
            Err(failure) if open.over => Err(failure),
            Err(failure) => {
                open.drive.disconnect(close::LOCAL);
                Ok(CallOutcome::Stopped(failure))
            }
        }
    }

    /// Answers a caller.
    ///
    /// # Errors
    /// Why the round stopped, or why there was none.
    pub async fn answer(
        &self,
        open_rounds: &mut OpenRounds<'a>,
        peer: &Peer,
        channel: Channel,
    ) -> Result<CallOutcome, NodeError> {
        self.connected(peer);
        // V-TIME-003
        let opening = Opening::read(channel, self.options.first_frame).await?;
        self.answer_opening(open_rounds, peer, opening).await
    }

    /// Whether a round with this peer is open here, or ended here.
    #[must_use]
    pub fn knows(&self, open_rounds: &OpenRounds<'_>, peer: &Peer, round: &RoundId) -> bool {
        let open = open_rounds.open.get(&peer.id).and_then(|open| open.drive.round());
        open == Some(*round) || self.ended_here(peer, *round).is_some()
    }

    /// As [`Rounds::answer`], of a caller whose first frame was read.
    ///
    /// # Errors
    /// As [`Rounds::answer`].
    pub async fn answer_opening(
        &self,
        open_rounds: &mut OpenRounds<'a>,
        peer: &Peer,
        opening: Opening,
    ) -> Result<CallOutcome, NodeError> {
        if opening.asks() {
            // V-CHECK-001
            inquiry::answer(self.admission.data, self.admission.identity, &peer.id, opening).await?;
            return Ok(CallOutcome::Closed);
        }
        if opening.confirms() {
            if let Err(error) = self.confirming().answer(&peer.id, opening).await {
                self.sink.take(&Event::RoundFailed(&error));
            }
            return Ok(CallOutcome::Closed);
        }
        // A frame too short to say anything begins a round, which refuses it.
        match opening.resumes().unwrap_or(None) {
            Some(round) => self.go_on_with(open_rounds, peer, opening, round).await,
            None => self.begin_with(open_rounds, peer, opening).await,
        }
    }

    async fn begin_with(
        &self,
        open_rounds: &mut OpenRounds<'a>,
        peer: &Peer,
        opening: Opening,
    ) -> Result<CallOutcome, NodeError> {
        let (opening, prepared) = match self.let_in(peer, opening).await? {
            Ok(let_in) => let_in,
            Err(error) => return Err(error),
        };
        let mut spent = open_rounds.spent.remove(&peer.id).unwrap_or_default();
        if let Some(mut open) = open_rounds.open.remove(&peer.id) {
            match self.make_room(open_rounds, &mut open).await {
                Ok(left) => spent = left.unwrap_or(spent),
                Err(failure) => {
                    opening.close(close::LOCAL);
                    return self.park(open_rounds, open, Err(failure));
                }
            }
        }
        // V-AGREE-023: nothing of a round leaves before this.
        let basis = match self.admit(&peer.id, &spent) {
            Ok(basis) => basis,
            Err(closed) => {
                open_rounds.spent.insert(peer.id, spent);
                opening.close(closed.close_code());
                return Err(closed);
            }
        };
        let agreement = basis.digest();
        let mut open = match self.begin(peer, basis, prepared, &spent) {
            Ok(open) => open,
            Err(failure) => {
                spent.debit = Some(super::recovery::DebitedFor::round_under(agreement));
                open_rounds.spent.insert(peer.id, spent);
                opening.close(close::LOCAL);
                return Err(failure);
            }
        };
        open.drive.connect(opening.begin());
        let progress = self.work(&mut open).await;
        self.park(open_rounds, open, progress)
    }

    /// Looks at a caller's hello before anything is written, debited or given up for it (V-AUDIT-015). Inside, why the caller
    /// was turned away.
    async fn let_in(
        &self,
        peer: &Peer,
        opening: Opening,
    ) -> Result<Result<(Opening, PreparedRound), NodeError>, NodeError> {
        let basis = match self.admission.readmit(&peer.id) {
            Ok(basis) => basis,
            Err(closed) => {
                opening.close(closed.close_code());
                return Ok(Err(closed));
            }
        };
        let prepared = match self.prepare(peer, &basis, opening.binding(), Carrier::Line) {
            Ok(prepared) => prepared,
            Err(failure) => {
                opening.close(close::LOCAL);
                return Err(failure);
            }
        };
        let Err((hello, error)) = self.screen(&prepared, basis, &opening.frame)? else {
            return Ok(Ok((opening, prepared)));
        };
        // V-AGREE-023: even the hello of a refusal leaves only where a round could begin.
        if let Err(closed) = self.admission.would_admit(&peer.id) {
            opening.close(closed.close_code());
            return Ok(Err(closed));
        }
        let failure = self.why(peer, &opening.frame, &error);
        opening.refuse_after(hello, &DriveError::Protocol(error)).await;
        Ok(Err(failure))
    }

    /// Why a hello was refused; if for the peer's audit log, with what is known of it.
    fn why(&self, peer: &Peer, frame: &[u8], error: &Error) -> NodeError {
        let known = LogHeads::of(self.admission.data, &peer.id).known();
        let head = frame.get(HEADER_BYTES..).and_then(|body| Hello::decode(body).ok());
        let head = head.and_then(|hello| LogHead::check_signed(&hello.log_head, &peer.id).ok());
        match (error, known, head) {
            (Error::Peer(PeerFault::StateLost | PeerFault::HistoryMismatch), Ok(known), Some(head)) => {
                NodeError::PeerLog { peer: peer.name.clone(), known: known.size, shown: head.head.size }
            }
            _ => error.clone().into(),
        }
    }

    /// Makes room for the next round with the peer of an open one. What the next may use of it, if nothing can have been
    /// evaluated.
    async fn make_room(
        &self,
        open_rounds: &mut OpenRounds<'a>,
        open: &mut OpenRound<'a>,
    ) -> Result<Option<ReusableDebit>, NodeError> {
        if self.has_outcome(open).await? {
            open_rounds.finished.push(Ok(CallOutcome::Over(Box::new(self.over(open, false).await?))));
            return Ok(None);
        }
        if !may_have_evaluated(Role::Responder, open.drive.received()) {
            open.over = true;
            return Ok(Some(ReusableDebit::here(open)));
        }
        let failure = self.burn(open, DriveError::Protocol(PeerFault::StateLost.into())).await;
        if !open.over {
            return Err(failure);
        }
        self.sink.take(&Event::BegunAnew { peer: &open.peer.name, error: &failure });
        Ok(None)
    }

    async fn go_on_with(
        &self,
        open_rounds: &mut OpenRounds<'a>,
        peer: &Peer,
        opening: Opening,
        round: RoundId,
    ) -> Result<CallOutcome, NodeError> {
        let own = self.admission.identity.key();
        let ends = Ends { own: &own, peer: peer.id, patience: self.options.frame_timeout };
        let known = open_rounds.open.get(&peer.id).and_then(|open| open.drive.round());
        if known != Some(round) {
            if let Some((received, sent)) = self.ended_here(peer, round) {
                // The caller has not heard that the round is over: it hears that everything has come.
                let (role, acknowledged) = (self.admission.role, sent.count());
                let position =
                    Position { round, role, binding: [0; 32], received: &received, sent: &sent, acknowledged };
                let (link, _) = opening.answer(position, ends).await?;
                link.end(Duration::from_secs(10)).await;
                return Ok(CallOutcome::Closed);
            }
            // V-RESUME-005: what was begun with this peer stays as it is.
            let error = DriveError::Protocol(PeerFault::UnknownRound.into());
            opening.refuse(&error).await;
            // The caller may know the id of a round of which this side does not have it yet: it begins anew now.
            let nameless = open_rounds.open.get(&peer.id).is_some_and(|open| open.drive.round().is_none());
            let begins_anew = nameless || open_rounds.spent.get(&peer.id).is_some_and(|spent| spent.debit.is_some());
            return if begins_anew { Ok(CallOutcome::Lost) } else { Err(error.into()) };
        }
        if let Err(closed) = self.admission.readmit(&peer.id) {
            opening.close(closed.close_code());
            return Err(closed);
        }
        let Some(mut open) = open_rounds.open.remove(&peer.id) else {
            return Err(NodeError::Internal("a round vanished"));
        };
        let binding = opening.binding();
        let position = match open.drive.position(Role::Responder).await {
            Ok(position) => position,
            Err(error) => {
                opening.close(error.code());
                let progress = self.broken(&mut open, error).await.map(Progress::Lost);
                return self.park(open_rounds, open, progress);
            }
        };
        let (link, count) = match opening.answer(position, ends).await {
            Ok(agreed) => agreed,
            Err(error) if burns(&error) => {
                let failure = self.burn(&mut open, error).await;
                return self.park(open_rounds, open, Err(failure));
            }
            Err(error) => {
                open_rounds.open.insert(peer.id, open);
                return if error.is_loss() { Ok(CallOutcome::Lost) } else { Err(error.into()) };
            }
        };
        let progress = self.resume(&mut open, link, count, binding).await;
        self.park(open_rounds, open, progress)
    }

    /// What crossed in a round with this peer that ended well here (V-RESUME-016): from a short note, so that a call costs
    /// no work that grows with the round.
    fn ended_here(&self, peer: &Peer, round: RoundId) -> Option<(History, History)> {
        let ended = EndedRound::read(self.admission.data, &round)?;
        if ended.peer != peer.id || ended.role != self.admission.role {
            return None;
        }
        let [(received, theirs), (sent, ours)] = [ended.received, ended.sent];
        Some((History::ended(received, theirs), History::ended(sent, ours)))
    }
}
