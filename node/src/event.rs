//! What happens in a node, as a type. Bars, log lines, JSON lines and metrics are sinks of it.

use crate::driver::DriveError;
use crate::error::NodeError;
use crate::store::query_history::HistoryWarning;
use blindlink::identity::PeerId;
use blindlink::ids::RoundId;
use blindlink::session;
use blindlink_sources::Problem;
use std::net::SocketAddr;
use std::path::Path;

/// Something that happened. It holds names that the operator gave, decisions and numbers; never content of a record.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The node listens.
    Listening {
        /// Where.
        addr: SocketAddr,
        /// Own key.
        key: PeerId,
        /// Records of the own list.
        records: usize,
    },
    /// A caller did not get past the handshake. Not every one is told of.
    TurnedAway {
        /// From where it called.
        remote: SocketAddr,
        /// The key that it showed, which proves nothing; `None` if the handshake failed before.
        key: Option<PeerId>,
        /// How many others were turned away since the last that was told of.
        others: usize,
    },
    /// The peer has no slot free, or drops handshakes because there are too many: it is called again.
    PeerBusy {
        /// Name of the peer.
        peer: &'a str,
    },
    /// This side calls a peer.
    Calling {
        /// Name of the peer.
        peer: &'a str,
        /// Its address.
        addr: &'a str,
    },
    /// A connection with a known peer stands.
    Connected {
        /// Name of the peer.
        peer: &'a str,
    },
    /// The connection is lost; the round stays open.
    ConnectionLost {
        /// Name of the peer.
        peer: &'a str,
        /// How it was lost.
        error: &'a DriveError,
    },
    /// A round goes on over another connection.
    Resumed {
        /// Name of the peer.
        peer: &'a str,
        /// The round's id.
        round: Option<RoundId>,
    },
    /// By files: a file is to be carried to the peer.
    Carry {
        /// The file.
        file: &'a Path,
        /// Name of the peer.
        peer: &'a str,
        /// Whether nothing comes back.
        last: bool,
    },
    /// Something about the own list looks wrong.
    Warned(HistoryWarning),
    /// The own list has far fewer records than in the last round with the peer.
    ListShrunk {
        /// Records then.
        before: usize,
        /// Records now.
        now: usize,
        /// When that round ended, in seconds since 1970.
        ended: u64,
    },
    /// A row of the own list was left out.
    RowLeftOut {
        /// The file.
        list: &'a str,
        /// Line on which the row begins.
        line: u64,
        /// What is wrong with it, without content.
        why: &'a Problem,
    },
    /// A value of the own list was left out, or read otherwise than written.
    ValueTold {
        /// The file.
        list: &'a str,
        /// Line on which its row begins.
        line: u64,
        /// Why, without content.
        why: &'a Problem,
    },
    /// How many values of the own list were left out of records that are used.
    ValuesTold {
        /// The file.
        list: &'a str,
        /// Left out.
        left_out: usize,
        /// Read otherwise than written.
        otherwise: usize,
    },
    /// How many rows of the own list were left out.
    RowsLeftOut {
        /// The file.
        list: &'a str,
        /// Left out.
        left_out: usize,
        /// Used.
        used: usize,
    },
    /// The round rests on no agreement.
    Training,
    /// What the peer claims will be counted and not saved: there is no result file.
    NotSaved,
    /// Old journals could not be deleted.
    ExpiryFailed(&'a NodeError),
    /// A round that was open is replayed from its journal.
    Replaying {
        /// When it began.
        begun: &'a str,
        /// Name of the peer.
        peer: &'a str,
        /// How its frames cross.
        kind: Replaying,
    },
    /// An open round is abandoned.
    Abandoned {
        /// When it began.
        begun: &'a str,
        /// Why.
        why: &'static str,
    },
    /// The agreement does not let a round run on.
    Halted {
        /// Name of the peer.
        peer: &'a str,
        /// Why.
        error: &'a NodeError,
    },
    /// The peer begins anew; its open round is burnt.
    BegunAnew {
        /// Name of the peer.
        peer: &'a str,
        /// For what the open round was burnt.
        error: &'a NodeError,
    },
    /// The peer left before it confirmed the end; this side has its whole result.
    Unconfirmed,
    /// By files: a turn of the peer is read.
    ReadingTurn(u32),
    /// By files: what may be the peer's file but cannot be read.
    Waiting {
        /// In words; it begins with a separator.
        unread: &'a str,
    },
    /// A round failed, and the node goes on.
    RoundFailed(&'a NodeError),
    /// A link can be used: its list was read.
    LinkReady {
        /// Name of the link.
        link: &'a str,
        /// Records of its list.
        records: usize,
    },
    /// A link cannot be used for now.
    LinkBroken {
        /// Name of the link.
        link: &'a str,
        /// Why.
        error: &'a NodeError,
    },
    /// A round of a link is due.
    RoundDue {
        /// Name of the link.
        link: &'a str,
    },
    /// Lists, peers and configuration were read anew.
    Reloaded {
        /// Links of the configuration.
        links: usize,
    },
    /// They could not be read: everything stays as it was.
    ReloadFailed(&'a NodeError),
    /// Something could not be noted in the database; the node goes on.
    NotNoted(&'a NodeError),
    /// Progress of a round.
    Progress(&'a session::Event),
    /// A round is over: its progress is not shown any longer.
    ProgressOver,
}

/// How a round that was open goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaying {
    /// The requester calls again.
    Calling,
    /// The responder waits for a call.
    Answering,
    /// By files.
    Offline,
}

/// Takes what happens.
pub trait Sink: Sync {
    /// Takes one event.
    fn take(&self, event: &Event<'_>);
}

/// A sink that forgets everything.
#[derive(Clone, Copy, Debug)]
pub struct NoSink;

impl Sink for NoSink {
    fn take(&self, _: &Event<'_>) {}
}
