//! The node as a running thing: it listens, answers known peers, several at a time, and keeps their rounds open.

mod calls;
pub mod links;
pub mod status;

use crate::error::NodeError;
use crate::event::Event;
use crate::round::{CallOutcome, OpenRounds, Rounds, Summary};
use crate::store::peers::Peers;
use crate::transport::{Channel, Listener, Refusal, Settings};
use calls::{Answered, Calls};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How often callers that are turned away are told of, at most: strangers must not fill a log.
const TELL_AGAIN: Duration = Duration::from_secs(60);

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
    /// Rounds at a time, each with another peer.
    pub rounds: usize,
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
enum Next<'a> {
    Call(Channel),
    /// A call is through.
    Answered(Answered<'a>),
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
        let mut listener = Listener::bind(
            identity.secret(),
            self.peers.ids(),
            self.options.listen,
            &self.options.transport,
            self.options.rounds,
        )?;
        let (addr, key) = (listener.local()?, identity.key().id());
        rounds.sink.take(&Event::Listening { addr, key, records: rounds.admission.input.list.records.len() });
        let mut calls = Calls::default();
        let mut strangers = Strangers::default();
        let result = loop {
            let mut outcomes = rounds.ends(&mut open).await;
            if let Some((peer, channel)) = calls.next_waiting() {
                calls.answer(rounds, &mut open, peer, channel);
            }
            if outcomes.is_empty() {
                match self.next(&mut listener, &mut calls, &open).await {
                    // The rounds that run hear of it too, and let their connections go.
                    Next::Stop => break self.stopped(&mut calls, &mut open, &mut over).await,
                    Next::RoundEnd => continue,
                    Next::ListenerEnded => break Err(NodeError::Internal("the listener ended")),
                    Next::Refused(refusal) => {
                        if let Some(others) = strangers.tell() {
                            let Refusal { remote, key } = refusal;
                            rounds.sink.take(&Event::TurnedAway { remote, key, others });
                        }
                        continue;
                    }
                    Next::Call(channel) => {
                        let known = self.peers.by_id(&channel.peer());
                        let peer = known.ok_or(NodeError::Internal("an unknown peer was admitted"))?;
                        calls.answer(rounds, &mut open, peer, channel);
                        continue;
                    }
                    // A round that ended because of this call comes first.
                    Next::Answered(answered) => outcomes = taken_back(&mut open, answered),
                }
            }
            if let Some(end) = self.last_of(outcomes, &mut over) {
                break end;
            }
        };
        drop(calls);
        listener.finish(LINGER).await;
        result
    }

    /// Lets the rounds that run hear that the node is stopped.
    async fn stopped<'s>(
        &self,
        calls: &mut Calls<'s, 'a>,
        open: &mut OpenRounds<'a>,
        over: &mut impl FnMut(Summary),
    ) -> Result<(), NodeError>
    where
        'a: 's,
    {
        let mut end = Ok(());
        while !calls.is_empty() {
            let answered = calls.next().await;
            let outcomes = taken_back(open, answered);
            end = self.last_of(outcomes, over).unwrap_or(end);
        }
        end
    }

    async fn next<'s>(&self, listener: &mut Listener, calls: &mut Calls<'s, 'a>, open: &OpenRounds<'a>) -> Next<'a>
    where
        'a: 's,
    {
        let mut stop = self.rounds.stop.clone();
        tokio::select! {
            next = listener.next() => match next {
                None => Next::ListenerEnded,
                Some(Err(refusal)) => Next::Refused(refusal),
                Some(Ok(channel)) => Next::Call(channel),
            },
            answered = calls.next() => Next::Answered(answered),
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

/// Takes back what concerns the peer of a call; what became of its rounds, the call's own last.
fn taken_back<'a>(open: &mut OpenRounds<'a>, answered: Answered<'a>) -> Vec<Result<CallOutcome, NodeError>> {
    open.put_back(answered.rounds);
    let mut outcomes = open.take_finished();
    outcomes.push(answered.outcome);
    outcomes
}

/// Callers that were turned away: told of one at a time, and how many there were since.
#[derive(Default)]
struct Strangers {
    told: Option<Instant>,
    since: usize,
}

impl Strangers {
    /// Counts one. If it is to be told of, how many others were not.
    fn tell(&mut self) -> Option<usize> {
        if self.told.is_some_and(|told| told.elapsed() < TELL_AGAIN) {
            self.since += 1;
            return None;
        }
        self.told = Some(Instant::now());
        Some(std::mem::take(&mut self.since))
    }
}

/// Sleeps for `time`, or forever if `None`.
async fn sleep(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}
