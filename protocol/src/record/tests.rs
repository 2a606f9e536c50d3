#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use proptest::prelude::*;

fn raw(values: &[(Field, &str)]) -> RawRecord {
    let mut raw = RawRecord::default();
    raw.push(Field::RecordId, "r1");
    values.iter().for_each(|(field, value)| raw.push(*field, value));
    raw
}

fn check(values: &[(Field, &str)]) -> Result<Record, FieldError> {
    Record::check(RowId::new(0), &raw(values))
}

fn reason(values: &[(Field, &str)]) -> (Field, Reason) {
    let error = check(values).unwrap_err();
    (error.field, error.reason)
}

#[test]
fn text_is_bounded_and_without_control_characters() {
    // V-RECORD-001
    let long = "a".repeat(limits::MAX_VALUE + 1);
    assert_eq!(reason(&[(Field::GivenNames, &long)]), (Field::GivenNames, Reason::TooLong));
    assert!(check(&[(Field::GivenNames, &long[1..])]).is_ok());
    assert_eq!(reason(&[(Field::FamilyNames, "a\u{7}b")]), (Field::FamilyNames, Reason::Control));
    let many: Vec<_> = (0..=limits::MAX_VALUES).map(|_| (Field::Phone, "+999 1234567")).collect();
    assert_eq!(reason(&many), (Field::Phone, Reason::TooMany));
    assert!(check(&many[1..]).is_ok());
}

#[test]
fn a_record_has_one_identifier() {
    // V-RECORD-002
    let refused = |raw: RawRecord| Record::check(RowId::new(0), &raw).unwrap_err().reason;
    assert_eq!(refused(RawRecord::default()), Reason::Empty);
    let mut blank = RawRecord::default();
    blank.push(Field::RecordId, "  ");
    assert_eq!(refused(blank), Reason::Empty);
    assert_eq!(reason(&[(Field::RecordId, "r2")]), (Field::RecordId, Reason::TooMany));
    let mut long = RawRecord::default();
    long.push(Field::RecordId, &"a".repeat(limits::MAX_RECORD_ID + 1));
    assert_eq!(refused(long), Reason::TooLong);
}

#[test]
fn sexes_and_countries_are_codes() {
    // V-RECORD-004
    for (value, expected) in [("F", Some(b'F')), ("m", Some(b'M')), ("X", None), ("", None)] {
        let record = check(&[(Field::Sex, value)]).unwrap();
        assert_eq!(record.sexes.first().map(|s| s.letter()), expected);
    }
    assert_eq!(reason(&[(Field::Sex, "female")]), (Field::Sex, Reason::Sex));
    assert_eq!(check(&[(Field::Nationality, "uto")]).unwrap().nationalities, [*b"UTO"]);
    for bad in ["UT", "UTOP", "U70", "\u{e9}t"] {
        assert_eq!(reason(&[(Field::BirthCountry, bad)]), (Field::BirthCountry, Reason::Country));
    }
}

#[test]
fn documents_have_one_type_and_issuer_each_or_none() {
    // V-RECORD-005
    let numbers = [(Field::DocumentNumber, "AB1234"), (Field::DocumentNumber, "CD5678")];
    let with = |more: &[(Field, &'static str)]| [&numbers[..], more].concat();
    assert_eq!(check(&numbers).unwrap().documents.len(), 2);
    assert_eq!(reason(&with(&[(Field::DocumentType, "passport")])), (Field::DocumentType, Reason::Unpaired));
    let typed = with(&[(Field::DocumentType, "passport"), (Field::DocumentType, "")]);
    assert_eq!(check(&typed).unwrap().documents[0].kind, "passport");
    let issued = with(&[(Field::DocumentIssuer, "UTO"), (Field::DocumentIssuer, "Utopia")]);
    assert_eq!(reason(&issued), (Field::DocumentIssuer, Reason::Country));
    assert_eq!(reason(&[(Field::DocumentNumber, "a-1")]), (Field::DocumentNumber, Reason::Document));
    let orphan = [(Field::DocumentNumber, ""), (Field::DocumentType, "passport")];
    assert_eq!(reason(&orphan), (Field::DocumentNumber, Reason::Empty));
}

#[test]
fn contacts_must_be_usable() {
    // V-RECORD-006
    assert_eq!(reason(&[(Field::Phone, "123456")]), (Field::Phone, Reason::Phone));
    assert_eq!(reason(&[(Field::Email, "a@b")]), (Field::Email, Reason::Email));
    assert!(check(&[(Field::Phone, "+999 123-4567"), (Field::Email, "a@example.org")]).is_ok());
}

#[test]
fn dates_must_exist() {
    // V-RECORD-003
    for bad in ["1849", "2101", "90", "1990-13", "1990-02-30", "1900-02-29", "1990-1-1", "1990-00-05", "1990-01-01-01"]
    {
        assert_eq!(reason(&[(Field::BirthDate, bad)]), (Field::BirthDate, Reason::Date), "{bad}");
    }
    for good in ["1990", "1990-05", "1990-05-00", "1990-00-00", "2000-02-29", "2004-02-29"] {
        assert_eq!(check(&[(Field::BirthDate, good)]).unwrap().birth_dates.len(), 1, "{good}");
    }
}

#[test]
fn the_digest_covers_every_field() {
    // V-RECORD-007
    let full = [
        (Field::GivenNames, "Ana"),
        (Field::FamilyNames, "Lopez"),
        (Field::BirthDate, "1990-05-06"),
        (Field::Sex, "F"),
        (Field::Nationality, "UTO"),
        (Field::BirthCountry, "UTO"),
        (Field::DocumentNumber, "AB12345"),
        (Field::Phone, "+999 1234567"),
        (Field::Email, "ana@example.org"),
    ];
    let mut digests = vec![check(&full).unwrap().digest()];
    for left_out in 0..full.len() {
        let some: Vec<_> = full.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, v)| *v).collect();
        digests.push(check(&some).unwrap().digest());
    }
    for more in [(Field::DocumentType, "passport"), (Field::DocumentIssuer, "UTO")] {
        digests.push(check(&[&full[..], &[more]].concat()).unwrap().digest());
    }
    let mut other = RawRecord::default();
    other.push(Field::RecordId, "r2");
    full.iter().for_each(|(field, value)| other.push(*field, value));
    digests.push(Record::check(RowId::new(0), &other).unwrap().digest());
    let different: std::collections::HashSet<_> = digests.iter().collect();
    assert_eq!(different.len(), digests.len());
    // The row is where the record stands, not what it is.
    assert_eq!(Record::check(RowId::new(9), &raw(&full)).unwrap().digest(), digests[0]);
}

#[test]
fn nothing_is_printed() {
    let record = check(&[(Field::GivenNames, "Zyxwvut"), (Field::DocumentNumber, "ZYX1234")]).unwrap();
    let raw = raw(&[(Field::GivenNames, "Zyxwvut")]);
    assert_eq!(format!("{record:?} {raw:?}"), "Record { row: RowId(0), .. } RawRecord(..)");
}

proptest! {
    #[test]
    fn no_text_makes_the_check_panic(values in prop::collection::vec((0_usize..12, ".{0,40}"), 0..12)) {
        let mut raw = RawRecord::default();
        values.iter().for_each(|(field, value)| raw.push(Field::ALL[*field], value));
        if let Ok(record) = Record::check(RowId::new(0), &raw) { let _ = record.digest(); }
    }
}
