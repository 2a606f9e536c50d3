//! Names of many cultures: their scripts, the spellings that other registers give them, and how names are built.
//! The lists lie in `names/`; sources and licences in `names/README.md`.

mod parse;
mod spelling;

use super::rng::Rng;
use spelling::Spelling;
use std::collections::HashMap;
use std::sync::LazyLock;

/// One name, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// Usual romanisation, in ASCII.
    pub latin: String,
    /// Other published romanisations of this very name.
    pub others: Vec<String>,
    /// In the native script, or with the native letters, where that differs.
    pub native: Option<String>,
}

/// A list of names with their frequencies: the name of rank r has a weight of 1 / (r + q), by Zipf and Mandelbrot.
#[derive(Clone, Debug, Default)]
pub struct Ranked {
    names: Vec<Name>,
    weights: Vec<u64>,
}

/// Which of two family names is the father's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Families {
    /// One family name.
    #[default]
    One,
    /// Father's first (Spanish).
    FatherFirst,
    /// Father's last (Portuguese, Filipino).
    FatherLast,
    /// One, and a fifth of the persons have none.
    OftenNone,
    /// None: the names of father and grandfather follow (Ethiopian, Somali).
    Chain,
    /// None: given names alone, or with the father's (Burmese, Malay).
    None,
}

/// What stands for the father.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patronymic {
    /// Nothing.
    #[default]
    None,
    /// His given name.
    Name,
    /// His given name after a word for son and one for daughter.
    After([String; 2]),
    /// His given name with an ending: old ending, then what replaces it for a son and for a daughter.
    Ending(Vec<[String; 3]>),
}

/// Calendar of the civil registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Calendar {
    /// Gregorian.
    #[default]
    Gregorian,
    /// Solar Hijri (Afghanistan, Iran).
    SolarHijri,
    /// Ethiopian.
    Ethiopian,
    /// Thai Buddhist.
    Buddhist,
}

/// Names of one culture and how they are built.
#[derive(Clone, Debug, Default)]
pub struct Culture {
    /// Name of the culture.
    pub name: String,
    /// Its number among all.
    pub index: usize,
    /// Countries of birth (ISO 3166-1 alpha-3), as often as they are likely.
    pub countries: Vec<String>,
    /// Places of birth.
    pub places: Ranked,
    /// Family names.
    pub family: Ranked,
    /// Given names of men.
    pub male: Ranked,
    /// Given names of women.
    pub female: Ranked,
    /// Middle names of men and of women.
    pub middle: [Ranked; 2],
    /// Whether they stand behind the given name; else before it.
    pub middle_after: bool,
    /// Beginnings and ends of rare family names.
    pub rare_parts: [Vec<Name>; 2],
    /// Share of persons with a rare family name.
    pub rare: f64,
    /// Share of persons with a second given name.
    pub second_given: f64,
    /// Share of persons without a family name, where these may be missing.
    pub missing: f64,
    /// Most given names that a person has without one of them being a second one.
    pub parts: u16,
    /// Whether the family name is said first.
    pub family_first: bool,
    /// Whether a given name is made of one or two of the listed ones, written together.
    pub composed: bool,
    /// Whether wives commonly take their husband's family name.
    pub wife: bool,
    /// Family names.
    pub families: Families,
    /// Patronymics.
    pub patronymic: Patronymic,
    /// Ends of men's family names and those of women's.
    pub feminine: Vec<[String; 2]>,
    /// Parts that registers leave out.
    pub particles: Vec<String>,
    /// Short forms of given names: usual name, short one.
    pub short: Vec<[String; 2]>,
    /// Calendar.
    pub calendar: Calendar,
    schemes: Vec<Spelling>,
    respellings: Vec<Spelling>,
    zipf: u64,
}

/// How a register writes names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The usual romanisation.
    Usual,
    /// Native script or letters.
    Native,
    /// Another romanisation; the number chooses it.
    Other(usize),
}

impl Ranked {
    fn new(names: Vec<Name>, q: u64) -> Self {
        let mut sum = 0;
        let weights = (1..)
            .zip(&names)
            .map(|(rank, _): (u64, _)| {
                sum += (1 << 32) / (rank + q);
                sum
            })
            .collect();
        Self { names, weights }
    }

    /// One of them by frequency, if there is any.
    pub fn draw(&self, rng: &mut Rng) -> Option<&Name> {
        let total = usize::try_from(*self.weights.last()?).unwrap_or_default();
        let at = rng.below(total) as u64;
        self.names.get(self.weights.partition_point(|w| *w <= at))
    }

