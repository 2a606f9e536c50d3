use super::*;
use crate::record::{CheckedRecord, RawRecord, Record, RowId};
use proptest::prelude::*;

fn read_with(values: &[(Field, &str)], rules: DateRules) -> CheckedRecord {
    let mut raw = RawRecord::default();
    raw.push(Field::RecordId, "r1");
    values.iter().for_each(|(field, value)| raw.push(*field, value));
    let rules = ReadRules { other: DateRules { year: Some(2026), ..rules }, ..ReadRules::default() };
    Record::read(RowId::new(0), &raw, &[], &rules).unwrap()
}

fn read(values: &[(Field, &str)]) -> CheckedRecord {
    read_with(values, DateRules::default())
}

fn reasons(values: &[(Field, &str)]) -> Vec<&'static str> {
    read(values).told.iter().map(|told| told.reason.name()).collect()
}

/// The dates of a value, `-` between those of several.
fn dates_with(text: &str, rules: DateRules) -> String {
    let checked = read_with(&[(Field::BirthDate, text)], rules);
    let date = |birth: &crate::record::Birth| {
        let date = birth.date.date;
        format!("{}/{}/{}", date.year, date.month.unwrap_or(0), date.day.unwrap_or(0))
    };
    checked.record.identities[0].births.iter().map(date).collect::<Vec<_>>().join(" ")
}

fn dates(text: &str) -> String {
    dates_with(text, DateRules::default())
}

#[test]
fn unambiguous_dates_are_read() {
    // V-READ-006, V-READ-007
    for text in [
        "1987-03-25",
        "25/03/1987",
        "03/25/1987",
        "25.3.1987",
        "25.03.1987",
        "1987/3/25",
        "1987.03.25",
        "25 03 1987",
        "19870325",
        "25031987",
        "25 March 1987",
        "March 25, 1987",
        "25th of Mar. 1987",
        "25. März 1987",
        "25 mars 1987",
        "25 de marzo de 1987",
        "25 марта 1987 года",
        "٢٥ مارس ١٩٨٧",
        "25 آذار 1987",
        "1987年3月25日",
        "१९८७-०३-२५",
        "๒๕/๐๓/๑๙๘๗",
        "২৫.০৩.১৯৮৭",
        "២៥-០៣-១៩៨៧",
        "၂၅-၀၃-၁၉၈၇",
        "۲۵/۰۳/۱۹۸۷",
        "1987-03-25T00:00:00Z",
        "1987-03-25 00:00",
        "25/03/1987 11:59:59 PM",
        "\u{200f}1987-03-25\u{200e}",
        "\u{feff}1987-03-25\u{a0}",
        "1987-25-03",
        "25 mart 1987",
        "25 березня 1987",
    ] {
        assert_eq!(dates(text), "1987/3/25", "{text}");
    }
}

#[test]
fn what_is_known_of_a_date_is_used() {
    // V-READ-007
    for (text, wanted) in [
        ("1987-03-XX", "1987/3/0"),
        ("1987-??-??", "1987/0/0"),
        ("1987-**", "1987/0/0"),
        ("XX.03.1987", "1987/3/0"),
        ("00/03/1987", "1987/3/0"),
        ("1987-00-25", "1987/0/0"),
        ("30.02.1987", "1987/2/0"),
        ("1987-06-31", "1987/6/0"),
        ("03/1987", "1987/3/0"),
        ("March 1987", "1987/3/0"),
        ("c. 1987", "1987/0/0"),
        ("circa 25.03.1987", "1987/0/0"),
        ("etwa 1987", "1987/0/0"),
        ("vers 1987", "1987/0/0"),
        ("приблизительно 1987", "1987/0/0"),
        ("حوالي 1987", "1987/0/0"),
        ("约1987年", "1987/0/0"),
        ("1987 or 1989", "1987/0/0 1989/0/0"),
        ("1987; 1989", "1987/0/0 1989/0/0"),
        ("1987-1988", "1987/0/0 1988/0/0"),
        ("1987\n1989-03", "1987/0/0 1989/3/0"),
    ] {
        assert_eq!(dates(text), wanted, "{text}");
    }
}

