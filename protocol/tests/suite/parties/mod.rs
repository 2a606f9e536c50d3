//! Synthetic parties for the tests of whole rounds: random filters and tokens, no persons at all.

use blindlink::agreement::Basis;
use blindlink::crypto::hash::Prf;
use blindlink::encode::EncodedFields;
use blindlink::encode::{EncodedRecord, Filter, Token};
use blindlink::error::Error;
use blindlink::identity::IdentityKey;
use blindlink::policy::EncodedList;
use blindlink::policy::shape::ShapeFields;
use blindlink::policy::shape::{OutputMode, SegmentShape, Shape, TableShape};
use blindlink::policy::{ListFields, Slots};
use blindlink::round::commitment::Commitment;
use blindlink::round::ideal::{IdealPair, ideal};
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Outcome, Role, Session, SessionInputs, in_process};
use blindlink::suite::{SUITE_1, SUITE_2, Suite};
use std::sync::Arc;

/// A small deterministic source of numbers.
pub struct Numbers(Prf, u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_be_bytes());
        Self(Prf::new(key), 0)
    }

    pub fn next(&mut self) -> u64 {
        self.1 += 1;
        u64::from_be_bytes(self.0.bytes(&[self.1]))
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.1 += 1;
        self.0.bytes(&[self.1])
    }
}

/// A shape with three segments and two tables, sized for `r` and `s` records; the ring as the validator
/// would choose them.
pub fn shape(r: u32, s: u32, slots: [u16; 2], copies: [u8; 2]) -> Shape {
    Shape::unchecked(ShapeFields {
        segments: vec![
            SegmentShape { bits: 64, alpha: 5, beta: -1, nu: 0 },
            SegmentShape { bits: 32, alpha: 9, beta: -4, nu: 3 },
            SegmentShape { bits: 32, alpha: 7, beta: -3, nu: -2 },
        ],
        constant: -40,
        possible: 0,
        strong: Some(60),
        tables: vec![
            TableShape { id: 1, slots: Slots::both(slots[0]) },
            TableShape { id: 7, slots: Slots::both(slots[1]) },
        ],
        copies_requester: copies[0],
        copies_responder: copies[1],
        records_requester: r,
        records_responder: s,
        output: OutputMode::Mutual,
        ring_bits: 18,
    })
}

/// A record with random bits of density 1/4 in the segments that it has, and the given token values a table.
pub fn record(numbers: &mut Numbers, shape: &Shape, tokens: &[Vec<u64>]) -> EncodedRecord {
    let mut filter = Filter::zero(shape.filter_bits() + shape.segments.len());
    let mut first = 0;
    for (f, segment) in shape.segments.iter().enumerate() {
        let present = numbers.below(8) != 0;
        for bit in first..first + usize::from(segment.bits) {
            if present && numbers.below(4) == 0 {
                filter.set(bit);
            }
        }
        if present {
            filter.set(shape.filter_bits() + f);
        }
        first += usize::from(segment.bits);
    }
    encoded(numbers, filter, tokens)
}

pub fn encoded(numbers: &mut Numbers, filter: Filter, tokens: &[Vec<u64>]) -> EncodedRecord {
    let token = |v: &u64| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&v.to_be_bytes());
        Token::from_bytes(bytes)
    };
    EncodedRecord::unchecked(EncodedFields {
        others: Vec::new(),
        digest: numbers.bytes(),
        filter,
        tokens: tokens
            .iter()
            .map(|t| {
                let mut t: Vec<Token> = t.iter().map(token).collect();
                t.sort_unstable();
                t.dedup();
                t
            })
            .collect(),
    })
}

/// A copy of a record with some filter bits changed.
pub fn similar(
    numbers: &mut Numbers,
    shape: &Shape,
    of: &EncodedRecord,
    changes: u64,
    tokens: &[Vec<u64>],
) -> EncodedRecord {
    let bits = shape.filter_bits();
    let flips: Vec<usize> = (0..changes).map(|_| numbers.below(bits as u64) as usize).collect();
    let mut filter = Filter::zero(bits + shape.segments.len());
    for bit in 0..bits + shape.segments.len() {
        let flipped = flips.iter().filter(|f| **f == bit).count() % 2 == 1;
        if of.filter.get(bit) != flipped {
            filter.set(bit);
        }
    }
    encoded(numbers, filter, tokens)
}

