//! Tests that look inside a round: what a party holds, and what a dishonest one could do with it.
mod leak;
mod replay;
mod tamper;

use super::commitment::{Commitment, Randomness, RoundContext};
use super::ot::OtSender;
use super::requester::{Comparing, Evaluated, FoundPair, Requester};
use super::responder::{Answering, Chosen, Responder};
use crate::crypto::hash::Prf;
use crate::encode::EncodedFields;
use crate::encode::{EncodedRecord, Filter, Token};
use crate::plan::Plan;
use crate::policy::shape::ShapeFields;
use crate::policy::shape::{OutputMode, SegmentShape, Shape, TableShape};
use crate::secret::Seed;
use crate::transcript::frame_digest;
use crate::wire::body::{Body, CorrectionBody, GarbledBody, QueryDigestsBody};
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
        tables: vec![TableShape { id: 3, slots: 1 }],
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
    sender: Arc<dyn OtSender>,
}

/// Runs a round up to the comparison, honestly, with jobs on two threads.
fn flow(shape: &Shape, r: &[EncodedRecord], s: &[EncodedRecord]) -> Flow {
    let plan = Plan::new(shape.clone()).unwrap();
    let round = Arc::new(RoundContext { plan, id: [8; 32] });
    let party = |byte: u8, records: &[EncodedRecord]| {
        let seed = Seed::new([byte; 32]);
        let commitment = Commitment::new(&seed, records, shape.records_requester);
        (Randomness::new(&seed, &round.id, &commitment.root, byte), commitment.keep_key(&seed))
    };
    let (random_r, keep_r) = party(1, r);
    let (random_s, keep_s) = party(2, s);
    let placed = Requester::place(Arc::clone(&round), random_r, r.into(), &keep_r);
    let (offered, keys) = Responder::offer(Arc::clone(&round), random_s, s.into());
    let (keyed, base) = placed.keys(&keys).unwrap();

    let items = offered.items(0, &keep_s);
    let halves = items.split_at(items.len() / 2);
    let (rows, more) = both(|| offered.rows(0, halves.0), || offered.rows(0, halves.1));
    let mut rows = rows;
    rows.append(more);
    let table = offered.encode(0, &rows);

    let chunks = round.plan.query_chunks();
    let work = |first: u32| -> Vec<_> {
        (first..chunks)
            .step_by(2)
            .map(|chunk| {
                let query = keyed.query(chunk);
                let digests = QueryDigestsBody { digests: vec![query.digest(); chunk as usize + 1] };
                let checked = digests.check(chunk, query.clone()).unwrap();
                let answer = offered.evaluate(chunk, &checked).unwrap().unwrap();
                (chunk, keyed.finalize(chunk, &query, &answer.evaluation).unwrap())
            })
            .collect()
    };
    let (mut outputs, mut odd) = both(|| work(0), || work(1));
    outputs.append(&mut odd);
    outputs.sort_by_key(|(chunk, _)| *chunk);
    let outputs = outputs.into_iter().flat_map(|(_, o)| o).collect();
    let (responder, answer) = offered.base(&base).unwrap();
    let (requester, trees) = keyed.compare(&answer, outputs, vec![table]).unwrap();
    let sender = responder.open(&trees).unwrap();
    Flow { round, requester, responder, sender }
}

fn both<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let a = scope.spawn(a);
        let b = b();
        (a.join().unwrap(), b)
    })
}

impl Flow {
    fn garble(
        &self,
        chunk: u32,
        chosen: &Chosen,
        choice: &[u8; 32],
        body: &CorrectionBody,
        own: &[u8; 32],
    ) -> GarbledBody {
        self.responder.garble(&*self.sender, chunk, chosen, choice, body, own).unwrap()
    }

    /// Compares all chunks; `change` may damage a garbled body on its way.
    fn compare(&self, change: impl FnMut(u32, &mut GarbledBody)) -> Vec<FoundPair> {
        let chunks = self.evaluated(change);
        self.requester.open_results(&self.requester.read_reveal(self.responder.reveal()).unwrap(), &chunks)
    }

    fn evaluated(&self, mut change: impl FnMut(u32, &mut GarbledBody)) -> Vec<Evaluated> {
        (0..self.round.plan.compare_chunks())
            .map(|chunk| {
                let (choice, chosen) = self.responder.choose(chunk);
                let digest = frame_digest(&choice.write());
                let (correction, corrected) = self.requester.correct(chunk, &choice, &digest).unwrap();
                let own = frame_digest(&correction.write());
                let mut garbled = self.garble(chunk, &chosen, &digest, &correction, &own);
                change(chunk, &mut garbled);
                self.requester.evaluate(chunk, corrected, garbled, &own)
            })
            .collect()
    }
}
