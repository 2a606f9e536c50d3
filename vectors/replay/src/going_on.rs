//! Resume messages, and turns of a round by files.

use super::case::{Case, Hex, HexBytes, Stop, same};
use blindlink::identity::PeerId;
use blindlink::ids::{FrameDigest, RoundId};
use blindlink::session::Role;
use blindlink::wire::resume::{History, Position};
use blindlink::wire::turn::{self, ExpectedTurn};
use serde::Deserialize;

/// A resume message and where the own side stands, to the number of own frames that the peer has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resume {
    round: Hex<32>,
    role: u8,
    exporter: Hex<32>,
    peer: Hex<32>,
    received: Vec<Hex<32>>,
    made: Vec<Hex<32>>,
    acknowledged: u32,
    body: HexBytes,
    count: Option<u32>,
}

fn history(digests: &[Hex<32>]) -> History {
    let mut history = History::default();
    digests.iter().for_each(|digest| history.push(&FrameDigest::from_bytes(digest.0)));
    history
}

impl Case for Resume {
    fn run(&self) -> Result<(), Stop> {
        let (received, sent) = (history(&self.received), history(&self.made));
        let position = Position {
            round: RoundId::from_bytes(self.round.0),
            role: if self.role == 1 { Role::Requester } else { Role::Responder },
            binding: self.exporter.0,
            received: &received,
            sent: &sent,
            acknowledged: self.acknowledged,
        };
        let count = position.check(PeerId::from_bytes(self.peer.0)?, &self.body.0)?;
        same("count", &self.count.unwrap_or_default().to_be_bytes(), &count.to_be_bytes())
    }
}

/// A file and what must come next, to its digest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Turn {
    file: HexBytes,
    number: u32,
    exchange: Option<Hex<32>>,
    sender: Hex<32>,
    recipient: Hex<32>,
    previous: Hex<32>,
    digest: Option<Hex<32>>,
}

impl Case for Turn {
    fn run(&self) -> Result<(), Stop> {
        let expected = ExpectedTurn {
            number: self.number,
            exchange: self.exchange.as_ref().map(|exchange| FrameDigest::from_bytes(exchange.0)),
            sender: PeerId::from_bytes(self.sender.0)?,
            recipient: PeerId::from_bytes(self.recipient.0)?,
            previous: self.previous.0,
        };
        let checked = turn::check_bytes(&expected, &self.file.0)?;
        same("digest", self.digest.as_ref().map_or(&[][..], |digest| &digest.0), &checked.digest)
    }
}

/// Two identities to the binding of a round by files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Binding {
    requester: Hex<32>,
    responder: Hex<32>,
    output: Hex<32>,
}

impl Case for Binding {
    fn run(&self) -> Result<(), Stop> {
        let binding = turn::binding(PeerId::from_bytes(self.requester.0)?, PeerId::from_bytes(self.responder.0)?);
        same("output", &self.output.0, &binding)
    }
}
