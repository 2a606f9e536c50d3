//! A round that was stopped, made again from its journal: the same seed, records and frames give the same frames.

use super::engine::Engine;
use super::{DriveError, MadeFrame, RoundMachine};
use crate::store::journal::{Entries, Entry, Journal, JournalError, Tail};

/// What the replayed journal says besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Own frames that may have left.
    pub left: u32,
    /// Own frames that the peer has acknowledged.
    pub acknowledged: u32,
    /// Whether this side has had its outcome.
    pub ended: bool,
    /// Turns read and written, with their digests and the own frames that were made before each ended.
    pub turns: Vec<(u32, [u8; 32], u32)>,
}

/// Feeds the entries to the machine in the order in which they happened, and opens the journal again. Every frame that
/// it makes goes to `out` with its number, once it is found to be the one that was made then.
///
/// # Errors
/// [`DriveError::Replay`] with the number of the first frame that comes out otherwise; [`DriveError::BadJournal`]; as the
/// session's, and then the journal says that the round is burnt: the node was stopped before it could (V-RESUME-014).
pub(super) async fn replay<M: RoundMachine>(
    engine: &mut Engine<'_, M>,
    mut entries: Entries,
    reopen: impl FnOnce(Tail) -> Result<Journal, JournalError>,
    out: impl FnMut(u32, MadeFrame) -> Result<(), DriveError>,
) -> Result<Replayed, DriveError> {
    let replayed = feed(engine, &mut entries, out).await;
    if replayed.as_ref().is_err_and(|error| !error.burns()) {
        return replayed;
    }
    // What came after a frame that was refused was read ahead.
    entries.by_ref().try_for_each(|entry| entry.map(drop)).map_err(DriveError::BadJournal)?;
    engine.journal = Some(reopen(entries.tail()).map_err(DriveError::BadJournal)?);
    match replayed {
        Err(error) => Err(engine.burn(error).await),
        said => said,
    }
}

async fn feed<M: RoundMachine>(
    engine: &mut Engine<'_, M>,
    entries: &mut Entries,
    mut out: impl FnMut(u32, MadeFrame) -> Result<(), DriveError>,
) -> Result<Replayed, DriveError> {
    let mut said = Replayed::default();
    for entry in entries {
        match entry.map_err(DriveError::BadJournal)? {
            Entry::Sent(digest) => {
                let number = engine.sent.count();
                let frame = engine.next().await?.ok_or(DriveError::Replay(number))?;
                if frame.digest != digest {
                    return Err(DriveError::Replay(number));
                }
                said.left = number + 1;
                out(number, frame)?;
            }
            Entry::Received(frame) => {
                engine.take(frame)?;
                engine.is_durable(engine.received.count())?;
            }
            Entry::Round(id) => {
                if engine.machine.round() != Some(id) {
                    return Err(DriveError::Replay(0));
                }
            }
            Entry::Acknowledged(count) => said.acknowledged = count,
            Entry::Turn { number, digest } => said.turns.push((number, digest, said.left)),
            Entry::Ended(_) => said.ended = true,
            Entry::Resumed(_) | Entry::Confirmed => {}
            Entry::Burnt(code) => return Err(DriveError::Burnt(code)),
        }
    }
    Ok(said)
}
