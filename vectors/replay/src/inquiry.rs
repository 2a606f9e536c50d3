//! Inquiries, and the words that two operators compare (spec sections 11.8 and 11.9).

use super::case::{Case, Hex, HexBytes, Stop, same};
use blindlink::agreement::SignerStatement;
use blindlink::codec::DecodeError;
use blindlink::identity::{PeerId, check_words};
use blindlink::ids::{AgreementDigest, PolicyDigest};
use blindlink::wire::inquiry::{AgreedPolicy, Inquiry};
use serde::Deserialize;

/// A frame and what it says; without that, a frame that must be refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inquiries {
    frame: HexBytes,
    #[serde(default)]
    version: u16,
    #[serde(default)]
    time: u64,
    #[serde(default)]
    closed_until: u64,
    #[serde(default)]
    cosigned: u64,
    #[serde(default)]
    agreements: Vec<(Hex<32>, Hex<32>)>,
    #[serde(default)]
    statements: Vec<HexBytes>,
}

impl Case for Inquiries {
    fn run(&self) -> Result<(), Stop> {
        let read = Inquiry::decode(&self.frame.0)?;
        let agreements = self.agreements.iter();
        let statements = self.statements.iter().map(|one| SignerStatement::decode(&one.0));
        let said = Inquiry {
            version: self.version,
            time: self.time,
            closed_until: self.closed_until,
            cosigned: self.cosigned,
            agreements: agreements
                .map(|(agreement, policy)| AgreedPolicy {
                    agreement: AgreementDigest::from_bytes(agreement.0),
                    policy: PolicyDigest::from_bytes(policy.0),
                })
                .collect(),
            statements: statements.collect::<Result<_, DecodeError>>()?,
        };
        same("frame", &self.frame.0, &said.encode())?;
        same("frame", &self.frame.0, &read.encode())?;
        // What is said again has the same order and the same bounds.
        let again = Inquiry::new(read.time, read.closed_until, read.cosigned, read.agreements, read.statements);
        same("frame", &self.frame.0, &Inquiry { version: self.version, ..again }.encode())
    }
}

/// The words of two keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    own: Hex<32>,
    peer: Hex<32>,
    words: String,
}

impl Case for Words {
    fn run(&self) -> Result<(), Stop> {
        let (own, peer) = (PeerId::from_bytes(self.own.0)?, PeerId::from_bytes(self.peer.0)?);
        same("words", self.words.as_bytes(), check_words(&own, &peer).join(" ").as_bytes())
    }
}
