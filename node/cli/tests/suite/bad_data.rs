//! Lists with bad data: each kind of damage gives the result that `spec/04-records.md` says, row by row.

use blindlink::encode::encode;
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink::record::Record;
use blindlink_lab::evaluate::{in_the_clear, seeds};
use blindlink_sources::{Format, Reading, Source};
use proptest::prelude::*;
use std::fs;
use std::process::Command;

const HEADER: &str = "record_id,given_names,family_names,birth_date,sex,nationality,document_number,phone,email";

fn read(header: &str, rows: &[&str]) -> Source {
    let text = format!("{header}\n{}\n", rows.join("\n"));
    blindlink_sources::read(text.as_bytes(), Format::Csv, &Reading::PERSON).unwrap()
}

fn policy() -> CheckedPolicy {
    Policy::default_policy().unwrap().with_records(8, 8).validate().unwrap()
}

/// V-READ-001: each of these values is left out and told with line and field, the person stays; what is wrong is never
/// repeated.
#[test]
fn bad_values_are_left_out_and_their_person_stays() {
    let bad = [
        ("x,Jana,Samplova,1990-02-30,F,UTO,,,", "birth_date"),
        ("x,Jana,Samplova,1990-13-01,F,UTO,,,", "birth_date"),
        ("x,Jana,Samplova,2990-01-05,F,UTO,,,", "birth_date"),
        ("x,Jana,Samplova,02/03/1990,F,UTO,,,", "birth_date"),
        ("x,Jana,Samplova,02/03/90,F,UTO,,,", "birth_date"),
        ("x,Jana,Samplova,1990-01-05,Q,UTO,,,", "sex"),
        ("x,Jana,Samplova,1990-01-05,F,Utopia,,,", "nationality"),
        ("x,Jana,Samplova,1990-01-05,F,UTO,A1,,", "document_number"),
        ("x,Jana,Samplova,1990-01-05,F,UTO,,12345,", "phone"),
        ("x,Jana,Samplova,1990-01-05,F,UTO,,,nobody", "email"),
        ("x,Ja\u{0}na,Samplova,1990-01-05,F,UTO,,,", "given_names"),
        ("x,Ja\u{7}na,Samplova,1990-01-05,F,UTO,,,", "given_names"),
        ("x,Jana,Sam\u{9b}ple,1990-01-05,F,UTO,,,", "family_names"),
    ];
    for (row, field) in bad {
        let source = read(HEADER, &["first,Ada,Specimen,1980-05-06,F,UTO,,,", row, "last,Ben,Specimen,,M,UTO,,,"]);
        let ids: Vec<&str> = source.records.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["first", "x", "last"], "{row:?}");
        let [reject] = source.told.as_slice() else { panic!("{row:?}: {:?}", source.told) };
        assert_eq!(reject.line, 3, "{row:?}");
        let said = reject.problem.to_string();
        assert!(said.contains(field), "{row:?}: {said}");
        assert!(["Jana", "Samplova", "1990", "12345", "nobody"].iter().all(|word| !said.contains(word)), "{said}");
    }
}

/// V-RECORD-001: a name of 10,000 letters is left out, one of 256 bytes is not, and neither takes longer for it.
#[test]
fn names_without_end_are_left_out() {
    for (letters, kept) in [(256, 1), (257, 0), (10_000, 0)] {
        let row = format!("x,{},Samplova,1990-01-05,F,UTO,,,", "a".repeat(letters));
        let source = read(HEADER, &[&row]);
        assert_eq!((source.records.len(), source.told.len()), (1, 1 - kept), "{letters}");
        assert!(source.told.iter().all(|r| r.problem.to_string().contains("given_names")));
    }
    let many =
        (0..10_000_u32).map(|n| format!("Ja{}na", "bcdfghklmn".repeat(n as usize % 17))).collect::<Vec<_>>().join("|");
    let source = read(HEADER, &[&format!("x,{many},Samplova,1990-01-05,F,UTO,,,")]);
    assert_eq!((source.records.len(), source.records[0].identities[0].names.len()), (1, 17));
}

/// Whether two rows make one person under the default policy, whichever side asks.
fn linked(a: &str, b: &str) -> bool {
    let of = |row: &str| read(HEADER, &[row]).records;
    let policy = policy();
    let found = |a: &[Record], b: &[Record]| !in_the_clear(&policy, a, b, &seeds()).pairs.is_empty();
    let (a, b) = (of(a), of(b));
    let (one, other) = (found(&a, &b), found(&b, &a));
    assert_eq!(one, other);
    one
}

/// Format characters and marks that editors leave behind change nothing.
#[test]
fn invisible_and_bidirectional_characters_do_not_separate_a_person() {
    let clean = "a,Jana,Examplova,1990-03-05,F,UTO,,,";
    for mark in
        ['\u{200e}', '\u{200f}', '\u{202b}', '\u{202e}', '\u{2067}', '\u{200b}', '\u{200d}', '\u{feff}', '\u{ad}']
    {
        let row = format!("b,{mark}Jana,Examplova{mark},1990-03-05,F,UTO,,,");
        assert!(linked(clean, &row), "U+{:04X}", u32::from(mark));
    }
}

