mod exact;

use super::*;
use crate::encode::EncodedFields;
use crate::encode::copies::{Keep, SelectedCopy, select_copies, select_copies_padded};
use crate::policy::{
    CheckedPolicy, Declared, FeatureKind, FeatureOf, FieldType, KeyPart, KeyPartOf, LanePair, Policy, Slots, TableSpec,
};
use crate::record::{RawRecord, RowId};
use crate::schema::Field;
use proptest::prelude::*;
use std::collections::HashSet;

fn policy() -> Policy {
    Policy::default_policy().unwrap()
}

fn record(values: &[(Field, &str)]) -> Record {
    let mut raw = RawRecord::default();
    raw.push(Field::RecordId, "r1");
    values.iter().for_each(|(field, value)| raw.push(*field, value));
    Record::check(RowId::new(0), &raw).unwrap()
}

fn full() -> Record {
    record(&[
        (Field::GivenNames, "Ana Maria"),
        (Field::FamilyNames, "Lopez Diaz"),
        (Field::BirthDate, "1990-05-06"),
        (Field::Sex, "F"),
        (Field::Nationality, "UTO"),
        (Field::BirthCountry, "UTO"),
        (Field::DocumentNumber, "AB12345"),
        (Field::Phone, "+999 123456789"),
        (Field::Email, "ana@example.org"),
    ])
}

fn one(policy: &CheckedPolicy, record: &Record) -> EncodedRecord {
    encode(&policy.encoding(), core::slice::from_ref(record)).remove(0)
}

fn tokens_of(key: &[KeyPart], slots: u16, record: &Record) -> Vec<Token> {
    let mut p = policy();
    let key = key.iter().map(|&part| part.into()).collect();
    p.tables = vec![TableSpec { id: 1, name: "t".into(), key, slots: Slots::both(slots), domain_bits: 0 }];
    let checked = policy().validate().unwrap();
    let encoding = Encoding { tables: &p.tables, ..checked.encoding() };
    encode(&encoding, core::slice::from_ref(record)).remove(0).tokens.remove(0)
}

#[test]
fn only_the_context_changes_the_keys() {
    // V-ENCODE-001
    type Change = fn(&mut Policy);
    let encoded = |change: Change| {
        let mut p = policy();
        change(&mut p);
        let e = one(&p.validate().unwrap(), &full());
        (e.filter.as_bytes().to_vec(), e.tokens.clone())
    };
    let base = encoded(|_| ());
    let neutral: [Change; 4] = [
        |p| p.round.records_responder += 1,
        |p| p.round.copies_responder = 2,
        |p| p.name.push('x'),
        |p| p.segments[0].weights.as_mut().unwrap().alpha += 1,
    ];
    neutral.into_iter().for_each(|change| assert!(encoded(change) == base));
    let separating: [Change; 4] = [
        |p| p.context.agreement.push('x'),
        |p| p.context.lanes = LanePair::SuspectConvicted,
        |p| p.context.purpose.push('x'),
        |p| p.context.epoch += 1,
    ];
    let mut seen = HashSet::from([base.0]);
    for change in separating {
        let (filter, tokens) = encoded(change);
        assert!(tokens.iter().flatten().all(|t| !base.1.iter().flatten().any(|b| b == t)));
        assert!(seen.insert(filter));
    }
}

#[test]
fn a_filter_has_its_segments_and_presence_bits() {
    // V-ENCODE-002, V-ENCODE-003
    let checked = policy().validate().unwrap();
    let shape = checked.shape();
    let filter = one(&checked, &full()).filter.clone();
    assert_eq!(filter.as_bytes().len(), (shape.filter_bits() + shape.segments.len()).div_ceil(8));
    let empty = one(&checked, &record(&[])).filter.clone();
    assert!(empty.as_bytes().iter().all(|b| *b == 0));
    let sex_only = one(&checked, &record(&[(Field::Sex, "F")])).filter.clone();
    let mut start = 0;
    for (i, s) in shape.segments.iter().enumerate() {
        let bits = start..start + usize::from(s.bits);
        let present = filter.get(shape.filter_bits() + i);
        assert!(present && bits.clone().any(|b| filter.get(b)));
        let sex = i == 5;
        assert_eq!(sex_only.get(shape.filter_bits() + i), sex);
        assert_eq!(bits.clone().any(|b| sex_only.get(b)), sex);
        start = bits.end;
    }
}

