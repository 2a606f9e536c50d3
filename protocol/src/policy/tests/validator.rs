use super::{policy, refusal};
use crate::limits;
use crate::plan::Plan;
use crate::policy::bounds::score_range;
use crate::policy::{Check, CheckedPolicy, Policy, Score, Weights, bins};
use crate::policy::{FeatureKind, KeyPart, Slots};
use crate::record::{FieldError, RawRecord, Reason, RowId};
use crate::schema::Field;
use crate::schema::kinds::Lane;
use proptest::prelude::*;

fn weighted(p: &mut Policy) -> (&mut i32, &mut i32, &mut Option<i32>) {
    match &mut p.score {
        Score::Weighted { constant, possible, strong } => (constant, possible, strong),
        Score::Dice { .. } => panic!("the default is weighted"),
    }
}

#[test]
fn each_requirement_is_enforced() {
    type Change = fn(&mut Policy);
    let cases: [(&str, &str, Change); 43] = [
        ("name", "V-POLICY-004", |p| p.name.clear()),
        ("name", "V-POLICY-004", |p| p.name = "a".repeat(limits::MAX_POLICY_NAME + 1)),
        ("context.agreement", "V-POLICY-004", |p| p.context.agreement = "caf\u{e9}".to_owned()),
        ("context.purpose", "V-POLICY-004", |p| p.context.purpose = "a\nb".to_owned()),
        ("schema", "V-POLICY-005", |p| p.schema = "person/2".to_owned()),
        ("normalisation.version", "V-POLICY-005", |p| p.normalisation.version = "norm-v2".to_owned()),
        ("normalisation.tables", "V-POLICY-005", |p| p.normalisation.tables[0] ^= 1),
        ("segment", "V-POLICY-006", |p| p.segments.clear()),
        ("segment[1].id", "V-POLICY-006", |p| p.segments[1].id = "names".to_owned()),
        ("segment[1].id", "V-POLICY-006", |p| p.segments[1].id = "Skeleton".to_owned()),
        ("segment[0].features", "V-POLICY-006", |p| p.segments[0].features.clear()),
        ("segment[1].features", "V-POLICY-006", |p| p.segments[1].features.push(FeatureKind::NameSounds.into())),
        ("segment[4].bits", "V-POLICY-006", |p| p.segments[4].bits = 7),
        ("segment[4].hashes", "V-POLICY-006", |p| p.segments[4].hashes = 0),
        ("segment[4].hashes", "V-POLICY-006", |p| p.segments[4].hashes = 33),
        ("segment", "V-POLICY-006", |p| p.segments[0].bits = 4000),
        ("table", "V-POLICY-007", |p| p.tables.clear()),
        ("table[1].id", "V-POLICY-007", |p| p.tables[1].id = 1),
        ("table[2].name", "V-POLICY-007", |p| p.tables[2].name = p.tables[0].name.clone()),
        ("table[0].slots_requester", "V-POLICY-007", |p| p.tables[0].slots.requester = 0),
        ("table[0].slots_requester", "V-POLICY-007", |p| p.tables[0].slots.requester = limits::MAX_SLOTS + 1),
        ("table[0].slots_responder", "V-POLICY-007", |p| p.tables[0].slots.responder = 0),
        ("table[0].room_requester", "V-POLICY-007", |p| p.tables[0].slots.room_requester = 0),
        ("table[0].room_responder", "V-POLICY-007", |p| {
            p.tables[0].slots.room_responder = 100 * p.tables[0].slots.responder + 1;
        }),
        ("table[0].key", "V-POLICY-007", |p| p.tables[0].key.clear()),
        ("table[0].key", "V-POLICY-007", |p| p.tables[0].key.push(KeyPart::BirthDate.into())),
        ("table[0].key", "V-POLICY-007", |p| p.tables[0].key.push(KeyPart::BirthYear.into())),
        ("table[0].key", "V-POLICY-007", |p| p.tables[0].key.push(KeyPart::NamePairK5.into())),
        ("round.copies_requester", "V-POLICY-008", |p| p.round.copies_requester = 0),
        ("round.copies_responder", "V-POLICY-008", |p| p.round.copies_responder = limits::MAX_COPIES + 1),
        ("round.records_requester", "V-POLICY-008", |p| p.round.records_requester = 0),
        ("round.records_responder", "V-POLICY-008", |p| p.round.records_responder = limits::MAX_RECORDS + 1),
        ("table[0].domain_bits", "V-POLICY-010", |p| p.tables[0].domain_bits = 26),
        ("table[0].domain_bits", "V-POLICY-011", |p| p.tables[0].domain_bits = 14),
        ("segment[3].weights", "V-POLICY-012", |p| p.segments[3].weights = None),
        ("segment[3].weights", "V-POLICY-012", |p| p.segments[3].weights = Some(Weights { alpha: -1, beta: 0, nu: 0 })),
        ("segment[3].weights", "V-POLICY-012", |p| p.segments[3].weights = Some(Weights { alpha: 1, beta: 1, nu: 0 })),
        ("score.constant", "V-POLICY-012", |p| *weighted(p).0 = -limits::MAX_WEIGHT - 1),
        ("score.constant", "V-POLICY-013", |p| *weighted(p).0 = *weighted(p).1),
        ("score.strong", "V-POLICY-014", |p| *weighted(p).2 = Some(*weighted(p).1)),
        ("score.strong", "V-POLICY-019", |p| *weighted(p).2 = Some(100_000)),
        ("score.numerator", "V-POLICY-018", |p| p.score = Score::Dice { numerator: 6, denominator: 5 }),
        ("segment[0].weights", "V-POLICY-012", |p| p.score = Score::Dice { numerator: 4, denominator: 5 }),
    ];
    for (i, (field, requirement, change)) in cases.into_iter().enumerate() {
        let mut p = policy();
        change(&mut p);
        let mut broken: Vec<Check> = p.checks().into_iter().filter(|check| !check.holds()).collect();
        assert_eq!(refusal(p.validate()), (field.to_owned(), requirement), "case {i}");
        // The list for people names what the validator refuses, and besides it only what follows from it.
        let first = broken.remove(0);
        assert_eq!((first.field.as_str(), first.requirement), (field, requirement), "case {i}");
        let follows = FOLLOWS.iter().filter(|(of, _)| *of == field).map(|(_, id)| *id).collect::<Vec<_>>();
        for other in broken {
            let expected = other.requirement == requirement || follows.contains(&other.requirement);
            assert!(expected, "case {i}: {}", other.sentence());
        }
    }
}

