//! Runs between honest and dishonest sides: what each learns, what crosses, what is refused.

use super::notice::{About, Expected, Notice, NoticeBody, acknowledge, acknowledged};
use super::slots::{self, KeyPair, Random};
use super::{MOST_SLOTS, Run, RunConfig, RunOutput, RunReceipt};
use crate::agreement::Basis;
use crate::codec::DecodeError;
use crate::crypto::group::{Element, Scalar};
use crate::error::{Error, Misuse, PeerFault, Refusal};
use crate::identity::IdentityKey;
use crate::ids::{AgreementDigest, PolicyDigest, Pseudonym, RoundId};
use crate::policy::shape::{OutputMode, Role};
use crate::secret::Seed;

const SLOTS: u32 = 6;

fn identity(role: Role) -> IdentityKey {
    IdentityKey::from_secret(&[role.code(); 32])
}

fn item(i: usize) -> Pseudonym {
    Pseudonym::from_bytes([u8::try_from(i).unwrap() + 1; 16])
}

fn other(role: Role) -> Role {
    match role {
        Role::Requester => Role::Responder,
        Role::Responder => Role::Requester,
    }
}

fn config(role: Role, number: u32, yes: &str, seed: u8) -> RunConfig {
    RunConfig {
        basis: Basis::Training(crate::suite::CURRENT),
        policy: PolicyDigest::from_bytes([4; 32]),
        output: OutputMode::Mutual,
        round: RoundId::from_bytes([5; 32]),
        number,
        slots: SLOTS,
        items: yes.bytes().enumerate().map(|(i, bit)| (item(i), bit == b'y')).collect(),
        role,
        identity: identity(role),
        peer: identity(other(role)).id(),
        seed: Seed::new([seed; 32]),
    }
}

/// What one side got out of a run.
#[derive(Default, Debug)]
struct Learnt {
    frames: Vec<Vec<u8>>,
    confirmed: Option<Vec<Pseudonym>>,
    receipt: Option<RunReceipt>,
}

impl Learnt {
    fn note(&mut self, outputs: Vec<RunOutput>) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        for output in outputs {
            match output {
                RunOutput::Send(frame) => sent.push(frame),
                RunOutput::Confirmed(items) => self.confirmed = Some(items),
                RunOutput::Receipt(receipt) => self.receipt = Some(receipt),
            }
        }
        self.frames.extend(sent.iter().cloned());
        sent
    }
}

/// A run; `meddle` changes or drops what the responder sends (by number of its frame, from 0).
fn play(
    number: u32,
    [ours, theirs]: [&str; 2],
    mut meddle: impl FnMut(usize, Vec<u8>) -> Option<Vec<u8>>,
) -> ([Learnt; 2], Run, Result<(), Error>) {
    let (mut learnt, mut sent) = ([Learnt::default(), Learnt::default()], 0);
    let (mut requester, hello) = Run::new(config(Role::Requester, number, ours, 1)).unwrap();
    let mut to_responder = learnt[0].note(hello);
    let (mut responder, hello) = Run::new(config(Role::Responder, number, theirs, 2)).unwrap();
    let mut to_requester = learnt[1].note(hello);
    while !to_requester.is_empty() || !to_responder.is_empty() {
        for frame in core::mem::take(&mut to_requester) {
            let Some(frame) = meddle(sent, frame) else { return (learnt, requester, Ok(())) };
            sent += 1;
            match requester.receive(&frame) {
                Ok(outputs) => to_responder.extend(learnt[0].note(outputs)),
                Err(error) => return (learnt, requester, Err(error)),
            }
        }
        for frame in core::mem::take(&mut to_responder) {
            to_requester.extend(learnt[1].note(responder.receive(&frame).unwrap()));
        }
    }
    (learnt, requester, Ok(()))
}

fn honest(number: u32, yes: [&str; 2]) -> [Learnt; 2] {
    let (learnt, _, ended) = play(number, yes, |_, frame| Some(frame));
    ended.unwrap();
    learnt
}

/// The items with two yeses.
fn both(yes: [&str; 2]) -> Vec<Pseudonym> {
    yes[0]
        .bytes()
        .zip(yes[1].bytes())
        .enumerate()
        .filter(|(_, two)| *two == (b'y', b'y'))
        .map(|(i, _)| item(i))
        .collect()
}

