//! The data files of `norm-v1` (`spec/tables/norm-v1/`, spec section 13.2), compiled in and read once a process.
//!
//! No Unicode library is behind them: what a code point becomes is in the files, and one that is in none of them is a
//! break, whichever Unicode version knows it (V-NORM-001).

mod files;
mod icao;
mod meaning;
mod words;

pub(crate) use files::{FILES, points, rows};
pub(crate) use icao::LANGUAGES;
pub(crate) use meaning::{Alternate, Meaning, Place, Script, Sequence};
pub(crate) use words::Words;

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The tables of names, ready to be looked up.
pub(crate) struct Tables {
    pages: Vec<u16>,
    cells: Vec<Meaning>,
    /// Canonical compositions.
    pub(crate) compose: BTreeMap<(u32, u32), u32>,
    /// By first code point, longest first.
    pub(crate) sequences: BTreeMap<u32, Vec<Sequence>>,
    /// Other letters for a code point, or for a folded letter and a mark, and their set.
    pub(crate) alternates: BTreeMap<(u32, u32), Alternate>,
    /// The letter of a script that looks like a code point.
    pub(crate) homoglyphs: Vec<(u32, Script, u32)>,
    /// Romanisation of one letter by ICAO Doc 9303 in each of [`LANGUAGES`].
    pub(crate) icao_cyrillic: BTreeMap<u32, icao::Row>,
    /// Letters to Arabic code points, ICAO Doc 9303.
    pub(crate) icao_arabic: BTreeMap<&'static str, u32>,
    /// Traditional and Japanese forms of Han characters to the simplified one.
    pub(crate) han_variants: BTreeMap<char, char>,
    /// Han characters as they are read in Hong Kong.
    pub(crate) cantonese: BTreeMap<u32, &'static str>,
    /// Surname to reading and other romanisations.
    pub(crate) han_surnames: BTreeMap<&'static str, (&'static str, &'static str)>,
    /// As `han_surnames`, in Hangul.
    pub(crate) hangul_surnames: BTreeMap<&'static str, (&'static str, &'static str)>,
    /// Words that are no name.
    pub(crate) titles: Words,
    /// Words that one register writes and another drops.
    pub(crate) particles: Words,
    /// Endings of patronymics.
    pub(crate) patronymic_suffixes: Vec<&'static str>,
    /// Words before and after a father's name.
    pub(crate) patronymic_before: Vec<&'static str>,
    pub(crate) patronymic_after: Vec<&'static str>,
}

const PAGE: usize = 256;

impl Tables {
    /// What a code point means. Hangul syllables are letters by arithmetic: see `name/scan.rs`.
    pub(crate) fn meaning(&self, point: u32) -> Meaning {
        let Ok(point) = usize::try_from(point) else { return Meaning::Break };
        let page = usize::from(self.pages.get(point / PAGE).copied().unwrap_or(0));
        self.cells.get(page * PAGE + point % PAGE).copied().unwrap_or(Meaning::Break)
    }

    fn set(&mut self, point: u32, meaning: Meaning) {
        let Ok(point) = usize::try_from(point) else { return };
        let index = point / PAGE;
        if self.pages.len() <= index {
            self.pages.resize(index + 1, 0);
        }
        if self.pages.get(index) == Some(&0) {
            let next = u16::try_from(self.cells.len() / PAGE).unwrap_or(0);
            self.cells.resize(self.cells.len() + PAGE, Meaning::Break);
            if let Some(page) = self.pages.get_mut(index) {
                *page = next;
            }
        }
        let page = usize::from(self.pages.get(index).copied().unwrap_or(0));
        if let Some(cell) = self.cells.get_mut(page * PAGE + point % PAGE) {
            *cell = meaning;
        }
    }

    fn read() -> Self {
        let mut tables = Self {
            pages: Vec::new(),
            // Page 0 is the empty one.
            cells: vec![Meaning::Break; PAGE],
            compose: BTreeMap::new(),
            sequences: BTreeMap::new(),
            alternates: BTreeMap::new(),
            homoglyphs: Vec::new(),
            icao_cyrillic: icao::cyrillic(),
            icao_arabic: icao::arabic(),
            han_variants: rows("han_variants.tsv")
                .filter_map(|r| Some((character(&r, 0)?, character(&r, 1)?)))
                .collect(),
            cantonese: cantonese(),
            han_surnames: surnames("han_surnames.tsv"),
            hangul_surnames: surnames("hangul_surnames.tsv"),
            titles: Words::read("titles.tsv"),
            particles: Words::read("particles.tsv"),
            patronymic_suffixes: patronymics("suffix"),
            patronymic_before: patronymics("before"),
            patronymic_after: patronymics("after"),
        };
        tables.read_letters();
        tables.read_pairs();
        tables
    }