    /// The names, frequent ones first.
    #[must_use]
    pub fn names(&self) -> &[Name] {
        &self.names
    }
}

impl Culture {
    /// Share of given names by sex.
    #[must_use]
    pub const fn given(&self, female: bool) -> &Ranked {
        if female { &self.female } else { &self.male }
    }

    /// Whether the native spelling is another script rather than other letters.
    #[must_use]
    pub fn has_script(&self) -> bool {
        self.male
            .names
            .iter()
            .filter_map(|n| n.native.as_ref())
            .any(|n| n.chars().any(|c| u32::from(c) > 0x370 && !('\u{1e00}'..='\u{1eff}').contains(&c)))
    }

    /// A name made from its native spelling.
    fn native_name(&self, native: String) -> Name {
        let latin = self.schemes.first().map_or_else(|| native.clone(), |s| s.write(&native));
        Name { latin, others: Vec::new(), native: Some(native) }
    }

    /// Two parts in one word.
    fn joined(&self, first: &Name, second: &Name) -> Name {
        let native = first.native.as_ref().map(|a| format!("{a}{}", second.native.as_deref().unwrap_or(&second.latin)));
        match native {
            Some(native) if !self.schemes.is_empty() => self.native_name(native.trim().to_owned()),
            native => Name {
                latin: format!("{}{}", first.latin, second.latin.to_lowercase()).trim().to_owned(),
                others: Vec::new(),
                native: native.map(|n| n.trim().to_owned()),
            },
        }
    }

    /// A family name by frequency, or a rare one.
    pub fn family_name(&self, rng: &mut Rng) -> Option<Name> {
        let [stems, ends] = &self.rare_parts;
        if let (true, Some(stem), Some(end)) = (rng.chance(self.rare), rng.pick(stems), rng.pick(ends)) {
            return Some(self.joined(stem, end));
        }
        self.family.draw(rng).cloned()
    }

    /// The given names of a person.
    pub fn given_names(&self, female: bool, rng: &mut Rng) -> Vec<Name> {
        let list = self.given(female);
        let mut names: Vec<Name> = list.draw(rng).cloned().into_iter().collect();
        for _ in 1..rng.between(self.parts.min(2), self.parts) {
            names.extend(list.draw(rng).filter(|n| !names.contains(n)).cloned());
        }
        if self.composed {
            if let (Some(first), Some(second), true) = (names.first(), list.draw(rng), rng.chance(0.85)) {
                let mut name = self.joined(first, second);
                let spelt = |n: &Name| n.others.first().unwrap_or(&n.latin).clone();
                name.others = vec![
                    format!("{} {}", first.latin, second.latin),
                    format!("{}-{}", spelt(first), spelt(second).to_lowercase()),
                ];
                names = vec![name];
            }
        } else if rng.chance(self.second_given) {
            names.extend(list.draw(rng).filter(|n| !names.contains(n)).cloned());
        }
        if let Some(middle) = self.middle.get(usize::from(female)).and_then(|m| m.draw(rng)).filter(|_| rng.chance(0.9))
        {
            names.insert(if self.middle_after { names.len() } else { 0 }, middle.clone());
        }
        names
    }

    /// The family name as a woman or a man bears it.
    #[must_use]
    pub fn gendered(&self, name: &Name, female: bool) -> Name {
        if !female {
            return name.clone();
        }
        let text = name.native.as_ref().unwrap_or(&name.latin);
        for [end, other] in &self.feminine {
            if let Some(stem) = text.strip_suffix(end.as_str()) {
                return self.native_name(format!("{stem}{other}"));
            }
        }
        name.clone()
    }

    /// What the child of a man with this given name bears for him.
    #[must_use]
    pub fn patronymic(&self, father: &Name, female: bool) -> Option<Name> {
        match &self.patronymic {
            Patronymic::None if self.families != Families::Chain => None,
            Patronymic::None | Patronymic::Name => Some(father.clone()),
            Patronymic::After(words) => {
                let [son, daughter] = words;
                let word = if female { daughter } else { son };
                let others = father.others.iter().map(|other| format!("{word} {other}")).collect();
                Some(Name { latin: format!("{word} {}", father.latin), others, native: None })
            }
            Patronymic::Ending(endings) => {
                let text = father.native.as_ref().unwrap_or(&father.latin);
                let [end, son, daughter] = endings.iter().find(|[end, ..]| text.ends_with(end.as_str()))?;
                let stem = text.strip_suffix(end.as_str())?;
                Some(self.native_name(format!("{stem}{}", if female { daughter } else { son })))
            }
        }
    }

