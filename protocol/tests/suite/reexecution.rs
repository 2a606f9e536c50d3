//! Re-execution and samples (spec 16.4, 16.5): what one side's seed and records show.

use crate::ministries::persons;
use crate::ministries::recorded::{Round, list, seed, side, small_policy};
use blindlink::crypto::group::{Element, Scalar, mul_encode};
use blindlink::encode::EncodedFields;
use blindlink::encode::{EncodedRecord, encode};
use blindlink::error::{Error, EvidenceFault, Misuse};
use blindlink::evidence::sample::{Committed, Opening, check, open, positions, sample};
use blindlink::evidence::{Reexecuted, header, reexecute, verify};
use blindlink::ids::RoundId;
use blindlink::policy::CheckedPolicy;
use blindlink::record::{RawRecord, Record, RowId};
use blindlink::round::commitment::LeafContent;
use blindlink::schema::Field;
use blindlink::secret::Seed;
use blindlink::session::{Role, in_process};
use blindlink::wire::FrameKind;

const ROLES: [Role; 2] = [Role::Requester, Role::Responder];

fn round() -> Round {
    Round::run(small_policy(1, 1, 6), false)
}

fn again(bytes: &[u8], seed: Seed, records: &[EncodedRecord]) -> Result<Reexecuted, Error> {
    let (_, policy) = header(&mut &bytes[..])?;
    reexecute(bytes, seed, list(&policy, records).into(), in_process::inline)
}

