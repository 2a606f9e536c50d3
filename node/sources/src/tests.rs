//! Files as offices save them, and lists with damage, also against the reference.

use super::*;
use crate::mapping::Mapping;
use blindlink::policy::{Declared, FieldType};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

const PLAIN: &str = "record_id,given_names,birth_date,sex\na,Ana,1987-03-25,F\nb,Bea,1988-04-26,Q\n";

fn csv_of(bytes: &[u8], mapping: Option<&Mapping>) -> Result<Source, FileError> {
    read(bytes, Format::Csv, &Reading { year: Some(2026), mapping, ..Reading::PERSON })
}

fn same_as_plain(bytes: &[u8], mapping: Option<&Mapping>) {
    let (wanted, got) = (csv_of(PLAIN.as_bytes(), None).unwrap(), csv_of(bytes, mapping).unwrap());
    assert!(wanted.records == got.records, "{:?}", got.rejects);
}

#[test]
fn separators_are_found_or_named() {
    // V-MAP-002
    for sign in [",", ";", "\t", "|"] {
        let text = PLAIN.replace(',', sign);
        same_as_plain(text.as_bytes(), None);
        for line in [format!("sep={sign}\n"), format!("SEP={sign}\r\n"), format!("\r\nsep={sign}\n\n")] {
            same_as_plain(format!("{line}{text}").as_bytes(), None);
        }
        let mapping = Mapping::from_toml(&format!("separator = {sign:?}\n")).unwrap();
        same_as_plain(text.as_bytes(), Some(&mapping));
    }
    let wrong = Mapping::from_toml("separator = \";\"\n").unwrap();
    assert!(csv_of(PLAIN.as_bytes(), Some(&wrong)).is_err());
}

#[test]
fn encodings_are_read_where_they_are_certain_or_named() {
    // V-MAP-001, V-CSV-001
    let utf16 = |little: bool| {
        let of = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        [0xfeff].into_iter().chain(PLAIN.encode_utf16()).flat_map(of).collect::<Vec<u8>>()
    };
    same_as_plain(&utf16(true), None);
    same_as_plain(&utf16(false), None);
    same_as_plain(format!("\u{feff}{PLAIN}").as_bytes(), None);
    assert!(matches!(csv_of(&utf16(true)[..5], None), Err(FileError::NotUtf8 { line: 1 })));
    for (label, name) in [
        ("windows-1252", "Zoë Müller"),
        ("windows-1251", "Зоя Петрова"),
        ("windows-1256", "محمد علي"),
        ("koi8-r", "Зоя Петрова"),
        ("windows-1254", "Şule Işık"),
        ("windows-1250", "Łukasz Śliwa"),
        ("gb18030", "李明"),
        ("big5", "李明"),
        ("shift_jis", "田中"),
        ("euc-kr", "김철수"),
        ("iso-8859-2", "Łukasz"),
    ] {
        let text = format!("record_id,given_names\na,{name}\n");
        let bytes = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text).0.into_owned();
        assert!(matches!(csv_of(&bytes, None), Err(FileError::NotUtf8 { line: 2 })), "{label} is not guessed");
        let mapping = Mapping::from_toml(&format!("encoding = \"{label}\"\n")).unwrap();
        let record = csv_of(&bytes, Some(&mapping)).unwrap().records.remove(0);
        assert_eq!(record.identities[0].names[0].text, name, "{label}");
        let look = detect::look(&bytes, &Reading::PERSON).unwrap();
        assert!(look.encoding == "unknown" && look.encoding_guess.is_some() && look.draft().contains("# encoding = "));
    }
    for (label, text) in [
        ("windows-1252", "1;Jürgen;Groß;Österreich\n"),
        ("windows-1251", "1;Зоя;Петрова;Россия\n"),
        ("windows-1256", "1;محمد;علي;سوريا\n"),
    ] {
        let text = format!("record_id;Vorname;Nachname;Bemerkung\n{text}");
        let bytes = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text).0.into_owned();
        assert_eq!(detect::look(&bytes, &Reading::PERSON).unwrap().encoding_guess.as_deref(), Some(label));
    }
    assert!(Mapping::from_toml("encoding = \"klingon\"\n").is_err());
}

