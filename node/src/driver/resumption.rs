//! The exchange of resume messages at the beginning of another connection of the same round (spec section 11.7).

use super::{DriveError, Link};
use crate::transport::{Channel, Closer, FrameReader, FrameWriter, TransportError, close};
use blindlink::Error;
use blindlink::confirm::line::ConfirmOpening;
use blindlink::error::PeerFault;
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::ids::RoundId;
use blindlink::wire::inquiry::{INQUIRY_BYTES, Inquiry};
use blindlink::wire::resume::{self, Position, RESUME, RESUME_BYTES};
use blindlink::wire::{self, FrameKind};
use std::time::Duration;
use tokio::time::timeout;

/// Who speaks with whom.
#[derive(Clone, Copy, Debug)]
pub struct Ends<'a> {
    /// Own identity.
    pub own: &'a IdentityKey,
    /// The pinned peer.
    pub peer: PeerId,
    /// Longest wait for the other's message.
    pub patience: Duration,
}

/// The calling side: says where it stands, and hears where the peer stands. Gives the connection, and the number of own
/// frames that the peer has.
///
/// # Errors
/// Why not; the peer was told.
pub async fn call(channel: Channel, mut position: Position<'_>, ends: Ends<'_>) -> Result<(Link, u32), DriveError> {
    position.binding = channel.binding();
    let (mut reader, mut writer, closer) = channel.split();
    let message = position.message(ends.own);
    let answer = async {
        writer.write(&message).await?;
        reader.next(RESUME_BYTES).await
    };
    let answer = timeout(ends.patience, answer).await.map_err(|_| DriveError::Stalled(ends.patience));
    let answer = match answer.and_then(|answer| Ok(answer?)) {
        Ok(answer) => answer,
        Err(error) => {
            closer.close(if matches!(error, DriveError::Stalled(_)) { close::STALLED } else { close::LOCAL });
            return Err(error);
        }
    };
    let checked = answer
        .ok_or(DriveError::Transport(TransportError::EndOfStream))
        .and_then(|frame| Ok(position.check(ends.peer, body_of(&frame)?)?));
    match checked {
        Ok(count) => Ok((Link::new(reader, writer, closer, None), count)),
        Err(error) => {
            refuse(reader, writer, &error).await;
            closer.close(error.code());
            Err(error)
        }
    }
}

/// Asks the called side whether a round could begin (spec section 11.8).
///
/// # Errors
/// Why there was no answer.
pub async fn ask(channel: Channel, own: &Inquiry, patience: Duration) -> Result<Inquiry, DriveError> {
    let (mut reader, mut writer, closer) = channel.split();
    let answer = async {
        writer.write(own.encode()).await?;
        reader.next(wire::schedule::hello_max().max(INQUIRY_BYTES)).await
    };
    let answer = timeout(patience, answer).await.map_err(|_| DriveError::Stalled(patience));
    let answer = answer.and_then(|frame| frame?.ok_or(DriveError::Transport(TransportError::EndOfStream)));
    if answer.is_ok() {
        let _ = timeout(super::LINGER, async { tokio::join!(writer.finish(), reader.drain()) }).await;
    }
    closer.close(close::DONE);
    Ok(Inquiry::decode(&answer?)?)
}

/// The body of a resume message, or what else the frame says.
fn body_of(frame: &[u8]) -> Result<&[u8], Error> {
    let (kind, index, body) = wire::parse(frame)?;
    if kind == FrameKind::Abort as u8 {
        let code: [u8; 2] = body.try_into().map_err(|_| PeerFault::Truncated)?;
        return Err(PeerFault::Aborted(u16::from_be_bytes(code)).into());
    }
    if kind != RESUME || index != 0 {
        return Err(PeerFault::Unexpected { got: kind, index }.into());
    }
    Ok(body)
}

/// Tells the peer why it cannot go on, unless it said so itself.
pub async fn refuse(mut reader: FrameReader, mut writer: FrameWriter, error: &DriveError) {
    let said = async {
        if let DriveError::Protocol(error) = error
            && !matches!(error, Error::Peer(PeerFault::Aborted(_)))
        {
            let _ = writer.write(&wire::abort(error.code_for_peer())).await;
        }
        let _ = tokio::join!(writer.finish(), reader.drain());
    };
    let _ = timeout(super::LINGER, said).await;
}

/// What a caller began with: its first frame.
#[derive(Debug)]
pub struct Opening {
    /// The frame.
    pub frame: Vec<u8>,
    link: Link,
    binding: [u8; 32],
}

