//! Evidence of a round (spec chapter 16): it verifies, and every change of it is found where it is.

use crate::ministries;
use blindlink::ids::{AgreementDigest, PolicyDigest, RoundId};

use crate::ministries::key;
use crate::ministries::recorded::{Pieces, Round, small_policy};
use blindlink::encode::Token;
use blindlink::error::{Error, EvidenceFault, Place};
use blindlink::evidence::{EvidenceHeader, verify};
use blindlink::receipt::Receipt;
use blindlink::session::Role;
use blindlink::transcript::frame_digest;
use blindlink::wire::FrameKind;
use proptest::prelude::*;
use std::sync::LazyLock;

const ROLES: [Role; 2] = [Role::Requester, Role::Responder];

static ROUND: LazyLock<Round> = LazyLock::new(|| Round::run(small_policy(1, 1, 6), false));

fn fault(bytes: &[u8]) -> EvidenceFault {
    match verify(bytes) {
        Err(Error::Evidence(fault)) => fault,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("accepted"),
    }
}

/// V-EVIDENCE-001, V-EVIDENCE-002, V-EVIDENCE-006: with an agreement and without.
#[test]
fn evidence_of_both_sides_verifies() {
    let agreed = Round::run(small_policy(1, 1, 6), true);
    for round in [&*ROUND, &agreed] {
        for role in ROLES {
            let verified = verify(&round.finished(role).bytes()[..]).unwrap();
            assert_eq!(verified.round, Some(round.outcome.round));
            assert_eq!(verified.transcript, round.outcome.transcript);
            assert_eq!(verified.receipt, Some(Receipt::decode(&round.outcome.receipt).unwrap()));
            assert_eq!(verified.agreement.is_some(), round.agreed);
            assert_eq!(verified.sent + verified.received, round.frames.len() as u64);
            let theirs = round.header(if role == Role::Requester { Role::Responder } else { Role::Requester });
            assert_eq!(verified.peer_commitment, Some(theirs.commit()));
        }
    }
}

/// What evidence of either side does not hold: a seed, a token, a digest of a record.
#[test]
fn evidence_holds_no_record_token_or_seed() {
    for role in ROLES {
        let bytes = ROUND.finished(role).bytes();
        let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
        assert!(holds(key(1).id().as_bytes()), "the search finds what is there");
        for records in &ROUND.records {
            for record in records {
                assert!(!holds(&record.digest) && !holds(record.filter.as_bytes()));
                let tokens = record.tokens.iter().flatten();
                assert!(tokens.map(Token::as_bytes).all(|token| !holds(token.as_slice())));
            }
        }
        assert!(ROLES.iter().all(|role| !holds(ministries::recorded::seed(*role).expose())));
    }
}

/// Where a change of the byte at `at` must be found.
fn place(pieces: &Pieces, at: usize) -> Place {
    if at < pieces.header.len() {
        return Place::Header;
    }
    let entry = (0..pieces.entries.len()).find(|n| pieces.range(*n).contains(&at));
    entry.map_or(Place::Receipt, |n| Place::Entry(n as u64))
}