#[test]
fn nothing_is_guessed_of_a_date() {
    // V-READ-008
    for text in ["03/04/1987", "3-4-1987", "12/11/1987", "03 04 1987", "03041987"] {
        assert_eq!((dates(text).as_str(), reasons(&[(Field::BirthDate, text)])), ("1987/0/0", vec!["day_or_month"]));
        let order = |order| dates_with(text, DateRules { order: Some(order), ..DateRules::default() });
        assert!(order(DayOrder::DayMonth) != order(DayOrder::MonthDay) && !order(DayOrder::DayMonth).ends_with('0'));
    }
    for (text, reason) in [
        ("25/03/87", "two_digit_year"),
        ("3-Apr-87", "two_digit_year"),
        ("before 1987", "vague"),
        ("после 1987", "vague"),
        ("1987-1999", "range"),
        ("31861", "excel"),
        ("31861.25", "excel"),
        ("39", "age"),
        ("39 Jahre", "age"),
        ("39 лет", "age"),
        ("soon", "date"),
        ("1987 ± 2", "date"),
        ("13-14-1987", "date"),
        ("1987-03-25-01", "date"),
    ] {
        assert_eq!((dates(text).as_str(), reasons(&[(Field::BirthDate, text)])), ("", vec![reason]), "{text}");
    }
}

#[test]
fn calendars_and_fillers() {
    // V-READ-009
    for (text, reason) in [
        ("1407-07-25", "hijri"),
        ("1366/01/05", "hijri"),
        ("2530", "buddhist"),
        ("25/03/2530", "buddhist"),
        ("5747", "hebrew"),
        ("1749", "year"),
        ("2031-01-02", "future"),
        ("hijri:1460", "future"),
        ("1900-01-01", "filler_date"),
        ("1.1.1901", "filler_date"),
        ("1800-01-01", "filler_date"),
        ("9999-12-31", "filler_date"),
        ("0000-00-00", "filler_date"),
        ("0001-01-01", "filler_date"),
    ] {
        assert_eq!((dates(text).as_str(), reasons(&[(Field::BirthDate, text)])), ("", vec![reason]), "{text}");
    }
    for (text, wanted) in [
        ("hijri:1407-07-24", "1987/3/25"),
        ("24 رجب 1407", "1987/3/25"),
        ("1407 AH", "1987/0/0"),
        ("solar_hijri:1366-01-05", "1987/3/25"),
        ("5 فروردین 1366", "1987/3/25"),
        ("5 Farvardin 1366", "1987/3/25"),
        ("พ.ศ. 2530", "1987/0/0"),
        ("buddhist:2530-03-25", "1987/3/25"),
        ("nepali:2043-12-11", "1987/0/0"),
        ("nepali:2043", "1986/0/0 1987/0/0"),
        ("hebrew:5747", "1987/0/0"),
        ("age:39@2026-07-01", "1986/0/0 1987/0/0"),
    ] {
        assert_eq!(dates(text), wanted, "{text}");
    }
    let declared = |calendar, text| dates_with(text, DateRules { calendar: Some(calendar), ..DateRules::default() });
    assert_eq!(declared(WrittenCalendar::Hijri, "1407/07/24"), "1987/3/25");
    assert_eq!(declared(WrittenCalendar::SolarHijri, "1366/01/05"), "1987/3/25");
    assert_eq!(declared(WrittenCalendar::SolarHijri, "1987-03-25"), "1987/3/25", "a Gregorian year stays one");
    assert_eq!(declared(WrittenCalendar::Buddhist, "25/03/2530"), "1987/3/25");
    assert_eq!(declared(WrittenCalendar::Ethiopian, "1979-07-16"), "1987/3/25");
    assert_eq!(dates_with("31861", DateRules { excel: true, ..DateRules::default() }), "1987/3/25");
    let aged = read_with(&[(Field::BirthDate, "39")], DateRules { age_on: Some(2026), ..DateRules::default() });
    assert!(aged.record.identities[0].births.iter().all(|birth| birth.basis == BirthBasis::AgeAssessment));
}

