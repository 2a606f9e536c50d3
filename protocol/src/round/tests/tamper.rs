//! Damage inside a round: rejected, or harmless (V-OPRF-004, V-OPRF-005, V-SETTLE-002, V-SETTLE-003).

use super::{
    Chains, Flow, Randomness, Requester, Responder, Seed, TO_KEYS, chain_of, flow_of, in_both_suites, record, shape,
};
use crate::crypto::group::{Element, Scalar};
use crate::crypto::hash::Prf;
use crate::error::{Error, PeerFault};
use crate::ids::{Pseudonym, RoundId};
use crate::plan::Plan;
use crate::policy::shape::Grade;
use crate::round::commitment::{LateId, RoundContext};
use crate::round::oprf::{self, Input, OprfClient, OprfServer, QueryChunk};
use crate::round::responder::Claimed;
use crate::round::settle::{self, SealKeys};
use crate::suite::SUITE_1;
use crate::wire::body::{Ascending, GarbledBody, SealKeysBody};
use std::sync::Arc;

#[test]
fn flipped_table_bit_reads_as_no_match_there_and_only_there() {
    in_both_suites(|suite| {
        let shape = shape(100);
        let list: Vec<_> = (0..100).map(|i| record(&shape, i, i)).collect();
        let flow = flow_of(suite, &shape, &list, &list);
        let honest = flow.compare(|_, _| {});
        assert_eq!(honest.len(), 100, "identical records match");
        assert!(honest.iter().any(|f| f.grade == Grade::Strong));
        // One bit of every block of the first gate of the first circuit: whichever blocks evaluation uses, no bin of the
        // chunk can gain a match it did not have.
        for bit in [0, 7, 127] {
            let damaged = flow.compare(|chunk, body| {
                if chunk == 0 {
                    for block in 0..2 * 128 {
                        body.tables[block * 16 + bit / 8] ^= 1 << (bit % 8);
                    }
                }
            });
            assert!(damaged.iter().all(|f| honest.iter().any(|h| h.own == f.own && h.token == f.token)));
            assert!(damaged.len() < honest.len(), "the damage is felt");
            let untouched = |own: u32| flow.requester.bin_of(own).is_some_and(|bin| bin >= 128);
            for pair in honest.iter().filter(|f| untouched(f.own)) {
                assert!(damaged.contains(pair), "bins of other chunks are as before");
            }
        }
    });
}

#[test]
fn another_seal_key_is_refused() {
    in_both_suites(|suite| {
        let shape = shape(10);
        let list: Vec<_> = (0..10).map(|i| record(&shape, i, i)).collect();
        let flow = flow_of(suite, &shape, &list, &list);
        let (choice, chosen) = flow.responder.choose(0);
        let to_choice = chain_of(&choice);
        let (correction, _) = flow.requester.correct(0, &choice, &to_choice).unwrap();
        let chains = Chains { to_choice, to_correction: chain_of(&correction) };
        let (garbled, key) = flow.responder.garble(0, &chosen, &correction, &chains).unwrap();
        let add = |key: [u8; 32], commitments: &[[u8; 32]]| {
            flow.requester.add_seal_keys(&mut SealKeys::default(), &SealKeysBody { keys: vec![key] }, commitments)
        };
        assert_eq!(add(*key.expose(), &[garbled.commitment]), Ok(()));
        let mut other = *key.expose();
        other[3] ^= 1;
        assert_eq!(add(other, &[garbled.commitment]), Err(PeerFault::BrokenCommitment { chunk: 0 }.into()));
        assert_eq!(add(*key.expose(), &[]), Err(PeerFault::BrokenCommitment { chunk: 0 }.into()));
    });
}

/// V-SETTLE-008: a list that is not strictly ascending is refused; what it does not list does not count.
#[test]
fn only_listed_pseudonyms_are_found() {
    in_both_suites(|suite| {
        let shape = shape(10);
        let list: Vec<_> = (0..10).map(|i| record(&shape, i, i)).collect();
        let flow = flow_of(suite, &shape, &list, &list);
        let (chunks, keys) = flow.evaluated(|_, _| ());
        let listed: Vec<[u8; 16]> = flow.listed().entries().to_vec();
        let checked = |listed: &[[u8; 16]]| {
            let mut checked = Ascending::default();
            checked.add(listed, "pseudonyms").map(|()| checked)
        };
        let order = |change: fn(&mut Vec<[u8; 16]>)| {
            let mut listed = listed.clone();
            change(&mut listed);
            checked(&listed).unwrap_err()
        };
        assert_eq!(order(|l| l.swap(3, 4)), PeerFault::BadField("pseudonyms"));
        assert_eq!(order(|l| l[3] = l[4]), PeerFault::BadField("pseudonyms"));
        // Through two frames as in one.
        let mut frames = Ascending::default();
        frames.add(&listed[5..], "pseudonyms").unwrap();
        assert_eq!(frames.add(&listed[..5], "pseudonyms"), Err(PeerFault::BadField("pseudonyms")));
        assert_eq!(frames.add(&listed[9..], "pseudonyms"), Err(PeerFault::BadField("pseudonyms")));
        let found = |listed: &[[u8; 16]]| flow.requester.open_results(&keys, &checked(listed).unwrap(), &chunks);
        let all = found(&listed);
        assert_eq!(all.len(), 10);
        let (struck, kept) = listed.split_first().unwrap();
        let left = found(kept);
        assert_eq!(
            left.len()
                + all.iter().filter(|f| settle::public_pseudonym(&f.token) == Pseudonym::from_bytes(*struck)).count(),
            10
        );
        assert!(
            left.len() < 10
                && left.iter().all(|f| settle::public_pseudonym(&f.token) != Pseudonym::from_bytes(*struck))
        );
    });
}

