use super::*;
use crate::agreement::budget::{self, Debit};
use crate::agreement::urgent::{AskedRecord, MOST_ASKED, asked_again};
use crate::error::{Error, Misuse, Refusal};
use crate::policy::shape::Role;

fn urgent_policy(persons: u32) -> CheckedPolicy {
    policy().policy().clone().urgent(persons).validate().unwrap()
}

fn part(persons: u32) -> Urgent {
    let digest = *urgent_policy(persons).digest();
    Urgent { policy: digest, rounds_per_day: 2, bins_per_table: 1 << 40, again_days: 20 }
}

fn with_urgent(persons: u32) -> Agreement {
    Agreement { urgent: Some(part(persons)), ..agreement() }
}

fn admitted(agreement: Agreement, policy: &CheckedPolicy) -> Result<Admitted, Refusal> {
    let checked = agreement.validate().unwrap();
    let sealed = SignedAgreement::new(checked.clone(), &approvals(&checked)).unwrap();
    admit(&sealed, FROM, &key(1).id(), &key(2).id(), Role::Requester, policy)
}

/// V-URGENT-001: it is made from the agreed policy, for one to eight persons, and encodes alike.
#[test]
fn the_urgent_policy_follows_from_the_agreed_one() {
    for persons in [1, 5, MOST_ASKED] {
        let made = policy().urgent_of(urgent_policy(persons).digest()).unwrap();
        assert_eq!(
            (made.policy().round.records_requester, made.policy().round.output),
            (persons, OutputMode::Requester)
        );
        assert_eq!(made.policy().context, policy().policy().context);
    }
    assert!(policy().urgent_of(urgent_policy(MOST_ASKED + 1).digest()).is_none());
    assert!(policy().urgent_of(policy().digest()).is_none());
}

/// V-URGENT-003
#[test]
fn an_urgent_round_claims_nothing_and_asks_about_eight_persons_at_most() {
    let urgent = admitted(with_urgent(8), &urgent_policy(8)).unwrap();
    assert_eq!((urgent.is_urgent(), urgent.claims(), urgent.matches()), (true, 0, 0));
    let ordinary = admitted(with_urgent(8), &policy()).unwrap();
    assert_eq!((ordinary.is_urgent(), ordinary.claims()), (false, 100));
    assert_eq!(admitted(with_urgent(8), &urgent_policy(7)), Err(Refusal::Output));
    assert_eq!(admitted(agreement(), &urgent_policy(8)), Err(Refusal::Output));
    assert_eq!(admitted(with_urgent(9), &urgent_policy(9)), Err(Refusal::Size));
}

/// V-URGENT-002
#[test]
fn an_urgent_part_on_the_agreed_policy_is_refused() {
    let own = Agreement { urgent: Some(Urgent { policy: *policy().digest(), ..part(8) }), ..agreement() };
    match own.validate() {
        Err(Error::Misuse(Misuse::Agreement { field, requirement: "V-URGENT-002", .. })) => {
            assert_eq!(field, "urgent.policy");
        }
        other => panic!("{other:?}"),
    }
}

/// V-AGREE-017: whether there is an urgent part comes first; then its fields have paths of their own.
#[test]
fn a_difference_in_the_urgent_part_is_named() {
    let bytes = |agreement: Agreement| agreement.to_canonical_bytes();
    let with = bytes(with_urgent(8));
    assert_eq!(first_difference(&bytes(agreement()), &with), "urgent");
    let more = Agreement { urgent: Some(Urgent { again_days: 21, ..part(8) }), ..agreement() };
    assert_eq!(first_difference(&with, &bytes(more.clone())), "urgent.again_days");
    assert_eq!(Agreement::from_canonical_bytes(&with), Ok(with_urgent(8)));
    assert_eq!(Agreement::from_toml(&more.to_toml()), Ok(more));
}

/// V-URGENT-004
#[test]
fn urgent_and_ordinary_rounds_are_counted_apart() {
    let agreement = with_urgent(8);
    let urgent = |time| Debit::new(&urgent_policy(8), Role::Requester, key(2).id(), time).urgent([1; 32]);
    let ordinary = |time| Debit::new(&policy(), Role::Requester, key(2).id(), time);
    let past = [urgent(FROM), urgent(FROM + 1), ordinary(FROM + 2)];
    let of = |debit: &Debit| budget::check(&agreement.caps_of(debit.urgent.is_some()), &past, debit);
    assert_eq!(of(&urgent(FROM + 3)), Err(Refusal::Rounds));
    assert_eq!(of(&ordinary(FROM + 3)), Ok(()), "the second of two ordinary ones");
    let bins = urgent(FROM).costs().iter().map(|key| key.cost).max().unwrap();
    let few = Agreement { urgent: Some(Urgent { bins_per_table: 2 * bins, ..part(8) }), ..super::agreement() };
    let next = urgent(FROM + 2 * time::DAY);
    assert_eq!(budget::check(&few.caps_of(true), &past[1..], &next), Ok(()), "the ordinary one costs it nothing");
    assert!(matches!(budget::check(&few.caps_of(true), &past, &next), Err(Refusal::Bins { .. })));
}

/// V-URGENT-005
#[test]
fn a_person_is_not_asked_about_again_too_early() {
    let person = |record: u8, encoding: u8| AskedRecord { record: [record; 32], encoding: [encoding; 32] };
    let before = [person(1, 1), person(2, 2)];
    let again = |at: u64, records: &[AskedRecord]| asked_again([(FROM, &before[..])], at, 20, records);
    let end = FROM + 20 * time::DAY;
    assert!(again(end - 1, &[person(2, 2)]) && !again(end, &[person(2, 2)]));
    assert!(again(FROM + 1, &[person(9, 1)]), "another case reference");
    assert!(again(FROM + 1, &[person(1, 9)]), "other keys");
    assert!(again(FROM + 1, &[person(8, 8), person(1, 1)]), "one of two");
    assert!(!again(FROM + 1, &[person(8, 8)]));
    assert!(again(FROM - 1, &[person(1, 1)]), "one of the future counts");
}
