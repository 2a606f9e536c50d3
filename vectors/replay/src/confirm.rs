//! Runs of mutual confirmation, and notices about confirmed pairs (spec chapter 18).

use super::case::{Case, Hex, HexBytes, Stop, role, same};
use blindlink::agreement::Basis;
use blindlink::codec::DecodeError;
use blindlink::confirm::notice::{Expected, Notice, acknowledged};
use blindlink::confirm::{Run, RunConfig, RunOutput};
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::ids::{AgreementDigest, PolicyDigest, Pseudonym, RoundId};
use blindlink::policy::shape::{OutputMode, Role};
use blindlink::secret::Seed;
use serde::Deserialize;

/// A whole run of both sides, or frames that one side must refuse.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Runs {
    agreement: Hex<32>,
    round: Hex<32>,
    requester: Hex<32>,
    responder: Hex<32>,
    run: u32,
    slots: u32,
    pseudonyms: Vec<Hex<16>>,
    parties: Vec<Party>,
    #[serde(default)]
    role: Option<u8>,
    #[serde(default)]
    received: Vec<HexBytes>,
    #[serde(default)]
    id_of_run: Option<Hex<32>>,
    #[serde(default)]
    frames_requester: Vec<HexBytes>,
    #[serde(default)]
    frames_responder: Vec<HexBytes>,
    #[serde(default)]
    confirmed: Vec<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Party {
    secret: Hex<32>,
    seed: Hex<32>,
    yes: Vec<bool>,
}

/// One side of a run, with what it gave.
struct Side {
    run: Run,
    frames: Vec<Vec<u8>>,
    confirmed: Vec<Pseudonym>,
    id: Option<[u8; 32]>,
}

impl Side {
    fn take(&mut self, frame: &[u8]) -> Result<Vec<Vec<u8>>, Stop> {
        let outputs = self.run.receive(frame)?;
        Ok(self.note(outputs))
    }

    fn note(&mut self, outputs: Vec<RunOutput>) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        for output in outputs {
            match output {
                RunOutput::Send(frame) => sent.push(frame),
                RunOutput::Confirmed(items) => self.confirmed = items,
                RunOutput::Receipt(receipt) => self.id = Some(receipt.id),
            }
        }
        self.frames.extend(sent.iter().cloned());
        sent
    }
}

impl Runs {
    fn side(&self, role: Role, party: &Party) -> Result<Side, Stop> {
        let other = if role == Role::Requester { &self.responder } else { &self.requester };
        let config = RunConfig {
            basis: Basis::Training(&blindlink::suite::SUITE_1),
            policy: PolicyDigest::from_bytes([0; 32]),
            output: OutputMode::Mutual,
            round: RoundId::from_bytes(self.round.0),
            number: self.run,
            slots: self.slots,
            items: self
                .pseudonyms
                .iter()
                .map(|item| Pseudonym::from_bytes(item.0))
                .zip(party.yes.iter().copied())
                .collect(),
            role,
            identity: IdentityKey::from_secret(&party.secret.0),
            peer: PeerId::from_bytes(other.0)?,
            seed: Seed::new(party.seed.0),
        };
        let (run, outputs) = Run::under(config, AgreementDigest::from_bytes(self.agreement.0))?;
        let mut side = Side { run, frames: Vec::new(), confirmed: Vec::new(), id: None };
        side.note(outputs);
        Ok(side)
    }

    fn whole(&self, ours: &Party, theirs: &Party) -> Result<(), Stop> {
        let (mut r, mut s) = (self.side(Role::Requester, ours)?, self.side(Role::Responder, theirs)?);
        let (mut to_s, mut to_r) = (r.frames.clone(), s.frames.clone());
        while !to_r.is_empty() || !to_s.is_empty() {
            for frame in std::mem::take(&mut to_r) {
                to_s.extend(r.take(&frame)?);
            }
            for frame in std::mem::take(&mut to_s) {
                to_r.extend(s.take(&frame)?);
            }
        }
        for (field, expected, side) in
            [("frames_requester", &self.frames_requester, &r), ("frames_responder", &self.frames_responder, &s)]
        {
            same(field, &[u8::try_from(expected.len()).unwrap_or(0)], &[u8::try_from(side.frames.len()).unwrap_or(0)])?;
            expected.iter().zip(&side.frames).try_for_each(|(frame, got)| same(field, &frame.0, got))?;
            let named = self.pseudonyms.iter().zip(&self.confirmed).filter(|(_, confirmed)| **confirmed);
            let expected: Vec<u8> = named.flat_map(|(item, _)| item.0).collect();
            same(
                "confirmed",
                &expected,
                &side.confirmed.iter().flat_map(|item| *item.as_bytes()).collect::<Vec<u8>>(),
            )?;
            let id = self.id_of_run.as_ref().map(|id| id.0);
            same("id_of_run", &id.unwrap_or_default(), &side.id.unwrap_or_default())?;
        }
        Ok(())
    }
}

impl Case for Runs {
    fn run(&self) -> Result<(), Stop> {
        match (&self.parties[..], self.role) {
            ([ours, theirs], None) => self.whole(ours, theirs),
            ([party], Some(code)) => {
                let mut side = self.side(role(code)?, party)?;
                let (last, before) = self.received.split_last().ok_or(DecodeError::Truncated)?;
                for frame in before {
                    let taken = side.take(&frame.0);
                    same("an earlier frame is taken", &[1], &[u8::from(taken.is_ok())])?;
                }
                side.take(&last.0).map(drop)
            }
            _ => Err(DecodeError::BadField("parties").into()),
        }
    }
}

/// A notice, and its acknowledgement if there is one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Notices {
    agreement: Hex<32>,
    round: Hex<32>,
    sender: Hex<32>,
    recipient: Hex<32>,
    confirmed: Vec<(Hex<32>, Hex<16>)>,
    notice: HexBytes,
    acknowledgement: HexBytes,
}

impl Case for Notices {
    fn run(&self) -> Result<(), Stop> {
        let confirmed: Vec<_> =
            self.confirmed.iter().map(|(run, item)| (run.0, Pseudonym::from_bytes(item.0))).collect();
        let recipient = PeerId::from_bytes(self.recipient.0)?;
        let expected = Expected {
            agreement: AgreementDigest::from_bytes(self.agreement.0),
            round: RoundId::from_bytes(self.round.0),
            sender: PeerId::from_bytes(self.sender.0)?,
            recipient,
            confirmed: &confirmed,
        };
        Notice::open(&self.notice.0, &expected)?;
        if !self.acknowledgement.0.is_empty() {
            acknowledged(&self.acknowledgement.0, &self.notice.0, recipient)?;
        }
        Ok(())
    }
}
