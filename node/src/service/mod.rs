//! The node as a running thing: it listens, answers known peers, and keeps their rounds open.

use crate::error::NodeError;
use crate::event::Event;
use crate::round::{CallOutcome, OpenRounds, Rounds, Summary};
use crate::store::peers::Peers;
use crate::transport::{Channel, Listener, Refusal, Settings};
use std::net::SocketAddr;
use std::time::Duration;

/// How long the last connections may take to close.
const LINGER: Duration = Duration::from_secs(2);

/// How callers are answered.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    /// UDP address to listen at.
    pub listen: SocketAddr,
    /// Times of a connection.
    pub transport: Settings,
    /// Whether open rounds are given up first.
    pub abandon: bool,
    /// Whether the first round that ends, well or not, ends the service.
    pub once: bool,
}

/// Answers callers with one list.
pub struct Service<'s, 'a> {
    /// The rounds that it runs.
    pub rounds: &'s Rounds<'a>,
    /// Who may call.
    pub peers: &'s Peers,
    /// How.
    pub options: ServiceOptions,
}

/// What a step of the service waited for.
enum Next {
    Call(Channel),
    Refused(Refusal),
    /// An open round may have come to its end.
    RoundEnd,
    Stop,
    ListenerEnded,
}

impl<'a> Service<'_, 'a> {
    /// Answers callers until it is stopped, or with [`ServiceOptions::once`] until the first round ends. `over` takes
    /// the summary of each round that ended well; one that failed is an [`Event::RoundFailed`].
    ///
    /// # Errors
    /// Why it cannot listen; with [`ServiceOptions::once`] why the round failed; trouble of this node's own that only a
    /// new start can mend.
    pub async fn run(&self, mut over: impl FnMut(Summary)) -> Result<(), NodeError> {
        let rounds = self.rounds;
        let mut open = rounds.take_up(self.peers, self.options.abandon).await?;
        let identity = rounds.admission.identity;
        let mut listener =
            Listener::bind(identity.secret(), self.peers.ids(), self.options.listen, &self.options.transport)?;
        let (addr, key) = (listener.local()?, identity.key().id());
        rounds.sink.take(&Event::Listening { addr, key, records: rounds.admission.input.list.records.len() });
        let result = loop {
            let mut outcomes = rounds.ends(&mut open).await;
            if outcomes.is_empty() {
                match self.next(&mut listener, &open).await {
                    Next::Stop => break Ok(()),
                    Next::RoundEnd => continue,
                    Next::ListenerEnded => break Err(NodeError::Internal("the listener ended")),
                    Next::Refused(refusal) => {
                        rounds.sink.take(&Event::TurnedAway { remote: refusal.remote, key: refusal.key });
                        continue;
                    }
                    Next::Call(channel) => {
                        let known = self.peers.by_id(&channel.peer());
                        let peer = known.ok_or(NodeError::Internal("an unknown peer was admitted"))?;
                        let answer = rounds.answer(&mut open, peer, channel).await;
                        // A round that ended because of this call comes first.
                        outcomes = open.take_finished();
                        outcomes.push(answer);
                    }
                }
            }
            if let Some(end) = self.last_of(outcomes, &mut over) {
                break end;
            }
        };
        listener.finish(LINGER).await;
        result
    }

    async fn next(&self, listener: &mut Listener, open: &OpenRounds<'a>) -> Next {
        let mut stop = self.rounds.stop.clone();
        tokio::select! {
            next = listener.next() => match next {
                None => Next::ListenerEnded,
                Some(Err(refusal)) => Next::Refused(refusal),
                Some(Ok(channel)) => Next::Call(channel),
            },
            _ = stop.changed() => Next::Stop,
            () = sleep(self.rounds.next_end(open)) => Next::RoundEnd,
        }
    }

    /// Reports what became of rounds. How the service ends, if one of them ends it.
    fn last_of(
        &self,
        outcomes: Vec<Result<CallOutcome, NodeError>>,
        over: &mut impl FnMut(Summary),
    ) -> Option<Result<(), NodeError>> {
        let mut last = None;
        for outcome in outcomes {
            // With `once` the first round that ends, well or not, ends the service; else the next peer may be honest.
            let (end, stops) = match outcome {
                Ok(CallOutcome::Lost | CallOutcome::Closed) => continue,
                Ok(CallOutcome::Over(summary)) => {
                    over(*summary);
                    (Ok(()), self.options.once)
                }
                Ok(CallOutcome::Stopped(error)) => (Err(error), true),
                Err(error) => {
                    let interrupted = error.code() == crate::failure_code::FailureCode::Interrupted;
                    (Err(error), self.options.once || interrupted)
                }
            };
            if let Err(error) = &end
                && !self.options.once
            {
                self.rounds.sink.take(&Event::RoundFailed(error));
            }
            if stops {
                last = Some(end);
            }
        }
        last
    }
}

/// Sleeps for `time`, or forever if `None`.
async fn sleep(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}
