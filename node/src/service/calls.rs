//! The calls that are being answered, one of each peer at a time.

use crate::error::NodeError;
use crate::round::{CallOutcome, OpenRounds, Rounds};
use crate::store::peers::Peer;
use crate::transport::Channel;
use blindlink::identity::PeerId;
use std::collections::{BTreeSet, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// What became of a call, with what the peer's rounds are then.
pub(super) struct Answered<'a> {
    peer: PeerId,
    pub(super) rounds: OpenRounds<'a>,
    pub(super) outcome: Result<CallOutcome, NodeError>,
}

type Answer<'s, 'a> = Pin<Box<dyn Future<Output = Answered<'a>> + 's>>;

/// Calls under way: rounds with several peers run side by side, so that none keeps another out (V-RESUME-012).
#[derive(Default)]
pub(super) struct Calls<'s, 'a> {
    answers: Vec<Answer<'s, 'a>>,
    peers: BTreeSet<PeerId>,
    /// Calls of peers whose earlier call is not yet let go of.
    waiting: VecDeque<(&'s Peer, Channel)>,
}

impl<'s, 'a: 's> Calls<'s, 'a> {
    /// Answers a call of a peer, with its rounds taken out of `open`.
    pub(super) fn answer(
        &mut self,
        rounds: &'s Rounds<'a>,
        open: &mut OpenRounds<'a>,
        peer: &'s Peer,
        channel: Channel,
    ) {
        if !self.peers.insert(peer.id) {
            self.waiting.push_back((peer, channel));
            return;
        }
        let mut own = open.take_of(&peer.id);
        self.answers.push(Box::pin(async move {
            let outcome = rounds.answer(&mut own, peer, channel).await;
            Answered { peer: peer.id, rounds: own, outcome }
        }));
    }

    /// A call that waited for an earlier one of its peer, which is over now.
    pub(super) fn next_waiting(&mut self) -> Option<(&'s Peer, Channel)> {
        let at = self.waiting.iter().position(|(peer, _)| !self.peers.contains(&peer.id))?;
        self.waiting.remove(at)
    }

    /// The next call that is through; never, while there is none. Cancel-safe.
    pub(super) async fn next(&mut self) -> Answered<'a> {
        let answered = poll_fn(|context| {
            let ready =
                self.answers.iter_mut().enumerate().find_map(|(at, answer)| match answer.as_mut().poll(context) {
                    Poll::Ready(answered) => Some((at, answered)),
                    Poll::Pending => None,
                });
            let Some((at, answered)) = ready else { return Poll::Pending };
            drop(self.answers.swap_remove(at));
            Poll::Ready(answered)
        })
        .await;
        self.peers.remove(&answered.peer);
        answered
    }

    /// Whether any is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }
}
