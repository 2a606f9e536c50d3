//! A round by files: the same machine and journal as over a line, its frames written into turns.

use super::engine::Engine;
use super::replay::replay;
use super::{Context, DriveError, MadeFrame, RoundMachine, Stopped};
use crate::store::journal::{Entries, Entry, Journal, JournalError, Tail};
use crate::transport::turn_file::{self, CheckedTurn, TurnWriter};
use blindlink::error::PeerFault;
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::ids::{FrameDigest, RoundId};
use blindlink::transcript::frame_digest;
use blindlink::wire::turn::{ExpectedTurn, TurnHeader};
use std::path::{Path, PathBuf};

/// How far a round by files came, as its journal tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnHistory {
    /// Digest of the requester's hello, once it was made or has come.
    pub exchange: Option<FrameDigest>,
    /// The own turn that was written last.
    pub own: Option<WrittenTurn>,
    /// Number and digest of the peer's turn that was read last.
    pub peer: Option<(u32, [u8; 32])>,
    /// Digests of the frames of the peer's next turn that were taken before its reading was cut short.
    pub begun: Vec<FrameDigest>,
}

/// An own turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenTurn {
    /// Its number.
    pub number: u32,
    /// Its digest.
    pub digest: [u8; 32],
    /// The own frames that were made before it.
    pub from: u32,
    /// The own frames that were made up to its end.
    pub to: u32,
}

impl TurnHistory {
    /// Reads a journal to its end. `first` is the number of the own first turn.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn read(entries: &mut Entries, first: u32) -> Result<Self, JournalError> {
        let (mut past, mut to) = (Self::default(), 0);
        for entry in entries {
            match entry? {
                Entry::Sent(digest) => {
                    to += 1;
                    if first == 1 {
                        past.exchange.get_or_insert(digest);
                    }
                }
                Entry::Received(frame) => {
                    let digest = frame_digest(&frame);
                    if first == 2 {
                        past.exchange.get_or_insert(digest);
                    }
                    past.begun.push(digest);
                }
                Entry::Turn { number, digest } if number % 2 == first % 2 => {
                    let from = past.own.map_or(0, |own| own.to);
                    past.own = Some(WrittenTurn { number, digest, from, to });
                }
                Entry::Turn { number, digest } => {
                    past.peer = Some((number, digest));
                    past.begun.clear();
                }
                _ => {}
            }
        }
        Ok(past)
    }

    /// What the peer's next turn must be.
    #[must_use]
    pub fn expected(&self, first: u32, own: PeerId, peer: PeerId) -> ExpectedTurn {
        ExpectedTurn {
            number: self.peer.map_or(3 - first, |(number, _)| number + 2),
            exchange: self.exchange,
            sender: peer,
            recipient: own,
            previous: self.own.map_or([0; 32], |own| own.digest),
        }
    }

    fn header(&self, out: &TurnTarget<'_>, number: u32, exchange: FrameDigest, previous: [u8; 32]) -> TurnHeader {
        let (sender, recipient) = (*out.own.id().as_bytes(), *out.peer.as_bytes());
        TurnHeader { number, exchange, sender, recipient, previous }
    }
}

/// Where turns go, and between whom.
#[derive(Clone, Copy, Debug)]
pub struct TurnTarget<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// Own identity.
    pub own: &'a IdentityKey,
    /// The peer.
    pub peer: PeerId,
    /// Number of the own first turn: 1 or 2.
    pub first: u32,
}

/// The turn that is being made: begun when its first frame comes.
struct TurnInProgress<'a> {
    out: TurnTarget<'a>,
    past: TurnHistory,
    /// Digest of the peer's turn that it answers.
    previous: [u8; 32],
    writer: Option<TurnWriter>,
}

impl TurnInProgress<'_> {
    fn frame(&mut self, frame: &MadeFrame) -> Result<(), DriveError> {
        let exchange = *self.past.exchange.get_or_insert(frame.digest);
        let number = self.past.own.map_or(self.out.first, |own| own.number + 2);
        let header = self.past.header(&self.out, number, exchange, self.previous);
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(TurnWriter::create(self.out.folder, &header).map_err(DriveError::File)?),
        };
        writer.frame(&frame.bytes, &frame.digest).map_err(DriveError::File)
    }
}

/// A round by files.
pub struct OfflineDriver<'a, M: RoundMachine> {
    engine: Engine<'a, M>,
    making: TurnInProgress<'a>,
    /// Where the own turn lies that was written last.
    last: Option<PathBuf>,
}

impl<'a, M: RoundMachine> OfflineDriver<'a, M> {
    /// A round that begins.
    #[must_use]
    pub fn new(machine: M, journal: Journal, out: TurnTarget<'a>, context: Context<'a>) -> Self {
        let engine = Engine::new(machine, Some(journal), context);
        let making = TurnInProgress { out, past: TurnHistory::default(), previous: [0; 32], writer: None };
        Self { engine, making, last: None }
    }