/// V-SETTLE-011: in mutual mode a token counts only under the two labels that the seal has checks for, however it was
/// sealed: a garbler cannot let a claim tell which of many labels the requester holds.
#[test]
fn tokens_under_labels_without_a_check_do_not_count() {
    in_both_suites(|suite| {
        let shape = shape(100);
        let list: Vec<_> = (0..100).map(|i| record(&shape, i, i)).collect();
        let flow = flow_of(suite, &shape, &list, &list);
        let width = GarbledBody::seal_length(&flow.round.plan);
        let in_first = |own: u32| flow.requester.bin_of(own).is_some_and(|bin| bin < 128);
        let found = |from: usize, to: usize| {
            let found = flow.compare(|chunk, body| {
                let seals = body.sealed.chunks_mut(width).filter(|_| chunk == 0);
                seals.for_each(|seal| seal[from..to].iter_mut().for_each(|byte| *byte ^= 1));
            });
            let first = found.iter().filter(|pair| in_first(pair.own)).count();
            (first, found.len() - first)
        };
        let (honest, others) = found(0, 0);
        assert!(honest > 20 && others > 20);
        assert_eq!(found(16, 40), (0, others), "both checks are changed, the token opens as before");
        let (one, _) = found(16, 28);
        assert!(one > 0 && one < honest, "labels of one colour");
    });
}

fn claimed(flow: &Flow, tokens: &[[u8; 16]]) -> Result<Vec<Claimed>, PeerFault> {
    let mut claims = Ascending::default();
    claims.add(tokens, "claims")?;
    Ok(flow.responder.claims(&claims))
}

/// V-SETTLE-004: strictly ascending, so that no claim counts twice.
#[test]
fn claims_out_of_order_or_twice_are_refused() {
    in_both_suites(|suite| {
        let shape = shape(10);
        let list: Vec<_> = (0..10).map(|i| record(&shape, i, i)).collect();
        let flow = flow_of(suite, &shape, &list, &list);
        let claims = |tokens: &[[u8; 16]]| claimed(&flow, tokens).map(|claims| claims.len());
        assert_eq!(claims(&[[1; 16], [2; 16], [3; 16]]), Ok(0), "strangers are padding");
        for wrong in [[[1; 16], [3; 16], [2; 16]], [[1; 16], [2; 16], [2; 16]]] {
            assert_eq!(claims(&wrong), Err(PeerFault::BadField("claims")));
        }
    });
}

/// V-OPRF-002: a key whose proof does not hold, or holds for another key.
#[test]
fn keys_without_a_valid_proof_are_refused() {
    let shape = shape(10);
    let list: Vec<_> = (0..10).map(|i| record(&shape, i, i)).collect();
    let round = Arc::new(RoundContext {
        plan: Plan::of_suite(&SUITE_1, shape.clone()).unwrap(),
        id: RoundId::from_bytes([8; 32]),
    });
    let random = |byte: u8| Randomness::new(&Seed::new([byte; 32]), &round.id, &[0; 32], byte);
    let offered = |byte| Responder::offer(Arc::clone(&round), random(byte), list.clone().into()).1;
    let (keys, other) = (offered(2), offered(3));
    let placed = || Requester::place(Arc::clone(&round), random(1), list.clone().into(), &[0; 32]);
    assert!(placed().keys(&keys, &TO_KEYS).is_ok());
    let mut changed = keys.clone();
    changed.oprf_key[40] ^= 1;
    let mut exchanged = keys.clone();
    exchanged.oprf_key[..32].copy_from_slice(&other.oprf_key[..32]);
    for wrong in [changed, exchanged] {
        assert_eq!(placed().keys(&wrong, &TO_KEYS).err(), Some(PeerFault::BadProof { chunk: 0 }.into()));
    }
}

