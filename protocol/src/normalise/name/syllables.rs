//! Scripts whose names are cut into syllables (spec 13.3.9): Myanmar and Tibetan.

use super::NameParts;
use super::unit::Unit;

/// Whether a word is written in Myanmar letters only.
pub(super) fn is_burmese(word: &[Unit]) -> bool {
    word.iter().all(|u| matches!(u.point, 0x1000..=0x109f))
}

/// A word in Myanmar letters: each syllable is a part, as names are written in Latin letters; two that follow each other
/// are another form (V-NORM-027). `read` gives the letters of a syllable, the first one of its word or another.
pub(super) fn burmese(word: &[Unit], found: &mut NameParts, read: impl Fn(&[Unit], bool) -> String) {
    const KILLER: u32 = 0x103a;
    const STACK: u32 = 0x1039;
    let toneless: Vec<Unit> = word.iter().copied().filter(|u| !matches!(u.point, 0x1037 | 0x1038)).collect();
    let point = |at: Option<usize>| at.and_then(|at| toneless.get(at)).map_or(0, |u| u.point);
    let begins = |at: usize| {
        let here = point(Some(at));
        let letter = here <= 0x1021 || matches!(here, 0x1023..=0x102a | 0x103f);
        letter && !matches!(point(at.checked_add(1)), KILLER | STACK) && point(at.checked_sub(1)) != STACK
    };
    let starts: Vec<usize> = (0..toneless.len()).filter(|&at| at == 0 || begins(at)).collect();
    let ends = starts.iter().skip(1).copied().chain([toneless.len()]);
    let mut before: Option<String> = None;
    for (start, end) in starts.iter().zip(ends) {
        let mut text = read(toneless.get(*start..end).unwrap_or_default(), *start == 0);
        if !text.contains(['a', 'e', 'i', 'o', 'u']) {
            text.push('a');
        }
        if let Some(before) = before.replace(text.clone()) {
            found.pair(before, &text);
        }
        found.part(text, false);
    }
}

/// Whether a word is written in Tibetan letters only.
pub(super) fn is_tibetan(word: &[Unit]) -> bool {
    word.iter().all(|u| matches!(u.point, 0xf40..=0xfbc))
}

/// Syllables in Tibetan letters that follow each other: two are one name (V-NORM-028).
pub(super) fn tibetan(syllables: &[&[Unit]], found: &mut NameParts) {
    for pair in syllables.chunks(2) {
        let read: Vec<Syllable> = pair.iter().map(|word| Syllable::read(word)).collect();
        match read.as_slice() {
            [one, other] => {
                let link = if one.open { other.link } else { "" };
                found.part([&one.text, link, &other.text].concat(), false);
                found.other(one.text.clone());
                found.other(other.text.clone());
            }
            [one] => found.part(one.text.clone(), false),
            _ => {}
        }
    }
}

/// A Tibetan syllable as it is spoken.
struct Syllable {
    text: String,
    /// What it gives to an open syllable before it.
    link: &'static str,
    /// Whether it ends in its vowel.
    open: bool,
}

const YA: u32 = 0xb1;
const RA: u32 = 0xb2;
const LA: u32 = 0xb3;
const WA: u32 = 0xad;
const HA: u32 = 0xb7;