fn assert_found(pieces: &Pieces, bytes: &mut [u8], bit: usize) {
    let wanted = place(pieces, bit / 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    let found = fault(bytes);
    bytes[bit / 8] ^= 1 << (bit % 8);
    // The kind of the last piece tells it from an entry.
    let kind_of_end = bit / 8 == bytes.len() - pieces.end.len();
    let entry = Some(Place::Entry(pieces.entries.len() as u64));
    assert!(
        found.place() == Some(wanted) || kind_of_end && found.place() == entry,
        "bit {bit}: {found:?}, not {wanted:?}"
    );
}

/// V-EVIDENCE-001, V-EVIDENCE-003, V-EVIDENCE-004, V-EVIDENCE-006: every bit of the header, of the receipt, and of
/// what frames each entry.
#[test]
fn every_flipped_bit_of_header_receipt_and_framing_is_found_where_it_is() {
    for role in ROLES {
        let pieces = ROUND.finished(role);
        let mut bytes = pieces.bytes();
        let framing = (0..pieces.entries.len()).flat_map(|n| {
            let range = pieces.range(n);
            // Kind, length, header of the frame; ends of the chain's value.
            (range.start..range.start + 10).chain([range.end - 32, range.end - 1])
        });
        let end = bytes.len() - pieces.end.len()..bytes.len();
        let all: Vec<usize> = (0..pieces.header.len()).chain(framing).chain(end).collect();
        for bit in all.into_iter().flat_map(|byte| byte * 8..byte * 8 + 8) {
            assert_found(&pieces, &mut bytes, bit);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// One changed bit anywhere.
    #[test]
    fn any_flipped_bit_is_found_where_it_is(own: bool, position: prop::sample::Index) {
        let pieces = ROUND.finished(if own { Role::Requester } else { Role::Responder });
        let mut bytes = pieces.bytes();
        let bit = position.index(bytes.len() * 8);
        assert_found(&pieces, &mut bytes, bit);
    }

    /// Any beginning of it, and anything after its end.
    #[test]
    fn cut_or_continued_evidence_is_refused(own: bool, position: prop::sample::Index, more in prop::collection::vec(any::<u8>(), 1..40)) {
        let bytes = ROUND.finished(if own { Role::Requester } else { Role::Responder }).bytes();
        let cut = &bytes[..position.index(bytes.len())];
        prop_assert!(verify(cut).is_err());
        prop_assert_eq!(fault(&[&bytes[..], &more].concat()).place(), Some(Place::End));
    }

    /// Bytes that are no evidence: an error, never a panic.
    #[test]
    fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(verify(&bytes[..]).is_err());
        let with_magic = [b"blindlink-evidence/1\n", &bytes[..]].concat();
        prop_assert!(verify(&with_magic[..]).is_err());
    }
}

/// V-EVIDENCE-003: an entry left out, put in twice or exchanged with the next of its direction.
#[test]
fn entries_out_of_schedule_are_refused() {
    let pieces = ROUND.finished(Role::Responder);
    for n in 0..pieces.entries.len() {
        let mut missing = pieces.clone();
        missing.entries.remove(n);
        assert!(fault(&missing.bytes()).place() >= Some(Place::Entry(n as u64)), "{n}");
        let mut twice = pieces.clone();
        twice.entries.insert(n, pieces.entries[n].clone());
        assert_eq!(fault(&twice.bytes()).place(), Some(Place::Entry(n as u64 + 1)), "{n}");
    }
}

/// V-EVIDENCE-006.
#[test]
fn evidence_without_a_receipt_proves_nothing_about_the_peer() {
    let pieces = ROUND.evidence(Role::Requester, None);
    for n in 0..=pieces.entries.len() {
        let mut cut = pieces.clone();
        cut.entries.truncate(n);
        assert_eq!(fault(&cut.bytes()), EvidenceFault::Unfinished { entries: n as u64 });
    }
    // A receipt before the last frame.
    let mut early = ROUND.finished(Role::Requester);
    let last = early.entries.len() - 1;
    early.entries.truncate(last);
    assert_eq!(fault(&early.bytes()), EvidenceFault::Schedule { entry: last as u64 });
}

/// A round whose frames were changed afterwards by somebody who computes all chains anew.
fn changed(change: impl FnOnce(&mut Round)) -> Round {
    let mut round = Round::run(small_policy(1, 1, 6), false);
    change(&mut round);
    round
}

/// V-EVIDENCE-006: what was written anew consistently is not what both sides have signed.
#[test]
fn evidence_written_anew_does_not_fit_the_receipt() {
    let round = changed(|round| {
        let at = round.find(true, FrameKind::Query as u8, 0);
        round.frames[at].1[40] ^= 1;
    });
    for role in ROLES {
        let found = fault(&round.finished(role).bytes());
        assert_eq!(found, EvidenceFault::Receipt { field: "transcript" });
    }
    // With a receipt that only one side signed: the other's signature is missing.
    let mut alone = changed(|round| round.frames[6].1[20] ^= 1);
    let forged = alone.sign_again();
    let mut receipt = Receipt::decode(&forged).unwrap();
    receipt.by_responder = receipt.by_requester;
    let found = fault(&alone.evidence(Role::Requester, Some(&receipt.encode())).bytes());
    assert_eq!(found, EvidenceFault::Signature { by: "responder" });
    receipt.by_requester = [1; 64];
    let found = fault(&alone.evidence(Role::Requester, Some(&receipt.encode())).bytes());
    assert_eq!(found, EvidenceFault::Signature { by: "requester" });
}

/// V-EVIDENCE-006: each field of a receipt that both have signed is compared with the entries.
#[test]
fn a_receipt_of_another_round_is_named_by_its_field() {
    type Change = fn(&mut blindlink::receipt::ReceiptStatement);
    let changes: [(&str, Change); 9] = [
        ("round", |s| s.round = RoundId::from_bytes([1; 32])),
        ("transcript", |s| s.transcript[0] ^= 1),
        ("policy", |s| s.policy = PolicyDigest::from_bytes([1; 32])),
        ("agreement", |s| s.agreement = Some(AgreementDigest::from_bytes([1; 32]))),
        ("requester", |s| s.requester = *key(3).id().as_bytes()),
        ("responder", |s| s.responder = *key(3).id().as_bytes()),
        ("records_requester", |s| s.records_requester += 1),
        ("records_responder", |s| s.records_responder += 1),
        ("bins", |s| s.bins += 1),
    ];
    for (field, change) in changes {
        let mut receipt = Receipt::decode(&ROUND.outcome.receipt).unwrap();
        change(&mut receipt.statement);
        let sign = |n: u8| receipt.statement.message(&key(n)).signature;
        (receipt.by_requester, receipt.by_responder) = (sign(1), sign(2));
        let found = fault(&ROUND.evidence(Role::Requester, Some(&receipt.encode())).bytes());
        assert_eq!(found, EvidenceFault::Receipt { field });
    }
    // The message that crossed was another one, though signed well.
    let round = changed(|round| {
        let at = round.find(false, FrameKind::Receipt as u8, 0);
        let other = round.frames[round.find(true, FrameKind::Receipt as u8, 0)].1.clone();
        round.frames[at].1 = other;
    });
    assert_eq!(fault(&round.finished(Role::Requester).bytes()), EvidenceFault::Receipt { field: "message" });
    let at = round.find(false, FrameKind::Receipt as u8, 0) as u64;
    assert_eq!(fault(&round.finished(Role::Responder).bytes()), EvidenceFault::OwnFrame { entry: at });
}

/// V-EVIDENCE-005: header and hellos belong together.
#[test]
fn a_header_of_another_round_does_not_fit_the_hellos() {
    type Change = fn(&mut EvidenceHeader);
    let own = |round: &Round| round.find(true, FrameKind::Hello as u8, 0) as u64;
    let theirs = |round: &Round| round.find(false, FrameKind::Hello as u8, 0) as u64;
    let commit = ROUND.find(true, FrameKind::Commit as u8, 0) as u64;
    let hello = EvidenceFault::OwnFrame { entry: own(&ROUND) };
    let changes: [(Change, EvidenceFault); 6] = [
        (|h| h.nonce[3] ^= 1, hello.clone()),
        (|h| h.binding[3] ^= 1, hello.clone()),
        (|h| h.own = key(3).id(), hello),
        (|h| h.peer = key(3).id(), EvidenceFault::PeerHello { entry: theirs(&ROUND), code: 210 }),
        (|h| h.root[0] ^= 1, EvidenceFault::OwnFrame { entry: commit }),
        (|h| h.seed_commitment[0] ^= 1, EvidenceFault::OwnFrame { entry: commit }),
    ];
    let pieces = ROUND.finished(Role::Requester);
    for (change, wanted) in changes {
        let mut header = ROUND.header(Role::Requester);
        change(&mut header);
        let found = fault(&Pieces { header: header.encode(), ..pieces.clone() }.bytes());
        assert_eq!(found, wanted);
    }
    // A peer's hello for another connection, policy or role had to be refused at once.
    for (at, code) in [(100, 304), (110, 302), (9, 303), (8, 301), (6, 300)] {
        let round = changed(|round| {
            let at_hello = theirs(round) as usize;
            let frame = &mut round.frames[at_hello].1;
            frame[at] = if code == 303 { 1 } else { frame[at] ^ 1 };
        });
        let found = fault(&round.finished(Role::Requester).bytes());
        assert_eq!(found, EvidenceFault::PeerHello { entry: theirs(&round), code });
    }
}

/// V-EVIDENCE-002.
#[test]
fn a_header_with_a_policy_or_agreement_that_does_not_fit_is_refused() {
    let with = |change: &dyn Fn(&mut EvidenceHeader)| {
        let mut header = ROUND.header(Role::Requester);
        change(&mut header);
        fault(&header.encode())
    };
    assert_eq!(with(&|h| h.policy.push(0)), EvidenceFault::Policy { field: "canonical bytes".into() });
    let broken = |change: fn(&mut blindlink::policy::Policy)| {
        let mut policy = ROUND.policy.policy().clone();
        change(&mut policy);
        policy.to_canonical_bytes()
    };
    let copies = broken(|p| p.round.copies_responder = 0);
    assert_eq!(
        with(&|h| h.policy.clone_from(&copies)),
        EvidenceFault::Policy { field: "round.copies_responder".into() }
    );
    let agreement = ministries::agreement(&ROUND.policy);
    let agreed = |change: &dyn Fn(&mut blindlink::agreement::Agreement)| {
        let mut agreement = agreement.clone();
        change(&mut agreement);
        agreement.to_canonical_bytes()
    };
    let field = |bytes: &[u8]| match with(&|h| h.agreement = bytes.to_vec()) {
        EvidenceFault::Agreement { field } => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(&[0]), "canonical bytes");
    assert_eq!(field(&agreed(&|a| a.valid.until = a.valid.from)), "agreement");
    assert_eq!(field(&agreed(&|a| a.policy = PolicyDigest::from_bytes([1; 32]))), "policy");
    assert_eq!(field(&agreed(&|a| a.parties[0].node = key(3).id())), "party");
    assert_eq!(field(&agreed(&|a| a.parties[1].node = key(3).id())), "party");
    // A well-formed agreement is another hello than was sent.
    let mut header = ROUND.header(Role::Requester);
    header.agreement = agreed(&|_| ());
    let entries = ROUND.finished(Role::Requester).entries.concat();
    assert_eq!(fault(&[header.encode(), entries].concat()), EvidenceFault::OwnFrame { entry: 0 });
    assert_eq!(frame_digest(&header.hello().encode()).as_bytes().len(), 32);
}
