use super::super::mrz::{Format, MrzError, parse};
use proptest::prelude::*;

/// The specimens of ICAO Doc 9303, parts 4 to 6.
const TD3: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
const TD1: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";

#[test]
fn the_specimens_are_read() {
    // V-NORM-022
    for (text, format, number) in
        [(TD3, Format::Td3, "L898902C3"), (TD2, Format::Td2, "D23145890"), (TD1, Format::Td1, "D23145890")]
    {
        let zone = parse(text).unwrap();
        assert_eq!((zone.format, zone.document_number.as_str()), (format, number));
        assert_eq!((zone.primary.as_str(), zone.secondary.as_str()), ("ERIKSSON", "ANNA MARIA"));
        assert_eq!((zone.birth_date.as_str(), zone.sex, zone.expiry_date.as_str()), ("740812", b'F', "120415"));
        assert_eq!((zone.issuer.as_str(), zone.nationality.as_str(), zone.truncated), ("UTO", "UTO", false));
        assert_eq!(zone.birth_date_text(2026).as_deref(), Some("1974-08-12"));
        assert!(parse(&format!(" {} \r\n", text.to_lowercase().replace('\n', "\r\n\r\n"))).is_ok());
    }
    assert_eq!(parse(TD3).unwrap().optional, "ZE184226B");
}

#[test]
fn each_damage_has_its_error() {
    // V-NORM-019, V-NORM-022
    let damage = |from: &str, to: &str| match parse(&TD3.replacen(from, to, 1)) {
        Ok(zone) => zone.faults.first().copied(),
        Err(error) => Some(error),
    };
    assert_eq!(damage("L898902C36", "L898902C37"), Some(MrzError::DocumentNumber));
    assert_eq!(damage("7408122F", "7408123F"), Some(MrzError::BirthDate));
    assert_eq!(damage("1204159", "1204158"), Some(MrzError::ExpiryDate));
    assert_eq!(damage("<<<<<10", "<<<<<20"), Some(MrzError::OptionalData));
    assert_eq!(damage("<<<<<10", "<<<<<11"), Some(MrzError::Composite));
    assert_eq!(damage("ANNA", "ANN?"), Some(MrzError::Character));
    assert_eq!(damage("ANNA", "ANN"), Some(MrzError::Shape));
    assert_eq!(damage("2F12", "2Q12"), Some(MrzError::Sex));
    assert_eq!(damage("ERIKSSON", "ERIKSS0N"), Some(MrzError::Name));
    assert_eq!(parse(&"P".repeat(10_000)).err(), Some(MrzError::Shape));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(?s).{0,140}|[A-Z0-9<]{44}\n[A-Z0-9<]{44}|[A-Z0-9<]{30}\n[A-Z0-9<]{30}\n[A-Z0-9<]{30}") {
        let _ = parse(&text);
    }
}
