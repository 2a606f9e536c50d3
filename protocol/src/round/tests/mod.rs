//! Tests that look inside a round: what a party holds, and what a dishonest one could do with it.
mod leak;
mod replay;
mod restored;
mod ring;
mod tamper;
mod tree;

use super::commitment::{Commitment, LateId, Randomness, RoundContext};
use super::oprf::OprfOutput;
use super::requester::{Asking, Comparing, Evaluated, FoundPair, Keyed, Requester};
use super::responder::{Answering, Based, Chains, Chosen, Responder};
use super::settle::SealKeys;
use crate::crypto::hash::Prf;
use crate::encode::EncodedFields;
use crate::encode::{EncodedRecord, Filter, Token};
use crate::ids::RoundId;
use crate::plan::Plan;
use crate::policy::Slots;
use crate::policy::shape::ShapeFields;
use crate::policy::shape::{OutputMode, SegmentShape, Shape, TableShape};
use crate::secret::Seed;
use crate::suite::{SUITE_1, SUITE_2, Suite};
use crate::transcript::frame_digest;
use crate::wire::body::{Ascending, Body, CorrectionBody, GarbledBody, QueryDigestsBody, SealKeysBody};
use std::sync::Arc;

/// One table, two segments; `n` records on each side.
fn shape(n: u32) -> Shape {
    Shape::unchecked(ShapeFields {
        segments: vec![
            SegmentShape { bits: 40, alpha: 6, beta: -2, nu: 0 },
            SegmentShape { bits: 22, alpha: 9, beta: -3, nu: 1 },
        ],
        constant: -20,
        possible: 0,
        strong: Some(15),
        tables: vec![TableShape { id: 3, slots: Slots::both(1) }],
        copies_requester: 1,
        copies_responder: 1,
        records_requester: n,
        records_responder: n,
        output: OutputMode::Mutual,
        ring_bits: 17,
    })
}

/// Record i of a side: a filter that depends on `content`, a token that is shared where `token` is equal.
fn record(shape: &Shape, content: u64, token: u64) -> EncodedRecord {
    let prf = Prf::new([0x5a; 32]);
    let (bits, more): ([u8; 16], [u8; 16]) = (prf.bytes(&[content, 0]), prf.bytes(&[content, 1]));
    let mut filter = Filter::zero(shape.filter_bits() + shape.segments.len());
    for b in 0..shape.filter_bits() {
        if (bits[b / 8] & more[b / 8]) >> (b % 8) & 1 == 1 {
            filter.set(b);
        }
    }
    (0..shape.segments.len()).for_each(|f| filter.set(shape.filter_bits() + f));
    EncodedRecord::unchecked(EncodedFields {
        others: Vec::new(),
        digest: prf.bytes(&[content, 2]),
        filter,
        tokens: vec![vec![Token::from_bytes(prf.bytes(&[token, 3]))]],
    })
}

/// Both parties at the comparison.
struct Flow {
    round: Arc<RoundContext>,
    requester: Requester<Comparing>,
    responder: Responder<Answering>,
    asking: Requester<Asking>,
    outputs: Vec<OprfOutput>,
    /// Columns of each group of the only table.
    store: Vec<Vec<u8>>,
}

