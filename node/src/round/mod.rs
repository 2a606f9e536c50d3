//! Rounds of this node, from admission to a result file, over as many connections as it takes.
//!
//! `begin` creates a round or replays it from its journal, `run` takes it over a connection, `close` ends it.
//! `requester`, `responder` and `offline` say who calls, who answers, and what crosses in files.

mod begin;
mod cases;
mod close;
pub mod confirmation;
pub mod inquiry;
mod keep;
mod offline;
mod open;
mod recovery;
mod requester;
mod responder;
mod result;
mod run;
mod summary;
mod turns;

pub use offline::OfflineOptions;
pub use requester::CallOptions;
pub use responder::{CallOutcome, OpenRounds};
pub use summary::Summary;

use crate::admission::Admission;
use crate::driver::{Context, DriveError, LogNote, Pool, StorageKey};
use crate::error::NodeError;
use crate::event::{Event, Sink};
use crate::store::audit_log::Log;
use crate::store::journal::Header;
use crate::store::log_heads::LogHeads;
use crate::store::peers::Peer;
use blindlink::agreement::Basis;
use blindlink::secret::Seed;
use blindlink::session::{self, Config, Session, SessionInputs};
use open::OpenRound;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How rounds of one node are run.
#[derive(Clone, Debug)]
pub struct RoundOptions {
    /// The file of the own list, to name it.
    pub records: PathBuf,
    /// The mapping of that list, if it has one.
    pub mapping: Option<PathBuf>,
    /// What the list held, if it is no file any more.
    pub content: Option<Arc<[u8]>>,
    /// Whether the requester's result keeps at most one pair of each record.
    pub one_to_one: bool,
    /// Where the result goes.
    pub out: Option<PathBuf>,
    /// Whether the round's id is put into that name.
    pub out_by_round: bool,
    /// Longest wait for a caller's first frame.
    pub first_frame: Duration,
    /// Longest silence of the peer.
    pub frame_timeout: Duration,
    /// How long a round that does not move stays open.
    pub give_up: Duration,
    /// Journals whose rounds the operator does not want to go on with.
    pub given_up: Arc<BTreeSet<PathBuf>>,
}

/// Rounds of one node in one role, with one list.
pub struct Rounds<'a> {
    /// Decides whether a round may begin; it knows the node's folder, identity, list and role.
    pub admission: Admission<'a>,
    /// Key of the node's journals.
    pub storage: StorageKey,
    /// How they are run.
    pub options: RoundOptions,
    /// Threads for heavy maths.
    pub pool: &'a Pool,
    /// Turns true when the operator stops the node.
    pub stop: watch::Receiver<bool>,
    /// Takes what happens.
    pub sink: &'a dyn Sink,
    /// Takes a round's progress: [`Rounds::sink`] as a function.
    pub observe: &'a (dyn Fn(&session::Event) + Sync),
}

impl<'a> Rounds<'a> {
    pub(super) fn context(&self) -> Context<'a> {
        let Admission { data, identity, .. } = self.admission;
        let note = move |note: &LogNote| match note {
            LogNote::Cosign { peer, head } => LogHeads::of(data, peer).cosign(data, identity, head),
            LogNote::Cosigned { peer, time, signature } => {
                let log = Log::open(data, identity)?;
                LogHeads::of(data, peer).cosigned(&log, identity, *time, signature)
            }
        };
        Context {
            log: Arc::new(note),
            pool: self.pool,
            frame_timeout: self.options.frame_timeout,
            stop: self.stop.clone(),
            observe: self.observe,
        }
    }

    pub(super) fn confirming(&self) -> confirmation::Confirming<'_> {
        let Admission { data, identity, .. } = self.admission;
        confirmation::Confirming { data, identity, storage: &self.storage, patience: self.options.frame_timeout }
    }

    /// The own list with a seed, committed to.
    pub(super) fn inputs(&self, seed: Seed) -> Result<SessionInputs, NodeError> {
        let Admission { role, input, .. } = &self.admission;
        Ok(SessionInputs::new(*role, Arc::clone(&input.list), seed).map_err(blindlink::Error::from)?)
    }

    pub(super) fn session(&self, inputs: SessionInputs, header: &Header, basis: Basis) -> Result<Session, NodeError> {
        // A round in training goes on in the suite with which it began.
        let basis = if matches!(basis, Basis::Training(_)) { Basis::Training(header.suite) } else { basis };
        Ok(Session::new(Config {
            inputs,
            basis,
            identity: self.admission.identity.key(),
            peer: header.peer,
            binding: header.binding,
            log: header.log.clone(),
        })?)
    }

    /// Says that a round goes on.
    pub(super) fn resumed(&self, open: &OpenRound<'a>) {
        self.sink.take(&Event::Resumed { peer: &open.peer.name, round: open.drive.round() });
    }

    pub(super) fn lost(&self, peer: &Peer, error: &DriveError) {
        self.sink.take(&Event::ConnectionLost { peer: &peer.name, error });
    }

    pub(super) fn connected(&self, peer: &Peer) {
        self.sink.take(&Event::Connected { peer: &peer.name });
    }
}