#[test]
fn words_for_nothing_are_nothing_in_every_column() {
    // V-READ-002
    let words = [
        "N/A",
        "n.a.",
        "NULL",
        "none",
        "-",
        "?",
        "...",
        "unknown",
        "k. A.",
        "unbekannt",
        "inconnu",
        "non renseigné",
        "desconocido",
        "no consta",
        "нет данных",
        "не указано",
        "غير معروف",
        "لا يوجد",
        "未知",
        "不详",
        "bilinmiyor",
        "نامعلوم",
    ];
    for field in [
        Field::BirthDate,
        Field::Sex,
        Field::Nationality,
        Field::BirthCountry,
        Field::BirthPlace,
        Field::DocumentNumber,
        Field::Phone,
        Field::Email,
    ] {
        for word in words {
            let checked = read(&[(field, word)]);
            assert!(checked.told.is_empty() && checked.record == read(&[]).record, "{} {word}", field.name());
        }
    }
    assert_eq!(
        read(&[(Field::Nationality, "NO"), (Field::BirthCountry, "na")]).record.identities[0].nationalities,
        [*b"NO<"]
    );
}

#[test]
fn white_space_marks_entities_and_broken_letters() {
    // V-READ-003, V-READ-004
    let name = |text: &str| {
        let record = read(&[(Field::GivenNames, text)]).record;
        record.identities[0].names.first().map_or_else(String::new, |name| name.text.clone())
    };
    for text in [
        "Zoë",
        "Zoë\n",
        "\tZoë\t",
        "\u{a0}Zoë\u{2003}",
        "\u{202b}Zoë\u{202c}",
        "Zo\u{200b}ë",
        "\u{feff}Zoë",
        "Zo&euml;",
        "Zo&#235;",
        "Zo&#xEB;",
        "ZoÃ«",
        "\r\nZoë\r\n",
    ] {
        assert_eq!(name(text), "Zoë", "{text:?}");
    }
    assert_eq!(name("Ana\r\n Maria"), "Ana Maria");
    assert_eq!(name("AT&T &c; &unknown;"), "AT&T &c", "what is no entity stays; the sign then cuts");
    for (text, reason) in [
        ("Zo\u{7}e", "control"),
        ("Zo\u{fffd}", "broken"),
        ("????", "broken"),
        ("ZoÃ«", "mojibake"),
        ("Ð\u{a0}Ð¾Ð¼Ð°Ð½", "mojibake"),
    ] {
        assert_eq!(reasons(&[(Field::GivenNames, text)]), [reason], "{text:?}");
    }
    assert_eq!(reasons(&[(Field::GivenNames, &"a".repeat(257))]), ["too_long"]);
}

#[test]
fn several_names_in_a_cell_are_several() {
    // V-READ-005
    let names = |text: &str| {
        let record = read(&[(Field::FullNames, text)]).record;
        record.identities[0].names.iter().map(|name| name.text.clone()).collect::<Vec<_>>()
    };
    for text in [
        "Ana Lopez; Bea Diaz",
        "Ana Lopez / Bea Diaz",
        "Ana Lopez|Bea Diaz",
        "1) Ana Lopez 2) Bea Diaz",
        "1. Ana Lopez 2. Bea Diaz",
        "(1) Ana Lopez (2) Bea Diaz",
        "1: Ana Lopez 2: Bea Diaz 3: na",
        "Ana Lopez a.k.a. Bea Diaz",
        "Ana Lopez (alias Bea Diaz)",
        "Ana Lopez also known as Bea Diaz",
        "Ana Lopez он же Bea Diaz",
        "Ana Lopez genannt Bea Diaz",
        "Ana Lopez dit Bea Diaz",
    ] {
        assert_eq!(names(text), ["Ana Lopez", "Bea Diaz"], "{text}");
        assert_eq!(reasons(&[(Field::FullNames, text)]), ["several"], "{text}");
    }
    assert_eq!(names("Lopez, Ana"), ["Lopez, Ana"]);
}

