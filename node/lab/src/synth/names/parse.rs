//! The files of `names/`: a keyword and words a line. A word is `Usual[=Other/Other][=native]`, with `_` for a space; one
//! that is not ASCII alone is a native spelling, whose usual romanisation is the first scheme's.

use super::spelling::Spelling;
use super::{Calendar, Culture, Families, Name, Patronymic, Ranked};

/// Share of persons with a rare family name where the file says nothing.
const RARE: f64 = 0.35;
/// Share of persons without a family name where the file says nothing.
const MISSING: f64 = 0.2;
/// Flatness of the frequencies where the file says nothing.
const ZIPF: u64 = 5;

pub(super) fn culture(name: &str, text: &str) -> Culture {
    let mut culture =
        Culture { name: name.to_owned(), rare: RARE, zipf: ZIPF, parts: 1, missing: MISSING, ..Culture::default() };
    let lines = || {
        text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ').or(Some((line, ""))))
    };
    for (keyword, rest) in lines() {
        setting(&mut culture, keyword, rest);
    }
    // Names need the schemes, wherever these stand.
    for (keyword, rest) in lines() {
        let names: Vec<Name> = rest.split_whitespace().map(|word| name_of(&culture, word)).collect();
        let list = match keyword {
            "family" => &mut culture.family,
            "male" => &mut culture.male,
            "female" => &mut culture.female,
            "place" => &mut culture.places,
            "middle_male" => &mut culture.middle[0],
            "middle_female" => &mut culture.middle[1],
            "stem" | "end" => {
                let [stems, ends] = &mut culture.rare_parts;
                *(if keyword == "stem" { stems } else { ends }) = names;
                continue;
            }
            _ => continue,
        };
        *list = Ranked::new(names, culture.zipf);
    }
    culture
}

fn setting(culture: &mut Culture, keyword: &str, rest: &str) {
    let words = || rest.split_whitespace().map(|w| w.replace('_', " "));
    let pairs =
        || words().filter_map(|w| w.split_once('=').map(|(a, b)| [a.to_owned(), b.to_owned()])).collect::<Vec<_>>();
    match keyword {
        "country" => culture.countries = words().collect(),
        "order" => culture.family_first = rest == "family_first",
        "compose" => culture.composed = true,
        "wife" => culture.wife = true,
        "chain" => culture.families = Families::Chain,
        "no_family" => culture.families = Families::None,
        "families_missing" => culture.families = Families::OftenNone,
        "families" if rest == "two_father_first" => culture.families = Families::FatherFirst,
        "families" => culture.families = Families::FatherLast,
        "patronymic" if rest == "father" => culture.patronymic = Patronymic::Name,
        "patronymic_prefix" => {
            if let Some((son, daughter)) = rest.split_once('/') {
                culture.patronymic = Patronymic::After([son.to_owned(), daughter.to_owned()]);
            }
        }
        "patronymic" => {
            let endings = pairs().into_iter().filter_map(|[end, both]| {
                let (son, daughter) = both.split_once('/')?;
                Some([end, son.to_owned(), daughter.to_owned()])
            });
            culture.patronymic = Patronymic::Ending(endings.collect());
        }
        "middle_after" => culture.middle_after = true,
        "missing" => culture.missing = rest.parse().unwrap_or(MISSING),
        "parts" => culture.parts = rest.parse().unwrap_or(1),
        "feminine" => culture.feminine = pairs(),
        "particles" => culture.particles = words().collect(),
        "nick" => culture.short = pairs(),
        "calendar" => {
            culture.calendar = match rest {
                "solar_hijri" => Calendar::SolarHijri,
                "ethiopian" => Calendar::Ethiopian,
                _ => Calendar::Buddhist,
            }
        }
        "zipf" => culture.zipf = rest.parse().unwrap_or(ZIPF),
        "rare" => culture.rare = rest.parse().unwrap_or(RARE),
        "second_given" => culture.second_given = rest.parse().unwrap_or_default(),
        "scheme" => culture.schemes.push(Spelling::parse(rest)),
        "respell" => culture.respellings.push(Spelling::parse(rest)),
        _ => {}
    }
}

fn name_of(culture: &Culture, word: &str) -> Name {
    let pieces: Vec<String> = word.split('=').map(|p| p.replace('_', " ")).collect();
    let (plain, native): (Vec<&String>, Vec<&String>) = pieces.iter().partition(|p| p.is_ascii());
    let native = native.first().map(|n| (*n).clone());
    let Some((latin, others)) = plain.split_first() else {
        return native.map_or_else(Name::default, |n| culture.native_name(n));
    };
    let others = others.iter().flat_map(|o| o.split('/')).map(str::to_owned).collect();
    Name { latin: (*latin).clone(), others, native }
}
