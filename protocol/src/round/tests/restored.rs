//! What a side that was put back to an earlier state, and then gets other frames, gives away: nothing that two answers
//! together show (V-RAND-006, V-RAND-007). Each test mounts the attack without the binding first.

use super::{
    Chains, Flow, Plan, RoundContext, SealKeys, TO_KEYS, begin, chain_of, compare, flow_of, in_both_suites, record,
    shape,
};
use crate::encode::EncodedRecord;
use crate::ids::RoundId;
use crate::policy::shape::Shape;
use crate::round::commitment::LateId;
use crate::round::ot::{Direction, OtChunk};
use crate::round::requester::{Comparing, Requester};
use crate::suite::TREES;
use crate::wire::body::{Body, CorrectionBody, SealKeysBody};
use std::sync::Arc;

fn list(shape: &Shape, n: u64) -> Vec<EncodedRecord> {
    (0..n).map(|i| record(shape, i, i)).collect()
}

fn ones(bytes: impl IntoIterator<Item = u8>) -> (u64, u64) {
    bytes.into_iter().fold((0, 0), |(ones, all), byte| (ones + u64::from(byte.count_ones()), all + 8))
}

/// Whether `hits` of `all` is within five standard deviations of one half.
fn at_chance(hits: u64, all: u64) -> bool {
    let (hits, all) = (hits as f64, all as f64);
    all >= 1000.0 && (hits - all / 2.0).abs() < 5.0 * (all / 4.0).sqrt()
}

fn xor(a: &[u8], b: &[u8]) -> Vec<u8> {
    a.iter().zip(b).map(|(a, b)| a ^ b).collect()
}

/// The responder is put back before the queries, and the requester asks for other tokens (F2a).
#[test]
fn a_responder_put_back_before_the_queries_shows_nothing_of_its_records() {
    in_both_suites(|suite| {
        let shape = shape(60);
        let round = Arc::new(RoundContext {
            plan: Plan::of_suite(suite, shape.clone()).unwrap(),
            id: RoundId::from_bytes([8; 32]),
        });
        let all = list(&shape, 60);
        let width = round.plan.payload_bytes();
        // What stands in every bin, as the requester decodes it, in two runs of one responder.
        let values = |to_digests: [u8; 32]| {
            let (based, keyed, keep) = begin(&round, &all, &all);
            let flow = compare(&round, based, keyed, &keep, &to_digests);
            let values: Vec<Vec<u8>> = (0..round.plan.bins).map(|bin| flow.requester.value(bin).to_vec()).collect();
            let pseudonyms = flow.listed();
            (flow, values, pseudonyms)
        };
        let (flow, first, listed) = values([6; 32]);
        let (_, same, _) = values([6; 32]);
        let (_, second, others) = values([7; 32]);
        let hits: Vec<usize> = (0..60).filter_map(|record| flow.requester.bin_of(record)).collect();
        assert!(hits.iter().all(|bin| first[*bin] == same[*bin]), "the attack works where the binding is left out");
        let (different, bits) = ones(hits.iter().flat_map(|bin| xor(&first[*bin][..width], &second[*bin][..width])));
        assert!(at_chance(different, bits), "{different} of {bits}");
        assert!(listed.entries().iter().all(|pseudonym| !others.has(pseudonym)));
        // Masks as such: every bin, hit or not.
        let late = |to_digests: [u8; 32]| LateId::new(&round.id, &TO_KEYS, &to_digests);
        let masked = |to_digests| {
            let (responder, _) = begin(&round, &all, &all).0.late(late(to_digests)).unwrap();
            let mask = |bin| {
                let mut mask = vec![0; round.plan.value_bytes()];
                responder.mask(bin, &mut mask);
                mask
            };
            (0..round.plan.bins).flat_map(mask).collect::<Vec<u8>>()
        };
        let (different, bits) = ones(xor(&masked([6; 32]), &masked([7; 32])));
        assert!(at_chance(different, bits), "{different} of {bits}");
    });
}

/// The responder is put back behind its seal keys, and the requester corrects otherwise (F2b).
#[test]
fn a_responder_put_back_behind_its_seal_keys_opens_nothing_else() {
    in_both_suites(|suite| {
        let shape = shape(60);
        let all = list(&shape, 60);
        let flow = flow_of(suite, &shape, &all, &all);
        let (choice, chosen) = flow.responder.choose(0);
        let to_choice = chain_of(&choice);
        let correct = || flow.requester.correct(0, &choice, &to_choice).unwrap();
        let honest = correct().0;
        let mut other = honest.clone();
        other.corrections[3] ^= 1;
        let garble = |body: &CorrectionBody, to_correction: [u8; 32]| {
            let chains = Chains { to_choice, to_correction };
            let (garbled, key) = flow.responder.garble(0, &chosen, body, &chains).unwrap();
            (garbled, *key.expose())
        };
        let first = chain_of(&honest);
        let (answer, key) = garble(&honest, first);
        // The pairs of chunk 0 that `key` opens in an answer.
        let opened = |body: &CorrectionBody, to_correction: [u8; 32]| {
            let (garbled, _) = garble(body, to_correction);
            let evaluated = flow.requester.evaluate(0, correct().1, garbled, &to_correction);
            let mut keys = SealKeys::default();
            flow.requester.add_seal_keys(&mut keys, &SealKeysBody { keys: vec![key] }, &[answer.commitment]).unwrap();
            flow.requester.open_results(&keys, &flow.listed(), &[evaluated]).len()
        };
        assert!(opened(&honest, first) > 10);
        assert!(opened(&other, first) > 10, "the attack works where the binding is left out");
        let (second, other_key) = garble(&other, chain_of(&other));
        assert!(second.commitment != answer.commitment && other_key != key && second.seed != answer.seed);
        assert_eq!(opened(&other, chain_of(&other)), 0);
        // The same correction after another one: the chain is another.
        assert_eq!(opened(&honest, [1; 32]), 0);
    });
}

