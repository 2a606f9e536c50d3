//! Consonant skeletons of romanised name parts (spec 4.5.2, V-NORM-004): what the romanisations of one name have in common.

/// Replacements, applied one after the other over the whole part. `S` stands for a hushing sound until the end.
pub const RULES: &[(&str, &str)] = &[
    ("shch", "S"),
    ("tsch", "S"),
    ("sch", "S"),
    ("tch", "S"),
    ("dzh", "S"),
    ("sh", "S"),
    ("zh", "S"),
    ("dj", "S"),
    ("ch", "S"),
    ("cz", "S"),
    ("sz", "S"),
    ("kh", "h"),
    ("gh", "g"),
    ("ph", "f"),
    ("th", "t"),
    ("dh", "d"),
    ("ck", "k"),
    ("tz", "s"),
    ("ts", "s"),
    ("x", "ks"),
    ("q", "k"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "sy"),
    ("c", "k"),
    ("z", "s"),
    ("j", "S"),
    ("y", "i"),
    ("b", "v"),
    ("f", "v"),
    ("p", "v"),
    ("g", "k"),
    ("S", "s"),
];

/// The skeleton K4 of a part of lower-case letters: first sound (vowel or h: `a`), then consonants, at most four.
#[must_use]
pub fn k4(part: &str) -> String {
    skeleton(part, 4, false)
}

/// The skeleton K5: as K4, with five letters and a first h kept.
#[must_use]
pub fn k5(part: &str) -> String {
    skeleton(part, 5, true)
}

fn skeleton(part: &str, length: usize, keep_h: bool) -> String {
    let replaced = RULES.iter().fold(part.to_owned(), |text, (from, to)| text.replace(from, to));
    let mut out = String::with_capacity(length);
    for (i, letter) in replaced.chars().enumerate() {
        let sound = match letter {
            'a' | 'e' | 'i' | 'o' | 'u' => (i == 0).then_some('a'),
            'h' if i == 0 => Some(if keep_h { 'h' } else { 'a' }),
            'h' => None,
            'w' => (i == 0).then_some('v'),
            consonant => Some(consonant),
        };
        if let Some(sound) = sound.filter(|&s| !out.ends_with(s)) {
            if out.len() == length {
                break;
            }
            out.push(sound);
        }
    }
    out
}