    /// A round that was begun before, from its journal. The own turn that was written last is written again if it is not
    /// where it was. `answers` is the digest of the peer's turn whose reading was cut short. Says besides whether the
    /// outcome was there before.
    ///
    /// # Errors
    /// [`DriveError::Replay`] if the journal does not fit; [`DriveError::File`]. As the session's: then the round is burnt,
    /// and its journal says so.
    pub async fn replay(
        machine: M,
        (past, entries): (TurnHistory, Entries),
        answers: Option<[u8; 32]>,
        reopen: impl FnOnce(Tail) -> Result<Journal, JournalError>,
        out: TurnTarget<'a>,
        context: Context<'a>,
    ) -> Result<(Self, bool), DriveError> {
        let mut engine = Engine::new(machine, None, context);
        let peers = past.peer.map_or([0; 32], |(_, digest)| digest);
        // Once the peer has answered it, it has come.
        let wanted = past.own.filter(|own| past.peer.is_none_or(|(number, _)| number < own.number));
        let header = wanted.zip(past.exchange).map(|(own, exchange)| past.header(&out, own.number, exchange, peers));
        let last = header.as_ref().map(|header| out.folder.join(turn_file::name(header)));
        let missing = header.filter(|_| last.as_ref().is_some_and(|path| !path.exists()));
        let again = missing.map(|header| TurnWriter::create(out.folder, &header)).transpose();
        let mut again = again.map_err(DriveError::File)?;
        let (own, previous) = (past.own, answers.unwrap_or(peers));
        let mut making = TurnInProgress { out, past, previous, writer: None };
        let said = replay(&mut engine, entries, reopen, |number, frame| {
            match (own.filter(|own| number < own.to), &mut again) {
                (Some(own), Some(again)) if number >= own.from => {
                    again.frame(&frame.bytes, &frame.digest).map_err(DriveError::File)
                }
                (Some(_), _) => Ok(()),
                (None, _) => making.frame(&frame),
            }
        })
        .await?;
        if let (Some(again), Some(own)) = (again, own) {
            let signed = again.sign(out.own).map_err(DriveError::File)?;
            if signed.digest != own.digest {
                return Err(DriveError::Replay(own.from));
            }
            signed.publish().map_err(DriveError::File)?;
        }
        Ok((Self { engine, making, last }, said.ended))
    }

    /// The round's id, if it has one.
    #[must_use]
    pub fn round(&self) -> Option<RoundId> {
        self.engine.machine.round()
    }

    /// Frames of the peer so far.
    #[must_use]
    pub fn received(&self) -> u32 {
        self.engine.received.count()
    }

    /// Where the own turn lies that was written last and not answered.
    #[must_use]
    pub fn last(&self) -> Option<&Path> {
        self.last.as_deref()
    }

    /// What the peer's next turn must be.
    #[must_use]
    pub fn expected(&self) -> ExpectedTurn {
        let out = &self.making.out;
        self.making.past.expected(out.first, out.own.id(), out.peer)
    }

    /// The outcome, if it has just come.
    pub fn take_outcome(&mut self) -> Option<M::Outcome> {
        self.engine.outcome.take()
    }

    /// Appends to the journal, durably.
    ///
    /// # Errors
    /// [`DriveError::Journal`].
    pub async fn note(&self, entry: Entry) -> Result<(), DriveError> {
        self.engine.note(entry).await
    }

    /// Waits until everything that came is durable. Whether anything has come.
    ///
    /// # Errors
    /// [`DriveError::Journal`].
    pub async fn sync(&self) -> Result<bool, DriveError> {
        if let Some(journal) = &self.engine.journal {
            journal.sync().await.map_err(DriveError::Journal)?;
        }
        Ok(self.engine.received.count() > 0)
    }

    /// Takes the frames of the peer's next turn. Those that were taken before must be the same.
    ///
    /// # Errors
    /// As the session's; [`PeerFault::HistoryMismatch`] if the peer wrote two turns with one number.
    pub async fn import(&mut self, turn: &CheckedTurn) -> Result<(), DriveError> {
        self.making.previous = turn.digest;
        let begun = std::mem::take(&mut self.making.past.begun);
        // V-FILES-007
        if !turn.frames.starts_with(&begun) {
            return Err(DriveError::Protocol(PeerFault::HistoryMismatch.into()));
        }
        for frame in turn.open()?.skip(begun.len()) {
            while self.engine.has_enough() {
                if let Some(frame) = self.engine.poll()? {
                    self.making.frame(&frame)?;
                } else {
                    self.engine.start_jobs();
                    let happened = self.engine.wait().await?;
                    self.engine.tell(happened)?;
                }
            }
            let frame = frame?;
            if self.making.past.exchange.is_none() {
                self.making.past.exchange = Some(frame_digest(&frame));
            }
            self.engine.take(frame)?;
        }
        let number = self.expected().number;
        self.note(Entry::Turn { number, digest: turn.digest }).await?;
        self.making.past.peer = Some((number, turn.digest));
        self.last = None;
        Ok(())
    }

    /// Works until nothing more can be done, and writes what came out as the own next turn. Says whether there is one.
    ///
    /// # Errors
    /// As the session's; [`DriveError::File`].
    pub async fn turn(&mut self) -> Result<bool, DriveError> {
        while let Some(frame) = self.engine.next().await? {
            self.making.frame(&frame)?;
        }
        let Some(writer) = self.making.writer.take() else { return Ok(false) };
        let from = self.making.past.own.map_or(0, |own| own.to);
        let number = self.making.past.own.map_or(self.making.out.first, |own| own.number + 2);
        let signed = writer.sign(self.making.out.own).map_err(DriveError::File)?;
        let digest = signed.digest;
        // From here on it is this turn and no other: V-FILES-007.
        self.note(Entry::Turn { number, digest }).await?;
        self.last = Some(signed.publish().map_err(DriveError::File)?);
        self.making.past.own = Some(WrittenTurn { number, digest, from, to: self.engine.sent.count() });
        Ok(true)
    }

    /// Stops the machine; what it would tell the peer is the operator's to tell.
    pub fn abort(&mut self, error: &DriveError) {
        if let Some(fault) = error.fault() {
            drop(self.engine.machine.abort(&fault));
        }
    }

    /// What the round has cost since the process began.
    #[must_use]
    pub fn report(&mut self) -> super::Report {
        self.engine.meter.report()
    }

    /// The error with its place and cost.
    pub fn stopped(&mut self, error: DriveError) -> Stopped {
        Stopped { error, stage: self.engine.meter.stage(), report: self.report() }
    }
}
