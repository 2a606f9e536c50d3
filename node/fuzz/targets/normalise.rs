//! Any text as a name, place, date, number or address.
#![no_main]

use blindlink::normalise::{contact, date::PartialDate, document, name, skeleton, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &str| {
    for part in name::parts(value) {
        assert!(!part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()));
        assert!(skeleton::k4(&part).len() <= 4 && skeleton::k5(&part).len() <= 5);
    }
    for word in text::words(value) {
        assert!(!word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    }
    assert!(text::code(value).bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
    if let Some(date) = PartialDate::parse(value) {
        let (first, last) = date.range();
        assert!(first <= last);
    }
    let _ = (contact::phone(value), contact::email(value), document::number(value));
});