#[test]
fn positions_are_spread_evenly() {
    // V-ENCODE-002: every code is one feature with positions of its own, so over n codes each position of the segment
    // is hit a binomial number of times.
    let checked = policy().validate().unwrap();
    let (start, bits, hashes) = (384, 24, 8);
    let n = 4_000_u16;
    let mut counts = vec![0_u16; bits];
    for i in 0..n {
        let code: String =
            [i % 26, i / 26 % 26, i / 676].map(|l| char::from(b'A' + u8::try_from(l).unwrap())).iter().collect();
        let filter = one(&checked, &record(&[(Field::BirthCountry, &code)])).filter.clone();
        (0..bits).filter(|b| filter.get(start + b)).for_each(|b| counts[b] += 1);
    }
    let p = 1.0 - (1.0 - 1.0 / bits as f64).powi(hashes);
    let (mean, deviation) = (f64::from(n) * p, (f64::from(n) * p * (1.0 - p)).sqrt());
    assert!(counts.iter().all(|c| (f64::from(*c) - mean).abs() < 5.0 * deviation), "{mean} {deviation} {counts:?}");
}

#[test]
fn a_swap_of_fields_or_day_and_month_changes_little() {
    // V-ENCODE-004
    let checked = policy().validate().unwrap();
    let a = record(&[(Field::GivenNames, "Ana"), (Field::FamilyNames, "Lopez"), (Field::BirthDate, "1990-05-06")]);
    let b = |date| record(&[(Field::GivenNames, "Lopez"), (Field::FamilyNames, "Ana"), (Field::BirthDate, date)]);
    let (a, same, swapped) = (one(&checked, &a), one(&checked, &b("1990-05-06")), one(&checked, &b("1990-06-05")));
    assert!(a.filter == same.filter && a.tokens == same.tokens && a.tokens == swapped.tokens);
}

#[test]
fn a_key_with_a_missing_part_gives_no_token() {
    // V-ENCODE-007
    let nameless = record(&[(Field::BirthDate, "1990-05-06"), (Field::GivenNames, "J. K.")]);
    assert!(tokens_of(&[KeyPart::NamePartK4, KeyPart::BirthDate], 3, &nameless).is_empty());
    let year = record(&[(Field::BirthDate, "1990-01-01"), (Field::GivenNames, "Ana")]);
    assert!(tokens_of(&[KeyPart::NamePartK4, KeyPart::BirthDate], 3, &year).is_empty());
    assert_eq!(tokens_of(&[KeyPart::NamePartK4, KeyPart::BirthYear], 3, &year).len(), 1);
    assert!(tokens_of(&[KeyPart::NameAllK4], 1, &year).is_empty());
    assert!(tokens_of(&[KeyPart::NamePairK4], 1, &year).is_empty());
}

#[test]
fn forms_multiply_and_the_smallest_tokens_are_taken() {
    // V-ENCODE-005, V-ENCODE-006
    let record = full();
    let key = [KeyPart::NamePartK4, KeyPart::BirthDate];
    let all = tokens_of(&key, 16, &record);
    assert_eq!(all.len(), 4, "ana, maria, lopez, diaz");
    assert!(all.is_sorted());
    for slots in 1..4 {
        assert_eq!(tokens_of(&key, slots, &record), all[..usize::from(slots)]);
    }
    assert_eq!(tokens_of(&[KeyPart::NamePairK4], 16, &record).len(), 6);
    assert_eq!(tokens_of(&[KeyPart::NameAllK5], 16, &record).len(), 1);
    // The order of parts, and the table's number, are part of the token.
    assert_ne!(
        tokens_of(&[KeyPart::Sex, KeyPart::BirthYear], 1, &record),
        tokens_of(&[KeyPart::BirthYear, KeyPart::Sex], 1, &record)
    );
}