/// What one mistake makes of other demands: without segments or with a low constant nothing reaches a threshold, an
/// empty key has no entropy, tokens of too many records sweep it, and the default's weights have no place under a Dice score.
const FOLLOWS: [(&str, &str); 7] = [
    ("table[0].domain_bits", "V-POLICY-032"),
    ("round.records_responder", "V-POLICY-032"),
    ("round.records_responder", "V-POLICY-009"),
    ("segment", "V-POLICY-019"),
    ("table[0].key", "V-POLICY-010"),
    ("score.constant", "V-POLICY-019"),
    ("score.numerator", "V-POLICY-012"),
];

#[test]
fn every_check_of_an_accepted_policy_holds_and_shows_its_numbers() {
    let checks = policy().checks();
    assert!(checks.iter().all(Check::holds));
    let found = |id: &str| checks.iter().filter(|c| c.requirement == id).map(Check::sentence).collect::<Vec<_>>();
    // Two slots, 2,000 records: ceil(1.27 * 4,000) = 5,080 bins, swept at most an eighth of 2^21 values.
    let first = &found("V-POLICY-011")[0];
    assert!(first.contains("(8 x 5080 bins of `") && first.ends_with("2^21 values): 40640 <= 2097152"), "{first}");
    let mut p = policy();
    let (constant, possible, _) = weighted(&mut p);
    let wanted = format!("no evidence, no match: the constant lies below `possible`: {constant} < {possible}");
    assert_eq!(found("V-POLICY-013"), [wanted]);
    let seen: std::collections::BTreeSet<&str> = checks.iter().map(|c| c.requirement).collect();
    let ids = [1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17, 19, 22, 32].map(|n| format!("V-POLICY-{n:03}"));
    assert!(seen.iter().copied().eq(ids.iter()), "{seen:?}");
    let mut dice = policy();
    dice.score = Score::Dice { numerator: 4, denominator: 5 };
    dice.segments.iter_mut().for_each(|s| s.weights = None);
    assert!(dice.checks().iter().any(|c| c.requirement == "V-POLICY-018"));
}

