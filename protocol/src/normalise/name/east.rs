//! Han and Hangul names: split into family and given name, read, folded (spec 13.3.4, V-NORM-002).

use super::super::tables::{Meaning, Tables};
use super::unit::Unit;
use super::{NameForm, NameParts};

/// Where the family name of a run ends: `Some(n)` if the first n characters are one, `None` if the run is not split.
fn split(kind: NameForm, alone: bool, length: usize, surname: impl Fn(usize) -> bool) -> Option<usize> {
    let compound = length > 2 && surname(2);
    let whole = matches!(kind, NameForm::Full | NameForm::Mrz);
    match length {
        0 | 1 => None,
        2 if whole && alone && !surname(2) && surname(1) => Some(1),
        2 => None,
        // Also in a field of family names: one of three characters or more is a whole name, or a compound with another.
        _ if compound => Some(2),
        3 if whole || surname(1) => Some(1),
        3 => None,
        _ if kind == NameForm::Family => None,
        _ => Some(2),
    }
}

/// Whether two characters of a field of family names may be a whole name all the same: then their readings are other
/// forms, so that a list with the same name in another field has keys in common with it.
fn doubtful(length: usize, surname: impl Fn(usize) -> bool) -> bool {
    length == 2 && surname(1) && !surname(2)
}

/// A run of Han characters; `alone` if it is the whole name.
pub(super) fn han(tables: &Tables, run: &[Unit], kind: NameForm, alone: bool, found: &mut NameParts) {
    let folded: Vec<char> = run
        .iter()
        .filter_map(|u| char::from_u32(u.point))
        .map(|c| tables.han_variants.get(&c).copied().unwrap_or(c))
        .collect();
    let text = |range: &[char]| range.iter().collect::<String>();
    let surname = |n: usize| folded.get(..n).is_some_and(|s| tables.han_surnames.contains_key(text(s).as_str()));
    // Readings are those of the characters as written: folding merges some that are read in two ways.
    let read = |points: &[Unit]| points.iter().map(|u| reading(tables, u.point)).collect::<Vec<_>>();
    let mut family = |length: usize| {
        let (Some(name), Some(points)) = (folded.get(..length), run.get(..length)) else { return };
        let known = tables.han_surnames.get(text(name).as_str());
        found.part(known.map_or_else(|| read(points).concat(), |(reading, _)| (*reading).to_owned()), false);
        known.into_iter().flat_map(|(_, others)| others.split(' ')).for_each(|o| found.other(o.to_owned()));
    };
    let traditional = !run.iter().map(|u| u.point).eq(folded.iter().copied().map(u32::from));
    let han_given = |points: &[Unit], found: &mut NameParts| {
        given(&read(points), found);
        cantonese(tables, points, traditional, found);
    };
    let cut = split(kind, alone, run.len(), surname);
    match cut {
        Some(n) => {
            family(n);
            han_given(run.get(n..).unwrap_or_default(), found);
        }
        None if kind == NameForm::Family || run.len() == 1 && kind != NameForm::Given => {
            family(run.len());
            if doubtful(run.len(), surname) {
                let known = text(folded.get(..1).unwrap_or_default());
                let known = tables.han_surnames.get(known.as_str()).map_or("", |(reading, _)| reading);
                let second = read(run).get(1).copied().unwrap_or_default();
                [known, second].into_iter().for_each(|r| found.other(r.to_owned()));
            }
        }
        None if run.len() == 2 && surname(2) => family(2),
        None => han_given(run, found),
    }
    if run.len() > 1 {
        found.exact.push(text(&folded));
    }
}

/// A given name as it is read in Hong Kong: its characters joined, and each by itself if the name is written as there.
fn cantonese(tables: &Tables, points: &[Unit], traditional: bool, found: &mut NameParts) {
    let reading = |u: &Unit| tables.cantonese.get(&u.point).copied();
    let Some(readings) = points.iter().map(reading).collect::<Option<Vec<_>>>() else { return };
    found.other(readings.concat());
    if traditional && readings.len() > 1 {
        readings.iter().for_each(|r| found.other((*r).to_owned()));
    }
}

/// A run of Hangul syllables.
pub(super) fn hangul(tables: &Tables, run: &[Unit], kind: NameForm, alone: bool, found: &mut NameParts) {
    let text = |units: &[Unit]| units.iter().filter_map(|u| char::from_u32(u.point)).collect::<String>();
    let surname = |n: usize| run.get(..n).is_some_and(|s| tables.hangul_surnames.contains_key(text(s).as_str()));
    let read = |units: &[Unit]| units.iter().map(|u| syllable(tables, u.point)).collect::<Vec<_>>();
    let mut family = |length: usize| {
        let Some(units) = run.get(..length) else { return };
        let known = tables.hangul_surnames.get(text(units).as_str());
        found.part(known.map_or_else(|| read(units).concat(), |(reading, _)| (*reading).to_owned()), false);
        known.into_iter().flat_map(|(_, others)| others.split(' ')).for_each(|o| found.other(o.to_owned()));
    };
    let given = |units: &[Unit], found: &mut NameParts| {
        let read = read(units);
        given(&read.iter().map(String::as_str).collect::<Vec<_>>(), found);
    };
    match split(kind, alone, run.len(), surname) {
        // Four syllables: a family name of one and a given name of three unless the first two are a family name.
        Some(n) => {
            let n = if n == 2 && !surname(2) { 1 } else { n };
            family(n);
            given(run.get(n..).unwrap_or_default(), found);
        }
        None if kind == NameForm::Family || run.len() == 1 && kind != NameForm::Given => {
            family(run.len());
            if doubtful(run.len(), surname) {
                let known = tables.hangul_surnames.get(text(run.get(..1).unwrap_or_default()).as_str());
                let second = run.get(1).map(|u| syllable(tables, u.point)).unwrap_or_default();
                found.other(known.map_or("", |(reading, _)| reading).to_owned());
                found.other(second);
            }
        }
        None if run.len() == 2 && surname(2) => family(2),
        None => given(run, found),
    }
}

/// A given name: its syllables joined; each by itself as another form.
fn given(syllables: &[&str], found: &mut NameParts) {
    if syllables.len() > 1 {
        syllables.iter().for_each(|s| found.other((*s).to_owned()));
    }
    found.part(syllables.concat(), false);
}

fn reading(tables: &Tables, point: u32) -> &'static str {
    match tables.meaning(point) {
        Meaning::Han(letters) | Meaning::Letter(letters) => letters,
        _ => "",
    }
}

/// A syllable by its jamo (The Unicode Standard, section 3.12).
fn syllable(tables: &Tables, point: u32) -> String {
    let Some(index) = point.checked_sub(0xac00).filter(|i| *i < 11172) else {
        return reading(tables, point).to_owned();
    };
    let (lead, vowel, tail) = (0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11a7 + index % 28);
    let tail = if tail == 0x11a7 { "" } else { reading(tables, tail) };
    [reading(tables, lead), reading(tables, vowel), tail].concat()
}
