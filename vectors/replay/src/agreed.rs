//! What both sides agree on besides the policy: commitments, transcripts, receipts (spec chapters 9 and 12).

use super::case::{Case, Hex, HexBytes, Stop, same};
use blindlink::crypto::hash::Prf;
use blindlink::identity::PeerId;
use blindlink::policy::shape::Grade;
use blindlink::receipt::{Receipt, STATEMENT_BYTES};
use blindlink::round::commitment::{self, Commitment, LeafContent, leaves_of, merkle_root};
use blindlink::round::settle;
use blindlink::secret::Seed;
use blindlink::transcript::{Chain, frame_digest, transcript};
use blindlink::wire::body::{CommitBody, ReceiptBody};
use serde::Deserialize;

/// A seed and records' digests, to the commitment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Committed {
    seed: Hex<32>,
    digests: Vec<Hex<32>>,
    encodings: Vec<Hex<32>>,
    padded: u32,
    body: Hex<64>,
    nonce: Hex<32>,
    keep_key: Hex<32>,
}

impl Case for Committed {
    fn run(&self) -> Result<(), Stop> {
        let seed = Seed::new(self.seed.0);
        let pairs = self.digests.iter().zip(&self.encodings);
        let contents = pairs.map(|(record, encoding)| LeafContent { record: record.0, encoding: encoding.0 });
        let made = Commitment::of_root(&seed, merkle_root(&leaves_of(&seed, contents, self.padded)));
        same("body", &self.body.0, &made.body().bytes())?;
        same("nonce", &self.nonce.0, &made.nonce)?;
        same("keep_key", &self.keep_key.0, &made.keep_key(&seed))
    }
}

/// Both sides' frames, to the transcript hash and the round id.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transcript {
    requester: Vec<HexBytes>,
    responder: Vec<HexBytes>,
    commits: [Hex<64>; 2],
    round: Hex<32>,
    transcript: Hex<32>,
}

impl Case for Transcript {
    fn run(&self) -> Result<(), Stop> {
        let digests = [&self.requester, &self.responder]
            .map(|frames| frames.iter().map(|frame| frame_digest(&frame.0)).collect::<Vec<_>>());
        let chains = digests.each_ref().map(|digests| {
            let mut chain = Chain::new();
            digests.iter().for_each(|digest| chain.push(digest));
            chain
        });
        same("transcript", &self.transcript.0, &transcript(&chains[0], &chains[1]))?;
        let [Some(requester), Some(responder)] = digests.each_ref().map(|digests| digests.first()) else {
            return Err(Stop::Differs { field: "frames", expected: "a hello each".into(), got: "none".into() });
        };
        let [ours, theirs] = self.commits.each_ref().map(|commit| CommitBody::read(&commit.0));
        same("round", &self.round.0, (commitment::round_id(requester, responder, [&ours?, &theirs?])).as_bytes())
    }
}

/// A receipt message, to the peer's signature; or a receipt, to its statement.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Receipts {
    Message { statement: HexBytes, peer: Hex<32>, body: HexBytes, signature: Option<Hex<64>> },
    Receipt { receipt: HexBytes, statement: Option<HexBytes> },
}

impl Case for Receipts {
    fn run(&self) -> Result<(), Stop> {
        match self {
            Self::Message { statement, peer, body, signature } => {
                // A receipt whose signatures nobody has looked at.
                let own = Receipt::read(&[&statement.0[..], &[0; 128]].concat())?.statement;
                let found = own.check(PeerId::from_bytes(peer.0)?, &ReceiptBody::read(&body.0)?)?;
                same("signature", signature.as_ref().map_or(&[][..], |signature| &signature.0), &found)
            }
            Self::Receipt { receipt, statement } => {
                let read = Receipt::decode(&receipt.0)?;
                same("receipt", &receipt.0, &read.encode())?;
                let said = statement.as_ref().map_or(&[][..], |statement| &statement.0);
                same("statement", said, receipt.0.get(..STATEMENT_BYTES).unwrap_or_default())
            }
        }
    }
}

/// Reported pairs, to the claims message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    pairs: Vec<Pair>,
    most: usize,
    padded: u32,
    padding_key: Hex<32>,
    body: HexBytes,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    token: Hex<16>,
    grade: String,
}

impl Case for Claims {
    fn run(&self) -> Result<(), Stop> {
        let grade = |name: &str| if name == "strong" { Grade::Strong } else { Grade::Possible };
        let pairs = self.pairs.iter().map(|pair| (pair.token.0, grade(&pair.grade)));
        let body = settle::claims(pairs, self.most, self.padded, &Prf::new(self.padding_key.0));
        same("body", &self.body.0, body.as_flattened())
    }
}