#[test]
fn placeholders_are_nobody() {
    // V-PLACEHOLDER-001
    for text in [
        "Unknown",
        "UNKNOWN FEMALE",
        "unknown male 12",
        "Unidentified body no. 7",
        "FNU",
        "LNU",
        "FNU LNU",
        "N.N.",
        "XXX",
        "test",
        "Baby",
        "Baby Girl",
        "Baby of Maria",
        "unbekannt",
        "Unbekannter Mann",
        "inconnue",
        "non identifié",
        "desconocida",
        "sin nombre",
        "recién nacido",
        "неизвестный",
        "неизвестная женщина 3",
        "без имени",
        "مجهول",
        "مجهول الهوية",
        "غير معروف",
        "无名氏",
        "不详",
        "未知",
        "bilinmeyen kişi",
        "نامعلوم",
        "невідома жінка",
        "Jane Doe",
        "Not Stated",
        "no name",
        "null",
    ] {
        for field in [Field::GivenNames, Field::FullNames, Field::OtherNames] {
            let checked = read(&[(field, text)]);
            assert!(checked.record.identities[0].names.is_empty(), "{text}");
            assert_eq!(checked.told[0].reason, Reason::Nobody, "{text}");
        }
    }
    for text in [
        "Ana",
        "Male",
        "Boy",
        "Baby Santos",
        "Li",
        "Na",
        "吴",
        "Noname Petrova",
        "Desire",
        "Testa",
        "A",
        "7",
        "Null Hassan",
    ] {
        assert!(!read(&[(Field::FullNames, text)]).told.iter().any(|t| t.reason == Reason::Nobody), "{text}");
    }
    for text in
        ["UNKNOWN", "unbekannt", "XXXXXX", "0000000", "1234567", "unidentified", "N/A", "test", "----", "99999999"]
    {
        assert!(read(&[(Field::DocumentNumber, text)]).record.identities[0].documents.is_empty(), "{text}");
    }
    let kept = read(&[(Field::FullNames, "FNU Hassan")]).record;
    assert_eq!(kept.identities[0].names[0].text, "Hassan");
}

#[test]
fn nobody_keeps_the_year_of_birth_alone() {
    // V-PLACEHOLDER-002
    let born = |name: &str| {
        read(&[(Field::FullNames, name), (Field::BirthDate, "2019-05-06")]).record.identities[0].births[0].date.date
    };
    assert!(born("Baby Boy").month.is_none() && born("Unknown Male 3").day.is_none());
    assert!(born("FNU Hassan").day.is_some() && born("Hassan").day.is_some() && born("").day.is_some());
}

#[test]
fn sexes_countries_documents_and_contacts_as_offices_write_them() {
    // V-READ-010
    for (letter, words) in [
        (
            b'F',
            ["f", "Female", "weiblich", "Frau", "féminin", "mujer", "женский", "أنثى", "女", "kadın", "زن", "жіноча"],
        ),
        (b'M', ["m", "MALE", "männlich", "Mann", "homme", "varón", "муж.", "ذكر", "男", "erkek", "مرد", "чоловіча"]),
    ] {
        for word in words {
            assert!(
                read(&[(Field::Sex, word)]).record.identities[0].sexes.iter().all(|sex| sex.letter() == letter),
                "{word}"
            );
        }
    }
    for word in [
        "Germany",
        "DEU",
        "DE",
        "D",
        "de",
        "Deutschland",
        "Allemagne",
        "Alemania",
        "Германия",
        "ألمانيا",
        "德国",
        "Almanya",
        "آلمان",
        "GER",
        "Federal Republic of Germany",
    ] {
        let code = read(&[(Field::Nationality, word)]).record.identities[0].read_nationalities[0].codes.to_vec();
        assert_eq!(code, [*b"DEU"], "{word}");
    }
    for (code, word) in [
        (*b"SAU", "KSA"),
        (*b"NPL", "NEP"),
        (*b"ARE", "UAE"),
        (*b"KOR", "ROK"),
        (*b"SUN", "USSR"),
        (*b"YUG", "Yugoslavia"),
        (*b"IRN", "Iran (Islamic Republic of)"),
        (*b"SYR", "Syria"),
    ] {
        assert_eq!(read(&[(Field::BirthCountry, word)]).record.identities[0].birth_places.len(), 1, "{word}");
        assert_eq!(read(&[(Field::Nationality, word)]).record.identities[0].nationalities, [code], "{word}");
    }
    let phone =
        |text: &str| read(&[(Field::Phone, text)]).record.identities[0].contacts.first().map(|c| c.compared.clone());
    for text in [
        "+999 555 0123456",
        "+9995550123456 ext. 1364",
        "+999 5550123456 x136",
        "+999-555-0123456 доб. 12",
        "+999 5550123456 poste 3",
        "+999 5550123456 wew. 7",
        "+999 5550123456 Durchwahl 12",
        "+999 5550123456 анекс".trim_end_matches(" анекс"),
        "+999 5550123456 #12",
        "+999 5550123456 int. 4",
        "+999 5550123456 分机 8",
        "٠٠٩٩٩٥٥٥٠١٢٣٤٥٦",
    ] {
        assert_eq!(phone(text).as_deref(), Some("550123456").map(|_| "550123456"), "{text}");
    }
    for (text, reason) in [
        ("4.41E+11", "scientific"),
        ("4,41E+11", "scientific"),
        ("9E+11", "scientific"),
        ("5555555", "repeated"),
        ("+49 9999999", "repeated"),
        ("12345", "phone"),
        ("1234567890123456", "phone_long"),
        ("none known here", "phone"),
    ] {
        assert_eq!(reasons(&[(Field::Phone, text)]), [reason], "{text}");
    }
    assert_eq!(read(&[(Field::Phone, "+999 1234567, +999 7654321")]).record.identities[0].contacts.len(), 2);
    assert_eq!(read(&[(Field::Phone, "0171/2345678")]).record.identities[0].contacts.len(), 1);
    for text in [
        "a@example.org",
        "<a@example.org>",
        "Ana <a@example.org>",
        "mailto:a@example.org",
        "a@example.org;",
        " (a@example.org) ",
    ] {
        assert_eq!(read(&[(Field::Email, text)]).record.identities[0].contacts[0].compared, "a@example.org", "{text}");
    }
}