/// Runs a test in every suite: what it shows must not hang on the engine.
fn in_both_suites(test: impl Fn(&'static Suite)) {
    [&SUITE_1, &SUITE_2].into_iter().for_each(test);
}

/// Runs a round up to the comparison, honestly, with jobs on two threads.
fn flow_of(suite: &'static Suite, shape: &Shape, r: &[EncodedRecord], s: &[EncodedRecord]) -> Flow {
    let plan = Plan::of_suite(suite, shape.clone()).unwrap();
    let round = Arc::new(RoundContext { plan, id: RoundId::from_bytes([8; 32]) });
    let (based, keyed, keep_s) = begin(&round, r, s);
    compare(&round, based, keyed, &keep_s, &[6; 32])
}

/// Both parties before the requester announces its queries: base OTs have crossed one way.
fn begin(
    round: &Arc<RoundContext>,
    r: &[EncodedRecord],
    s: &[EncodedRecord],
) -> (Responder<Based>, Requester<Keyed>, [u8; 32]) {
    let shape = &round.plan.shape;
    let party = |byte: u8, records: &[EncodedRecord]| {
        let seed = Seed::new([byte; 32]);
        let commitment = Commitment::new(&seed, shape, records, shape.records_requester);
        (Randomness::new(&seed, &round.id, &commitment.root, byte), commitment.keep_key(&seed))
    };
    let (random_r, keep_r) = party(1, r);
    let (random_s, keep_s) = party(2, s);
    let placed = Requester::place(Arc::clone(round), random_r, r.into(), &keep_r);
    let (offered, keys) = Responder::offer(Arc::clone(round), random_s, s.into());
    let (keyed, base) = placed.keys(&keys, &TO_KEYS).unwrap();
    (offered.base(&base, &TO_KEYS).unwrap(), keyed, keep_s)
}

/// What stands for the chain up to the responder's keys.
const TO_KEYS: [u8; 32] = [5; 32];

/// Goes on to the comparison; `to_digests` stands for the chain up to the query digests.
fn compare(
    round: &Arc<RoundContext>,
    based: Responder<Based>,
    keyed: Requester<Keyed>,
    keep_s: &[u8; 32],
    to_digests: &[u8; 32],
) -> Flow {
    let late = LateId::new(&round.id, &TO_KEYS, to_digests);
    let (responder, base) = based.late(late).unwrap();
    let queries = keyed.clone();
    let asking = keyed.base(late, &base).unwrap();
    let chunks = round.plan.query_chunks();
    let work = |first: u32| -> Vec<_> {
        (first..chunks)
            .step_by(2)
            .map(|chunk| {
                let query = queries.query(chunk);
                let digests = QueryDigestsBody { digests: vec![query.digest(); chunk as usize + 1] };
                let checked = digests.check(chunk, query.clone()).unwrap();
                let answer = responder.evaluate(chunk, &checked).unwrap().map_or_else(Vec::new, |body| body.evaluation);
                (chunk, asking.finalize(chunk, &query, &answer).unwrap())
            })
            .collect()
    };
    let (mut outputs, mut odd) = both(|| work(0), || work(1));
    outputs.append(&mut odd);
    outputs.sort_by_key(|(chunk, _)| *chunk);
    let outputs: Vec<OprfOutput> = outputs.into_iter().flat_map(|(_, o)| o).collect();

    let items = responder.items(0, keep_s);
    let halves = items.split_at(items.len() / 2);
    let (rows, more) = both(|| responder.rows(0, halves.0), || responder.rows(0, halves.1));
    let groups = responder.gather(0, vec![rows.unwrap(), more.unwrap()]);
    let store: Vec<Vec<u8>> =
        groups.into_iter().enumerate().map(|(group, rows)| responder.encode(0, group, rows).unwrap()).collect();
    let requester = read_all(&asking, &outputs, &store);
    Flow { round: Arc::clone(round), requester, responder, asking, outputs, store }
}

/// Reads all groups of the only table.
fn read_all(asking: &Requester<Asking>, outputs: &[OprfOutput], store: &[Vec<u8>]) -> Requester<Comparing> {
    let values = store.iter().enumerate().map(|(group, columns)| asking.read(0, group, columns, outputs));
    let values = values.collect();
    asking.clone().compare(vec![values])
}

fn both<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let a = scope.spawn(a);
        let b = b();
        (a.join().unwrap(), b)
    })
}

/// What stands for a chain up to a frame: here that of the frame alone.
fn chain_of(body: &impl Body) -> [u8; 32] {
    *frame_digest(&body.write()).as_bytes()
}

impl Flow {
    fn garble(&self, chunk: u32, chosen: &Chosen, body: &CorrectionBody, chains: [[u8; 32]; 2]) -> GarbledBody {
        let [to_choice, to_correction] = chains;
        self.responder.garble(chunk, chosen, body, &Chains { to_choice, to_correction }).unwrap().0
    }

    /// Compares all chunks; `change` may damage a garbled body on its way.
    fn compare(&self, change: impl FnMut(u32, &mut GarbledBody)) -> Vec<FoundPair> {
        let (chunks, keys) = self.evaluated(change);
        self.requester.open_results(&keys, &self.listed(), &chunks)
    }

    /// The responder's pseudonyms.
    fn listed(&self) -> Ascending {
        let mut listed = Ascending::default();
        for body in self.responder.pseudonyms() {
            listed.add(&body.pseudonyms, "pseudonyms").unwrap();
        }
        listed
    }

    fn evaluated(&self, mut change: impl FnMut(u32, &mut GarbledBody)) -> (Vec<Evaluated>, SealKeys) {
        let (mut keys, mut commitments) = (Vec::new(), Vec::new());
        let chunks = (0..self.round.plan.compare_chunks())
            .map(|chunk| {
                let (choice, chosen) = self.responder.choose(chunk);
                let to_choice = chain_of(&choice);
                let (correction, corrected) = self.requester.correct(chunk, &choice, &to_choice).unwrap();
                let to_correction = chain_of(&correction);
                let chains = Chains { to_choice, to_correction };
                let (mut garbled, key) = self.responder.garble(chunk, &chosen, &correction, &chains).unwrap();
                keys.push(*key.expose());
                commitments.push(garbled.commitment);
                change(chunk, &mut garbled);
                self.requester.evaluate(chunk, corrected, garbled, &to_correction)
            })
            .collect();
        let mut checked = SealKeys::default();
        self.requester.add_seal_keys(&mut checked, &SealKeysBody { keys }, &commitments).unwrap();
        (chunks, checked)
    }
}
