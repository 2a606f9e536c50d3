use super::*;
use crate::limits;
use crate::schema::Field;
use crate::schema::kinds::FieldType;
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

/// What is told of the values, or why there is no record.
fn all_told(values: &[(Field, &str)]) -> Vec<(Column, Reason)> {
    let rules = ReadRules { other: DateRules { year: Some(2026), ..DateRules::default() }, ..ReadRules::default() };
    let told = match Record::read(RowId::new(0), &raw(values), &[], &rules) {
        Ok(checked) => checked.told,
        Err(error) => vec![error],
    };
    told.into_iter().map(|told| (told.column, told.reason)).collect()
}

fn reason(values: &[(Field, &str)]) -> (Column, Reason) {
    all_told(values).remove(0)
}

#[test]
fn text_is_bounded_and_without_control_characters() {
    // V-RECORD-001
    let long = "a".repeat(limits::MAX_VALUE + 1);
    assert_eq!(reason(&[(Field::GivenNames, &long)]), (Column::Person(Field::GivenNames), Reason::TooLong));
    assert!(check(&[(Field::GivenNames, &long[1..])]).is_ok());
    assert_eq!(reason(&[(Field::FamilyNames, "a\u{7}b")]), (Column::Person(Field::FamilyNames), Reason::Control));
    let numbers: Vec<String> = (0..=limits::MAX_VALUES).map(|n| format!("+999 12345{n:02}")).collect();
    let many: Vec<_> = numbers.iter().map(|number| (Field::Phone, number.as_str())).collect();
    assert_eq!(reason(&many), (Column::Person(Field::Phone), Reason::TooMany));
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
    assert_eq!(reason(&[(Field::RecordId, "r2")]), (Column::Person(Field::RecordId), Reason::TooMany));
    let mut long = RawRecord::default();
    long.push(Field::RecordId, &"a".repeat(limits::MAX_RECORD_ID + 1));
    assert_eq!(refused(long), Reason::TooLong);
}

#[test]
fn sexes_and_countries_are_codes() {
    // V-RECORD-004
    for (value, expected) in [("F", Some(b'F')), ("m", Some(b'M')), ("X", None), ("", None)] {
        let record = check(&[(Field::Sex, value)]).unwrap();
        assert_eq!(record.identities[0].sexes.first().map(|s| s.letter()), expected);
    }
    assert_eq!(reason(&[(Field::Sex, "Q")]), (Column::Person(Field::Sex), Reason::Sex));
    assert_eq!(check(&[(Field::Nationality, "uto")]).unwrap().identities[0].nationalities, [*b"UTO"]);
    for bad in ["QZ", "UTOP", "U70", "\u{e9}t"] {
        assert_eq!(reason(&[(Field::BirthCountry, bad)]), (Column::Person(Field::BirthCountry), Reason::Country));
    }
}

