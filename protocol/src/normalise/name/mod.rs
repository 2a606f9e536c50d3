//! Names to romanised parts and further forms (spec 13.3, 13.4).

mod cyrillic;
mod east;
mod glued;
mod letters;
mod mrz;
mod roles;
mod scan;
mod syllables;
mod unit;
mod wade_giles;

use super::tables::{Tables, tables};
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of a name, UTF-8; a longer one has no part (V-NORM-010).
pub const MAX_NAME: usize = 1024;
/// Letters of a part; further ones are cut off (V-NORM-010).
pub const MAX_PART: usize = 40;
/// Parts of a name; further ones are dropped (V-NORM-010).
pub const MAX_PARTS: usize = 16;
/// Further forms of the parts of a name; further ones are dropped (V-NORM-010).
pub const MAX_OTHERS: usize = 24;
/// Han forms of a name; further ones are dropped (V-NORM-010).
pub const MAX_EXACT: usize = 4;

/// The kind of name that a text is declared to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameForm {
    /// A whole name.
    Full,
    /// Given names.
    Given,
    /// The father's name, or a patronymic.
    Father,
    /// Family names.
    Family,
    /// A name from a machine-readable zone (ICAO Doc 9303-3), `<` as filler.
    Mrz,
}

/// What a part is in its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartRole {
    /// A name proper: it may stand in a match key.
    Name,
    /// A father's name or patronymic, which many registers leave out. It may stand in a match key beside two names.
    Patronymic,
    /// An article, preposition or honorific that one register writes and another drops. In no match key.
    Particle,
    /// A single letter. In no match key.
    Initial,
}

/// A romanised part of a name. Wiped on drop.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct NamePart {
    /// One to [`MAX_PART`] letters `a` to `z`.
    pub text: String,
    /// What it is.
    #[zeroize(skip)]
    pub role: PartRole,
}

impl fmt::Debug for NamePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamePart").field("role", &self.role).finish_non_exhaustive()
    }
}

/// All forms of a name. Wiped on drop.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct NameForms {
    /// The parts, in the order of the name.
    pub parts: Vec<NamePart>,
    /// What else the parts may be written like, without those that are among the parts; at least two letters each.
    pub others: Vec<NamePart>,
    /// Runs of two or more Han characters, in simplified form, to be compared as they are.
    pub exact: Vec<String>,
}

impl fmt::Debug for NameForms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameForms(..)")
    }
}

/// A part before its role is known.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
struct RawPart {
    text: String,
    /// Written with a single letter of an alphabet.
    single: bool,
}

/// The parts and forms found so far.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
struct NameParts {
    parts: Vec<RawPart>,
    others: Vec<String>,
    exact: Vec<String>,
}

impl NameParts {
    fn part(&mut self, mut text: String, single: bool) {
        cut(&mut text);
        if !text.is_empty() {
            self.parts.push(RawPart { text, single });
        }
    }

    /// Two parts in one, as another form.
    fn pair(&mut self, mut one: String, other: &str) {
        one.push_str(other);
        self.other(one);
    }

    fn other(&mut self, mut text: String) {
        cut(&mut text);
        if text.len() > 1 && self.others.len() < 4 * MAX_OTHERS {
            self.others.push(text);
        } else {
            text.zeroize();
        }
    }
}

/// Cuts a text of ASCII letters.
fn cut(text: &mut String) {
    if text.len() > MAX_PART {
        text.truncate(MAX_PART);
    }
}

/// Normalises a name: its romanised parts with a role each, other forms of the parts, and Han forms (V-NORM-001).
#[must_use]
pub fn normalise(text: &str, kind: NameForm) -> NameForms {
    if text.len() > MAX_NAME {
        return NameForms::default();
    }
    let tables = tables();
    let mut found = NameParts::default();
    if let Some(decoded) = mrz::decode(tables, text, kind) {
        scan::name(tables, &decoded.text, kind, &mut found);
        if decoded.doubtful {
            let mut latin = NameParts::default();
            scan::name(tables, text, kind, &mut latin);
            latin.parts.iter_mut().for_each(|p| found.other(core::mem::take(&mut p.text)));
        }
    } else if kind == NameForm::Mrz {
        scan::name(tables, &mrz::latin(text), kind, &mut found);
    } else {
        scan::name(tables, text, kind, &mut found);
    }
    finish(tables, kind, &mut found)
}

fn finish(tables: &Tables, kind: NameForm, found: &mut NameParts) -> NameForms {
    roles::join(found);
    let mut forms = NameForms::default();
    forms.parts = roles::assign(tables, kind, found);
    forms.parts.truncate(MAX_PARTS);
    let role = if kind == NameForm::Father { PartRole::Patronymic } else { PartRole::Name };
    for text in &mut found.others {
        let known = |list: &[NamePart]| list.iter().any(|p| p.text == *text);
        if forms.others.len() < MAX_OTHERS
            && !known(&forms.parts)
            && !known(&forms.others)
            && !tables.particles.contains(text)
            && !tables.titles.contains(text)
        {
            forms.others.push(NamePart { text: core::mem::take(text), role });
        }
    }
    for text in &mut found.exact {
        if forms.exact.len() < MAX_EXACT && !forms.exact.contains(text) {
            forms.exact.push(core::mem::take(text));
        }
    }
    forms
}

/// Romanised parts of one whole name, in order, whatever their roles (V-NORM-001).
#[must_use]
pub fn parts(name: &str) -> Vec<String> {
    normalise(name, NameForm::Full).parts.iter_mut().map(|part| core::mem::take(&mut part.text)).collect()
}

/// Letters of a text in one word, for comparing places and the like: romanised, without breaks.
pub(crate) fn squashed(text: &str) -> Zeroizing<String> {
    if text.len() > MAX_NAME {
        return Zeroizing::default();
    }
    let mut found = NameParts::default();
    scan::name(tables(), text, NameForm::Full, &mut found);
    let mut word = Zeroizing::new(String::with_capacity(text.len()));
    found.parts.iter().for_each(|p| word.push_str(&p.text));
    word
}
