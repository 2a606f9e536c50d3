//! A round in memory, with or without a connection.

use super::Summary;
use crate::driver::{DriveError, RoundDriver};
use crate::store::peers::Peer;
use blindlink::ids::AgreementDigest;
use blindlink::session::Session;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a round whose outcome is here and at the peer stays open for a peer that has not heard so.
pub(crate) const CLOSING: Duration = Duration::from_secs(20);

/// A round that may go on.
pub(crate) struct OpenRound<'a> {
    pub(crate) drive: RoundDriver<'a, Session>,
    pub(crate) peer: Peer,
    pub(super) path: PathBuf,
    pub(super) agreement: Option<AgreementDigest>,
    /// Whether the outcome is here, written, and known to the audit log.
    pub(super) ended: bool,
    /// Whether it is burnt, or closed after its end: nobody goes on with it.
    pub(super) over: bool,
    pub(super) summary: Option<Summary>,
    /// How its last connection was lost.
    pub(super) lost: Option<DriveError>,
    /// When a connection was first lost with nothing left to send: only the peer's end is missing.
    pub(super) closing: Option<Instant>,
}

impl<'a> OpenRound<'a> {
    pub(super) fn new(
        drive: RoundDriver<'a, Session>,
        peer: &Peer,
        path: PathBuf,
        agreement: Option<AgreementDigest>,
    ) -> Self {
        let peer = peer.clone();
        Self { drive, peer, path, agreement, ended: false, over: false, summary: None, lost: None, closing: None }
    }
}

/// Silence shows only after the idle timeout: what only the end is missing of is counted from when that was noticed.
pub(super) fn time_left(give_up: Duration, still: Duration, closing: Option<Duration>) -> Duration {
    closing.map_or_else(|| give_up.saturating_sub(still), |since| CLOSING.min(give_up).saturating_sub(since))
}

/// How far a connection brought a round.
pub(crate) enum Progress {
    /// It is over.
    Over(Box<Summary>),
    /// The connection was lost, for this reason; the round stays.
    Lost(DriveError),
}

impl Progress {
    pub(super) fn over(summary: Summary) -> Self {
        Self::Over(Box::new(summary))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// V-CLOSE-001: after an idle timeout of 30 s there is still time to call again.
    #[test]
    fn the_end_is_waited_for_from_when_the_loss_was_noticed() {
        let seconds = Duration::from_secs;
        let left =
            |give_up, still, closing: Option<u64>| time_left(seconds(give_up), seconds(still), closing.map(seconds));
        assert_eq!(left(21_600, 30, None), seconds(21_570));
        assert_eq!(left(21_600, 30, Some(0)), CLOSING);
        assert_eq!(left(21_600, 50, Some(20)), Duration::ZERO);
        assert_eq!(left(5, 1, Some(0)), seconds(5));
        assert_eq!(left(0, 0, None), Duration::ZERO);
    }
}