/// V-POLICY-011: a key is swept by all tables that have its parts, in whatever order, or more, or fewer.
#[test]
fn tables_of_related_keys_sweep_them_together() {
    let with = |key: &[KeyPart], domain_bits: u8| {
        let mut p = policy();
        p.tables.truncate(1);
        p.tables[0].key = vec![KeyPart::NamePartK4.into(), KeyPart::BirthDate.into()];
        p.tables[0].domain_bits = 17;
        let mut again = p.tables[0].clone();
        (again.id, again.name) = (99, String::from("again"));
        again.key = key.iter().map(|part| (*part).into()).collect();
        again.domain_bits = domain_bits;
        p.tables.push(again);
        p
    };
    // 8 x 5,080 bins are within 2^16; twice as many are not, whatever bits the other key has.
    let date = KeyPart::BirthDate;
    let related: [&[KeyPart]; 5] = [
        &[date, KeyPart::NamePartK4],
        &[date, KeyPart::NamePartK5],
        &[KeyPart::NamePartP3, date, KeyPart::Sex],
        &[date],
        &[KeyPart::NamePartK4],
    ];
    for key in related {
        let bits: u8 = if key == [date] {
            15
        } else if key == [KeyPart::NamePartK4] {
            10
        } else {
            17
        };
        let mut p = with(key, bits);
        let refused = Err((String::from("table[1].domain_bits"), "V-POLICY-011"));
        let judged = |p: Policy| if p.checks().iter().all(Check::holds) { Ok(()) } else { Err(refusal(p.validate())) };
        // Few values of the smaller key are swept whole.
        assert_eq!(judged(p.clone()), if bits < 17 { refused.clone() } else { Ok(()) }, "{key:?}");
        p.tables[0].domain_bits = 16;
        assert_eq!(judged(p), refused, "{key:?}");
    }
    for other in [&[KeyPart::NamePartK4, KeyPart::BirthYear, KeyPart::Sex][..], &[KeyPart::NamePairK4, date]] {
        let mut p = with(other, 16);
        p.tables[0].domain_bits = 16;
        assert!(p.validate().is_ok(), "{other:?}");
    }
}

/// V-POLICY-011: parts that have values of one column tell the same.
#[test]
fn forms_of_one_column_are_one_kind() {
    use crate::policy::related::KeyKinds;
    let kinds = |part: KeyPart| KeyKinds::of_parts(&[part.into()]);
    for same in [
        &[KeyPart::Nationality, KeyPart::BirthCountry, KeyPart::CountryAny][..],
        &[KeyPart::Document, KeyPart::Phone, KeyPart::Email, KeyPart::DocumentOrPhone, KeyPart::AnyContact],
        &[KeyPart::NamePartK3, KeyPart::NamePartK4, KeyPart::NamePartK5, KeyPart::NamePartP3, KeyPart::NamePartS3],
        &[KeyPart::NamePairK3, KeyPart::NamePairK4, KeyPart::NamePairK5, KeyPart::NamePairP3],
    ] {
        assert!(same.iter().all(|part| kinds(*part) == kinds(same[0])), "{same:?}");
        assert!(!kinds(same[0]).is_related(&kinds(KeyPart::Sex)));
    }
    assert_ne!(kinds(KeyPart::NamePairK3), kinds(KeyPart::NamePartK3));
}