fn fault(result: Result<Reexecuted, Error>) -> EvidenceFault {
    match result {
        Err(Error::Evidence(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

/// V-EVIDENCE-009, V-EVIDENCE-010: under an agreement and without, finished or not.
#[test]
fn an_honest_side_is_made_again_byte_by_byte() {
    for round in [round(), Round::run(small_policy(2, 2, 6), true)] {
        for role in ROLES {
            let records = &round.records[side(role)];
            let whole = again(&round.finished(role).bytes(), seed(role), records).unwrap();
            let sent = round.frames.iter().filter(|(from, _)| *from == (role == Role::Requester)).count() as u64;
            assert_eq!((whole.compared, whole.verified.sent), (sent - 2, sent), "all but cosignature and receipt");
            assert!(whole.verified.receipt.is_some());
            let mut cut = round.evidence(role, None);
            cut.entries.truncate(9);
            let part = again(&cut.bytes(), seed(role), records).unwrap();
            assert!(part.compared > 0 && part.verified.receipt.is_none());
        }
    }
}

/// V-EVIDENCE-009: in both directions, each of them alone.
#[test]
fn another_seed_or_other_records_do_not_open_the_commitment() {
    let round = round();
    for role in ROLES {
        let (bytes, records) = (round.finished(role).bytes(), &round.records[side(role)]);
        assert_eq!(fault(again(&bytes, Seed::new([1; 32]), records)), EvidenceFault::Seed);
        let mut other = records.clone();
        other[1].digest[0] ^= 1;
        assert_eq!(fault(again(&bytes, seed(role), &other)), EvidenceFault::Records);
        assert_eq!(fault(again(&bytes, seed(role), &records[1..])), EvidenceFault::Records);
        let mut swapped = records.clone();
        swapped.swap(0, 1);
        assert_eq!(fault(again(&bytes, seed(role), &swapped)), EvidenceFault::Records);
        let many = vec![records[0].clone(); 7];
        let refused = again(&bytes, seed(role), &many).unwrap_err();
        assert!(matches!(
            refused,
            Error::Evidence(EvidenceFault::Records) | Error::Misuse(Misuse::TooManyRecords { .. })
        ));
    }
}

/// An evaluation of chunk 1 under another key: the elements of its query times some scalar.
fn other_keys_evaluation(round: &Round) -> Vec<u8> {
    let frame = |from: bool, kind: FrameKind| &round.frames[round.find(from, kind as u8, 1)].1;
    let key = Scalar::from_wide(&[9; 64]);
    let query = frame(true, FrameKind::Query)[5..].as_chunks::<32>().0;
    let elements: Vec<Element> = query.iter().map(|e| Element::decode(e).unwrap()).collect();
    let other = mul_encode(elements.iter().map(|element| (&key, element))).concat();
    let mut out = frame(false, FrameKind::Evaluation).clone();
    out[5..5 + other.len()].copy_from_slice(&other);
    out
}

/// V-EVIDENCE-010, V-EVIDENCE-011: the chunk is named, by the responder's own evidence and by the requester's.
#[test]
fn a_responder_that_used_another_key_for_one_chunk_is_caught() {
    let mut round = Round::run(small_policy(6, 8, 40), false);
    let at = round.find(false, FrameKind::Evaluation as u8, 1);
    round.frames[at].1 = other_keys_evaluation(&round);
    // The requester did not look, and both have signed: the evidence holds as far as it goes.
    let receipt = round.sign_again();
    let entry = at as u64;
    for (role, wanted) in [
        (Role::Responder, EvidenceFault::Differs { entry, kind: FrameKind::Evaluation as u8, chunk: 1 }),
        (Role::Requester, EvidenceFault::Refused { entry, code: 207 }),
    ] {
        let bytes = round.evidence(role, Some(&receipt)).bytes();
        assert!(verify(&bytes[..]).unwrap().receipt.is_some());
        assert_eq!(fault(again(&bytes, seed(role), &round.records[side(role)])), wanted);
    }
}

/// V-EVIDENCE-011: the peer's receipt is a frame that a side may have to refuse, also where it has nothing of its own yet.
#[test]
fn a_receipt_message_that_had_to_be_refused_is_found() {
    let round = round();
    for role in ROLES {
        let from_requester = role == Role::Responder;
        let entry = round.find(from_requester, FrameKind::Receipt as u8, 0);
        let unfinished = |round: &Round| {
            let mut cut = round.evidence(role, None);
            cut.entries.truncate(entry + 1);
            again(&cut.bytes(), seed(role), &round.records[side(role)])
        };
        assert!(unfinished(&round).is_ok());
        for (at, code) in [(5, 212), (5 + 32, 211)] {
            let mut frames = round.frames.clone();
            frames[entry].1[at] ^= 1;
            let wrong = Round {
                policy: round.policy.clone(),
                records: round.records.clone(),
                outcome: round.outcome.clone(),
                agreed: false,
                frames,
            };
            assert_eq!(fault(unfinished(&wrong)), EvidenceFault::Refused { entry: entry as u64, code });
        }
    }
}

/// A person that another one's record is put in the place of.
fn replacement(id: &str) -> Record {
    let mut raw = RawRecord::default();
    raw.push(Field::RecordId, id);
    raw.push(Field::GivenNames, "Mirela");
    raw.push(Field::FamilyNames, "Kovac");
    raw.push(Field::BirthDate, "1987-11-02");
    raw.push(Field::Nationality, "UTO");
    Record::check(RowId::new(0), &raw).unwrap()
}

/// V-EVIDENCE-009: a requester that committed to one list and asked with another: the commitment covers what was encoded,
/// so other tokens, or only another filter, of the very record are other records.
#[test]
fn a_requester_that_changed_a_record_after_its_commitment_is_caught() {
    let policy = small_policy(1, 1, 6);
    let honest = encode(&policy.encoding(), &persons());
    let other = encode(&policy.encoding(), &[replacement("r-2")]).remove(0);
    let whole = EncodedRecord::unchecked(EncodedFields { digest: honest[2].digest, ..(*other).clone() });
    let filter_only = EncodedRecord::unchecked(EncodedFields { tokens: honest[2].tokens.clone(), ..(*whole).clone() });
    assert!(whole.tokens != honest[2].tokens && whole.filter.as_bytes() != honest[2].filter.as_bytes());
    for put in [whole, filter_only] {
        let mut asked = honest.clone();
        asked[2] = put;
        let round = Round::with(policy.clone(), false, [asked, honest[1..].to_vec()]);
        let bytes = round.finished(Role::Requester).bytes();
        assert!(verify(&bytes[..]).unwrap().receipt.is_some(), "neither side noticed");
        let found = fault(again(&bytes, seed(Role::Requester), &honest));
        assert_eq!(found, EvidenceFault::Records);
        // The records that it really asked with are not those that it can show.
        assert!(again(&bytes, seed(Role::Requester), &round.records[0]).is_ok());
    }
}

/// V-EVIDENCE-009: the same persons in the next epoch have the digests of the commitment: nobody is to be accused for that.
#[test]
fn records_encoded_under_another_policy_are_no_fault_of_the_side() {
    let round = round();
    let mut other = round.policy.policy().clone();
    other.context.epoch += 1;
    let (bytes, other) = (round.finished(Role::Requester).bytes(), other.validate().unwrap());
    let again = |policy: &CheckedPolicy| {
        reexecute(&bytes[..], seed(Role::Requester), policy.encode(&persons()).into(), in_process::inline)
            .map(|done| done.compared)
    };
    assert!(again(&round.policy).is_ok());
    assert_eq!(again(&other), Err(Misuse::WrongEncoding.into()));
}

/// V-EVIDENCE-010: every single frame that this side sends.
#[test]
fn one_changed_byte_in_any_sent_frame_is_named() {
    for role in ROLES {
        let honest = round();
        let own = |(from, frame): &(bool, Vec<u8>)| *from == (role == Role::Requester) && (3..0x0f).contains(&frame[0]);
        for at in (0..honest.frames.len()).filter(|at| own(&honest.frames[*at])) {
            let mut round = round();
            let frame = &mut round.frames[at].1;
            let (middle, kind) = (frame.len() / 2, frame[0]);
            frame[middle] ^= 4;
            let chunk = u32::from_be_bytes(frame[1..5].try_into().unwrap());
            let receipt = round.sign_again();
            let bytes = round.evidence(role, Some(&receipt)).bytes();
            let found = fault(again(&bytes, seed(role), &round.records[side(role)]));
            assert_eq!(found, EvidenceFault::Differs { entry: at as u64, kind, chunk });
        }
    }
}

/// V-EVIDENCE-010: an answer that the evidence puts before the question.
#[test]
fn a_frame_sent_before_what_it_depends_on_is_named() {
    let mut round = round();
    let query = round.find(true, FrameKind::Query as u8, 0);
    let answer = round.find(false, FrameKind::Evaluation as u8, 0);
    let frame = round.frames.remove(query);
    round.frames.insert(answer, frame);
    let bytes = round.finished(Role::Responder).bytes();
    assert!(verify(&bytes[..]).is_ok(), "the order between the two directions is this side's word");
    let found = fault(again(&bytes, seed(Role::Responder), &round.records[1]));
    assert_eq!(found, EvidenceFault::Early { entry: answer as u64 - 1 });
}

/// V-EVIDENCE-011: frames of the peer that an honest side refuses.
#[test]
fn a_frame_that_had_to_be_refused_is_named() {
    for (role, kind, at, code) in [
        (Role::Requester, FrameKind::Keys, 5 + 40, 207),
        (Role::Requester, FrameKind::Choice, 5 + 100, 208),
        (Role::Requester, FrameKind::SealKeys, 5, 209),
        (Role::Responder, FrameKind::Query, 5 + 3, 209),
    ] {
        let mut round = round();
        let entry = round.find(role == Role::Responder, kind as u8, 0);
        round.frames[entry].1[at] ^= 1;
        let receipt = round.sign_again();
        let bytes = round.evidence(role, Some(&receipt)).bytes();
        let found = fault(again(&bytes, seed(role), &round.records[side(role)]));
        assert_eq!(found, EvidenceFault::Refused { entry: entry as u64, code });
    }
}

/// V-WIRE-006, V-EVIDENCE-011: an answer that came before its question had left.
#[test]
fn an_answer_that_came_too_early_is_named() {
    // Either way both directions keep their orders.
    for (question, answer, postpone) in
        [(FrameKind::Query, FrameKind::Evaluation, true), (FrameKind::Correction, FrameKind::Garbled, false)]
    {
        let mut round = round();
        let (asked, answered) = (round.find(true, question as u8, 0), round.find(false, answer as u8, 0));
        let (from, to) = if postpone { (asked, answered) } else { (answered, asked) };
        let frame = round.frames.remove(from);
        round.frames.insert(to, frame);
        let bytes = round.finished(Role::Requester).bytes();
        assert!(verify(&bytes[..]).is_ok(), "the order between the two directions is this side's word");
        let entry = if postpone { answered - 1 } else { asked } as u64;
        let found = fault(again(&bytes, seed(Role::Requester), &round.records[0]));
        assert_eq!(found, EvidenceFault::Refused { entry, code: 203 });
    }
}

/// V-EVIDENCE-012, V-EVIDENCE-013: both sides' records, from either side's evidence.
#[test]
fn a_sample_opens_what_the_auditor_drew_and_nothing_else() {
    let (round, stranger) = (round(), replacement("x"));
    let verified = verify(&round.finished(Role::Responder).bytes()[..]).unwrap();
    for role in ROLES {
        let committed = verified.committed(role).unwrap();
        assert_eq!(committed.padded, 6);
        let drawn = positions(&[5; 32], &committed, 4);
        assert_eq!(drawn.len(), 4);
        assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]) && drawn[3] < 6);
        assert!((0..40).any(|n| positions(&[n; 32], &committed, 4) != drawn), "another seed draws others");
        assert_eq!(positions(&[5; 32], &committed, 9), [0, 1, 2, 3, 4, 5]);

        let records: Vec<Record> = persons().into_iter().skip(side(role)).collect();
        let (shape, encoded) = (round.policy.shape(), &round.records[side(role)]);
        let openings = open(&seed(role), (shape, encoded), 6, &drawn).unwrap();
        let handed: Vec<_> = openings.iter().map(|o| (o.clone(), records.get(o.position as usize))).collect();
        let seen = sample(&verified, role, &[5; 32], 4, &handed).unwrap();
        for (position, seen) in drawn.iter().zip(&seen) {
            let own = encoded.get(*position as usize);
            assert_eq!(seen.as_ref().map(|r| &r.tokens), own.map(|r| &r.tokens));
            assert_eq!(seen.as_ref().map(|r| r.filter.as_bytes()), own.map(|r| r.filter.as_bytes()));
        }

        let refused = |handed: &[_]| match sample(&verified, role, &[5; 32], 4, handed) {
            Err(Error::Evidence(fault)) => fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&handed[1..]), EvidenceFault::Positions);
        let others: Vec<u32> = (0..6).filter(|p| *p != drawn[0]).take(4).collect();
        let openings = open(&seed(role), (shape, encoded), 6, &others).unwrap();
        let wrong: Vec<_> = openings.into_iter().map(|o| (o, None)).collect();
        assert_eq!(refused(&wrong), EvidenceFault::Positions);
        let (mut other, mut salt, mut branch) = (handed.clone(), handed.clone(), handed.clone());
        other[1].1 = Some(&stranger);
        salt[1].0.salt[0] ^= 1;
        branch[1].0.path[1][0] ^= 1;
        let (mut padding, mut longer, mut shorter) = (handed.clone(), handed.clone(), handed.clone());
        padding[1].1 = if handed[1].1.is_some() { None } else { Some(&stranger) };
        longer[1].0.path.push([0; 32]);
        shorter[1].0.path.truncate(1);
        for changed in [other, salt, branch, padding, longer, shorter] {
            assert_eq!(refused(&changed), EvidenceFault::Opening { position: drawn[1] });
        }
    }
}