    fn read_letters(&mut self) {
        for row in rows("romanise.tsv") {
            if let [point, letters] = row.as_slice() {
                points(point).into_iter().for_each(|p| self.set(p, Meaning::Letter(letters)));
            }
        }
        for row in rows("han.tsv") {
            if let [reading, characters] = row.as_slice() {
                characters.chars().for_each(|c| self.set(c.into(), Meaning::Han(reading)));
            }
        }
        for row in rows("fold.tsv") {
            if let [point, becomes] = row.as_slice() {
                // Read once a process and kept for good.
                let becomes: &'static [u32] = Vec::leak(points(becomes));
                points(point).into_iter().for_each(|p| self.set(p, Meaning::Folds(becomes)));
            }
        }
        for row in rows("signs.tsv") {
            let [first, last, fate] = row.as_slice() else { continue };
            let (&[first, ..], &[last, ..]) = (points(first).as_slice(), points(last).as_slice()) else { continue };
            let meaning = match *fate {
                "ignore" => Meaning::Ignored,
                "apostrophe" => Meaning::Apostrophe,
                "hyphen" => Meaning::Hyphen,
                _ => Meaning::Break,
            };
            (first..=last).for_each(|p| self.set(p, meaning));
        }
    }

    fn read_pairs(&mut self) {
        for row in rows("compose.tsv") {
            if let [a, b, c] = row.iter().flat_map(|cell| points(cell)).collect::<Vec<_>>()[..] {
                self.compose.insert((a, b), c);
            }
        }
        for row in rows("sequences.tsv") {
            if let [cell, at, letters] = row.as_slice() {
                let (points, place) = (points(cell), if *at == "initial" { Place::Initial } else { Place::Any });
                let first = points.first().copied().unwrap_or(0);
                let of_first = self.sequences.entry(first).or_default();
                of_first.push(Sequence { points, place, letters });
                of_first.sort_by_key(|s| core::cmp::Reverse(s.points.len()));
            }
        }
        for row in rows("alternates.tsv") {
            if let [cell, letters, set] = row.as_slice() {
                let alternate = (*letters, if *set == "2" { 2 } else { 1 });
                match points(cell)[..] {
                    [point] => drop(self.alternates.insert((point, 0), alternate)),
                    [letter, mark] => drop(self.alternates.insert((letter, mark), alternate)),
                    _ => {}
                }
            }
        }
        for row in rows("homoglyphs.tsv") {
            if let ([_, _, script], [from, to]) =
                (row.as_slice(), row.iter().take(2).flat_map(|cell| points(cell)).collect::<Vec<_>>().as_slice())
            {
                let script = match *script {
                    "latin" => Script::Latin,
                    "cyrillic" => Script::Cyrillic,
                    _ => Script::Greek,
                };
                self.homoglyphs.push((*from, script, *to));
            }
        }
    }
}

fn character(row: &[&'static str], at: usize) -> Option<char> {
    row.get(at)?.chars().next()
}

fn cantonese() -> BTreeMap<u32, &'static str> {
    let of_row = |row: Vec<&'static str>| Some((*row.first()?, *row.get(1)?));
    rows("han_cantonese.tsv").filter_map(of_row).flat_map(|(r, all)| all.chars().map(move |c| (c.into(), r))).collect()
}

fn patronymics(kind: &str) -> Vec<&'static str> {
    rows("patronymics.tsv").filter(|row| row.get(1) == Some(&kind)).filter_map(|row| row.first().copied()).collect()
}

fn surnames(file: &str) -> BTreeMap<&'static str, (&'static str, &'static str)> {
    rows(file).filter_map(|row| Some((*row.first()?, (*row.get(1)?, *row.get(2)?)))).collect()
}

/// The tables.
pub(crate) fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(Tables::read)
}