/// V-POLICY-032: in mutual mode a responder cannot fill its tables with more than an eighth of the values that the policy
/// claims for a key, nor list more, and read the requester's whole list from the claims.
#[test]
fn in_mutual_mode_the_tokens_and_the_list_of_the_responder_sweep_no_key() {
    let mut p = policy().with_records(10, 20_000);
    p.tables.truncate(1);
    p.tables[0].slots = Slots::both(1);
    p.tables[0].domain_bits = 18;
    assert_eq!(p.round.output, crate::policy::OutputMode::Mutual);
    assert!(p.clone().validate().is_ok(), "8 x 20,000 tokens are within 2^18");
    p.tables[0].domain_bits = 17;
    assert_eq!(refusal(p.clone().validate()), (String::from("table[0].domain_bits"), "V-POLICY-032"));
    // What S has room for counts, not what one record has slots for.
    let with_room = |room: u16| {
        let mut p = p.clone();
        p.tables[0].domain_bits = 18;
        p.tables[0].slots = Slots { responder: 3, room_responder: room, ..Slots::both(1) };
        p.validate().map(|_| ()).map_err(|e| refusal(Err::<CheckedPolicy, _>(e)).1)
    };
    assert!(with_room(163).is_ok(), "8 x 32,600 tokens are within 2^18");
    assert_eq!(with_room(164).err(), Some("V-POLICY-032"));
    // Nor does it help to have little room: what is listed need stand in no table.
    let listed = |records: u32, related: bool| {
        let mut p = p.clone().with_records(10, records);
        p.tables[0].domain_bits = 18;
        p.tables[0].slots = Slots { room_responder: 1, ..Slots::both(1) };
        if related {
            let mut longer = p.tables[0].clone();
            (longer.id, longer.name) = (99, String::from("longer"));
            longer.key.push(KeyPart::Sex.into());
            longer.domain_bits = 19;
            p.tables.push(longer);
        }
        p.validate().map(|_| ()).map_err(|e| refusal(Err::<CheckedPolicy, _>(e)))
    };
    assert_eq!(listed(1 << 15, false), Ok(()), "8 x 32,768 listed are 2^18");
    assert_eq!(listed((1 << 15) + 1, false), Err((String::from("table[0].domain_bits"), "V-POLICY-032")));
    assert_eq!(listed(1 << 14, true), Ok(()));
    assert_eq!(listed((1 << 14) + 1, true), Err((String::from("table[1].domain_bits"), "V-POLICY-032")));
    p.round.output = crate::policy::OutputMode::Requester;
    assert!(p.validate().is_ok(), "nothing is claimed");
}

/// V-POLICY-009: whatever the validator lets pass can be planned.
#[test]
fn the_largest_table_of_the_responder_has_a_plan() {
    let mut p = policy().with_records(1, 1 << 20);
    p.tables.truncate(1);
    p.tables[0].slots = Slots::both(16);
    p.round.copies_requester = 5;
    p.round.output = crate::policy::OutputMode::Requester;
    let plan = Plan::new(p.validate().unwrap().shape().clone()).unwrap();
    assert_eq!((plan.tables[0].rows, plan.tables[0].groups.len()), (251_658_240, 144));
    assert!(plan.tables[0].groups.iter().all(|group| group.rows > 251_658_240 / 144));
}

#[test]
fn a_round_with_too_many_bins_or_rows_is_refused() {
    // V-POLICY-009
    let mut p = policy().with_records(1 << 20, 1);
    p.tables.truncate(1);
    p.tables[0].slots = Slots::both(16);
    p.tables[0].domain_bits = 24;
    p.round.copies_responder = 8;
    assert_eq!(refusal(p.validate()).1, "V-POLICY-009");
    let mut p = policy().with_records(1, 1 << 20);
    p.tables[0].slots = Slots::both(16);
    p.round.copies_requester = 8;
    assert_eq!(refusal(p.validate()).1, "V-POLICY-009");
}