#[test]
fn a_key_of_all_names_is_that_of_their_own_spelling() {
    // V-ENCODE-016: what a mark may be written like is in no such key.
    let named = |given, family| record(&[(Field::GivenNames, given), (Field::FamilyNames, family)]);
    let all = |record: &Record| tokens_of(&[KeyPart::NameAllK5], 16, record);
    assert_eq!(all(&named("Ionu\u{21b} Alexandru", "Ilie")), all(&named("Ionut Alexandru", "Ilie")));
    assert_ne!(all(&named("Ionut Alexandru", "Ilie")), all(&named("Ionut", "Ilie")));
    // In a whole name the ending may be that of a father's or of a family name; in fields it is known.
    let whole = all(&record(&[(Field::FullNames, "Anna Maria Stankevich")]));
    assert_eq!(whole.len(), 2);
    assert!(all(&named("Anna Maria", "Stankevich")).iter().all(|token| whole.contains(token)));
    assert!(all(&named("Anna", "Maria")).iter().all(|token| whole.contains(token)));
    let fathers = [(Field::GivenNames, "Anna"), (Field::FatherNames, "Stankevich"), (Field::FamilyNames, "Maria")];
    assert_eq!(all(&record(&fathers)).len(), 1);
}

#[test]
fn spellings_of_one_name_share_most_of_their_sounds() {
    // V-ENCODE-004, V-NORM-025
    let mut policy = policy();
    policy.segments.retain(|segment| ["names", "consonants"].contains(&segment.id.as_str()));
    let policy = policy.validate().unwrap();
    let named = |name| one(&policy, &record(&[(Field::FamilyNames, name)])).filter.clone();
    assert!(named("Hussein") == named("Hosseyn") && named("Szevczenko") == named("Shevchenko"));
    assert!(named("Hussein") != named("Hassan"));
}

fn with_tokens(tokens: &[u8]) -> EncodedRecord {
    let tokens = tokens.iter().map(|t| Token::from_bytes([*t; 16])).collect();
    EncodedRecord::unchecked(EncodedFields {
        digest: [0; 32],
        filter: Filter::zero(8),
        tokens: vec![tokens],
        others: Vec::new(),
    })
}

#[test]
fn the_choice_among_namesakes_depends_on_the_key() {
    // V-ENCODE-008
    let records: Vec<EncodedRecord> = (0..50).map(|_| with_tokens(&[7])).collect();
    let chosen: HashSet<u32> = (0..40).map(|k| select_copies(&records, 0, &Keep::all(1), &[k; 32])[0].record).collect();
    assert!(chosen.len() > 15, "{} of 50 in 40 rounds", chosen.len());
    assert_eq!(select_copies(&records, 1, &Keep::all(1), &[0; 32]), []);
}

/// A record with tokens in the first table and in so many others.
fn holder(tokens: &[u8], others: usize) -> EncodedRecord {
    let mut record = with_tokens(tokens);
    record.tokens.extend((0..others).map(|_| vec![Token::from_bytes([0; 16])]));
    record
}

#[test]
fn who_has_least_other_chance_comes_first() {
    // V-ENCODE-008: the record with tokens in no other table, whatever the key; the others change.
    let mut records: Vec<EncodedRecord> = (0..20).map(|_| holder(&[7], 3)).collect();
    records.push(holder(&[7], 0));
    let kept = |k: u8| select_copies(&records, 0, &Keep::all(2), &[k; 32]).iter().map(|c| c.record).collect::<Vec<_>>();
    assert!((0..30).all(|k| kept(k).contains(&20)));
    assert!((0..30).flat_map(kept).collect::<HashSet<_>>().len() > 10);
}