#[test]
fn both_sides_learn_what_both_said_yes_to() {
    for (number, yes) in
        [["nnnn", "nnnn"], ["yyyy", "yyyy"], ["yynn", "ynyn"], ["yyyyyy", "nnnnny"], ["", ""]].into_iter().enumerate()
    {
        let [r, s] = honest(u32::try_from(number).unwrap(), yes);
        assert_eq!(r.confirmed, Some(both(yes)));
        assert_eq!(r.confirmed, s.confirmed);
        assert!(r.receipt.is_some());
        assert_eq!(r.receipt, s.receipt);
    }
}

/// V-CONFIRM-004.
#[test]
fn what_crosses_has_the_same_shape_whatever_was_decided() {
    let shape = |yes| honest(3, yes).map(|side| side.frames.iter().map(|f| (f[0], f.len())).collect::<Vec<_>>());
    let none = shape(["nnnn", "nnnn"]);
    for yes in [["yyyy", "yyyy"], ["ynyn", "nyny"], ["yyyy", "nnnn"], ["", ""], ["yyyyyy", "yyyyyy"]] {
        assert_eq!(shape(yes)[0].len(), 6);
        // The number of items is known to both; it does not show on the line either.
        assert_eq!(shape(yes), none, "{yes:?}");
    }
    // Up to what depends on the own answers, the same bytes.
    let [one, another] = [["nnnn", "nnnn"], ["nnnn", "yyyy"]].map(|yes| honest(3, yes)[0].frames.clone());
    assert_eq!(one[0], another[0]);
    assert_eq!(one[2], another[2], "the own set does not depend on the other's");
}

/// What a side opens of a slot without two yeses is random to it, although it knows its own secrets.
#[test]
fn an_opened_no_tells_nothing_to_the_side_that_said_no() {
    let n = 8;
    let id = [9; 32];
    let randoms = [Random::new(&[1; 32], &id, 1), Random::new(&[2; 32], &id, 2)];
    let keys = [0, 1].map(|i: usize| {
        let secret = randoms[i].key();
        KeyPair { public: Element::base_mul(&secret), secret }
    });
    let joint = keys[0].public.add(&keys[1].public);
    // The requester says no to all, the responder yes to all.
    let sets =
        [slots::encrypt(&randoms[0], &joint, &[false; 8], n), slots::encrypt(&randoms[1], &joint, &[true; 8], n)];
    let sums = slots::sums(&sets[0], &sets[1]).unwrap();
    let blinds = [0, 1].map(|i: usize| slots::blind(&randoms[i], &id, u8::try_from(i).unwrap() + 1, &sums));
    let blinded = slots::blinded(&id, 2, &sums, &blinds[0], &blinds[1]).unwrap();
    let shares =
        [0, 1].map(|i: usize| slots::share(&randoms[i], &id, u8::try_from(i).unwrap() + 1, &keys[i], &blinded).0);
    let opened: Vec<Element> = (0..n).map(|i| blinded[i].1.sub(&shares[0][i]).sub(&shares[1][i])).collect();
    // What the requester can divide by: the element that it encrypted, and its own blind.
    let mut seen = Vec::new();
    for (i, element) in opened.iter().enumerate() {
        assert!(!element.is_identity());
        let (no, blind) = (randoms[0].secret_of_a_no(i), randoms[0].blind_of(i));
        assert_ne!(*element, Element::base_mul(&no.mul(&blind)), "the other side's blind is missing");
        let mut inverse = [no];
        Scalar::invert_batch(&mut inverse);
        let quotient = element.mul(&inverse[0]).encode();
        assert!(!seen.contains(&quotient), "two slots share a blind: their yeses would show");
        seen.push(quotient);
    }
}

/// 18.5: a yes to everything learns the yeses of the other side, which sees that all of them were confirmed.
#[test]
fn a_yes_to_everything_is_seen_by_the_other_side() {
    let [r, s] = honest(0, ["nynnyn", "yyyyyy"]);
    assert_eq!(s.confirmed, Some(vec![item(1), item(4)]));
    assert_eq!(r.confirmed, s.confirmed);
}

/// 18.5: a peer that leaves gets the result only as the last mover, and this side knows.
#[test]
fn a_peer_that_leaves_gets_what_the_chapter_says() {
    for number in [0, 1] {
        for gone in 0..6 {
            let (learnt, run, _) = play(number, ["yyn", "yny"], |sent, frame| (sent < gone).then_some(frame));
            let shared_first = number == 0;
            let result = learnt[0].confirmed.is_some();
            assert_eq!(result, gone >= 5, "number {number}, gone at {gone}");
            // Only who moves second can have the result alone.
            let alone = learnt[1].confirmed.is_some() && !result;
            assert_eq!(alone, shared_first && gone == 4, "number {number}, gone at {gone}");
            if alone {
                assert!(run.peer_can_open_alone());
            }
            assert!(learnt[0].receipt.is_none());
        }
    }
}