impl Opening {
    /// Reads a caller's first frame.
    ///
    /// # Errors
    /// Why there was none; the caller was told.
    pub async fn read(channel: Channel, patience: Duration) -> Result<Self, DriveError> {
        let binding = channel.binding();
        let (mut reader, writer, closer) = channel.split();
        let longest = wire::schedule::hello_max().max(RESUME_BYTES).max(INQUIRY_BYTES);
        let first = timeout(patience, reader.next(longest)).await.map_err(|_| DriveError::Stalled(patience));
        let first = first.and_then(|frame| frame?.ok_or(DriveError::Transport(TransportError::EndOfStream)));
        match first {
            Ok(frame) => Ok(Self { frame, link: Link::new(reader, writer, closer, None), binding }),
            Err(error) => {
                let fault = error.fault();
                if let Some(fault) = &fault {
                    refuse(reader, writer, &DriveError::Protocol(fault.clone())).await;
                }
                closer.close(fault.map_or_else(|| error.code(), |fault| fault.code().into()));
                Err(error)
            }
        }
    }

    /// The round that the caller wants to go on with, if it does not begin one.
    ///
    /// # Errors
    /// [`PeerFault::Truncated`].
    pub fn resumes(&self) -> Result<Option<RoundId>, Error> {
        let (kind, _, body) = wire::parse(&self.frame)?;
        Ok(if kind == RESUME { Some(resume::round_of(body)?) } else { None })
    }

    /// Whether the caller only asks (spec section 11.8).
    #[must_use]
    pub fn asks(&self) -> bool {
        Inquiry::is_one(&self.frame)
    }

    /// Answers a caller that only asks; gives what it said of itself.
    ///
    /// # Errors
    /// Why not; the caller was told.
    pub async fn answer_inquiry(self, own: &Inquiry) -> Result<Inquiry, DriveError> {
        let theirs = match Inquiry::decode(&self.frame) {
            Ok(theirs) => theirs,
            Err(error) => {
                let error = DriveError::Protocol(error);
                self.refuse(&error).await;
                return Err(error);
            }
        };
        let Link { mut reader, mut writer, closer, .. } = self.link;
        let said = async {
            writer.write(own.encode()).await?;
            let _ = tokio::join!(writer.finish(), reader.drain());
            Ok(())
        };
        let said = timeout(super::LINGER, said).await;
        closer.close(close::DONE);
        match said {
            Ok(Err(error)) => Err(DriveError::Transport(error)),
            _ => Ok(theirs),
        }
    }

    /// Whether the caller comes about mutual confirmation (spec section 18.8).
    #[must_use]
    pub fn confirms(&self) -> bool {
        ConfirmOpening::is_one(&self.frame)
    }

    /// The connection, whose first frame was read.
    #[must_use]
    pub fn split(self) -> (FrameReader, FrameWriter, Closer) {
        let Link { reader, writer, closer, .. } = self.link;
        (reader, writer, closer)
    }

    /// Exporter of the connection.
    #[must_use]
    pub const fn binding(&self) -> [u8; 32] {
        self.binding
    }

    /// The connection for a round that begins, with its first frame still to be read.
    #[must_use]
    pub fn begin(self) -> Link {
        Link { first: Some(self.frame), ..self.link }
    }

    /// Turns the caller away.
    pub async fn refuse(self, error: &DriveError) {
        let Link { reader, writer, closer, .. } = self.link;
        refuse(reader, writer, error).await;
        closer.close(error.code());
    }

    /// Turns the caller away after the own hello.
    pub async fn refuse_after(mut self, hello: Vec<u8>, error: &DriveError) {
        let _ = timeout(super::LINGER, self.link.writer.write(hello)).await;
        self.refuse(error).await;
    }

    /// Closes without a word but the code.
    pub fn close(self, code: u32) {
        self.link.closer.close(code);
    }

    /// The called side of the exchange: checks the caller's message and answers it.
    ///
    /// # Errors
    /// Why not; the caller was told.
    pub async fn answer(self, mut position: Position<'_>, ends: Ends<'_>) -> Result<(Link, u32), DriveError> {
        position.binding = self.binding;
        let checked = body_of(&self.frame).and_then(|body| position.check(ends.peer, body));
        let count = match checked {
            Ok(count) => count,
            Err(error) => {
                let error = DriveError::Protocol(error);
                self.refuse(&error).await;
                return Err(error);
            }
        };
        let mut link = self.link;
        let message = position.message(ends.own);
        let written = timeout(ends.patience, link.writer.write(&message)).await;
        written.map_err(|_| DriveError::Stalled(ends.patience))??;
        Ok((link, count))
    }
}
