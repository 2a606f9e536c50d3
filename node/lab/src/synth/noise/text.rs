//! Damage to letters and digits.

use crate::synth::rng::Rng;

/// Letters and digits that are read for one another (the first as the second).
const LOOK_ALIKE: &[(char, &str)] = &[
    ('a', "o"),
    ('b', "h"),
    ('c', "e"),
    ('d', "cl"),
    ('e', "c"),
    ('g', "q"),
    ('h', "b"),
    ('i', "l"),
    ('l', "i"),
    ('m', "rn"),
    ('n', "r"),
    ('o', "a"),
    ('q', "g"),
    ('r', "n"),
    ('t', "f"),
    ('u', "v"),
    ('v', "y"),
    ('w', "vv"),
    ('y', "v"),
    ('и', "н"),
    ('н', "и"),
    ('о', "с"),
    ('е', "с"),
    ('л', "п"),
    ('ш', "щ"),
    ('ب', "ت"),
    ('ت', "ث"),
    ('ح', "خ"),
    ('ر', "ز"),
    ('س', "ش"),
    ('د', "ذ"),
    ('ف', "ق"),
    ('ي', "ب"),
];

/// Keys beside each key from a to z on the three common Latin keyboards.
const NEIGHBOURS: [&str; 26] = [
    "qszw", "vghn", "xdfv", "serfcx", "wsdr", "drtgvc", "ftyhbv", "gyujnb", "ujko", "huikmn", "jiolm", "kopm", "njkl",
    "bhjm", "iklp", "ol", "wa", "edft", "awedxz", "rfgyz", "yhjiz", "cfgb", "qase", "zsdc", "tghu", "asxtu",
];

/// One letter changed, lost, added, or swapped with the next. `None` if the word is too short.
pub(super) fn typo(word: &str, rng: &mut Rng) -> Option<String> {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 {
        return None;
    }
    let at = rng.below(letters.len());
    match rng.below(4) {
        0 => {
            let other = letter(&letters, at, rng)?;
            *letters.get_mut(at)? = other;
        }
        1 => drop(letters.splice(at..=at, [])),
        2 => {
            let other = letter(&letters, at, rng)?;
            letters.insert(at, other);
        }
        _ => {
            let at = at.min(letters.len() - 2);
            letters.swap(at, at + 1);
        }
    }
    Some(letters.into_iter().collect::<String>()).filter(|new| new != word)
}

/// A letter of the word's script: any one of the alphabet for Latin, else one of the word or its neighbour in the code.
fn letter(letters: &[char], at: usize, rng: &mut Rng) -> Option<char> {
    if letters.iter().all(char::is_ascii) {
        // Half of the slips hit a key beside the right one.
        let beside = letters
            .get(at)
            .and_then(|c| NEIGHBOURS.get(usize::try_from(u32::from(c.to_ascii_lowercase()).checked_sub(97)?).ok()?));
        if let (Some(keys), true) = (beside, rng.chance(0.5)) {
            return keys.chars().nth(rng.below(keys.len()));
        }
        return Some(char::from(b'a' + u8::try_from(rng.below(26)).ok()?));
    }
    let one = *rng.pick(letters)?;
    Some(char::from_u32(u32::from(one) + 1).filter(|c| c.is_alphabetic()).unwrap_or(one))
}

/// One letter read as a similar one.
pub(super) fn misread(word: &str, rng: &mut Rng) -> Option<String> {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    let found: Vec<(usize, char, &str)> = word
        .char_indices()
        .filter_map(|(i, c)| LOOK_ALIKE.iter().find(|(from, _)| *from == lower(c)).map(|(_, to)| (i, c, *to)))
        .collect();
    let (at, old, new) = rng.pick(&found)?;
    let (head, tail) = word.split_at_checked(*at)?;
    Some(format!("{head}{new}{}", tail.get(old.len_utf8()..)?))
}

/// The text with one digit changed.
pub(super) fn digit_changed(text: &str, rng: &mut Rng) -> Option<String> {
    let digits: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).collect();
    let (at, old) = *rng.pick(&digits)?;
    let old = old.to_digit(10)?;
    let new = char::from_digit((old + 1 + u32::try_from(rng.below(9)).ok()?) % 10, 10)?;
    Some(text.char_indices().map(|(i, c)| if i == at { new } else { c }).collect())
}

/// Two neighbouring parts written as one.
pub(super) fn joined(text: &str, rng: &mut Rng) -> Option<String> {
    let gaps: Vec<usize> = text.char_indices().filter(|(_, c)| matches!(c, ' ' | '-')).map(|(i, _)| i).collect();
    let (head, tail) = text.split_at_checked(*rng.pick(&gaps)?)?;
    Some(format!("{head}{}", tail.get(1..)?.to_lowercase()))
}

/// The name without the particle, if one of its words is it or begins with it and a hyphen.
pub(super) fn without_particle(text: &str, particle: &str) -> Option<String> {
    let kept: Vec<&str> = text
        .split(' ')
        .map(|word| {
            word.strip_prefix(particle).filter(|rest| particle.ends_with('-') || rest.is_empty()).unwrap_or(word)
        })
        .filter(|word| !word.is_empty())
        .collect();
    Some(kept.join(" ")).filter(|new| new != text && !new.is_empty())
}
