use super::*;
use crate::{Problem, Reject};
use blindlink::normalise::mrz::MrzError;
use proptest::prelude::*;

/// The specimens of ICAO Doc 9303, parts 4, 5 and 6.
const PASSPORT: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
const CARD: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const SMALL: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";

#[test]
fn zones_of_every_size_are_records() {
    // V-MRZ-001, V-MRZ-002
    let source = read(&[PASSPORT, "", CARD, SMALL].join("\n"), &Reading::PERSON, 2026).unwrap();
    assert_eq!(source.rejects, []);
    let ids: Vec<_> = source.records.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids, ["line-1", "line-4", "line-7"]);
    for record in &source.records {
        let identity = &record.identities[0];
        assert_eq!(identity.names[0].text, "ERIKSSON<<ANNA<MARIA");
        let born = identity.births[0].date.date;
        assert_eq!((born.year, born.day), (1974, Some(12)));
        assert_eq!((identity.sexes.len(), identity.nationalities[0]), (1, *b"UTO"));
        assert_eq!(identity.documents[0].issuer, Some(*b"UTO"));
    }
    let numbers: Vec<_> = source.records.iter().map(|r| r.identities[0].documents[0].number.as_str()).collect();
    assert_eq!(numbers, ["L898902C3", "D23145890", "D23145890"]);
}

#[test]
fn a_damaged_zone_keeps_its_person_and_the_next_is_read() {
    // V-MRZ-001, V-MRZ-003
    let damaged = PASSPORT.replace("L898902C36", "L898902C37");
    let source = read(&[&damaged, "P<UTO", SMALL].join("\n"), &Reading::PERSON, 2026).unwrap();
    assert_eq!(source.records.len(), 2);
    assert!(source.records[0].identities[0].documents.is_empty(), "a wrong number is none");
    let reject = |line, error| Reject { line, problem: Problem::Mrz(error) };
    assert_eq!(source.rejects, [reject(3, MrzError::Shape)]);
    assert_eq!(source.told, [reject(1, MrzError::DocumentNumber), reject(1, MrzError::Composite)]);
}

/// V-MRZ-002: found by random inputs against the second implementation, which read another record.
#[test]
fn a_blank_behind_the_name_is_none_of_it() {
    for (zone, name) in [("P<UTO<<ANNA<<<<< ", "<<ANNA"), ("P<UTOERIKSSON<<ANNA<< ", "ERIKSSON<<ANNA")] {
        let zone = PASSPORT.replace(PASSPORT.lines().next().unwrap(), &format!("{zone:<<44}"));
        let source = read(&zone, &Reading::PERSON, 2026).unwrap();
        assert_eq!(source.records[0].identities[0].names[0].text, name);
        assert_eq!(source.told[0].problem, Problem::Mrz(MrzError::Character));
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[A-Z0-9<\n ]{0,200}|.{0,200}") {
        let _ = read(&text, &Reading::PERSON, 2026);
    }
}