#[test]
fn where_there_is_no_room_every_record_has_its_first_token() {
    // V-ENCODE-014
    let records: Vec<EncodedRecord> =
        (0..30).map(|n| holder(&[3 * n, 3 * n + 1, 3 * n + 2], usize::from(n % 2))).collect();
    let keep = Keep { slots: 2, copies: 1, room: 40, records: 0 };
    let of = |key: u8| select_copies(&records, 0, &keep, &[key; 32]);
    let kept = of(1);
    assert_eq!(kept.len(), 40);
    let places =
        |place: u8| kept.iter().filter(|k| k.token.as_bytes()[0] % 3 == place).map(|k| k.record).collect::<Vec<_>>();
    assert_eq!([0, 1, 2].map(|place| places(place).len()), [30, 10, 0]);
    // Their second tokens: first those of records that are in no other table.
    assert!(places(1).iter().all(|record| record % 2 == 0));
    assert_ne!(of(2), kept);
    // Padding changes nothing.
    assert_eq!(select_copies_padded(&records, 0, &Keep { records: 90, ..keep }, &[1; 32]), kept);
    // A side with fewer slots uses the first.
    let one = select_copies(&records, 0, &Keep { slots: 1, ..keep }, &[1; 32]);
    assert_eq!(
        one.iter().map(|k| k.token.as_bytes()[0]).collect::<Vec<_>>(),
        (0..30).map(|n| 3 * n).collect::<Vec<_>>()
    );
}

proptest! {
    /// V-ENCODE-008: at most `copies` a token, distinct copy indices below `copies`, nobody left out without need, no dependence on
    /// the order of a record's tokens.
    #[test]
    fn copies_are_kept(lists in prop::collection::vec(prop::collection::vec(0_u8..12, 0..5), 0..40), copies in 1_u8..4, key: [u8; 32]) {
        let records: Vec<EncodedRecord> = lists.iter().map(|l| with_tokens(l)).collect();
        let kept = select_copies(&records, 0, &Keep::all(copies), &key);
        for value in 0..12_u8 {
            let token = Token::from_bytes([value; 16]);
            let holders: HashSet<u32> = (0..).zip(&lists).filter(|(_, l)| l.contains(&value)).map(|(i, _)| i).collect();
            let of: Vec<&SelectedCopy> = kept.iter().filter(|k| k.token == token).collect();
            prop_assert_eq!(of.len(), holders.len().min(usize::from(copies)));
            prop_assert!(of.iter().all(|k| k.copy < copies && holders.contains(&k.record)));
            prop_assert!(of.is_sorted_by(|a, b| a.copy < b.copy));
            prop_assert_eq!(of.iter().map(|k| k.record).collect::<HashSet<_>>().len(), of.len());
        }
        let reversed: Vec<EncodedRecord> = lists.iter().map(|l| with_tokens(&l.iter().rev().copied().collect::<Vec<_>>())).collect();
        prop_assert_eq!(&select_copies(&reversed, 0, &Keep::all(copies), &key), &kept);
        // V-CUCKOO-002: what fills the list up is never kept.
        let padded = Keep { slots: 5, records: 40, ..Keep::all(copies) };
        prop_assert_eq!(select_copies_padded(&records, 0, &padded, &key), kept);
    }

    #[test]
    fn encoding_is_deterministic_and_bounded(given in "[a-z ]{0,40}", family in ".{0,30}", year in 1850_u16..2100) {
        let family: String = family.chars().filter(|c| !c.is_control()).collect();
        let checked = policy().validate().unwrap();
        let year = year.to_string();
        let r = record(&[(Field::GivenNames, &given), (Field::FamilyNames, &family), (Field::BirthDate, &year)]);
        let (a, b) = (one(&checked, &r), one(&checked, &r));
        prop_assert!(a.filter == b.filter && a.tokens == b.tokens && a.digest == b.digest);
        for (tokens, table) in a.tokens.iter().zip(&checked.shape().tables) {
            prop_assert!(tokens.len() <= usize::from(table.slots.most()));
            prop_assert!(tokens.windows(2).all(|w| w[0] < w[1]));
        }
    }
}

#[test]
fn debug_shows_nothing_of_an_encoded_record() {
    let encoded = EncodedRecord::unchecked(EncodedFields {
        others: Vec::new(),
        digest: [0xab; 32],
        filter: Filter::zero(16),
        tokens: vec![vec![Token::from_bytes([0xcd; 16])]],
    });
    assert_eq!(format!("{encoded:?}"), "EncodedRecord(..)");
}

