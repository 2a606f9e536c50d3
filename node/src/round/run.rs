//! How a round runs over a connection.

use super::Rounds;
use super::open::{OpenRound, Progress};
use crate::admission::Admission;
use crate::driver::{DriveError, Link};
use crate::error::NodeError;
use crate::event::Event;
use crate::store::journal::Entry;
use crate::transport::{TransportError, close};
use blindlink::identity::PeerId;
use blindlink::policy::OutputMode;
use blindlink::session::Role;
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How often a round that runs asks whether it still may (V-AGREE-013).
const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl<'a> Rounds<'a> {
    /// Goes on with a round over a connection of which the peer has shown that it is in it.
    pub(super) async fn resume(
        &self,
        open: &mut OpenRound<'a>,
        link: Link,
        count: u32,
        binding: [u8; 32],
    ) -> Result<Progress, NodeError> {
        self.admission.resumed(&open.peer.id, open.drive.round())?;
        open.drive.note(Entry::Resumed(binding)).await?;
        self.resumed(open);
        if let Err(error) = open.drive.resume(link, count) {
            return self.broken(open, error).await.map(Progress::Lost);
        }
        self.work(open).await
    }

    /// Whether the peer must not see anything that depends on what this side found: it is a requester that claims nothing.
    pub(super) fn shows_nothing(&self) -> bool {
        let Admission { role, input, .. } = &self.admission;
        *role == Role::Requester && input.policy.policy().round.output == OutputMode::Requester
    }

    /// Lets the round run over its connection, to its end or to the connection's.
    pub(super) async fn work(&self, open: &mut OpenRound<'a>) -> Result<Progress, NodeError> {
        let progress = self.work_on(open).await;
        let through = open.ended || (self.shows_nothing() && open.drive.received_all());
        if matches!(progress, Ok(Progress::Lost(_))) && through && open.drive.all_acknowledged() {
            open.closing.get_or_insert_with(Instant::now);
        }
        progress
    }

    pub(super) async fn work_on(&self, open: &mut OpenRound<'a>) -> Result<Progress, NodeError> {
        let peer = open.peer.id;
        match self.while_agreed(&peer, open.drive.run_until_said()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return self.broken(open, error).await.map(Progress::Lost),
            Err(closed) => {
                self.sink.take(&Event::Halted { peer: &open.peer.name, error: &closed });
                // A loss for the peer: it calls again, and hears why then.
                open.drive.disconnect(close::LOCAL);
                return Ok(Progress::Lost(DriveError::Denied(closed.refusal())));
            }
        }
        // V-SETTLE-007: where nothing more is to be said the stream ends before this side knows what it found. A requester
        // that claims nothing writes nothing before that, whatever came first, the receipt or what it found.
        let quiet = self.shows_nothing();
        let early = if open.drive.is_done() && !quiet { None } else { Some(open.drive.finish().await) };
        match &early {
            None => {}
            // The peer may call for more: the outcome waits, in memory and in the journal.
            Some(Ok(false)) if quiet => return Ok(Progress::Lost(DriveError::Transport(TransportError::Vanished))),
            Some(Err(error)) if quiet && error.is_loss() => {
                open.drive.disconnect(error.code());
                return Ok(Progress::Lost(early.and_then(Result::err).unwrap_or(DriveError::Interrupted)));
            }
            Some(_) => {
                if let Err(error) = open.drive.drain().await {
                    return self.broken(open, error).await.map(Progress::Lost);
                }
            }
        }
        self.settle(open).await?;
        let parted = match early {
            Some(parted) => parted,
            None => open.drive.finish().await,
        };
        match parted {
            Ok(true) => self.over(open, true).await.map(Progress::over),
            Ok(false) => Ok(Progress::Lost(DriveError::Transport(TransportError::Vanished))),
            Err(error) if error.is_loss() => {
                open.drive.disconnect(error.code());
                Ok(Progress::Lost(error))
            }
            // The outcome stays, whatever the peer says or the operator does now.
            Err(_) => self.over(open, false).await.map(Progress::over),
        }
    }

    /// Works for as long as the agreement lets it, and begins only then (V-AGREE-013). What is dropped in the middle is
    /// in the journal, or made again from it.
    pub(super) async fn while_agreed<T>(&self, peer: &PeerId, work: impl Future<Output = T>) -> Result<T, NodeError> {
        let mut work = pin!(work);
        loop {
            self.admission.still_admitted(peer)?;
            if let Ok(done) = timeout(LOOK_AGAIN, &mut work).await {
                return Ok(done);
            }
        }
    }
}