#[test]
fn headers_are_known_by_other_names() {
    // V-MAP-003
    for header in [
        "record_id,given_names,birth_date,sex",
        "Record_ID,Given Names,Birth Date,SEX",
        "RECORD ID, Given-Names ,Birth_Date,Sex",
        "ID,First name,DOB,Gender",
        "Nr.,Vorname,Geburtsdatum,Geschlecht",
        "identifiant,Prénom,Date de naissance,Sexe",
        "código,Nombre,Fecha de nacimiento,Sexo",
        "Номер,Имя,Дата рождения,Пол",
        "الرقم,الاسم الأول,تاريخ الميلاد,الجنس",
        "编号,名字,出生日期,性别",
        "Person ID,Forenames,Date Of Birth,Sex (M/F)",
        "record_id,given_names,birth_date,sex,,",
        "id,firstname,birthdate,gender",
    ] {
        same_as_plain(
            PLAIN
                .replacen("record_id,given_names,birth_date,sex", header, 1)
                .replace("F\n", if header.ends_with(",,") { "F,,\n" } else { "F\n" })
                .replace("Q\n", if header.ends_with(",,") { "Q,,\n" } else { "Q\n" })
                .as_bytes(),
            None,
        );
    }
    let unknown = csv_of(b"record_id,income\na,5\n", None).unwrap_err();
    assert!(unknown.to_string().contains("column 2") && unknown.to_string().contains("birth_date"), "{unknown}");
    let passed = Mapping::from_toml("[columns]\nincome = \"\"\n").unwrap();
    assert_eq!(csv_of(b"record_id,income\na,5\n", Some(&passed)).unwrap().records.len(), 1);
    assert!(matches!(csv_of(b"record_id,ID\na,b\n", None), Err(FileError::DuplicateColumn { .. })));
}

