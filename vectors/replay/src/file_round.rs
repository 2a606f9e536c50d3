//! A whole round by files: both sessions in one process, every turn compared (spec chapter 17).

use super::case::{Case, Hex, HexBytes, Stop, same};
use super::round::{self, Party};
use blindlink::error::Error;
use blindlink::identity::IdentityKey;
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink::session::{Outcome, Output, Role, Session};
use blindlink::suite::SUITE_1;
use blindlink::transcript::frame_digest;
use blindlink::wire::turn::{self, ExpectedTurn, TurnDigest, TurnHeader};
use serde::Deserialize;

/// Both parties' inputs, to every file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRound {
    policy: HexBytes,
    binding: Hex<32>,
    requester: Party,
    responder: Party,
    turns: Vec<Turn>,
    round_id: Hex<32>,
    receipt: HexBytes,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    from: String,
    length: usize,
    digest: Hex<32>,
    file: Option<HexBytes>,
}

/// Sends all that it can before it needs something of the other side.
struct Side {
    session: Session,
    identity: IdentityKey,
    outcome: Option<Outcome>,
}

impl Side {
    fn turn(&mut self, received: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Error> {
        let mut frames = Vec::new();
        let mut received = received.iter();
        loop {
            while let Some(output) = self.session.poll_output()? {
                match output {
                    Output::Send(frame) => frames.push(frame.bytes),
                    Output::Work(job) => self.session.finish_work(job.run())?,
                    Output::Persist { seq, .. } => self.session.persisted(seq)?,
                    Output::Done(outcome) => self.outcome = Some(*outcome),
                    // Events are for people.
                    _ => {}
                }
            }
            let Some(frame) = received.next() else { return Ok(frames) };
            self.session.handle(frame)?;
        }
    }
}

fn written(header: &TurnHeader, frames: &[Vec<u8>], identity: &IdentityKey) -> Vec<u8> {
    let (mut file, mut digest) = (header.encode(), TurnDigest::new(header));
    for frame in frames {
        digest.push(&frame_digest(frame));
        // A round of a few records has no frame near 4 GiB.
        file.extend(u32::try_from(frame.len()).unwrap_or(u32::MAX).to_be_bytes());
        file.extend(frame);
    }
    file.extend([0; 4]);
    file.extend(digest.trailer(identity));
    file
}

impl FileRound {
    fn side(&self, role: Role, policy: &CheckedPolicy) -> Result<Side, Stop> {
        let parties = [&self.requester, &self.responder];
        let session =
            round::session(role, parties, policy.shape().clone(), &self.policy.0, self.binding.0, None, &SUITE_1)?;
        let own = if role == Role::Requester { &self.requester } else { &self.responder };
        Ok(Side { session, identity: IdentityKey::from_secret(&own.identity_secret.0), outcome: None })
    }
}

impl Case for FileRound {
    fn run(&self) -> Result<(), Stop> {
        let policy = Policy::from_canonical_bytes(&self.policy.0)?.validate()?;
        let mut sides = [self.side(Role::Requester, &policy)?, self.side(Role::Responder, &policy)?];
        let ids = sides.each_ref().map(|side| side.identity.id());
        same("binding", &self.binding.0, &turn::binding(ids[0], ids[1]))?;
        let (mut frames, mut exchange, mut previous) = (Vec::new(), None, [0; 32]);
        for (number, said) in (1..).zip(&self.turns) {
            let (from, to) = if number % 2 == 1 { (0, 1) } else { (1, 0) };
            same("from", said.from.as_bytes(), if from == 0 { b"R" } else { b"S" })?;
            frames = sides[from].turn(&frames)?;
            let Some(first) = frames.first().map(|frame| frame_digest(frame)) else {
                return Err(Stop::Differs {
                    field: "turns",
                    expected: "a frame".into(),
                    got: format!("none: {number}"),
                });
            };
            let known = exchange;
            let exchange = *exchange.get_or_insert(first);
            let (sender, recipient) = (ids[from], ids[to]);
            let header =
                TurnHeader { number, exchange, sender: *sender.as_bytes(), recipient: *recipient.as_bytes(), previous };
            let file = written(&header, &frames, &sides[from].identity);
            same("file", said.file.as_ref().map_or(&file, |said| &said.0), &file)?;
            same("digest", &said.digest.0, frame_digest(&file).as_bytes())?;
            same("length", &said.length.to_be_bytes(), &file.len().to_be_bytes())?;
            let expected = ExpectedTurn { number, exchange: known, sender, recipient, previous };
            previous = turn::check_bytes(&expected, &file)?.digest;
        }
        // The last turn is read by the side that did not write it.
        let reader = self.turns.len() % 2;
        let more = sides[reader].turn(&frames)?;
        same("turns", &[], &more.concat())?;
        for side in &sides {
            let found = side.outcome.as_ref().map(|outcome| (outcome.round.as_ref(), &outcome.receipt[..]));
            let (round, receipt) = found.unwrap_or_default();
            same("round_id", &self.round_id.0, round)?;
            same("receipt", &self.receipt.0, receipt)?;
        }
        Ok(())
    }
}
