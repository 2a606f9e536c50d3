//! Replay: what a requester would gain from a second answer, with and without the bindings (V-RAND-005, V-OT-003).

use super::{chain_of, flow_of, in_both_suites, record, shape};
use crate::suite::extension_bytes;
use crate::wire::body::{Body, CorrectionBody};
use std::collections::BTreeMap;

fn blocks(bytes: &[u8]) -> Vec<u128> {
    bytes.as_chunks::<16>().0.iter().map(|b| u128::from_le_bytes(*b)).collect()
}

/// How often each difference of two answers' blocks occurs.
fn differences(a: &[u8], b: &[u8]) -> BTreeMap<u128, usize> {
    let mut counts = BTreeMap::new();
    for (x, y) in blocks(a).into_iter().zip(blocks(b)) {
        *counts.entry(x ^ y).or_insert(0) += 1;
    }
    counts
}

#[test]
fn second_answer_to_changed_corrections_shares_nothing() {
    in_both_suites(|suite| {
        let shape = shape(60);
        let k = usize::from(shape.ring_bits);
        let list: Vec<_> = (0..60).map(|i| record(&shape, i, i)).collect();
        let flow = flow_of(suite, &shape, &list, &list);
        let (choice, chosen) = flow.responder.choose(0);
        let digest = chain_of(&choice);
        let (first, _) = flow.requester.correct(0, &choice, &digest).unwrap();
        let own = chain_of(&first);
        let answer = |body: &CorrectionBody, own: &[u8; 32]| flow.garble(0, &chosen, body, [digest, *own]).write();
        let a = answer(&first, &own);
        let mut mask = vec![0; flow.round.plan.value_bytes()];
        flow.responder.mask(0, &mut mask);
        let mut seen = [false; 2];
        // Move the correction of one payload bit of the first bin: the responder's share moves where its mask bit is set.
        for bit in 0..12 {
            let mut second = first.clone();
            let at = bit * k + 5;
            second.corrections[at / 8] ^= 1 << (at % 8);
            let masked = mask[bit / 8] >> (bit % 8) & 1 == 1;
            // A responder without the binding answers under the first digest: equal answers read the mask bit.
            assert_eq!(answer(&second, &own) != a, masked, "the attack works where the binding is left out");
            seen[usize::from(masked)] = true;
            let bound = differences(&a, &answer(&second, &chain_of(&second)));
            assert!(!bound.contains_key(&0) && !bound.contains_key(&flow.responder.delta()));
            assert!(bound.values().all(|n| *n == 1), "no difference repeats");
        }
        assert_eq!(seen, [true; 2]);
    });
}

#[test]
fn regarbling_with_one_changed_choice_does_not_give_delta() {
    in_both_suites(|suite| {
        // One choice bit of the second extension: flip it in all columns and in the hash of the choices. A requester can
        // do this, for it knows its choices; the digest then fits because the hash is linear.
        let shape = shape(60);
        let n_bins = 128;
        let k = usize::from(shape.ring_bits);
        let bits = n_bins * k;
        let honest = |bound: bool| {
            let r: Vec<_> = (0..60).map(|i| record(&shape, i, i)).collect();
            let flow = flow_of(suite, &shape, &r, &r);
            let (choice, chosen) = flow.responder.choose(0);
            let digest = chain_of(&choice);
            let place =
                crate::round::ot::OtChunk { direction: crate::round::ot::Direction::Shares, index: 0, beta: &digest };
            let (CorrectionBody { corrections, .. }, _) = flow.requester.correct(0, &choice, &digest).unwrap();
            let message = |flip: bool| {
                let mut choices = vec![0u8; bits.div_ceil(8)];
                choices[0] ^= u8::from(flip);
                let (extension, _) = flow.requester.receiver().extend(&place, &choices, bits);
                assert_eq!(extension.len(), extension_bytes(bits));
                CorrectionBody { corrections: corrections.clone(), extension }
            };
            let (first, second) = (message(false), message(true));
            let own = chain_of(&first);
            let other = if bound { chain_of(&second) } else { own };
            let a = flow.garble(0, &chosen, &first, [digest, own]).write();
            let b = flow.garble(0, &chosen, &second, [digest, other]).write();
            (differences(&a, &b), flow.responder.delta())
        };
        // Without the binding the difference of two ciphertexts is Delta itself: the attack that the binding stops.
        let (plain, delta) = honest(false);
        assert!(plain.contains_key(&delta), "the attack works where the binding is left out");
        let (bound, delta) = honest(true);
        assert!(!bound.contains_key(&delta) && !bound.contains_key(&0));
    });
}
