//! Evidence of a round: the first test's, made anew from both sides' inputs, and what must be found in changed copies.

use super::case::{Case, Envelope, Hex, HexBytes, Stop, Test, same};
use super::round::{self, Party, Record};
use super::{Failure, Outcome};
use blindlink::error::{Error, EvidenceFault};
use blindlink::evidence::sample::{self, Committed, Opening};
use blindlink::evidence::{EvidenceHeader, Recorder, reexecute, verify};
use blindlink::identity::IdentityKey;
use blindlink::ids::RoundId;
use blindlink::policy::ListFields;
use blindlink::policy::{CheckedPolicy, EncodedList, Policy};
use blindlink::round::commitment::{Commitment, LeafContent};
use blindlink::secret::Seed;
use blindlink::session::{Role, in_process};
use blindlink::suite::SUITE_1;
use blindlink::transcript::frame_digest;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Fields {
    Round(Box<Whole>),
    Verify {
        edits: Vec<Edit>,
        place: String,
    },
    Reexecute {
        edits: Vec<Edit>,
        place: String,
        stopped: Option<u16>,
        seed: Option<Hex<32>>,
        records: Option<Vec<Record>>,
    },
}

/// Both sides of a round and their evidence (V-EVIDENCE-001 to V-EVIDENCE-006, V-EVIDENCE-009, V-EVIDENCE-010).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    policy: HexBytes,
    binding: Hex<32>,
    requester: Party,
    responder: Party,
    order: String,
    round_id: Hex<32>,
    transcript: Hex<32>,
    receipt: HexBytes,
    evidence: HexBytes,
    evidence_of_requester: Digest,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digest {
    length: usize,
    digest: Hex<32>,
}

/// At a byte, cut so many and put these.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    at: usize,
    cut: usize,
    put: HexBytes,
}

impl Edit {
    pub(super) fn make(&self, bytes: &mut Vec<u8>) -> Result<(), Stop> {
        if self.at + self.cut > bytes.len() {
            let expected = "an edit within the bytes".to_owned();
            return Err(Stop::Differs { field: "edits", expected, got: self.at.to_string() });
        }
        bytes.splice(self.at..self.at + self.cut, self.put.0.iter().copied());
        Ok(())
    }
}

/// Runs a file: its first test gives the evidence that the others change.
pub(super) fn run(envelope: Envelope) -> Outcome {
    let notes = envelope.notes;
    let mut base: Option<(Box<Whole>, Box<CheckedPolicy>)> = None;
    let failures =
        envelope.tests.into_iter().zip(1..).filter_map(|(test, number)| one(&test, number, &notes, &mut base));
    Outcome { failures: failures.collect(), suite: None }
}

fn one(
    test: &Test,
    number: u64,
    notes: &BTreeMap<String, String>,
    base: &mut Option<(Box<Whole>, Box<CheckedPolicy>)>,
) -> Option<Failure> {
    let fields = match test.fields::<Fields>(number, notes) {
        Ok(fields) => fields,
        Err((expected, got)) => return Some(test.failed(expected, got)),
    };
    let done = match (fields, &base) {
        (Fields::Round(whole), None) => {
            let done = whole.run();
            *base = whole.policy().ok().map(|policy| (whole, Box::new(policy)));
            done
        }
        (Fields::Verify { edits, place }, Some((whole, _))) => {
            whole.changed(&edits).and_then(|bytes| at(&place, verify(&bytes[..]).map(drop)))
        }
        (Fields::Reexecute { edits, place, stopped, seed, records }, Some((whole, policy))) => {
            let seed = seed.map_or(whole.responder.seed.0, |seed| seed.0);
            let records = records.as_ref().unwrap_or(&whole.responder.records);
            let list = encoded(policy, records);
            whole.changed(&edits).and_then(|bytes| {
                // What re-execution finds is found by nothing less.
                match verify(&bytes[..]) {
                    Ok(_) | Err(Error::Evidence(EvidenceFault::Unfinished { .. })) => {}
                    Err(error) => return Err(error.into()),
                }
                let result = reexecute(&bytes[..], Seed::new(seed), list.into(), in_process::inline).map(drop);
                if let Err(Error::Evidence(EvidenceFault::Refused { code, .. })) = &result {
                    same("stopped", &stopped.unwrap_or_default().to_be_bytes(), &code.to_be_bytes())?;
                }
                at(&place, result)
            })
        }
        (_, _) => return Some(test.failed("one whole round, first".to_owned(), "another order".to_owned())),
    };
    test.verdict(done).err().map(|(expected, got)| test.failed(expected, got))
}

/// The result, if a fault lies where it must.
fn at(place: &str, result: Result<(), Error>) -> Result<(), Stop> {
    if let Err(Error::Evidence(fault)) = &result {
        let found = EvidenceFault::place(fault).map_or_else(String::new, |place| place.to_string());
        if found != place {
            return Err(Stop::Differs { field: "place", expected: place.to_owned(), got: found });
        }
    }
    Ok(result?)
}

/// As if the policy had made them.
fn encoded(policy: &CheckedPolicy, records: &[Record]) -> EncodedList {
    let bits = policy.shape().filter_bits() + policy.shape().segments.len();
    EncodedList::unchecked(ListFields {
        records: records.iter().map(|record| record.encoded(bits)).collect(),
        ..(*policy.encode(&[])).clone()
    })
}