    /// The name as a register with this style writes it.
    #[must_use]
    pub fn written(&self, name: &Name, style: Style) -> String {
        match style {
            Style::Usual => name.latin.clone(),
            Style::Native => name.native.as_ref().unwrap_or(&name.latin).clone(),
            Style::Other(number) => self.other(name, number),
        }
    }

    fn other(&self, name: &Name, number: usize) -> String {
        let schemes = self.schemes.get(1..).unwrap_or_default();
        let of_name = if number.is_multiple_of(2) { name.others.len() } else { 0 };
        if let Some(other) = number.checked_div(2).and_then(|n| name.others.get(n.checked_rem(of_name)?)) {
            return other.clone();
        }
        let count = schemes.len() + self.respellings.len();
        let Some(chosen) = (number / 2).checked_rem(count) else { return name.latin.clone() };
        match schemes.get(chosen) {
            Some(scheme) => scheme.write(name.native.as_ref().unwrap_or(&name.latin)),
            None => self
                .respellings
                .get(chosen - schemes.len())
                .map_or_else(|| name.latin.clone(), |r| r.write(&name.latin)),
        }
    }

    /// The short form of a given name, if it has one.
    #[must_use]
    pub fn short_form(&self, name: &Name) -> Option<&str> {
        let usual = name.native.as_ref().unwrap_or(&name.latin);
        self.short.iter().find(|[long, _]| *long == name.latin || long == usual).map(|[_, short]| short.as_str())
    }
}

/// Other spellings of a name that the published groups of names have; none if they do not know it.
#[must_use]
pub fn variants(latin: &str) -> &'static [&'static str] {
    static GROUPS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
        let lines = include_str!("names/variants.txt").lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| line.split_once('=')).map(|(name, of)| (name, of.split('/').collect())).collect()
    });
    GROUPS.get(latin).map_or(&[], Vec::as_slice)
}

/// A name of unknown culture as another register might spell it; the number chooses how.
#[must_use]
pub fn respelt(text: &str, number: usize) -> String {
    static HABITS: LazyLock<Vec<Spelling>> = LazyLock::new(|| {
        let habits = [
            "french sh=ch u=ou w=ou j=dj",
            "german sh=sch ch=tsch v=w z=s y=j",
            "ear ph=f ck=k th=t y=i kh=h ou=u ee=i",
            "english i$=y u=oo k=c",
        ];
        habits.into_iter().map(Spelling::parse).collect()
    });
    number
        .checked_rem(HABITS.len())
        .and_then(|n| HABITS.get(n))
        .map_or_else(|| text.to_owned(), |habit| habit.write(text))
}

/// All cultures, by name.
#[must_use]
pub fn cultures() -> &'static [Culture] {
    static CULTURES: LazyLock<Vec<Culture>> = LazyLock::new(|| {
        let read = |(index, (name, text)): (usize, &(&str, &str))| Culture { index, ..parse::culture(name, text) };
        FILES.iter().enumerate().map(read).collect()
    });
    &CULTURES
}

macro_rules! files {
    ($($name:literal)*) => { &[$(($name, include_str!(concat!("names/", $name, ".txt")))),*] };
}

const FILES: &[(&str, &str)] = files! {
    "afghan" "akan" "albanian" "armenian" "azeri" "bengali" "brazilian" "bulgarian" "burmese" "cantonese" "chinese"
    "colombian" "congolese" "egyptian" "ethiopian" "filipino" "georgian" "greek" "haitian" "hausa" "hindi" "hungarian"
    "igbo" "indonesian" "iranian" "japanese" "khmer" "korean" "kurdish" "kyrgyz" "lao" "levantine" "macedonian"
    "maghreb" "malay" "mande" "mexican" "mongolian" "nepali" "oromo" "pashtun" "polish" "punjabi" "romanian" "russian"
    "rwandan" "serbian" "sinhala" "somali" "southern_african" "sudanese" "swahili" "tajik" "tamil" "thai" "tibetan"
    "tigrinya" "turkish" "ukrainian" "urdu" "uzbek" "vietnamese" "yoruba"
};