#[test]
fn documents_have_one_type_and_issuer_each_or_none() {
    // V-RECORD-005
    let numbers = [(Field::DocumentNumber, "AB1234"), (Field::DocumentNumber, "CD5678")];
    let with = |more: &[(Field, &'static str)]| [&numbers[..], more].concat();
    assert_eq!(check(&numbers).unwrap().identities[0].documents.len(), 2);
    assert_eq!(
        reason(&with(&[(Field::DocumentType, "passport")])),
        (Column::Person(Field::DocumentType), Reason::Unpaired)
    );
    let typed = with(&[(Field::DocumentType, "passport"), (Field::DocumentType, "")]);
    assert_eq!(check(&typed).unwrap().identities[0].documents[0].kind, "passport");
    let issued = with(&[(Field::DocumentIssuer, "UTO"), (Field::DocumentIssuer, "Utopia")]);
    assert_eq!(reason(&issued), (Column::Person(Field::DocumentIssuer), Reason::Country));
    assert_eq!(reason(&[(Field::DocumentNumber, "a-1")]), (Column::Person(Field::DocumentNumber), Reason::Document));
    let orphan = [(Field::DocumentNumber, ""), (Field::DocumentType, "passport")];
    assert_eq!(reason(&orphan), (Column::Person(Field::DocumentType), Reason::Empty));
}

#[test]
fn contacts_must_be_usable() {
    // V-RECORD-006
    assert_eq!(reason(&[(Field::Phone, "123456")]), (Column::Person(Field::Phone), Reason::Phone));
    assert_eq!(reason(&[(Field::Email, "a@b")]), (Column::Person(Field::Email), Reason::Email));
    assert!(check(&[(Field::Phone, "+999 123-4567"), (Field::Email, "a@example.org")]).is_ok());
}

#[test]
fn dates_must_exist() {
    // V-RECORD-003
    for (bad, why) in [
        ("1849", Reason::Year),
        ("2101", Reason::Year),
        ("90", Reason::Age),
        ("1990-13", Reason::Date),
        ("1990-02-30", Reason::Day),
        ("1900-02-29", Reason::Day),
        ("1990-01-01-01", Reason::Date),
    ] {
        assert_eq!(reason(&[(Field::BirthDate, bad)]), (Column::Person(Field::BirthDate), why), "{bad}");
    }
    for good in ["1990", "1990-05", "1990-05-00", "1990-00-00", "2000-02-29", "2004-02-29"] {
        assert_eq!(check(&[(Field::BirthDate, good)]).unwrap().identities[0].births.len(), 1, "{good}");
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
    fn no_text_makes_the_check_panic(values in prop::collection::vec((0_usize..Field::ALL.len(), ".{0,40}"), 0..12)) {
        let mut raw = RawRecord::default();
        values.iter().for_each(|(field, value)| raw.push(Field::ALL[*field], value));
        if let Ok(record) = Record::check(RowId::new(0), &raw) { let _ = record.digest(); }
    }
}

#[test]
fn lanes_statuses_bases_and_owners_are_words_of_the_schema() {
    // V-RECORD-009, V-RECORD-010, V-RECORD-011, V-RECORD-012
    let person = |field| Column::Person(field);
    assert_eq!(reason(&[(Field::Lane, "victims")]), (person(Field::Lane), Reason::Lane));
    assert_eq!(reason(&[(Field::Lane, "victim"), (Field::Lane, "missing")]), (person(Field::Lane), Reason::TooMany));
    assert!(check(&[(Field::Lane, "victim")]).unwrap().lane == Some(Lane::Victim));
    assert_eq!(reason(&[(Field::IdentityStatus, "stolen")]), (person(Field::IdentityStatus), Reason::Status));
    assert!(check(&[]).unwrap().identities[0].status == IdentityStatus::Unconfirmed);
    let dated = |basis| check(&[(Field::BirthDate, "1990-05-06"), (Field::BirthBasis, basis)]);
    assert!(dated("age_assessment").unwrap().identities[0].births[0].basis == BirthBasis::AgeAssessment);
    let guessed = [(Field::BirthDate, "1990-05-06"), (Field::BirthBasis, "guess")];
    assert_eq!(reason(&guessed), (person(Field::BirthBasis), Reason::Basis));
    assert!(dated("guess").unwrap().identities[0].births[0].basis == BirthBasis::Statement);
    assert_eq!(reason(&[(Field::BirthBasis, "document")]), (person(Field::BirthBasis), Reason::Unpaired));
    let called = |owner| check(&[(Field::Phone, "+999 1234567"), (Field::PhoneOwner, owner)]);
    assert!(called("controlled_by_other").unwrap().identities[0].contacts[0].owner == ContactOwner::ControlledByOther);
    let owned = [(Field::Phone, "+999 1234567"), (Field::PhoneOwner, "nobody")];
    assert_eq!(reason(&owned), (person(Field::PhoneOwner), Reason::Owner));
}

#[test]
fn a_record_has_several_identities() {
    // V-RECORD-010
    let mut raw = raw(&[(Field::GivenNames, "Ana")]);
    raw.next_identity().unwrap();
    raw.push(Field::IdentityStatus, "alias");
    raw.push(Field::GivenNames, "Bea");
    raw.push(Field::CaseRef, "C-1");
    let record = Record::check(RowId::new(0), &raw).unwrap();
    let names: Vec<_> = record.identities.iter().map(|i| (i.status, i.names[0].text.as_str())).collect();
    assert_eq!(names, [(IdentityStatus::Unconfirmed, "Ana"), (IdentityStatus::Alias, "Bea")]);
    assert_eq!(record.case_ref.as_deref(), Some("C-1"));
    (2..limits::MAX_IDENTITIES).for_each(|_| raw.next_identity().unwrap());
    assert_eq!(raw.next_identity().unwrap_err().reason, Reason::TooMany);
}

#[test]
fn declared_fields_have_types() {
    // V-RECORD-013
    let field = |kind| vec![Declared { name: "extra".to_owned(), kind }];
    let checked = |kind, value: &str| {
        let mut raw = raw(&[]);
        raw.push_declared(0, value);
        Record::check_with(RowId::new(0), &raw, &field(kind))
    };
    assert_eq!(checked(FieldType::Text, " 12 Long Road ").unwrap().declared, [["12 Long Road"]]);
    let told = |kind, value: &str| {
        let mut raw = raw(&[]);
        raw.push_declared(0, value);
        Record::read(RowId::new(0), &raw, &field(kind), &ReadRules::default()).unwrap().told.remove(0)
    };
    assert_eq!(told(FieldType::Date, "1990-13-45"), FieldError::declared("extra", Reason::Date));
    assert_eq!(told(FieldType::Code, "\u{2603}"), FieldError::declared("extra", Reason::Code));
    assert!(checked(FieldType::Code, "--").unwrap().declared[0].is_empty());
    assert!(checked(FieldType::Identifier, "").unwrap().declared[0].is_empty());
    assert_eq!(told(FieldType::Name, &"a".repeat(300)).reason, Reason::TooLong);
    assert_eq!(told(FieldType::Name, "a\u{1}").reason, Reason::Control);
}

#[test]
fn a_person_is_a_minor_by_every_date_that_may_be_theirs() {
    // V-RECORD-015
    let on = Day { year: 2026, month: 11, day: 22 };
    let minor = |dates: &[&str]| {
        let values: Vec<_> = dates.iter().map(|d| (Field::BirthDate, *d)).collect();
        check(&values).unwrap().minor(on)
    };
    assert_eq!(minor(&[]), Minor::Unknown);
    assert_eq!(minor(&["2008-11-22"]), Minor::No);
    assert_eq!(minor(&["2008-11-23"]), Minor::Yes);
    assert_eq!(minor(&["2008-11"]), Minor::Possible);
    assert_eq!(minor(&["2009"]), Minor::Yes);
    assert_eq!(minor(&["2008", "1990-01-01"]), Minor::Possible);
    assert_eq!(minor(&["2008-02-29"]), Minor::No);
}
