use super::*;
use crate::{Format, Reject, read as read_file};
use blindlink::policy::{Declared, FieldType, LanePair};
use blindlink::record::{FieldError, NameRole, PersonIdentity, Reason};

const HEADER: &str = "record_id,given_names,family_names,birth_date,sex,nationality,birth_country,document_type,\
                      document_issuer,document_number,phone,email\n";

fn read(bytes: &[u8]) -> Result<Source, FileError> {
    read_file(bytes, Format::Csv, &Reading::PERSON)
}

fn names(identity: &PersonIdentity, role: NameRole) -> Vec<&str> {
    identity.names.iter().filter(|n| n.role == role).map(|n| n.text.as_str()).collect()
}

fn source(rows: &str) -> Source {
    read(format!("{HEADER}{rows}").as_bytes()).unwrap()
}

fn file_error(text: &[u8]) -> FileError {
    read(text).unwrap_err()
}

#[test]
fn several_values_in_a_cell_are_split() {
    let source = source(
        "a1,Ana|Anna Maria,\"Lopez, Diaz\",1990-02-03|1991,F,UTO|uto,COL,passport|,UTO|,AB12345|CD98765,+999 123456789,a@example.org\n",
    );
    assert_eq!(source.rejects, []);
    let record = &source.records[0].identities[0];
    assert_eq!(names(record, NameRole::Given), ["Ana", "Anna Maria"]);
    assert_eq!(names(record, NameRole::Family), ["Lopez, Diaz"]);
    assert_eq!(record.births.len(), 2);
    assert_eq!(record.nationalities, [*b"UTO", *b"UTO"], "written in two ways");
    assert_eq!(record.documents[0].kind, "passport");
    assert_eq!(record.documents[1].issuer, None);
    assert_eq!(record.documents[1].number, "CD98765");
}

#[test]
fn columns_may_come_in_any_order_and_be_left_out() {
    let source = read("\u{feff}family_names,record_id\r\nLopez,a1\r\n,a2\r\n".as_bytes()).unwrap();
    assert_eq!(source.records.len(), 2);
    assert_eq!(names(&source.records[0].identities[0], NameRole::Family), ["Lopez"]);
    assert!(source.records[1].identities[0].names.is_empty());
}

#[test]
fn bad_values_are_told_with_line_column_and_reason_and_bad_rows_left_out() {
    // V-CSV-004, V-READ-001
    let source = source(
        "a1,,,1990-13-01,,,,,,,,\n\
         a2,\"two\nli\u{7}nes\",,,,,,,,,,\n\
         ,Ana,,,,,,,,,,\n\
         a3,,,,Q,,,,,,,\n\
         a4,,,,,UT,,,,,,\n\
         a5,,,,,,,passport,,,,\n\
         a6,,,,,,,,,12,,\n\
         a7,,,,,,,,,,12 34,\n\
         a8,,,,,,,,,,,nobody\n\
         a9,Ana\n\
         b1,1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17,,,,,,,,,,\n\
         b2,Ana,,,,,,,,,,\n",
    );
    let field = |field, reason| Problem::Field(FieldError::new(field, reason));
    let expected = [
        (2, field(Field::BirthDate, Reason::Date)),
        (3, field(Field::GivenNames, Reason::Control)),
        (6, field(Field::Sex, Reason::Sex)),
        (7, field(Field::Nationality, Reason::Country)),
        (8, field(Field::DocumentType, Reason::Unpaired)),
        (9, field(Field::DocumentNumber, Reason::Document)),
        (10, field(Field::Phone, Reason::Phone)),
        (11, field(Field::Email, Reason::Email)),
        (13, field(Field::GivenNames, Reason::TooMany)),
    ];
    let expected: Vec<Reject> = expected.into_iter().map(|(line, problem)| Reject { line, problem }).collect();
    assert_eq!(source.told, expected);
    let rows = [(5, field(Field::RecordId, Reason::Empty)), (12, Problem::Cells { got: 2, expected: 12 })];
    assert_eq!(source.rejects, rows.map(|(line, problem)| Reject { line, problem }));
    assert_eq!((source.records.len(), source.rows()), (10, 12));
    assert_eq!(source.records[0].row, RowId::new(0));
    assert_eq!(source.left_out_ids, ["a9"]);
}