/// A name in two scripts at once, or in letters that only look right, stays a name: it is read, and never panics.
#[test]
fn mixed_scripts_are_read() {
    let rows = [
        "1,Jаnа,Ехаmрlе,1990-03-05,F,UTO,,,",
        "2,محمد Ahmad,الحربي-Smith,1990-03-05,M,UTO,,,",
        "3,李Li,王-Wang,1990-03-05,M,UTO,,,",
        "4,१२३,٤٥٦,1990-03-05,F,UTO,,,",
        "5,🙂,Example,1990-03-05,F,UTO,,,",
        "6,\u{301}\u{301}\u{301},Z̷a̸l̶g̴o̵,1990-03-05,F,UTO,,,",
    ];
    let source = read(HEADER, &rows);
    assert_eq!((source.records.len(), source.rejects.len()), (rows.len(), 0), "{:?}", source.rejects);
    assert_eq!(encode(&policy().encoding(), &source.records).len(), rows.len());
}

/// A document number with a wrong check digit is a number like any other: it is compared as it stands, and found where the
/// other list has the same mistake.
#[test]
fn wrong_check_digits_are_compared_as_they_stand() {
    let row = |id, number| format!("{id},Jana,Examplova,1990-03-05,F,UTO,{number},,");
    assert!(linked(&row("a", "L898902C36"), &row("b", "L898902C37")), "names and dates decide");
    assert!(linked(&row("a", "L898902C37"), &row("b", "l898902c-37")), "the same number, written otherwise");
}

/// An age that was written as the first of January counts as a year.
#[test]
fn placeholders_are_no_dates() {
    let source = read(
        HEADER,
        &["1,Jana,Example,1990-01-01,F,UTO,,,", "2,Jana,Example,1990-00-00,F,UTO,,,", "3,Jana,Example,1990,F,UTO,,,"],
    );
    assert_eq!((source.records.len(), source.rejects.len()), (3, 0), "{:?}", source.rejects);
    let encoded = encode(&policy().encoding(), &source.records);
    assert!(encoded.iter().all(|record| record.filter == encoded[0].filter), "the three say the same");
}

proptest! {
    /// Any cells: a row becomes a record or a report, and what is read can be encoded.
    #[test]
    fn any_cells_are_read_or_reported(cells in proptest::collection::vec(any::<String>(), 9)) {
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.write_record(HEADER.split(',')).unwrap();
        writer.write_record(&cells).unwrap();
        let bytes = writer.into_inner().unwrap();
        if let Ok(source) = blindlink_sources::read(bytes.as_slice(), Format::Csv, &Reading::PERSON) {
            prop_assert_eq!(source.records.len() + source.rejects.len(), 1);
            prop_assert_eq!(encode(&policy().encoding(), &source.records).len(), source.records.len());
        }
    }

    /// Any bytes at all.
    #[test]
    fn any_bytes_are_read_or_refused(mut bytes in proptest::collection::vec(any::<u8>(), 0..2000), with_header in any::<bool>()) {
        if with_header {
            bytes = [HEADER.as_bytes(), b"\n", &bytes].concat();
        }
        if let Ok(source) = blindlink_sources::read(bytes.as_slice(), Format::Csv, &Reading::PERSON) {
            prop_assert!(source.records.len() + source.rejects.len() <= bytes.len() + 1);
        }
    }
}

/// No value of a person leaves `lists check` but on a terminal, and only if it is asked for.
#[cfg(unix)]
#[test]
fn values_are_shown_on_a_terminal_only() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    let rows = "record_id,given_names,birth_date\nr1,Ana,03/04/1990\nr2,Bea,99\u{1b}[31m.77.1990\nr3,Cai,1990-05-06\n";
    fs::write(&list, rows).unwrap();
    let program = blindlink_testkit::program();
    let check = [program.to_str().unwrap(), "lists", "check", list.to_str().unwrap()];
    let plain = |more: &[&str]| Command::new(check[0]).args(&check[1..]).args(more).output().unwrap();
    let refused = plain(&["--show-values"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(!String::from_utf8_lossy(&refused.stdout).contains("03/04"));
    assert!(!String::from_utf8_lossy(&plain(&[]).stdout).contains("03/04"));
    assert_eq!(plain(&["--show-values", "--json"]).status.code(), Some(2));
    let on_terminal = |more: &[&str]| {
        let spawn = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
        let said = Command::new("python3").args(["-c", spawn]).args(check).args(more).output().unwrap();
        assert!(said.status.success(), "{said:?}");
        String::from_utf8_lossy(&said.stdout).into_owned()
    };
    assert!(!on_terminal(&[]).contains("03/04"), "it was not asked for");
    let shown = on_terminal(&["--show-values"]);
    assert!(shown.contains("`03/04/1990`") && shown.contains("line 2"), "{shown}");
    assert!(shown.contains("99\u{fffd}[31m.77.1990") && !shown.contains("\u{1b}[31m.77"), "{shown}");
    assert!(!shown.contains("1990-05-06") && !shown.contains("Ana"), "only what was not read as it stands: {shown}");
}
