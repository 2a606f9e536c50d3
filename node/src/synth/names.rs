//! Names of several cultures, with the spellings that other registers give them.

/// One name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Usual romanisation.
    pub latin: String,
    /// Other romanisations and spellings.
    pub others: Vec<String>,
    /// In the native script, where that is not Latin.
    pub native: Option<String>,
}

/// Names of one culture, the frequent ones first.
#[derive(Clone, Debug, Default)]
pub struct Culture {
    /// Countries of birth (ISO 3166-1 alpha-3).
    pub countries: Vec<String>,
    /// Family names.
    pub family: Vec<Name>,
    /// Given names of men.
    pub male: Vec<Name>,
    /// Given names of women.
    pub female: Vec<Name>,
    /// Beginnings of rare family names.
    pub stems: Vec<String>,
    /// Ends of rare family names.
    pub ends: Vec<String>,
}

/// All cultures.
#[must_use]
pub fn cultures() -> Vec<Culture> {
    [
        include_str!("names/andean.txt"),
        include_str!("names/arabic.txt"),
        include_str!("names/bengali.txt"),
        include_str!("names/chinese.txt"),
        include_str!("names/romanian.txt"),
        include_str!("names/slavic.txt"),
        include_str!("names/vietnamese.txt"),
        include_str!("names/westafrican.txt"),
    ]
    .into_iter()
    .map(parse)
    .collect()
}

fn parse(text: &str) -> Culture {
    let mut culture = Culture::default();
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let mut words = line.split_whitespace();
        let kind = words.next().unwrap_or_default();
        let strings = || line.split_whitespace().skip(1).map(str::to_owned);
        match kind {
            "country" => culture.countries.extend(strings()),
            "family" => culture.family.extend(words.map(name)),
            "male" => culture.male.extend(words.map(name)),
            "female" => culture.female.extend(words.map(name)),
            "stem" => culture.stems.extend(strings()),
            "end" => culture.ends.extend(strings()),
            _ => {}
        }
    }
    culture
}

/// `Name[=Other/Other][=native]`, `_` for a space.
fn name(word: &str) -> Name {
    let mut pieces = word.split('=').map(|p| p.replace('_', " "));
    let latin = pieces.next().unwrap_or_default();
    let (native, others): (Vec<String>, Vec<String>) =
        pieces.partition(|p| p.chars().next().is_some_and(|c| u32::from(c) >= 0x370));
    let others = others.iter().flat_map(|o| o.split('/')).map(str::to_owned).collect();
    Name { latin, others, native: native.into_iter().next() }
}