/// V-CSV-003, V-CSV-004: in an export with CR LF the line that is named is that of the row, not of the person before.
#[test]
fn lines_are_counted_where_they_end_with_two_characters() {
    let source = read(b"record_id,birth_date\r\na1,1990-02-03\r\n\r\na2,1990-13-01,x\r\n").unwrap();
    assert_eq!(source.rejects.iter().map(|reject| reject.line).collect::<Vec<_>>(), [4]);
    let twice = file_error(b"record_id\r\na\r\na\r\n");
    assert!(matches!(twice, FileError::DuplicateId { first: 2, second: 3 }), "{twice}");
    assert!(matches!(file_error(b"record_id\ra\r\xff\r"), FileError::NotUtf8 { line: 3 }));
}

#[test]
fn messages_never_repeat_a_cell() {
    let secret = "Zyxwvut";
    let source =
        source(&format!("{secret},{secret},,{secret},{secret},{secret},,{secret},,{secret},{secret},{secret}\n"));
    let all = source.told.iter().map(|told| told.problem.to_string()).collect::<String>();
    let text = format!("{:?} {:?} {all}", source.rejects, source.told);
    assert!(!text.contains(secret));
    for file in [format!("{secret},record_id\n"), format!("record_id\n{secret}\n{secret}\n"), format!("{secret}\n")] {
        let error = file_error(file.as_bytes());
        assert!(!format!("{error} {error:?}").contains(secret));
    }
    let record = read(format!("record_id,given_names\na1,{secret}\n").as_bytes()).unwrap();
    assert!(!format!("{record:?}").contains(secret));
}

#[test]
fn bad_files_are_refused_whole() {
    // V-CSV-001, V-CSV-002, V-CSV-003, V-CSV-005
    assert!(matches!(file_error(b""), FileError::NoHeader));
    assert!(matches!(file_error(b"a1,Ana,Lopez\n"), FileError::NoHeader));
    assert!(matches!(file_error(b"record_id,income\n"), FileError::UnknownColumn { position: 2 }));
    assert!(matches!(file_error(b"record_id,sex,sex\n"), FileError::DuplicateColumn { name } if name == "sex"));
    assert!(matches!(file_error(b"given_names\nAna\n"), FileError::MissingId));
    assert!(matches!(file_error(b"record_id\na\nb\na\n"), FileError::DuplicateId { first: 2, second: 4 }));
    assert!(matches!(file_error(b"record_id\na\n\xff\n"), FileError::NotUtf8 { line: 3 }));
    assert!(matches!(file_error(b"record_id,phone\na,\"1\nb,2\n"), FileError::Quotes));
}

#[test]
fn a_policy_declares_columns_and_lanes() {
    // V-RECORD-009, V-RECORD-013
    let fields = [Declared { name: "suburb".to_owned(), kind: FieldType::Text }];
    let reading = Reading { fields: &fields, lanes: Some(LanePair::VictimMissing), year: None, mapping: None };
    let rows = "record_id,suburb,lane\na,Fern|Gully,victim\nb,,suspect\nc,,\n";
    let source = read_file(rows.as_bytes(), Format::Csv, &reading).unwrap();
    assert_eq!(source.records.len(), 2);
    assert_eq!(source.records[0].declared, [["Fern", "Gully"]]);
    assert_eq!(source.rejects, [Reject { line: 3, problem: Problem::Lane }]);
    assert!(matches!(file_error(rows.as_bytes()), FileError::UnknownColumn { position: 2 }));
}

#[test]
fn forbidden_columns_refuse_the_file_by_name() {
    // V-RECORD-008
    let error = file_error(b"record_id,mother_religion\n");
    assert!(matches!(error, FileError::Forbidden { place: "column", position: 2, words, .. } if words == ["religion"]));
}