#[test]
fn a_ring_that_is_too_small_is_refused() {
    // V-POLICY-017
    let mut p = policy();
    p.segments[0].bits = 3000;
    for s in &mut p.segments {
        s.weights = Some(Weights { alpha: limits::MAX_WEIGHT, beta: 0, nu: 0 });
    }
    assert_eq!(refusal(p.validate()).1, "V-POLICY-017");
}

#[test]
fn bins_round_up() {
    for (queries, expected) in [(0, 128), (1, 129), (474, 602), (475, 604), (1_000, 1_270), (1_001, 1_272)] {
        assert_eq!(bins(queries), expected, "{queries} queries");
    }
}

/// The inequalities of spec 6.6, looked at from outside: from the shape alone.
fn assert_sound(checked: &CheckedPolicy) {
    let shape = checked.shape();
    let bits = shape.filter_bits() + shape.segments.len();
    assert!(shape.payload_bits().is_multiple_of(8) && (bits..bits + 8).contains(&shape.payload_bits()));
    // V-POLICY-013
    assert!(shape.constant < shape.possible);
    // V-POLICY-017, and no larger than needed
    let honest = score_range(&shape.segments, shape.constant);
    let half = 1_i64 << (shape.ring_bits - 1);
    let distances: Vec<i64> = [Some(shape.possible), shape.strong]
        .into_iter()
        .flatten()
        .flat_map(|t| [honest.high - i64::from(t), honest.low - i64::from(t)])
        .map(i64::abs)
        .collect();
    assert!(distances.iter().all(|d| *d < half));
    assert!(shape.ring_bits == limits::MIN_RING_BITS || distances.iter().any(|d| *d >= half / 2));
}

proptest! {
    #[test]
    fn what_the_validator_accepts_is_sound(
        weights in prop::collection::vec((0_i32..200, -200_i32..=0, -500_i32..500), 8),
        constant in -2000_i32..100,
        possible in -100_i32..100,
        gap in prop::option::of(1_i32..100),
        records in 1_u32..30_000,
        copies in 1_u8..3,
    ) {
        let mut p = policy().with_records(records, records);
        p.round.copies_responder = copies;
        p.score = Score::Weighted { constant, possible, strong: gap.map(|g| possible + g) };
        for (s, (alpha, beta, nu)) in p.segments.iter_mut().zip(weights) {
            s.weights = Some(Weights { alpha, beta, nu });
        }
        if let Ok(checked) = p.validate() { assert_sound(&checked); }
    }

    #[test]
    fn a_dice_policy_is_sound(p in 1_u16..100, more in 0_u16..100) {
        let mut policy = policy();
        policy.score = Score::Dice { numerator: p, denominator: p + more };
        policy.segments.iter_mut().for_each(|s| s.weights = None);
        assert_sound(&policy.validate().unwrap());
    }
}

/// V-RECORD-009: neither a victim's record nor a missing person's gets into a suspects' round.
#[test]
fn a_record_of_a_lane_that_is_not_compared_is_refused() {
    let checked = policy().validate().unwrap();
    let lane = |lane: &str| {
        let mut raw = RawRecord::default();
        raw.push(Field::RecordId, "r");
        raw.push(Field::Lane, lane);
        checked.record(RowId::new(0), &raw).map(|record| record.lane)
    };
    assert_eq!((lane("suspect"), lane("")), (Ok(Some(Lane::Suspect)), Ok(None)));
    for other in ["victim", "missing", "unidentified", "convicted"] {
        assert_eq!(lane(other), Err(FieldError::new(Field::Lane, Reason::OtherLane)), "{other}");
    }
}
