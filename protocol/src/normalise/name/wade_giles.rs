//! Chinese names in the system of Wade and Giles, read as Pinyin (spec 13.3.7, V-NORM-024).

use super::NameParts;
use super::unit::{APOSTROPHE, HYPHEN};
use zeroize::Zeroizing;

/// How a syllable begins, apostrophe included, and what Pinyin writes; `q` only before `i`. The first that fits counts.
const INITIALS: &[(&[u8], char)] = &[
    (b"ts'", 'c'),
    (b"tz'", 'c'),
    (b"ch'i", 'q'),
    (b"k'", 'k'),
    (b"p'", 'p'),
    (b"t'", 't'),
    (b"hs", 'x'),
    (b"ts", 'z'),
    (b"tz", 'z'),
    (b"t", 'd'),
    (b"j", 'r'),
];

/// Adds the Pinyin reading of a word of Latin letters that only this system would write so: with an apostrophe behind
/// the initial of a syllable, or beginning with `hs`.
pub(super) fn read(word: impl Iterator<Item = u32>, found: &mut NameParts) {
    let mut letters = Zeroizing::new(Vec::with_capacity(16));
    for point in word {
        match u8::try_from(point) {
            Ok(letter @ b'a'..=b'z') => letters.push(letter),
            _ if point == HYPHEN => letters.push(b'-'),
            _ if point == APOSTROPHE => letters.push(b'\''),
            _ => return,
        }
    }
    let mut certain = false;
    let mut reading = String::with_capacity(letters.len());
    for syllable in letters.split(|letter| *letter == b'-') {
        let mut rest = syllable;
        if let Some(&(initial, becomes)) = INITIALS.iter().find(|(initial, _)| syllable.starts_with(initial)) {
            certain |= initial.contains(&b'\'') || initial == b"hs";
            reading.push(becomes);
            let vowel = usize::from(becomes == 'q');
            rest = syllable.get(initial.len() - vowel..).unwrap_or_default();
        } else {
            certain |= syllable.starts_with(b"ch'");
        }
        reading.extend(rest.iter().filter(|letter| **letter != b'\'').map(|letter| char::from(*letter)));
    }
    if certain {
        found.other(reading);
    }
}