#[test]
fn a_mapping_says_how_dates_are_written() {
    // V-MAP-004
    let born = |rules: &str, text: &str| {
        let mapping =
            Mapping::from_toml(&format!("[columns]\ngeb = \"birth_date\"\n[dates.birth_date]\n{rules}\n")).unwrap();
        let source = csv_of(format!("record_id,geb\na,{text}\n").as_bytes(), Some(&mapping)).unwrap();
        let date = source.records[0].identities[0].births.first().map(|birth| birth.date.date);
        date.map(|date| (date.year, date.month.unwrap_or(0), date.day.unwrap_or(0)))
    };
    for (rules, text, wanted) in [
        ("order = \"dmy\"", "03/04/1987", Some((1987, 4, 3))),
        ("order = \"mdy\"", "03/04/1987", Some((1987, 3, 4))),
        ("", "03/04/1987", Some((1987, 0, 0))),
        ("order = \"mdy\"", "25/03/1987", Some((1987, 3, 25))),
        ("calendar = \"hijri\"", "1407-07-24", Some((1987, 3, 25))),
        ("calendar = \"solar_hijri\"", "1366-01-05", Some((1987, 3, 25))),
        ("calendar = \"buddhist\"", "25.03.2530", Some((1987, 3, 25))),
        ("calendar = \"ethiopian\"", "1979-07-16", Some((1987, 3, 25))),
        ("calendar = \"nepali\"", "2043-12-11", Some((1987, 0, 0))),
        ("excel = true", "31861", Some((1987, 3, 25))),
        ("", "31861", None),
        ("age_on = 2026", "39", Some((1986, 0, 0))),
        ("", "39", None),
    ] {
        assert_eq!(born(rules, text), wanted, "{rules} {text}");
    }
    for bad in [
        "[dates.birth_date]\norder = \"ymd\"\n",
        "[dates.birth_date]\ncalendar = \"lunar\"\n",
        "separator = \"x\"\n",
        "unknown = 1\n",
        "columns = 5\n",
    ] {
        assert!(Mapping::from_toml(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_draft_is_a_mapping_that_reads_the_file() {
    let text = "Lfd. Nr.;Vorname;Geburtsdatum;Bemerkung\n1;Ana;25.03.1987;x\n2;Bea;26/04/1988;y\n3;Cleo;03/04/1990;z\n";
    let look = detect::look(text.as_bytes(), &Reading::PERSON).unwrap();
    assert_eq!((look.separator, look.rows, look.columns.len()), (';', 3, 4));
    assert_eq!(look.columns[2].dates.unwrap().order(), Some("dmy"));
    let draft = look.draft();
    let mapping = Mapping::from_toml(&draft).unwrap_or_else(|error| panic!("{error}\n{draft}"));
    assert_eq!(csv_of(text.as_bytes(), Some(&mapping)).unwrap().records.len(), 3);
    assert!(draft.contains("# order = \"dmy\"") && draft.contains("\"Bemerkung\" = \"\""));
    let again = clean::csv(&csv_of(text.as_bytes(), Some(&mapping)).unwrap().records, &[]);
    let (one, two) = (csv_of(text.as_bytes(), Some(&mapping)).unwrap(), csv_of(&again, None).unwrap());
    assert_eq!(two.told.len(), 0, "what was read needs no mapping");
    let digests = |source: &Source| source.records.iter().map(Record::digest).collect::<Vec<_>>();
    assert_eq!(digests(&one), digests(&two));
}

#[test]
fn any_header_gives_a_draft_that_can_be_read() {
    for header in [
        "record_id,\"a\"\"b\"",
        "record_id,a\\b,a\\b",
        "record_id,\"x\ny\"",
        "record_id,birth_date,DOB",
        "record_id,\u{7f},Имя,#",
        "ID,=,[columns],'",
    ] {
        let look = detect::look(format!("{header}\n").as_bytes(), &Reading::PERSON).unwrap();
        assert!(Mapping::from_toml(&look.draft()).is_ok(), "{header}: {}", look.draft());
    }
}

/// A list with damage in its cells: some of everything that offices write.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: &[&str] = &[
        "Ana",
        "Unknown Male",
        "N/A",
        "",
        "1987-03-25",
        "25/03/1987",
        "03/04/1987",
        "1407-07-25",
        "32874",
        "c. 1985",
        "1985-1987",
        "age:36@2024",
        "Female",
        "м",
        "女",
        "KSA",
        "Syria; Iraq",
        "AB1234|CD5678",
        "00000",
        "4.41E+11",
        "+999 1234567 ext. 12",
        "+999 1234567 / +999 7654321",
        "a@example.org",
        "x <a@example.org>",
        "own",
        "document|",
        "alias",
        "ZoÃ«",
        "Zo&euml;",
        "????",
        "1) Ana 2) Bea",
        "Ana a.k.a. Bea",
        "NO",
        "passport",
        "6 мая 1990",
        "1990年5月6日",
        "٦/٥/١٩٩٠",
        "hijri:1410-02-30",
        "victim",
        "\u{200f}x",
        "a\u{7}",
        "N.N.",
        "12",
        "unknown",
        "2068",
        "between 1985 and 1986",
        "15 رمضان 1410",
    ];
    let cell = prop_oneof![
        4 => prop::sample::select(WORDS).prop_map(str::to_owned),
        1 => "[ -~]{0,12}",
        1 => "[0-9/.:\\- ]{1,12}",
        1 => "\\PC{0,10}",
        1 => (prop::sample::select(WORDS), "[;|/, ]", prop::sample::select(WORDS)).prop_map(|(a, s, b)| format!("{a}{s}{b}")),
    ];
    let quoted = cell.prop_map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
    prop::collection::vec(prop::collection::vec(quoted, 12..14), 1..6).prop_map(|rows| {
        let mut text = String::from(
            "record_id,given_names,full_names,birth_date,birth_basis,sex,nationality,document_number,document_type,phone,email,suburb,since\n",
        );
        for (number, row) in rows.into_iter().enumerate() {
            text += &format!("r{number},{}\n", row.join(","));
        }
        text.into_bytes()
    })
}

fn fields() -> [Declared; 2] {
    [("suburb", FieldType::Text), ("since", FieldType::Date)]
        .map(|(name, kind)| Declared { name: name.to_owned(), kind })
}

proptest! {
    /// V-READ-001, V-CSV-004: records used and rows left out are all rows, and a row is lost for its cells alone.
    #[test]
    fn every_row_is_used_or_left_out(bytes in damaged()) {
        let fields = fields();
        let rows = bytes.iter().filter(|b| **b == b'\n').count();
        let source = read(bytes.as_slice(), Format::Csv, &Reading { fields: &fields, ..Reading::PERSON }).unwrap();
        prop_assert!(source.rows() <= rows);
        let only_cells = source.rejects.iter().all(|reject| matches!(reject.problem, Problem::Cells { .. }));
        prop_assert!(only_cells);
        for told in &source.told {
            prop_assert!(told.problem.column().is_some() && !told.problem.name().is_empty());
        }
    }

    /// Any bytes in any format: an error of the file, or all rows.
    #[test]
    fn any_bytes_are_a_list_or_none(bytes in prop::collection::vec(any::<u8>(), 0..300), format in 0_usize..3) {
        let _ = read(bytes.as_slice(), Format::ALL[format], &Reading::PERSON);
        if let Ok(look) = detect::look(&bytes, &Reading::PERSON) {
            prop_assert!(Mapping::from_toml(&look.draft()).is_ok());
        }
    }
}

/// The reference reads the same damaged lists with the same records and the same report.
#[test]
fn the_reference_reads_damaged_lists_alike() {
    let config = ProptestConfig { rng_seed: RngSeed::Fixed(16), ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let lists: Vec<Vec<u8>> = (0..150).map(|_| damaged().new_tree(&mut runner).unwrap().current()).collect();
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/reference/report_lists.py");
    let spawned = Command::new("python3").arg("-B").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    // A machine without Python cannot compare; CI has it.
    let Ok(mut python) = spawned else { return };
    let mut stdin = python.stdin.take().unwrap();
    let declared = json!([{"name": "suburb", "type": "text"}, {"name": "since", "type": "date"}]);
    let asked: String = lists
        .iter()
        .map(|list| {
            let hex: String = list.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{}\n", json!({"form": "csv", "list": hex, "fields": declared, "year": 2026}))
        })
        .collect();
    let writer = std::thread::spawn(move || stdin.write_all(asked.as_bytes()));
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let fields = fields();
    let answers: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), lists.len());
    for (list, answer) in lists.iter().zip(answers) {
        let source =
            read(list.as_slice(), Format::Csv, &Reading { fields: &fields, year: Some(2026), ..Reading::PERSON })
                .unwrap();
        let one = |reject: &Reject| {
            let mut of = json!({"line": reject.line, "reason": reject.problem.name()});
            if let Some(column) = reject.problem.column() {
                of["column"] = column.into();
            }
            of
        };
        let kept = source.records.iter().map(|record| {
            let digest: String = record.digest().iter().map(|byte| format!("{byte:02x}")).collect();
            json!({"record_id": record.id, "digest": digest})
        });
        let left_out: Vec<Value> = source.rejects.iter().map(one).collect();
        let told: Vec<Value> = source.told.iter().map(one).collect();
        let text = String::from_utf8_lossy(list);
        assert_eq!(answer["left_out"], json!(left_out), "{text}");
        assert_eq!(answer["told"], json!(told), "{text}");
        assert_eq!(answer["kept"], kept.collect::<Value>(), "{text}");
    }
}