/// Number 38 of the negative tests (V-SETTLE-004, V-SETTLE-005): tokens that nobody learned claim nobody.
#[test]
fn made_up_claims_claim_nobody() {
    in_both_suites(|suite| {
        let shape = shape(10);
        let list: Vec<_> = (0..10).map(|i| record(&shape, i, i)).collect();
        let flow = flow_of(suite, &shape, &list, &list);
        let mut made_up: Vec<[u8; 16]> = (0..10).map(|i| Prf::new([3; 32]).bytes(&[i])).collect();
        made_up.sort_unstable();
        assert!(claimed(&flow, &made_up).unwrap().is_empty());
        // A true token with one bit flipped is nobody's either; the token itself is its record's.
        let token = flow.compare(|_, _| {})[0].token;
        assert_eq!(claimed(&flow, &[token]).unwrap().len(), 1);
        for bit in [0, 64, 127] {
            let mut forged = token;
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(claimed(&flow, &[forged]).unwrap().is_empty());
        }
        // One token twice would count a match twice.
        let twice = claimed(&flow, &[token, token]).err();
        assert_eq!(twice, Some(PeerFault::BadField("claims")));
    });
}

const LATE: LateId = LateId::from_bytes([6; 32]);

/// Both halves of the OPRF over the bins of a small round.
fn engines() -> (Arc<dyn OprfClient>, Arc<dyn OprfServer>, Vec<Input>) {
    let round = Arc::new(RoundContext {
        plan: Plan::of_suite(&SUITE_1, shape(2000)).unwrap(),
        id: RoundId::from_bytes([4; 32]),
    });
    let random = |byte: u8| Randomness::new(&Seed::new([byte; 32]), &round.id, &[0; 32], byte);
    let server = oprf::server(&round, &random(2));
    let (client, _) = oprf::client(&round, &random(1), &server.key(), &TO_KEYS).unwrap();
    (client, server, (0..20).map(|i| Input::dummy([i; 18])).collect())
}

#[test]
fn every_false_evaluation_is_refused() {
    let (client, server, inputs) = engines();
    let chunk = |index, first_bin| QueryChunk { index, first_bin };
    let query = client.blind(chunk(3, 100), &inputs);
    let answer = server.blind_evaluate(&LATE, chunk(3, 100), &query).unwrap().unwrap();
    assert_eq!(client.finalize(&LATE, chunk(3, 100), &inputs, &query, &answer).unwrap().len(), 20);
    let refused = |answer: &[u8]| client.finalize(&LATE, chunk(3, 100), &inputs, &query, answer).unwrap_err();
    let bad_proof: Error = PeerFault::BadProof { chunk: 3 }.into();

    let wrong_bins = server.blind_evaluate(&LATE, chunk(3, 101), &query).unwrap().unwrap();
    assert_eq!(refused(&wrong_bins), bad_proof, "keys of other bins");
    let mut swapped = answer.clone();
    let (a, b) = swapped.split_at_mut(32);
    a.swap_with_slice(&mut b[..32]);
    assert_eq!(refused(&swapped), bad_proof, "two elements swapped");
    let other_chunk = server.blind_evaluate(&LATE, chunk(4, 100), &query).unwrap().unwrap();
    assert_eq!(refused(&other_chunk), bad_proof, "proof of another chunk");
    let mut replaced = answer.clone();
    replaced[..32].copy_from_slice(&Element::base_mul(&Scalar::from_wide(&[9; 64])).encode());
    assert_eq!(refused(&replaced), bad_proof, "another element");
    let mut challenge = answer.clone();
    challenge[20 * 32] ^= 1;
    assert_eq!(refused(&challenge), bad_proof, "another challenge");
    let mut identity = answer.clone();
    identity[5 * 32..6 * 32].fill(0);
    assert_eq!(refused(&identity), PeerFault::BadElement { position: 5 }.into());
    let mut noncanonical = answer.clone();
    noncanonical[2 * 32..3 * 32].fill(0xff);
    assert_eq!(refused(&noncanonical), PeerFault::BadElement { position: 2 }.into());
    let mut scalar = answer;
    scalar[21 * 32..].fill(0xff);
    assert_eq!(refused(&scalar), PeerFault::BadScalar.into());
}

#[test]
fn one_input_in_two_bins_gives_unrelated_outputs() {
    let (client, server, _) = engines();
    let chunk = QueryChunk { index: 0, first_bin: 0 };
    let inputs = vec![Input::dummy([3; 18]); 8];
    let query = client.blind(chunk, &inputs);
    let answer = server.blind_evaluate(&LATE, chunk, &query).unwrap().unwrap();
    let outputs = client.finalize(&LATE, chunk, &inputs, &query, &answer).unwrap();
    for (i, a) in outputs.iter().enumerate() {
        assert!(outputs.iter().skip(i + 1).all(|b| a != b));
    }
    // Both sides agree on every output, and only at the right input.
    let own = server.evaluate_own(&LATE, &[(&Input::dummy([3; 18]), &[0, 4, 7])]).unwrap();
    assert!(own.iter().zip([0, 4, 7]).all(|(o, bin)| *o == outputs[bin]));
    let other = server.evaluate_own(&LATE, &[(&Input::dummy([5; 18]), &[0, 4, 7])]).unwrap();
    assert!(other.iter().zip([0, 4, 7]).all(|(o, bin)| *o != outputs[bin]));
}