pub fn seed(byte: u8) -> Seed {
    Seed::new([byte; 32])
}

pub fn identities() -> [IdentityKey; 2] {
    [IdentityKey::from_secret(&[1; 32]), IdentityKey::from_secret(&[2; 32])]
}

/// Runs a test in every suite: what it shows must not hang on the engine.
pub fn in_both_suites(test: impl Fn(&'static Suite)) {
    [&SUITE_1, &SUITE_2].into_iter().for_each(test);
}

pub fn config(role: Role, shape: &Shape, records: &[EncodedRecord], seed: Seed) -> Config {
    config_of(&SUITE_1, role, shape, records, seed)
}

pub fn config_of(suite: &'static Suite, role: Role, shape: &Shape, records: &[EncodedRecord], seed: Seed) -> Config {
    let [first, second] = identities();
    let (identity, peer) = match role {
        Role::Requester => (first, second.id()),
        Role::Responder => (second, first.id()),
    };
    let list = EncodedList::unchecked(ListFields {
        shape: shape.clone(),
        policy: b"test policy".to_vec(),
        records: records.into(),
    });
    Config {
        log: LogExchange::without_log(&identity),
        inputs: SessionInputs::new(role, Arc::new(list), seed).unwrap(),
        basis: Basis::Training(suite),
        identity,
        peer,
        binding: [9; 32],
    }
}

pub fn sessions(shape: &Shape, r: &[EncodedRecord], s: &[EncodedRecord]) -> (Session, Session) {
    sessions_of(&SUITE_1, shape, r, s)
}

pub fn sessions_of(
    suite: &'static Suite,
    shape: &Shape,
    r: &[EncodedRecord],
    s: &[EncodedRecord],
) -> (Session, Session) {
    let session = |role, records, byte| Session::new(config_of(suite, role, shape, records, seed(byte))).unwrap();
    (session(Role::Requester, r, 3), session(Role::Responder, s, 4))
}

/// Runs jobs on both cores.
pub fn threaded(jobs: Vec<blindlink::session::Job>) -> Vec<blindlink::session::JobResult> {
    let queue = std::sync::Mutex::new(jobs.into_iter());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    loop {
                        let job = queue.lock().unwrap().next();
                        let Some(job) = job else { return done };
                        done.push(job.run());
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|w| w.join().unwrap()).collect()
    })
}

pub fn run(shape: &Shape, r: &[EncodedRecord], s: &[EncodedRecord]) -> Result<(Outcome, Outcome), Error> {
    run_of(&SUITE_1, shape, r, s)
}

pub fn run_of(
    suite: &'static Suite,
    shape: &Shape,
    r: &[EncodedRecord],
    s: &[EncodedRecord],
) -> Result<(Outcome, Outcome), Error> {
    let (requester, responder) = sessions_of(suite, shape, r, s);
    in_process::run(requester, responder, threaded, |_, _| {}, |_| {}).map(|(a, b, _)| (a, b))
}

/// The oracle, with the keys that the sessions of [`sessions`] use.
pub fn oracle(shape: &Shape, r: &[EncodedRecord], s: &[EncodedRecord]) -> Vec<IdealPair> {
    let key_r = Commitment::new(&seed(3), shape, r, shape.records_requester).keep_key(&seed(3));
    let key_s = Commitment::new(&seed(4), shape, s, shape.records_responder).keep_key(&seed(4));
    ideal(shape, r, s, &key_r, &key_s)
}