#[test]
fn every_changed_frame_is_refused_before_a_result() {
    for number in [0, 1] {
        for at in 0..6 {
            for place in [0, 1, 2, 3, 5, 8] {
                let (learnt, mut run, ended) = play(number, ["yyn", "yny"], |sent, mut frame| {
                    if sent == at {
                        let byte = place * (frame.len() - 1) / 8;
                        frame[byte] ^= 1;
                    }
                    Some(frame)
                });
                // A commit can be anything: what breaks is the set that does not fit it.
                let Err(Error::Peer(_)) = ended else { panic!("frame {at} of run {number}, place {place}: {ended:?}") };
                assert!(at == 5 || learnt[0].confirmed.is_none());
                assert_eq!(run.receive(&[1]), Err(Misuse::SessionOver.into()));
            }
        }
    }
}

/// V-CONFIRM-008: what is no multiple of a sum by one scalar would open to whatever the other likes.
#[test]
fn a_blinded_slot_is_the_sum_times_a_scalar() {
    let point = |n: u8| Element::base_mul(&Scalar::from_wide(&[n; 64]));
    let (id, sums) = ([7; 32], [slots::Two(point(3), point(4)), slots::Two(point(5), point(6))]);
    let [own, theirs] = [1, 2].map(|seed| slots::blind(&Random::new(&[seed; 32], &id, seed), &id, seed, &sums));
    assert!(slots::blinded(&id, 2, &sums, &own, &theirs).is_ok());
    for (at, slot) in [(0, 0), (32, 0), (slots::BLINDED_BYTES, 1), (slots::BLINDED_BYTES + 32, 1)] {
        let mut other = theirs.clone();
        other[at..at + 32].copy_from_slice(&point(9).encode());
        let refused = slots::blinded(&id, 2, &sums, &own, &other);
        assert_eq!(refused.map(|_| ()), Err(PeerFault::BadProof { chunk: slot }), "byte {at}");
    }
    // A proof of another run, and one of the other side.
    for (run, role) in [([8; 32], 2), (id, 1)] {
        assert_eq!(slots::blinded(&run, role, &sums, &own, &theirs).map(|_| ()), Err(PeerFault::BadProof { chunk: 0 }));
    }
}

/// V-CONFIRM-007: a set that copies ours would say yes where we do.
#[test]
fn a_mirror_is_refused() {
    let (mut run, hello) = Run::new(config(Role::Requester, 0, "yny", 1)).unwrap();
    let (_, theirs) = Run::new(config(Role::Responder, 0, "nnn", 2)).unwrap();
    let frame = |outputs: Vec<RunOutput>| match outputs.into_iter().next() {
        Some(RunOutput::Send(frame)) => frame,
        other => panic!("{other:?}"),
    };
    assert_eq!(run.receive(&frame(hello.clone())), Err(PeerFault::BadProof { chunk: 0 }.into()), "the own hello");
    let (mut run, _) = Run::new(config(Role::Requester, 0, "yny", 1)).unwrap();
    let commit = frame(run.receive(&frame(theirs)).unwrap());
    let set = frame(run.receive(&commit).unwrap());
    assert_eq!(run.receive(&set), Err(PeerFault::BrokenCommitment { chunk: 0 }.into()));
}

/// V-CONFIRM-001, V-CONFIRM-002, V-CONFIRM-012.
#[test]
fn a_run_begins_only_about_items_of_a_mutual_round_of_this_agreement() {
    let begin = |edit: &dyn Fn(&mut RunConfig)| {
        let mut config = config(Role::Requester, 0, "yn", 1);
        edit(&mut config);
        Run::new(config).map(drop)
    };
    assert_eq!(begin(&|_| {}), Ok(()));
    assert_eq!(begin(&|c| c.output = OutputMode::Requester), Err(Refusal::Output.into()));
    assert_eq!(begin(&|c| c.slots = 1), Err(Misuse::TooManyRecords { got: 2, max: 1 }.into()));
    assert!(begin(&|c| c.slots = MOST_SLOTS + 1).is_err());
    assert!(begin(&|c| c.items[1].0 = c.items[0].0).is_err(), "an item twice");
    // The order in which a node lists its items is not part of what is asked.
    let turned = |turn: bool| {
        let mut config = config(Role::Requester, 0, "yn", 1);
        if turn {
            config.items.reverse();
        }
        Run::new(config).unwrap().1
    };
    assert_eq!(turned(true), turned(false));
}