impl Syllable {
    fn read(word: &[Unit]) -> Self {
        let low: Vec<u32> = word.iter().map(|u| u.point - 0xf00).collect();
        let bases: Vec<usize> = low.iter().enumerate().filter(|(_, p)| **p < 0x6d).map(|(at, _)| at).collect();
        let Some(at) = root(&low, &bases) else { return Self { text: String::new(), link: "", open: true } };
        let point = |at: usize| low.get(at).copied().unwrap_or(0);
        let before = at.checked_sub(1).map_or(0, point);
        let (mut root, mut rest, mut link) = (point(at), low.get(at + 1..).unwrap_or_default(), "");
        let below = rest.first().copied().unwrap_or(0);
        if matches!(root, 0x62 | 0x63 | 0x66) && below >= 0x90 && !matches!(below, YA | RA | LA | WA | HA) {
            link = if root == 0x62 { "r" } else { "" };
            root = below - 0x50;
            rest = rest.get(1..).unwrap_or_default();
        } else if before == 0x60 {
            link = "n";
        }
        let mut initial = if root == 0x56 && before == 0x51 { "w" } else { initial(root) }.to_owned();
        let (mut vowel, mut last) = ("", 0);
        for &p in rest {
            match p {
                YA => initial = with_ya(&initial),
                RA => initial = with_ra(&initial).to_owned(),
                LA => initial = if initial == "z" { "d" } else { "l" }.to_owned(),
                HA => initial.push('h'),
                0x71 => vowel = "a",
                0x72 | 0x73 | 0x80 => vowel = "i",
                0x74 | 0x75 => vowel = "u",
                0x7a | 0x7b => vowel = "e",
                0x7c | 0x7d => vowel = "o",
                ..0x6d if last == 0 => last = p,
                _ => {}
            }
        }
        if vowel.is_empty() {
            vowel = if matches!(last, 0x51 | 0x53 | 0x63 | 0x66) { "e" } else { "a" };
        }
        Self { text: [&initial, vowel, ending(last)].concat(), link, open: matches!(last, 0 | 0x60) }
    }
}

/// Where the letter stands that is spoken first: prefixes before it are silent.
fn root(low: &[u32], bases: &[usize]) -> Option<usize> {
    let first = bases.first().copied()?;
    if let Some(marked) = low.iter().position(|p| *p >= 0x6d) {
        return Some(bases.iter().copied().rfind(|at| *at < marked).unwrap_or(first));
    }
    let letter = |at: usize| bases.get(at).and_then(|at| low.get(*at)).copied().unwrap_or(0);
    // A third letter sa closes a syllable behind these.
    let closed = bases.len() == 3 && letter(2) == 0x66 && matches!(letter(1), 0x42 | 0x44 | 0x56 | 0x58);
    if bases.len() < 3 || closed { Some(first) } else { bases.get(1).copied() }
}

/// A root letter by its place in the block.
const fn initial(root: u32) -> &'static str {
    match root {
        0x40 => "k",
        0x41 => "kh",
        0x42 | 0x43 => "g",
        0x44 => "ng",
        0x45 | 0x46 => "ch",
        0x47 => "j",
        0x49 => "ny",
        0x4a | 0x4f => "t",
        0x4b | 0x50 => "th",
        0x4c | 0x4d | 0x51 | 0x52 => "d",
        0x4e | 0x53 => "n",
        0x54 => "p",
        0x55 => "ph",
        0x56 | 0x57 => "b",
        0x58 => "m",
        0x59 | 0x5a => "ts",
        0x5b | 0x5f => "z",
        0x5c => "dz",
        0x5d => "w",
        0x5e => "zh",
        0x61 => "y",
        0x62 => "r",
        0x63 => "l",
        0x64 | 0x65 => "sh",
        0x66 => "s",
        0x67 => "h",
        _ => "",
    }
}

fn with_ya(initial: &str) -> String {
    match initial {
        "p" | "ph" => "ch".to_owned(),
        "b" => "j".to_owned(),
        "m" => "ny".to_owned(),
        "w" => "y".to_owned(),
        other => [other, "y"].concat(),
    }
}

fn with_ra(initial: &str) -> &str {
    match initial {
        "k" | "kh" | "t" | "th" | "p" | "ph" => "t",
        "g" | "d" | "b" => "d",
        other => other,
    }
}

const fn ending(last: u32) -> &'static str {
    match last {
        0x42 => "k",
        0x44 => "ng",
        0x53 => "n",
        0x56 => "p",
        0x58 => "m",
        0x62 => "r",
        0x63 => "l",
        _ => "",
    }
}