#[test]
fn no_other_persons_identity_makes_a_suspect() {
    // V-ENCODE-009
    let mut raw = RawRecord::default();
    raw.push(Field::RecordId, "r1");
    raw.push(Field::GivenNames, "Ana");
    raw.push(Field::Phone, "+999 123456789");
    raw.push(Field::PhoneOwner, "controlled_by_other");
    raw.next_identity().unwrap();
    raw.push(Field::IdentityStatus, "misused");
    raw.push(Field::GivenNames, "Bea");
    let record = Record::check(RowId::new(0), &raw).unwrap();
    let of = |lanes| {
        let values = normalised::values(&record, lanes);
        let others: Vec<Vec<String>> = values.other_names.iter().map(|name| name.name_parts.clone()).collect();
        (values.name_parts.clone(), others, values.phones.len())
    };
    for lanes in [LanePair::SuspectSuspect, LanePair::SuspectConvicted] {
        assert_eq!(of(lanes), (vec!["ana".to_owned()], vec![], 0));
    }
    let ana = || "ana".to_owned();
    assert_eq!(of(LanePair::VictimMissing), (vec![ana()], vec![vec![ana(), "bea".to_owned()]], 1));
}

#[test]
fn a_fathers_name_finds_only_where_there_is_little_else() {
    // V-ENCODE-011
    let keys = |values: &[(Field, &str)]| normalised::values(&record(values), LanePair::VictimVictim).key_parts.clone();
    let father = (Field::FatherNames, "Tesfaye");
    assert_eq!(keys(&[(Field::GivenNames, "Selam"), father]), ["selam", "tesfaye"]);
    assert_eq!(keys(&[(Field::GivenNames, "Selam"), (Field::FamilyNames, "Bekele"), father]), ["bekele", "selam"]);
    // Other forms of a name enter as skeletons, not as parts: the passport's form of an umlaut.
    let written = record(&[(Field::FamilyNames, "J\u{e4}ger")]);
    let values = normalised::values(&written, LanePair::VictimVictim);
    assert_eq!(values.name_parts, ["jager"]);
    assert!(values.k5.iter().all(|k5| k5.as_bytes() == b"skr") && !values.k5.is_empty());
}

#[test]
fn what_somebody_only_may_be_finds_and_does_not_tell_against() {
    // V-ENCODE-012
    let encoded = |values: &[(Field, &str)]| {
        let named = [&[(Field::GivenNames, "Oksana"), (Field::FamilyNames, "Shevchenko")], values].concat();
        let checked = policy().validate().unwrap();
        encode(&checked.encoding(), &[record(&named)]).remove(0)
    };
    let blank = encoded(&[]);
    let assessed = [(Field::BirthDate, "2007"), (Field::BirthBasis, "age_assessment")];
    for (maybe, keys) in [(&assessed[..], 1), (&[(Field::BirthCountry, "SUN")], 15), (&[(Field::Nationality, "yu")], 7)]
    {
        assert!(encoded(maybe).filter == blank.filter, "{maybe:?}");
        let found = normalised::values(&record(maybe), LanePair::VictimVictim);
        let all = [found.birth_dates.len(), found.birth_countries.len(), found.nationalities.len()];
        assert_eq!(all.iter().sum::<usize>(), keys, "{maybe:?}");
    }
    for known in [(Field::BirthDate, "2007"), (Field::BirthCountry, "UKR"), (Field::BirthCountry, "DDR")] {
        assert!(encoded(&[known]).filter != blank.filter, "{known:?}");
    }
}

#[test]
fn the_first_of_july_finds_and_does_not_tell_against() {
    // V-ENCODE-017
    let checked = policy().validate().unwrap();
    let encoded = |date| {
        let person = [(Field::GivenNames, "Oksana"), (Field::FamilyNames, "Shevchenko"), (Field::BirthDate, date)];
        encode(&checked.encoding(), &[record(&person)]).remove(0)
    };
    let (july, year) = (encoded("1985-07-01"), encoded("1985"));
    assert!(july.filter == year.filter);
    assert!(july.tokens != year.tokens);
    for other in ["1985-07-02", "1985-01-07", "1985-07"] {
        assert!(encoded(other).filter != year.filter, "{other}");
    }
    let key = [KeyPart::BirthDate];
    let of = |date| tokens_of(&key, 1, &record(&[(Field::BirthDate, date)]));
    assert_eq!(of("1985-07-01").len(), 1);
    assert!(of("1985").is_empty());
}

