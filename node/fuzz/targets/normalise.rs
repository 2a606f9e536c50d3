//! Any text as a name, place, date, number or address.
#![no_main]

use blindlink::normalise::name::{self, NameForm};
use blindlink::normalise::{contact, country, date, document, mrz, place, skeleton, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &str| {
    for kind in [NameForm::Full, NameForm::Given, NameForm::Father, NameForm::Family, NameForm::Mrz] {
        let forms = name::normalise(value, kind);
        assert!(forms.parts.len() <= name::MAX_PARTS && forms.others.len() <= name::MAX_OTHERS);
        for part in forms.parts.iter().chain(&forms.others) {
            assert!(!part.text.is_empty() && part.text.len() <= name::MAX_PART);
            assert!(part.text.bytes().all(|b| b.is_ascii_lowercase()));
            assert!(skeleton::k4(&part.text).len() <= 4 && skeleton::k5(&part.text).len() <= 5);
        }
    }
    for word in text::words(value) {
        assert!(!word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    }
    assert!(text::code(value).bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
    if let Some(read) = date::read(value) {
        assert!(read.earliest <= read.latest);
    }
    let _ = (contact::phone(value), contact::email(value), document::number(value));
    let _ = (country::read(value), place::normalise(value), mrz::parse(value).map(|zone| zone.birth_date_text(2026)));
});