/// V-CONFIRM-011.
#[test]
fn another_seed_or_number_shares_nothing() {
    let frames = |number, seed| {
        let (mut run, _) = Run::new(config(Role::Requester, number, "yny", seed)).unwrap();
        let (_, hello) = Run::new(config(Role::Responder, number, "yny", 9)).unwrap();
        let Some(RunOutput::Send(hello)) = hello.into_iter().next() else { panic!() };
        let mut outputs = run.receive(&hello).unwrap();
        outputs.extend(run.receive(&[&[2][..], &[0; 32]].concat()).unwrap());
        let [RunOutput::Send(_), RunOutput::Send(set)] = &outputs[..] else { panic!() };
        set.clone()
    };
    let (one, another) = (frames(0, 1), frames(0, 2));
    for other in [another, frames(1, 1)] {
        let pairs = one[33..].chunks(32).zip(other[33..].chunks(32));
        assert!(pairs.into_iter().all(|(a, b)| a != b));
    }
}

fn notice(body: NoticeBody) -> Notice {
    let about = About {
        agreement: AgreementDigest::from_bytes([1; 32]),
        round: RoundId::from_bytes([2; 32]),
        run: [3; 32],
        pseudonym: Pseudonym::from_bytes([4; 16]),
        sender: identity(Role::Requester).id(),
        recipient: identity(Role::Responder).id(),
    };
    Notice { about, time: 1_790_000_000, body }
}

/// V-CONFIRM-013, V-CONFIRM-014, V-CONFIRM-015.
#[test]
fn a_notice_is_about_a_confirmed_item_and_holds_no_more_than_its_form() {
    let confirmed = [([3; 32], Pseudonym::from_bytes([4; 16]))];
    let [sender, recipient] = [Role::Requester, Role::Responder].map(identity);
    let disclosure =
        |case: &str, handling| NoticeBody::Disclosure { case_reference: case.into(), desk: "desk 4".into(), handling };
    let good = notice(disclosure("UTO-17", 2));
    let bytes = good.sign(&sender, &confirmed).unwrap();
    let expected = |confirmed| Expected {
        agreement: AgreementDigest::from_bytes([1; 32]),
        round: RoundId::from_bytes([2; 32]),
        sender: sender.id(),
        recipient: recipient.id(),
        confirmed,
    };
    assert_eq!(Notice::open(&bytes, &expected(&confirmed)), Ok(good.clone()));
    assert_eq!(Notice::open(&bytes, &expected(&[])), Err(PeerFault::UnknownRound));
    assert_eq!(good.sign(&sender, &[]), Err(DecodeError::BadField("pseudonym")));
    assert_eq!(good.sign(&recipient, &confirmed), Err(DecodeError::BadField("sender")));
    for body in [
        disclosure("", 0),
        disclosure(&"x".repeat(65), 0),
        disclosure("a\nb", 0),
        disclosure("a", 4),
        NoticeBody::Withdrawal { reason: 0 },
    ] {
        assert!(notice(body).sign(&sender, &confirmed).is_err());
    }
    let withdrawal = notice(NoticeBody::Withdrawal { reason: 5 }).sign(&sender, &confirmed).unwrap();
    assert_eq!(withdrawal.len(), bytes.len(), "both kinds have one length");
    let answer = acknowledge(&bytes, 7, &recipient);
    assert_eq!(acknowledged(&answer, &bytes, recipient.id()), Ok(7));
    assert!(acknowledged(&answer, &withdrawal, recipient.id()).is_err());
}

/// Nobody's judgement reaches a log by way of `Debug`.
#[test]
fn judgements_are_not_in_debug_output() {
    let (yes, no) = (config(Role::Requester, 0, "yyn", 1), config(Role::Requester, 0, "nnn", 1));
    assert_eq!(format!("{yes:?}"), format!("{no:?}"));
    let (yes, no) = (yes.check().unwrap(), no.check().unwrap());
    assert_ne!(yes.items, no.items);
    assert_eq!(format!("{yes:?}"), format!("{no:?}"));
}