#[test]
fn weak_names_support_and_do_not_find() {
    // V-ENCODE-010
    let named = [(Field::GivenNames, "Ana"), (Field::FamilyNames, "Cruz"), (Field::WeakNames, "Shorty")];
    let record = record(&[&named[..], &[(Field::OtherNames, "Bea Diaz")]].concat());
    let values = normalised::values(&record, LanePair::VictimVictim);
    assert_eq!(values.name_parts, ["ana", "cruz", "shorty"]);
    assert_eq!(values.key_parts, ["ana", "cruz"]);
    assert_eq!(values.other_names[0].name_parts, ["bea", "diaz"]);
}

#[test]
fn each_name_has_a_filter_and_tokens_that_lead_to_it() {
    // V-ENCODE-015
    let named = |other: &[&str]| {
        let own = [(Field::GivenNames, "Ana"), (Field::FamilyNames, "Lopez"), (Field::BirthDate, "1990-05-06")];
        let others = other.iter().map(|name| (Field::OtherNames, *name));
        record(&own.into_iter().chain(others).collect::<Vec<_>>())
    };
    let mut roomy = policy();
    roomy.tables[0].slots = Slots::both(8);
    let checked = roomy.validate().unwrap();
    let encoded = |record: &Record| one(&checked, record);
    let (plain, both) = (encoded(&named(&[])), encoded(&named(&["Bea Diaz", "Lopez, Ana", "Garcia"])));
    assert!(plain.others.is_empty());
    // The name that only one side has changes nothing of the first.
    assert!(plain.filter == both.filter);
    let table = checked.policy().tables.iter().position(|t| t.name == "name_beginning_birth_date").unwrap();
    assert!(both.tokens[table].starts_with(&plain.tokens[table]));
    let other = encoded(&record(&[(Field::FullNames, "Bea Diaz"), (Field::BirthDate, "1990-05-06")]));
    // Equal names count once, and a part stands beside the first name's given name.
    assert_eq!(both.others.len(), 2);
    let beside = encoded(&record(&[(Field::FullNames, "Ana Lopez Garcia"), (Field::BirthDate, "1990-05-06")]));
    assert!(both.others[0].filter == other.filter && both.others[1].filter == beside.filter);
    for (token, filter) in both.tokens[table].iter().map(|token| (token, both.filter_of(both.name_of(table, token)))) {
        let of = if plain.tokens[table].contains(token) {
            &plain
        } else if other.tokens[table].contains(token) {
            &other
        } else {
            &beside
        };
        assert!(*filter == of.filter);
    }
    // What it says is in the commitment.
    let mut changed = both.clone();
    changed.others[0].filter = plain.filter.clone();
    assert_ne!(changed.digest_of_encoding(1..8), both.digest_of_encoding(1..8));
    changed = both.clone();
    changed.others[1].tokens[table].clear();
    assert_ne!(changed.digest_of_encoding(1..8), both.digest_of_encoding(1..8));
    assert_eq!(format!("{:?}", both.others[0]), "OtherName(..)");
}

#[test]
fn keys_of_both_countries_and_of_any_contact() {
    // V-ENCODE-005
    let one = record(&[(Field::Nationality, "UTO"), (Field::BirthCountry, "ZZZ"), (Field::Phone, "+999 123456789")]);
    let other =
        record(&[(Field::BirthCountry, "UTO"), (Field::Email, "ana@example.org"), (Field::Phone, "+999 123456789")]);
    let shared = |part: KeyPart| {
        let [one, other] = [&one, &other].map(|record| tokens_of(&[part], 9, record));
        (one.len(), other.len(), one.iter().filter(|token| other.contains(token)).count())
    };
    assert_eq!(shared(KeyPart::CountryAny), (2, 1, 1));
    assert_eq!(shared(KeyPart::BirthCountry), (1, 1, 0));
    assert_eq!(shared(KeyPart::AnyContact), (1, 2, 1));
}

