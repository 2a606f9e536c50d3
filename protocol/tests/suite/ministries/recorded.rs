//! A small round under a real policy, and the evidence that both sides keep of it.

use super::{agreement, basis, key, persons};
use blindlink::agreement::Basis;
use blindlink::encode::{EncodedRecord, encode};
use blindlink::evidence::{EvidenceHeader, Recorder};
use blindlink::policy::ListFields;
use blindlink::policy::{CheckedPolicy, EncodedList, Policy};
use blindlink::receipt::{Receipt, ReceiptStatement};
use blindlink::round::commitment::Commitment;
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Outcome, Role, Session, SessionInputs, in_process};
use blindlink::suite::SUITE_1;
use blindlink::transcript::{Chain, frame_digest, transcript};
use blindlink::wire::body::Body;
use std::ops::Range;
use std::sync::Arc;

/// A policy with few bits: three segments, `tables` tables of `slots` slots, lists of `n`.
pub fn small_policy(tables: usize, slots: u16, n: u32) -> CheckedPolicy {
    let mut policy = Policy::default_policy().unwrap().with_records(n, n);
    policy.segments.retain(|s| ["skeletons", "birth_year", "birth_month_day"].contains(&s.id.as_str()));
    policy.tables.truncate(tables);
    policy.tables.iter_mut().for_each(|t| t.slots = blindlink::policy::Slots::both(slots));
    policy.validate().unwrap()
}

/// Both sides of a round: their inputs, and every frame in the order in which it crossed.
pub struct Round {
    pub policy: CheckedPolicy,
    pub agreed: bool,
    pub records: [Vec<EncodedRecord>; 2],
    /// True: the requester's.
    pub frames: Vec<(bool, Vec<u8>)>,
    pub outcome: Outcome,
}

pub fn seed(role: Role) -> Seed {
    Seed::new([if role == Role::Requester { 51 } else { 52 }; 32])
}

fn keys(role: Role) -> [u8; 2] {
    if role == Role::Requester { [1, 2] } else { [2, 1] }
}

pub fn side(role: Role) -> usize {
    usize::from(role == Role::Responder)
}

/// Under the policy as if it had made them.
pub fn list(policy: &CheckedPolicy, records: &[EncodedRecord]) -> EncodedList {
    EncodedList::unchecked(ListFields { records: records.into(), ..(*policy.encode(&[])).clone() })
}

pub fn config(policy: &CheckedPolicy, agreed: bool, role: Role, records: &[EncodedRecord], seed: Seed) -> Config {
    let [own, peer] = keys(role);
    let basis = if agreed { basis(agreement(policy), policy, role) } else { Basis::Training(&SUITE_1) };
    Config {
        log: LogExchange::without_log(&key(own)),
        inputs: SessionInputs::new(role, Arc::new(list(policy, records)), seed).unwrap(),
        basis,
        identity: key(own),
        peer: key(peer).id(),
        binding: [9; 32],
    }
}

impl Round {
    /// The invented persons on both lists; the responder lacks the first.
    pub fn run(policy: CheckedPolicy, agreed: bool) -> Self {
        let all = encode(&policy.encoding(), &persons());
        Self::with(policy, agreed, [all.clone(), all[1..].to_vec()])
    }

    pub fn with(policy: CheckedPolicy, agreed: bool, records: [Vec<EncodedRecord>; 2]) -> Self {
        let session = |role| Session::new(config(&policy, agreed, role, &records[side(role)], seed(role))).unwrap();
        let mut frames = Vec::new();
        let observe = |from: Role, frame: &[u8]| frames.push((from == Role::Requester, frame.to_vec()));
        let sessions = [session(Role::Requester), session(Role::Responder)];
        let [requester, responder] = sessions;
        let (outcome, _, _) = in_process::run(requester, responder, in_process::inline, observe, |_| {}).unwrap();
        Self { policy, agreed, records, frames, outcome }
    }

    pub fn header(&self, role: Role) -> EvidenceHeader {
        let [own, peer] = keys(role);
        let shape = self.policy.shape();
        let padded = [shape.records_requester, shape.records_responder][side(role)];
        let commitment = Commitment::new(&seed(role), shape, &self.records[side(role)], padded);
        let agreement = if self.agreed { agreement(&self.policy).to_canonical_bytes() } else { Vec::new() };
        EvidenceHeader::new(
            role,
            [key(own).id(), key(peer).id()],
            &commitment,
            [9; 32],
            LogExchange::without_log(&key(own)).head,
        )
        .of_suite(&SUITE_1)
        .under(self.policy.canonical_bytes(), &agreement)
    }

    /// Evidence of one side over the frames as they stand, with this receipt.
    pub fn evidence(&self, role: Role, receipt: Option<&[u8]>) -> Pieces {
        let mut recorder = Recorder::default();
        let entry = |(from, frame): &(bool, Vec<u8>)| {
            if *from == (role == Role::Requester) {
                recorder.sent(&frame_digest(frame))
            } else {
                recorder.received(frame)
            }
        };
        let entries = self.frames.iter().map(entry).collect();
        Pieces { header: self.header(role).encode(), entries, end: receipt.map_or(vec![], |r| recorder.receipt(r)) }
    }

    pub fn finished(&self, role: Role) -> Pieces {
        self.evidence(role, Some(&self.outcome.receipt))
    }

    /// Writes receipts anew that fit the frames as they now stand, as two colluding sides, or one that found a peer who
    /// does not look, would have signed them. Returns the receipt.
    pub fn sign_again(&mut self) -> Vec<u8> {
        let mut chains = [Chain::new(), Chain::new()];
        for (from, frame) in self.frames.iter().filter(|(_, frame)| frame[0] != 0x0f) {
            chains[usize::from(!from)].push(&frame_digest(frame));
        }
        let old = Receipt::decode(&self.outcome.receipt).unwrap().statement;
        let statement = ReceiptStatement { transcript: transcript(&chains[0], &chains[1]), ..old };
        for (from, frame) in &mut self.frames {
            if frame[0] == 0x0f {
                let message = statement.message(&key(if *from { 1 } else { 2 }));
                *frame = message.frame(0);
            }
        }
        let signature = |n: u8| statement.message(&key(n)).signature;
        let (by_requester, by_responder) = (signature(1), signature(2));
        Receipt { statement, by_requester, by_responder }.encode()
    }

    /// Where the frame of this kind and chunk stands.
    pub fn find(&self, from_requester: bool, kind: u8, chunk: u32) -> usize {
        let head = |frame: &[u8]| frame[0] == kind && frame[1..5] == chunk.to_be_bytes();
        self.frames.iter().position(|(from, frame)| *from == from_requester && head(frame)).unwrap()
    }
}

/// Evidence, cut at its borders.
#[derive(Clone)]
pub struct Pieces {
    pub header: Vec<u8>,
    pub entries: Vec<Vec<u8>>,
    pub end: Vec<u8>,
}

impl Pieces {
    pub fn bytes(&self) -> Vec<u8> {
        [&self.header[..], &self.entries.concat(), &self.end].concat()
    }

    /// Where entry `n` lies in the bytes.
    pub fn range(&self, n: usize) -> Range<usize> {
        let first = self.header.len() + self.entries[..n].iter().map(Vec::len).sum::<usize>();
        first..first + self.entries[n].len()
    }
}