/// Optional fields, in the order of the schema.
const OPTIONAL: [Field; 12] = [
    Field::GivenNames,
    Field::FamilyNames,
    Field::FullNames,
    Field::BirthDate,
    Field::Sex,
    Field::Nationality,
    Field::BirthCountry,
    Field::BirthPlace,
    Field::DocumentNumber,
    Field::Phone,
    Field::Email,
    Field::IdentityStatus,
];

proptest! {
    /// V-READ-001: the record of a damaged list is that of the list in which the damaged value is empty.
    #[test]
    fn a_value_that_is_left_out_is_an_empty_one(
        field in 0..OPTIONAL.len(),
        damage in prop_oneof![".{0,30}", "[0-9/.: -]{1,12}", "[A-Za-z]{0,12} ?[0-9?]{0,9}"],
    ) {
        let good = [
            (Field::GivenNames, "Ana"), (Field::FamilyNames, "Lopez"), (Field::BirthDate, "1987-03-25"), (Field::Sex, "F"),
            (Field::Nationality, "UTO"), (Field::DocumentNumber, "AB12345"), (Field::Phone, "+999 1234567"), (Field::Email, "a@example.org"),
        ];
        let field = OPTIONAL[field];
        let with = |value: &str| {
            let mut values: Vec<(Field, &str)> = good.into_iter().filter(|(of, _)| *of != field).collect();
            values.push((field, value));
            read(&values)
        };
        let damaged = with(&damage);
        // Something of it may be used, or it may be several values; if all was left out, nothing of it is there.
        let used = damaged.told.iter().any(|told| told.reason.is_used());
        if !damaged.told.is_empty() && !used && !damage.contains([';', '|', ',', '/', '\n', '&']) {
            let nobody = damaged.told.iter().any(|told| told.reason == Reason::Nobody);
            prop_assert!(nobody || damaged.record == with("").record);
        }
    }

    /// No text makes the reader panic, and what it gives can be checked.
    #[test]
    fn any_values_give_a_record(values in prop::collection::vec((0_usize..Field::ALL.len(), ".{0,60}"), 0..12)) {
        let mut raw = RawRecord::default();
        raw.push(Field::RecordId, "r1");
        for (field, value) in &values {
            let field = Field::ALL[*field];
            if !matches!(field, Field::RecordId | Field::Lane) {
                raw.push(field, value);
            }
        }
        prop_assert!(Record::read(RowId::new(0), &raw, &[], &ReadRules::default()).is_ok());
    }
}