impl Whole {
    fn policy(&self) -> Result<CheckedPolicy, Stop> {
        Ok(Policy::from_canonical_bytes(&self.policy.0)?.validate()?)
    }

    fn own(&self, role: Role) -> [&Party; 2] {
        let parties = [&self.requester, &self.responder];
        if role == Role::Requester { parties } else { [parties[1], parties[0]] }
    }

    fn changed(&self, edits: &[Edit]) -> Result<Vec<u8>, Stop> {
        let mut bytes = self.evidence.0.clone();
        for edit in edits {
            edit.make(&mut bytes)?;
        }
        Ok(bytes)
    }

    fn run(&self) -> Result<(), Stop> {
        let policy = self.policy()?;
        let session = |role| {
            let parties = [&self.requester, &self.responder];
            round::session(role, parties, policy.shape().clone(), &self.policy.0, self.binding.0, None, &SUITE_1)
        };
        let mut frames: [Vec<Vec<u8>>; 2] = [Vec::new(), Vec::new()];
        let observe = |from: Role, frame: &[u8]| frames[usize::from(from != Role::Requester)].push(frame.to_vec());
        let (requester, responder) = (session(Role::Requester)?, session(Role::Responder)?);
        let (outcome, _, _) = in_process::run(requester, responder, in_process::inline, observe, |_| ())?;
        same("round_id", &self.round_id.0, outcome.round.as_bytes())?;
        same("transcript", &self.transcript.0, &outcome.transcript)?;
        same("receipt", &self.receipt.0, &outcome.receipt)?;
        for role in [Role::Requester, Role::Responder] {
            let [own, peer] = self.own(role);
            let padded = policy.shape().records(role);
            let list = encoded(&policy, &own.records);
            let commitment = Commitment::new(&Seed::new(own.seed.0), &list.shape, &list.records, padded);
            let ids = [own, peer].map(|party| IdentityKey::from_secret(&party.identity_secret.0).id());
            let header = EvidenceHeader::new(role, ids, &commitment, self.binding.0, Box::new(own.log.head.0));
            let header = header.of_suite(&SUITE_1).under(&self.policy.0, &[]);
            let evidence = self.write(role, &header, &frames, &outcome.receipt);
            match role {
                Role::Responder => same("evidence", &self.evidence.0, &evidence)?,
                Role::Requester => {
                    same(
                        "evidence_of_requester",
                        &self.evidence_of_requester.digest.0,
                        frame_digest(&evidence).as_bytes(),
                    )?;
                    let lengths = [self.evidence_of_requester.length, evidence.len()].map(usize::to_be_bytes);
                    same("evidence_of_requester.length", &lengths[0], &lengths[1])?;
                }
            }
            verify(&evidence[..])?;
            reexecute(&evidence[..], Seed::new(own.seed.0), list.into(), in_process::inline)?;
        }
        Ok(())
    }

    fn write(&self, role: Role, header: &EvidenceHeader, frames: &[Vec<Vec<u8>>; 2], receipt: &[u8]) -> Vec<u8> {
        let (mut recorder, mut out) = (Recorder::default(), header.encode());
        let mut left = frames.each_ref().map(|frames| frames.iter());
        for letter in self.order.chars() {
            let of = if letter == 'r' { Role::Requester } else { Role::Responder };
            let next = left[usize::from(of == Role::Responder)].next();
            let entry = next.map(|frame| match of == role {
                true => recorder.sent(&frame_digest(frame)),
                false => recorder.received(frame),
            });
            out.extend(entry.into_iter().flatten());
        }
        out.extend(recorder.receipt(receipt));
        out
    }
}

/// A draw to positions, and their openings (V-EVIDENCE-012, V-EVIDENCE-013).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sample {
    draw: Hex<32>,
    round: Hex<32>,
    root: Hex<32>,
    padded: u32,
    count: u32,
    positions: Vec<u32>,
    openings: Vec<Opened>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opened {
    position: u32,
    salt: Hex<32>,
    record: HexBytes,
    encoding: HexBytes,
    path: Vec<Hex<32>>,
}

impl Case for Sample {
    fn run(&self) -> Result<(), Stop> {
        let committed = Committed { root: self.root.0, padded: self.padded, round: RoundId::from_bytes(self.round.0) };
        let drawn = sample::positions(&self.draw.0, &committed, self.count);
        let bytes = |list: &[u32]| list.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
        same("positions", &bytes(&self.positions), &bytes(&drawn))?;
        let opened = |o: &Opened| {
            let path = o.path.iter().map(|hash| hash.0).collect();
            let digest = |bytes: &HexBytes| <[u8; 32]>::try_from(bytes.0.as_slice()).ok();
            // One digest without the other is no leaf of anything.
            let content = match (digest(&o.record), digest(&o.encoding)) {
                (None, None) => None,
                (record, encoding) => {
                    Some(LeafContent { record: record.unwrap_or_default(), encoding: encoding.unwrap_or_default() })
                }
            };
            (Opening { position: o.position, salt: o.salt.0, path }, content)
        };
        let openings: Vec<_> = self.openings.iter().map(opened).collect();
        sample::check(&committed, &drawn, &openings).map_err(|fault| Stop::Refused(fault.into()))
    }
}
