//! Text to units, units to words, words to parts (spec 13.3.1 to 13.3.3).

use super::super::tables::{Meaning, Tables};
use super::unit::{APOSTROPHE, BREAK, HYPHEN, Unit, Writing, writing};
use super::{NameForm, NameParts, east, glued, letters, syllables, wade_giles};
use zeroize::Zeroizing;

/// Adds the parts and other forms of a text.
pub(super) fn name(tables: &Tables, text: &str, kind: NameForm, found: &mut NameParts) {
    let set_apart = glued::set_apart(tables, text);
    let text = set_apart.as_ref().map_or(text, |text| text.as_str());
    if text.is_ascii() {
        return ascii(text, found);
    }
    let units = units(tables, text);
    // A run that is the whole name may be split further than one of several.
    let words: Vec<&[Unit]> = units.split(|u| u.point == BREAK).filter(|word| !word.is_empty()).collect();
    for run in words.chunk_by(|a, b| syllables::is_tibetan(a) == syllables::is_tibetan(b)) {
        if run.first().is_some_and(|word| syllables::is_tibetan(word)) {
            syllables::tibetan(run, found);
        }
    }
    let others = || words.iter().filter(|word| !syllables::is_tibetan(word));
    let alone = others().count() == 1;
    for word in others() {
        let first = found.parts.len();
        let mut segments = 0;
        for segment in word.split(|u| u.point == HYPHEN).filter(|s| !s.is_empty()) {
            segments += 1;
            for run in segment.chunk_by(|a, b| writing(a.point) == writing(b.point)) {
                match run.first().map_or(Writing::Other, |u| writing(u.point)) {
                    Writing::Han => east::han(tables, run, kind, alone && run.len() == word.len(), found),
                    Writing::Hangul => east::hangul(tables, run, kind, alone && run.len() == word.len(), found),
                    Writing::Other => letters::token(tables, run, found),
                }
            }
        }
        if segments > 1 {
            joined(found, first);
        }
        wade_giles::read(word.iter().map(|u| u.point), found);
    }
}

/// Words of ASCII: the same rules, without tables.
fn ascii(text: &str, found: &mut NameParts) {
    for word in text.split(|c: char| !c.is_ascii_alphabetic() && !matches!(c, '-' | '\'' | '`')) {
        let first = found.parts.len();
        for segment in word.split('-') {
            let letters = segment.bytes().filter(u8::is_ascii_alphabetic).count();
            if letters == 0 {
                continue;
            }
            let mut part = String::with_capacity(letters);
            part.extend(segment.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()));
            if letters < segment.len() {
                for piece in segment.split(['\'', '`']) {
                    found.other(piece.to_ascii_lowercase());
                }
            }
            found.part(part, letters == 1);
        }
        if word.contains('-') {
            joined(found, first);
        }
        // Most words have no apostrophe and do not begin like this.
        if word.contains(['\'', '`']) || word.split('-').any(|s| matches!(s.as_bytes(), [b'H' | b'h', b'S' | b's', ..]))
        {
            let sign = |c: char| if c == '`' { APOSTROPHE } else { c.to_ascii_lowercase().into() };
            wade_giles::read(word.chars().map(sign), found);
        }
    }
}

/// The parts of a hyphenated word, written as one.
fn joined(found: &mut NameParts, first: usize) {
    let parts = found.parts.get(first..).unwrap_or_default();
    if parts.len() > 1 {
        let whole = parts.iter().map(|p| p.text.as_str()).collect();
        found.other(whole);
    }
}

/// Folds a text (V-NORM-001).
fn units(tables: &Tables, text: &str) -> Zeroizing<Vec<Unit>> {
    let mut units: Zeroizing<Vec<Unit>> = Zeroizing::new(Vec::with_capacity(text.len() + 8));
    for c in text.chars() {
        let point = u32::from(c);
        let before = units.len();
        match tables.meaning(point) {
            Meaning::Ignored => {
                if let Some(last) = units.last_mut() {
                    if let Some(alternate) = tables.alternates.get(&(last.point, point)) {
                        last.alternate = Some(*alternate);
                    }
                    if let Some(whole) = tables.compose.get(&(last.point, point)) {
                        last.written = *whole;
                    }
                }
            }
            Meaning::Apostrophe => push(&mut units, APOSTROPHE),
            Meaning::Hyphen => push(&mut units, HYPHEN),
            Meaning::Folds(to) => to.iter().for_each(|&point| letter(tables, &mut units, point)),
            Meaning::Letter(_) | Meaning::Han(_) => letter(tables, &mut units, point),
            Meaning::Break if writing(point) == Writing::Hangul => letter(tables, &mut units, point),
            Meaning::Break => push(&mut units, BREAK),
        }
        if let Some(unit) = units.get_mut(before) {
            if let Some(alternate) = tables.alternates.get(&(point, 0)) {
                unit.alternate = Some(*alternate);
            }
            match point {
                0x400..=0x40f => unit.written = point + 0x50,
                0x410..=0x42f => unit.written = point + 0x20,
                0x430..=0x45f => unit.written = point,
                _ => {}
            }
        }
    }
    units
}

fn push(units: &mut Vec<Unit>, point: u32) {
    units.push(Unit { point, written: point, alternate: None });
}

/// Adds a folded code point, composed with the one before where the two are canonically one.
fn letter(tables: &Tables, units: &mut Vec<Unit>, point: u32) {
    if tables.meaning(point) == Meaning::Apostrophe {
        return push(units, APOSTROPHE);
    }
    // Below U+0900 nothing composes: the marks there are ignored ones.
    if point >= 0x900
        && let Some(last) = units.last_mut()
        && let Some(whole) = hangul(last.point, point).or_else(|| tables.compose.get(&(last.point, point)).copied())
    {
        (last.point, last.written) = (whole, whole);
        return;
    }
    push(units, point);
}

/// The Hangul syllable of two code points (The Unicode Standard, section 3.12).
const fn hangul(first: u32, second: u32) -> Option<u32> {
    match (first, second) {
        (0x1100..=0x1112, 0x1161..=0x1175) => Some(0xac00 + ((first - 0x1100) * 21 + (second - 0x1161)) * 28),
        (0xac00..=0xd7a3, 0x11a8..=0x11c2) if (first - 0xac00).is_multiple_of(28) => Some(first + second - 0x11a7),
        _ => None,
    }
}