/// The same requester with other tables, as one that was put back before them.
fn with_other_tables(flow: &Flow) -> Requester<Comparing> {
    let mut store = flow.store.clone();
    store.iter_mut().flatten().enumerate().for_each(|(i, byte)| *byte ^= (i * 37 % 251) as u8);
    super::read_all(&flow.asking, &flow.outputs, &store)
}

/// Numbers of `k` bits.
fn numbers(bytes: &[u8], k: usize, count: usize) -> Vec<u32> {
    let bit = |i: usize| u32::from(bytes[i / 8] >> (i % 8) & 1);
    (0..count).map(|n| (0..k).map(|b| bit(n * k + b) << b).sum()).collect()
}

/// The requester is put back before the tables, gets others and the same choices (N1, F2c, N2).
#[test]
fn a_requester_put_back_before_the_tables_shows_nothing_of_its_scores() {
    in_both_suites(|suite| {
        let shape = shape(60);
        let all = list(&shape, 60);
        let flow = flow_of(suite, &shape, &all, &all);
        let again = with_other_tables(&flow);
        let (choice, _) = flow.responder.choose(0);
        let k = usize::from(shape.ring_bits);
        let count = 128 * shape.payload_bits();
        let first = flow.requester.correct(0, &choice, &[1; 32]).unwrap().0;
        let unbound = again.correct(0, &choice, &[1; 32]).unwrap().0;
        let bound = again.correct(0, &choice, &[2; 32]).unwrap().0;

        // N1: under the same pads corrections differ by 0 or twice a coefficient: never by an odd number.
        let odd = |other: &CorrectionBody| {
            let pairs = numbers(&first.corrections, k, count).into_iter().zip(numbers(&other.corrections, k, count));
            pairs.filter(|(a, b)| a.wrapping_sub(*b) & 1 == 1).count() as u64
        };
        assert_eq!(odd(&unbound), 0, "the attack works where the binding is left out");
        assert!(at_chance(odd(&bound), count as u64), "{} of {count}", odd(&bound));

        // F2c: under the same streams every column shows the same difference, that of the choices, which are score shares.
        let column = (128 * k).div_ceil(128) * 16 + 32;
        let differences = |other: &CorrectionBody| -> Vec<Vec<u8>> {
            let columns = first.extension.chunks(column).zip(other.extension.chunks(column)).take(TREES);
            columns.map(|(a, b)| xor(a, b)[..column - 32].to_vec()).collect()
        };
        let shown = differences(&unbound);
        assert!(shown.iter().all(|d| *d == shown[0]), "the attack works where the binding is left out");
        assert!(shown[0].iter().any(|byte| *byte != 0));
        let hidden = differences(&bound);
        for (i, a) in hidden.iter().enumerate() {
            for b in hidden.iter().skip(i + 1) {
                let (different, bits) = ones(xor(a, b));
                assert!(at_chance(different, bits), "{different} of {bits}");
            }
        }
        // N2: the mask blocks at the end of the columns are others even where the choices are the same.
        let extend = |beta: &[u8; 32]| {
            let place = OtChunk { direction: Direction::Shares, index: 0, beta };
            flow.requester.receiver().extend(&place, &[0x5a; 64], 512)
        };
        let ((same, rows), (other, other_rows)) = (extend(&[1; 32]), extend(&[2; 32]));
        assert_eq!(extend(&[1; 32]).0, same);
        assert_eq!(same.len(), (suite.layout.extension)(512));
        let hash = |message: &[u8]| message[message.len() - 64..message.len() - 32].to_vec();
        assert_ne!(hash(&same), hash(&other));
        assert!(rows.iter().zip(other_rows.iter()).all(|(a, b)| a != b));
    });
}

/// Another choice chunk, in whatever place, gives the requester's answer other pads and streams.
#[test]
fn every_answer_of_a_comparison_is_bound_to_all_before_it() {
    in_both_suites(|suite| {
        let shape = shape(60);
        let all = list(&shape, 60);
        let flow = flow_of(suite, &shape, &all, &all);
        let (choice, chosen) = flow.responder.choose(1);
        let bodies: Vec<Vec<u8>> = [[1; 32], [2; 32]]
            .iter()
            .map(|chain| flow.requester.correct(1, &choice, chain).unwrap().0.write())
            .collect();
        assert!(bodies[0].chunks_exact(16).zip(bodies[1].chunks_exact(16)).all(|(a, b)| a != b));
        let correction = flow.requester.correct(1, &choice, &[1; 32]).unwrap().0;
        let garbled = |to_correction| flow.garble(1, &chosen, &correction, [[1; 32], to_correction]).write();
        let (a, b) = (garbled([3; 32]), garbled([4; 32]));
        assert!(a.chunks_exact(16).zip(b.chunks_exact(16)).all(|(a, b)| a != b));
        // A correction that was made for another chain does not pass.
        let chains = Chains { to_choice: [2; 32], to_correction: [3; 32] };
        assert!(flow.responder.garble(1, &chosen, &correction, &chains).is_err());
    });
}