#[test]
fn keys_of_the_ends_of_skeletons() {
    // V-ENCODE-005, V-NORM-004: `sherbkf` and `sherbkv` begin alike and end differently, with more than K4 shows.
    let [one, other] = ["Shcherbakovskiy", "Shcherbakovna"].map(|name| record(&[(Field::FamilyNames, name)]));
    let equal = |part: KeyPart| tokens_of(&[part], 9, &one) == tokens_of(&[part], 9, &other);
    assert_eq!([KeyPart::NamePartK3, KeyPart::NamePartK4, KeyPart::NamePartS3].map(equal), [true, true, false]);
    let three = record(&[(Field::FullNames, "Ana Maria Lopez")]);
    assert_eq!(tokens_of(&[KeyPart::NamePairK3], 9, &three).len(), 3);
}

#[test]
fn digits_of_dates_have_places() {
    // V-ENCODE-004: of two years that differ in one digit, three digits are equal.
    let of = |kind: FeatureKind, date: &str| {
        let values = normalised::values(&record(&[(Field::BirthDate, date)]), LanePair::VictimVictim);
        let mut found = Vec::new();
        features::for_each_feature(kind, None, &values, |value| found.push(value.to_vec()));
        found
    };
    let year = of(FeatureKind::BirthYearDigits, "1987");
    assert_eq!(year, [[0, 1], [1, 9], [2, 8], [3, 7]]);
    assert_eq!(of(FeatureKind::BirthMonthDayDigits, "1987-12"), [[0, 1], [1, 2]]);
    assert_eq!(of(FeatureKind::BirthMonthDayDigits, "1987-12-03"), [[0, 1], [1, 2], [2, 0], [3, 3]]);
}

#[test]
fn declared_fields_enter_filters_and_keys() {
    // V-RECORD-014, V-POLICY-022
    let mut p = policy();
    let types = [("suburb", "text"), ("postcode", "code"), ("since", "date"), ("clan", "name")];
    p.fields = types
        .iter()
        .map(|(name, kind)| Declared {
            name: (*name).to_owned(),
            kind: FieldType::ALL.iter().copied().find(|t| t.name() == *kind).unwrap(),
        })
        .collect();
    let features = ["suburb.bigrams", "postcode.exact", "since.month_day", "clan.skeletons"];
    let keys = ["suburb.word", "postcode.exact", "since.date", "clan.k4"];
    p.segments.truncate(4);
    p.tables.truncate(4);
    for (i, (feature, key)) in features.into_iter().zip(keys).enumerate() {
        p.segments[i].features = vec![FeatureOf::from_name(feature).unwrap()];
        p.tables[i].key = vec![KeyPartOf::from_name(key).unwrap()];
    }
    p.tables[3].key.push(KeyPartOf::from_name("since.year").unwrap());
    p.tables.iter_mut().for_each(|t| (t.slots, t.domain_bits) = (Slots::both(2), 12));
    p = p.with_records(10, 10);
    let encoded = |values: [&str; 4]| {
        let checked = p.clone().validate().unwrap();
        let mut raw = RawRecord::default();
        raw.push(Field::RecordId, "r");
        values.iter().enumerate().for_each(|(i, value)| raw.push_declared(i, value));
        let record = Record::check_with(RowId::new(0), &raw, &p.fields).unwrap();
        encode(&checked.encoding(), &[record]).remove(0)
    };
    let one = encoded(["Fern Tree Gully", "7054", "2001-02-03", "Kova\u{10d}"]);
    assert_eq!(one.tokens.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1, 1]);
    let other = encoded(["Gully, Ferntree", " 70-54", "2001-03-02", "kovac"]);
    assert!(one.tokens[1..] == other.tokens[1..]);
    let shape = p.clone().validate().unwrap();
    assert!((0..4).all(|i| one.filter.get(shape.shape().filter_bits() + i)));
    let none = encoded(["", "", "", ""]);
    assert!(none.filter.as_bytes().iter().all(|b| *b == 0) && none.tokens.iter().all(Vec::is_empty));
}
