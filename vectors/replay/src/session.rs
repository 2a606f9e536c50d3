//! One party of a round: what it is given in order, and where it stops with which error. The first test is a whole round;
//! in the others one of its parties gets the other's frames with a change.

use super::case::{Envelope, Hex, HexBytes, Stop, Test, same};
use super::evidence::Edit;
use super::round::{self, Party, Record};
use super::{Failure, Outcome};
use blindlink::error::Error;
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink::session::{Output, Role, Session};
use blindlink::suite::SUITE_1;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Fields {
    Round(Box<Whole>),
    Session { role: RoleName, ops: Vec<Op>, sent: usize, records: Option<Vec<Record>>, matches: Option<u32> },
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RoleName {
    Requester,
    Responder,
}

impl RoleName {
    const fn role(self) -> Role {
        match self {
            Self::Requester => Role::Requester,
            Self::Responder => Role::Responder,
        }
    }
}

/// What a party is given.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Op {
    /// The peer's first frames as they are, so many.
    Frames(Frames),
    /// A frame of the peer's by its number, or none, with changes from the first to the last.
    Frame(OneFrame),
    /// Hears that the frames up to this number are durable.
    Persisted(Persisted),
    /// Is told to abort.
    Abort(Abort),
    /// Gets the result of a job that another session gave out.
    Foreign(Foreign),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frames {
    frames: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneFrame {
    frame: Option<usize>,
    edits: Vec<Edit>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Persisted {
    persisted: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Abort {
    abort: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Foreign {
    foreign_result: bool,
}

/// Both sides of a round and every frame.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    policy: HexBytes,
    binding: Hex<32>,
    requester: Party,
    responder: Party,
    requester_frames: Vec<HexBytes>,
    responder_frames: Vec<HexBytes>,
    receipt: HexBytes,
}

/// Runs a file: its first test gives the round whose frames the others change.
pub(super) fn run(envelope: Envelope) -> Outcome {
    let notes = envelope.notes;
    let mut base: Option<Box<Whole>> = None;
    let failures =
        envelope.tests.into_iter().zip(1..).filter_map(|(test, number)| one(&test, number, &notes, &mut base));
    Outcome { failures: failures.collect(), suite: None }
}

fn one(test: &Test, number: u64, notes: &BTreeMap<String, String>, base: &mut Option<Box<Whole>>) -> Option<Failure> {
    let fields = match test.fields::<Fields>(number, notes) {
        Ok(fields) => fields,
        Err((expected, got)) => return Some(test.failed(expected, got)),
    };
    let done = match (fields, &base) {
        (Fields::Round(whole), None) => {
            let done = whole.run();
            *base = Some(whole);
            done
        }
        (Fields::Session { role, ops, sent, records, matches }, Some(whole)) => {
            whole.party((role.role(), matches), &ops, sent, records.as_deref())
        }
        (_, _) => return Some(test.failed("one whole round, first".to_owned(), "another order".to_owned())),
    };
    test.verdict(done).err().map(|(expected, got)| test.failed(expected, got))
}

fn differs(field: &'static str, expected: impl ToString, got: impl ToString) -> Stop {
    Stop::Differs { field, expected: expected.to_string(), got: got.to_string() }
}

/// A session and what has come of it.
struct Driven {
    session: Session,
    sent: Vec<Vec<u8>>,
    receipt: Vec<u8>,
}

impl Driven {
    /// Does all that can be done: every job, every frame.
    fn pump(&mut self) -> Result<(), Error> {
        while let Some(output) = self.session.poll_output()? {
            match output {
                Output::Send(frame) => self.sent.push(frame.bytes),
                Output::Work(job) => self.session.finish_work(job.run())?,
                Output::Persist { seq, .. } => self.session.persisted(seq)?,
                Output::Done(outcome) => self.receipt = outcome.receipt,
                _ => {}
            }
        }
        Ok(())
    }

    fn take(&mut self, frame: &[u8]) -> Result<(), Error> {
        self.session.handle(frame)?;
        self.pump()
    }
}

impl Whole {
    fn policy(&self) -> Result<CheckedPolicy, Stop> {
        Ok(Policy::from_canonical_bytes(&self.policy.0)?.validate()?)
    }

    fn frames(&self, role: Role) -> &[HexBytes] {
        if role == Role::Requester { &self.requester_frames } else { &self.responder_frames }
    }

    /// A party that has done what it does by itself.
    fn begin(&self, (role, matches): (Role, Option<u32>), records: Option<&[Record]>) -> Result<Driven, Stop> {
        let policy = self.policy()?;
        // The bytes as they stand: what does not fit is for the session to refuse.
        let records = records.map(|list| list.iter().map(|record| record.encoded(record.filter_bits())).collect());
        let parties = [&self.requester, &self.responder];
        let mut session =
            round::session(role, parties, policy.shape().clone(), &self.policy.0, self.binding.0, records, &SUITE_1)?;
        if let Some(matches) = matches {
            session.expect_matches(matches);
        }
        let mut driven = Driven { session, sent: Vec::new(), receipt: Vec::new() };
        driven.pump()?;
        Ok(driven)
    }

    /// Each party, given the other's frames, sends its own.
    fn run(&self) -> Result<(), Stop> {
        for (role, peer) in [(Role::Requester, Role::Responder), (Role::Responder, Role::Requester)] {
            let mut driven = self.begin((role, None), None)?;
            for frame in self.frames(peer) {
                driven.take(&frame.0)?;
            }
            self.same_frames(role, &driven, self.frames(role).len())?;
            same("receipt", &self.receipt.0, &driven.receipt)?;
        }
        Ok(())
    }

    fn same_frames(&self, role: Role, driven: &Driven, count: usize) -> Result<(), Stop> {
        for (expected, got) in self.frames(role).iter().take(count).zip(&driven.sent) {
            same("frame", &expected.0, got)?;
        }
        if driven.sent.len() == count { Ok(()) } else { Err(differs("sent", count, driven.sent.len())) }
    }

    /// One party with a change.
    fn party(
        &self,
        (role, matches): (Role, Option<u32>),
        ops: &[Op],
        sent: usize,
        records: Option<&[Record]>,
    ) -> Result<(), Stop> {
        let mut driven = self.begin((role, matches), records)?;
        for (number, op) in ops.iter().enumerate() {
            let Err(stop) = self.apply(role, &mut driven, op) else { continue };
            let Stop::Refused(error) = stop else { return Err(stop) };
            if number + 1 != ops.len() {
                return Err(differs("operation that fails", ops.len() - 1, number));
            }
            if driven.sent.len() != sent {
                return Err(differs("sent", sent, driven.sent.len()));
            }
            // V-WIRE-004: it goes on with nothing, whatever comes.
            let again = driven.session.handle(&[]).err();
            if again.as_ref() != Some(&error) || driven.session.poll_output().err().as_ref() != Some(&error) {
                return Err(differs("second error", error, again.map_or_else(String::new, |again| again.to_string())));
            }
            return Err(Stop::Refused(error));
        }
        self.same_frames(role, &driven, sent)
    }

    fn apply(&self, role: Role, driven: &mut Driven, op: &Op) -> Result<(), Stop> {
        let peers = self.frames(if role == Role::Requester { Role::Responder } else { Role::Requester });
        let none = |number: usize| differs("frame", format!("one of {}", peers.len()), number);
        match op {
            Op::Frames(Frames { frames }) => {
                for frame in peers.get(..*frames).ok_or_else(|| none(*frames))? {
                    driven.take(&frame.0)?;
                }
            }
            Op::Frame(OneFrame { frame, edits }) => {
                let mut bytes = match frame {
                    Some(number) => peers.get(*number).ok_or_else(|| none(*number))?.0.clone(),
                    None => Vec::new(),
                };
                for edit in edits {
                    edit.make(&mut bytes)?;
                }
                driven.take(&bytes)?;
            }
            Op::Persisted(Persisted { persisted }) => driven.session.persisted(*persisted)?,
            Op::Abort(Abort { abort: false }) | Op::Foreign(Foreign { foreign_result: false }) => {}
            Op::Abort(_) => drop(driven.session.abort(&Error::Internal("told to"))),
            Op::Foreign(_) => {
                let mut other = self.begin((role, None), None)?;
                for frame in peers {
                    other.session.handle(&frame.0)?;
                    while let Some(output) = other.session.poll_output()? {
                        if let Output::Work(job) = output {
                            return Ok(driven.session.finish_work(job.run())?);
                        }
                    }
                }
            }
        }
        Ok(())
    }
}