/// Compares a round's result with the oracle's: own positions, grades and tables as they are; the peer's positions up
/// to pseudonyms; and the responder's claims in mutual mode with both.
pub fn assert_ideal(shape: &Shape, outcome: &(Outcome, Outcome), oracle: &[IdealPair]) {
    let (requester, responder) = outcome;
    let mut got: Vec<_> = requester.matches.iter().map(|m| (m.own, m.grade, m.tables.clone())).collect();
    let mut expected: Vec<_> = oracle.iter().map(|p| (p.own, p.grade, p.tables.clone())).collect();
    got.sort();
    expected.sort();
    assert_eq!(got, expected);
    assert_eq!(requester.transcript, responder.transcript);
    assert_eq!(requester.receipt, responder.receipt);
    if shape.output == OutputMode::Requester {
        assert!(responder.claims.is_empty());
        return;
    }
    // A pseudonym names one record of the responder: with the claims, pairs are known in full.
    let own: std::collections::BTreeMap<_, _> = responder.claims.iter().map(|c| (c.pseudonym, c.own)).collect();
    let mut got: Vec<_> = requester.matches.iter().map(|m| (m.own, own.get(&m.pseudonym).copied())).collect();
    let mut expected: Vec<_> = oracle.iter().map(|p| (p.own, Some(p.peer))).collect();
    got.sort();
    expected.sort();
    assert_eq!(got, expected);
}

/// Lists in which about half of the responder's records are a more or less similar copy of one of the requester's,
/// tokens collide within and across lists, and some records have no token in a table.
pub fn lists(seed: u64, shape: &Shape) -> (Vec<EncodedRecord>, Vec<EncodedRecord>) {
    let mut numbers = Numbers::new(seed);
    let (n_r, n_s) = (u64::from(shape.records_requester), u64::from(shape.records_responder));
    let tokens = |numbers: &mut Numbers| -> Vec<Vec<u64>> {
        let tables = shape.tables.iter().enumerate();
        tables
            .map(|(t, table)| {
                let count = numbers.below(u64::from(table.slots.most()) + 1);
                (0..count).map(|_| numbers.below(n_r) + 1_000_000 * t as u64).collect()
            })
            .collect()
    };
    let r: Vec<EncodedRecord> = (0..n_r)
        .map(|_| {
            let t = tokens(&mut numbers);
            record(&mut numbers, shape, &t)
        })
        .collect();
    let s = (0..n_s)
        .map(|i| {
            let t = tokens(&mut numbers);
            if i % 2 == 0 && !r.is_empty() {
                let of = &r[numbers.below(n_r) as usize];
                let changes = numbers.below(20);
                let mut copy = similar(&mut numbers, shape, of, changes, &t);
                if numbers.below(4) != 0 {
                    copy.tokens.clone_from(&of.tokens);
                }
                copy
            } else {
                record(&mut numbers, shape, &t)
            }
        })
        .collect();
    (r, s)
}

/// What became of both sides of a round whose frames `change` may alter on the way (true: the requester's).
pub fn tampered(
    mut requester: Session,
    mut responder: Session,
    mut change: impl FnMut(bool, &mut Vec<u8>),
) -> [Result<Outcome, Error>; 2] {
    use blindlink::session::Output;
    use std::collections::VecDeque;
    let mut ends: [Option<Result<Outcome, Error>>; 2] = [None, None];
    let mut frames: [VecDeque<Vec<u8>>; 2] = [VecDeque::new(), VecDeque::new()];
    loop {
        let mut moved = false;
        for (side, session) in [&mut requester, &mut responder].into_iter().enumerate() {
            while let Ok(Some(output)) = session.poll_output() {
                moved = true;
                match output {
                    Output::Send(mut frame) => {
                        change(side == 0, &mut frame.bytes);
                        frames[1 - side].push_back(frame.bytes);
                    }
                    Output::Work(job) => {
                        let _ = session.finish_work(job.run());
                    }
                    Output::Persist { seq, .. } => session.persisted(seq).unwrap(),
                    Output::Done(outcome) => ends[side] = Some(Ok(*outcome)),
                    _ => {}
                }
            }
            while let Some(frame) = frames[side].pop_front() {
                moved = true;
                let _ = session.handle(&frame);
            }
            if ends[side].is_none() && session.failure().is_some() {
                let error = session.failure().unwrap().clone();
                frames[1 - side].push_back(session.abort(&error));
                ends[side] = Some(Err(error));
                moved = true;
            }
        }
        if !moved {
            return ends.map(|end| end.unwrap_or(Err(Error::Internal("still waiting"))));
        }
    }
}