/// V-EVIDENCE-013: trees of every small size, every position, and the wrong position.
#[test]
fn paths_lead_to_the_root_at_every_position() {
    let policy = small_policy(1, 1, 20);
    let (shape, records) = (policy.shape(), encode(&policy.encoding(), &persons()));
    for padded in 5..=20_u32 {
        let root = blindlink::round::commitment::Commitment::new(&seed(Role::Requester), shape, &records, padded).root;
        let committed = Committed { root, padded, round: RoundId::from_bytes([0; 32]) };
        let all: Vec<u32> = (0..padded).collect();
        let openings = open(&seed(Role::Requester), (shape, &records), padded, &all).unwrap();
        let digest = |p: u32| records.get(p as usize).map(|r| LeafContent::of(r, shape));
        for opening in openings {
            let p = opening.position;
            assert_eq!(check(&committed, &[p], &[(opening.clone(), digest(p))]), Ok(()));
            let moved = (p + 1) % padded;
            let wrong = Opening { position: moved, ..opening };
            let found = check(&committed, &[moved], &[(wrong, digest(p))]);
            assert_eq!(found, Err(EvidenceFault::Opening { position: moved }), "{p} of {padded}");
        }
    }
    assert!(open(&seed(Role::Requester), (shape, &records), 4, &[0]).is_err());
    assert!(open(&seed(Role::Requester), (shape, &records), 6, &[6]).is_err());
}
