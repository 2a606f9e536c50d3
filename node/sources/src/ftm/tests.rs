use super::*;
use crate::{Format, Reject, read as read_file};
use blindlink::policy::{Declared, FieldType};
use blindlink::record::{
    BirthPlace, ContactKind, ContactOwner, FieldError, IdentityStatus, NameKind, NameRole, Reason,
};
use proptest::prelude::*;

fn read_lines(lines: &[&str]) -> Result<Source, FileError> {
    read_file(lines.join("\n").as_bytes(), Format::Ftm, &Reading::PERSON)
}

const PERSON: &str = r#"{"id": "p1", "schema": "Person", "caption": "x", "properties": {"name": ["Ana Lopez"],
 "firstName": ["Ana"], "lastName": ["Lopez"], "fatherName": ["Luis"], "alias": ["Anita"], "weakAlias": ["La Flaca"],
 "birthDate": ["1990-05"], "gender": ["female"], "nationality": ["uto"], "birthPlace": ["Lima"],
 "passportNumber": ["AB12345"], "phone": ["+999 1234567"], "phone_owner": ["own"], "position": ["unread"]},
 "identities": [{"identity_status": ["misused"], "name": ["Bea Diaz"]}]}"#;

#[test]
fn a_person_is_read_with_all_identities() {
    // V-FTM-001, V-FTM-002
    let source = read_lines(&[&PERSON.replace('\n', "")]).unwrap();
    assert_eq!(source.rejects, []);
    let record = &source.records[0];
    assert_eq!((record.id.as_str(), record.identities.len()), ("p1", 2));
    let first = &record.identities[0];
    let name = |kind, role| first.names.iter().find(|n| (n.kind, n.role) == (kind, role)).unwrap().text.as_str();
    assert_eq!(name(NameKind::Primary, NameRole::Whole), "Ana Lopez");
    assert_eq!(name(NameKind::Primary, NameRole::Father), "Luis");
    assert_eq!(name(NameKind::Alias, NameRole::Whole), "Anita");
    assert_eq!(name(NameKind::Weak, NameRole::Whole), "La Flaca");
    assert_eq!(first.sexes.len(), 1);
    assert!(matches!(&first.birth_places[0], BirthPlace::Locality(town) if town == "Lima"));
    assert_eq!((first.documents[0].kind.as_str(), first.documents[0].number.as_str()), ("passport", "AB12345"));
    assert!(first.contacts[0].kind == ContactKind::Phone && first.contacts[0].owner == ContactOwner::Own);
    assert!(record.identities[1].status == IdentityStatus::Misused);
}

#[test]
fn documents_of_their_own_find_their_holder() {
    // V-FTM-003
    let source = read_lines(&[
        r#"{"id":"d1","schema":"Passport","properties":{"holder":["p1"],"number":["XY98765"],"country":["uto"]}}"#,
        r#"{"id":"d2","schema":"Passport","properties":{"holder":["p2"],"number":["ZZ98765"]}}"#,
        "",
        r#"{"id":"p1","schema":"Person","properties":{"name":["Ana"]}}"#,
        r#"{"id":"c1","schema":"Company","properties":{"name":["Unread"]}}"#,
    ])
    .unwrap();
    assert_eq!(source.records.len(), 1);
    let documents = &source.records[0].identities[0].documents;
    assert_eq!(documents.len(), 1);
    assert_eq!((documents[0].kind.as_str(), documents[0].issuer), ("passport", Some(*b"UTO")));
}

#[test]
fn bad_lines_are_left_out_and_bad_files_refused() {
    // V-FTM-001, V-RECORD-008
    let source =
        read_lines(&["{", r#"{"id":"p1","schema":"Person","properties":{"birthDate":["yesterday"]}}"#]).unwrap();
    let field = FieldError::new(Field::BirthDate, Reason::Date);
    assert_eq!(source.rejects, [Reject { line: 1, problem: Problem::Json }]);
    assert_eq!(source.told, [Reject { line: 2, problem: Problem::Field(field) }]);
    let twice = r#"{"id":"p1","schema":"Person","properties":{}}"#;
    assert!(matches!(read_lines(&[twice, twice]), Err(FileError::DuplicateId { first: 1, second: 2 })));
    let faith = r#"{"id":"p1","schema":"Person","properties":{"religion":["any"]}}"#;
    let refused = read_lines(&[twice, &faith.replace("p1", "p2"), &faith.replace("religion", "politicalParty")]);
    let Err(FileError::Forbidden { place: "line", position: 2, words, lines: 2 }) = refused else { panic!() };
    assert_eq!(words, ["religion", "political"], "all words, and how many lines");
    assert!(read_lines(&[&faith.replace("\"any\"", "")]).is_ok(), "a property without values holds nothing");
}

#[test]
fn documents_within_a_person_are_that_persons() {
    // V-FTM-004
    let within = |inner: &str| {
        let line = format!(r#"{{"id":"p1","schema":"Person","properties":{{"name":["Ana"],"x":{inner}}}}}"#);
        read_lines(&[&line]).unwrap().records.remove(0).identities.remove(0)
    };
    let number = |inner: &str| within(inner).documents.first().map(|d| (d.kind.clone(), d.issuer, d.number.clone()));
    let passport = r#"{"id":"d","schema":"Passport","properties":{"number":["XY98765"],"country":["uto"]}}"#;
    let wanted = Some(("passport".to_owned(), Some(*b"UTO"), "XY98765".to_owned()));
    for inner in [
        format!("[{passport}]"),
        passport.to_owned(),
        format!("[5, null, \"text\", {passport}]"),
        format!(r#"[{{"schema":"Sanction","properties":{{"entity":["p1"],"y":[{passport}]}}}}]"#),
        format!(r#"[{{"id":"s","schema":"Sanction","properties":{{}}}}, {passport}]"#),
    ] {
        assert_eq!(number(&inner), wanted, "{inner}");
    }
    let typed = r#"[{"schema":"Identification","properties":{"number":"CD12345","type":["residence card"]}}]"#;
    assert_eq!(number(typed).unwrap().0, "residence card");
    for inner in [
        "[]",
        "[[]]",
        "true",
        r#"[{"id":"d"}]"#,
        r#"[{"schema":"Passport"}]"#,
        r#"[{"schema":"Passport","properties":{"number":[" "]}}]"#,
    ] {
        assert_eq!(number(inner), None, "{inner}");
    }
}

#[test]
fn declared_fields_are_properties() {
    let fields = [Declared { name: "suburb".to_owned(), kind: FieldType::Text }];
    let line = r#"{"id":"p1","schema":"Person","properties":{"suburb":["Fern"]}}"#;
    let reading = Reading { fields: &fields, ..Reading::PERSON };
    assert_eq!(read_file(line.as_bytes(), Format::Ftm, &reading).unwrap().records[0].declared, [["Fern"]]);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_file(bytes.as_slice(), Format::Ftm, &Reading::PERSON);
    }

    #[test]
    fn no_line_makes_the_reader_panic(id in ".{0,9}", key in "[a-zA-Z_]{0,12}", value in ".{0,40}") {
        let line = serde_json::json!({"id": id, "schema": "Person", "properties": {key: [value]}}).to_string();
        let _ = read_lines(&[&line]);
    }
}
