//! Consonant skeletons of romanised name parts (spec 13.5, V-NORM-004): what the romanisations of one name have in
//! common.

use super::tables;
use core::fmt;
use std::sync::OnceLock;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Letters of a part that count; a longer one is cut.
const LONGEST: usize = super::name::MAX_PART;

/// A replacement of two letters or more by one or two, with the set of letters that it needs.
struct Rule {
    from: &'static [u8],
    to: &'static [u8],
    needs: u32,
}

struct Rules {
    /// In order.
    long: Vec<Rule>,
    /// What each single letter becomes after them.
    letters: [&'static [u8]; 26],
}

/// The rules of `skeleton.tsv`. Those of one letter stand after all that they could disturb, except `x` and `q`, which
/// no later rule of several letters holds: they are applied together at the end, which gives the same.
fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let mut rules = Rules { long: Vec::new(), letters: [b""; 26] };
        for row in tables::rows("skeleton.tsv") {
            let [_, from, to] = row.as_slice() else { continue };
            match from.as_bytes() {
                [letter @ b'a'..=b'z'] => {
                    if let Some(place) = rules.letters.get_mut(usize::from(letter - b'a')) {
                        *place = to.as_bytes();
                    }
                }
                [_] => {}
                long => rules.long.push(Rule { from: long, to: to.as_bytes(), needs: mask(long) }),
            }
        }
        rules
    })
}

fn mask(letters: &[u8]) -> u32 {
    letters.iter().fold(0, |mask, letter| mask | 1 << (letter & 31))
}

/// A skeleton: one to five letters, or none for a part without letters. Wiped on drop.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Zeroize, ZeroizeOnDrop)]
pub struct Skeleton {
    letters: [u8; 5],
    length: u8,
}

impl Skeleton {
    /// The letters, ASCII.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.letters.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Adds a letter behind, and drops the first one of more than `most`.
    fn push_last(&mut self, letter: u8, most: usize) {
        if usize::from(self.length) == most {
            self.letters.copy_within(1..most, 0);
            self.length -= 1;
        }
        self.push(letter);
    }

    fn push(&mut self, letter: u8) {
        if let Some(place) = self.letters.get_mut(usize::from(self.length)) {
            *place = letter;
            self.length += 1;
        }
    }
}

impl fmt::Debug for Skeleton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Skeleton(..)")
    }
}

/// The skeletons of one part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skeletons {
    /// First sound (vowel or h: `a`), then consonants, at most four.
    pub k4: Skeleton,
    /// At most five, and a first h stays.
    pub k5: Skeleton,
    /// The last three letters of K4 before it is cut.
    pub s3: Skeleton,
}

/// The skeletons K4 and K5 of a part of lower-case letters.
#[must_use]
pub fn both(part: &str) -> (Skeleton, Skeleton) {
    let Skeletons { k4, k5, .. } = all(part);
    (k4, k5)
}

/// The skeletons of a part of lower-case letters (V-NORM-004).
#[must_use]
pub fn all(part: &str) -> Skeletons {
    let Skeletons { mut k4, mut k5, mut s3 } = Skeletons::default();
    let mut last = (0, 0, 0);
    each_sound(part, |sound, first| {
        let (four, five) = sounds_of(sound, first);
        if let Some(sound) = four.filter(|sound| *sound != last.2) {
            s3.push_last(sound, 3);
            last.2 = sound;
        }
        add(&mut k4, &mut last.0, four, 4);
        add(&mut k5, &mut last.1, five, 5);
    });
    Skeletons { k4, k5, s3 }
}

/// What K4 is the first four letters of (V-NORM-004).
#[must_use]
pub fn consonants(part: &str) -> Zeroizing<String> {
    gathered(part, |sound, first| sounds_of(sound, first).0)
}

/// The sounds of a part (V-NORM-025): its consonants as in a skeleton, and its vowels as `a`, `i` or `u`.
#[must_use]
pub fn sounds(part: &str) -> Zeroizing<String> {
    gathered(part, |sound, first| match sound {
        b'e' => Some(b'i'),
        b'o' | b'w' => Some(b'u'),
        b'h' if !first => None,
        sound => Some(sound),
    })
}

/// What `becomes` makes of the sounds, of equal ones side by side one.
fn gathered(part: &str, becomes: impl Fn(u8, bool) -> Option<u8>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * LONGEST));
    let mut last = 0;
    each_sound(part, |sound, first| {
        if let Some(sound) = becomes(sound, first).filter(|sound| *sound != last) {
            text.push(char::from(sound));
            last = sound;
        }
    });
    text
}

/// Calls `each` with every letter that the replacements of `skeleton.tsv` leave, and whether it is the first one.
fn each_sound(part: &str, mut each: impl FnMut(u8, bool)) {
    let mut buffer = Zeroizing::new([0; LONGEST]);
    let length = part.len().min(LONGEST);
    let (Some(text), Some(source)) = (buffer.get_mut(..length), part.as_bytes().get(..length)) else {
        return;
    };
    text.copy_from_slice(source);
    let rules = rules();
    let mut present = mask(text);
    let mut length = length;
    for rule in rules.long.iter() {
        if rule.needs & !present == 0 && replace(&mut buffer[..], &mut length, rule) {
            present |= mask(rule.to);
        }
    }
    for (i, letter) in buffer.iter().take(length).enumerate() {
        let becomes = match letter {
            b'S' => b"s",
            letter => rules.letters.get(usize::from(letter.wrapping_sub(b'a'))).copied().unwrap_or_default(),
        };
        let becomes = if becomes.is_empty() { core::slice::from_ref(letter) } else { becomes };
        for (j, &sound) in becomes.iter().enumerate() {
            // A hushing sound that a single letter gives.
            each(if sound == b'S' { b's' } else { sound }, i == 0 && j == 0);
        }
    }
}

/// The value of a letter in K4 and in K5.
const fn sounds_of(letter: u8, first: bool) -> (Option<u8>, Option<u8>) {
    match (letter, first) {
        (b'a' | b'e' | b'i' | b'o' | b'u', true) => (Some(b'a'), Some(b'a')),
        (b'h', true) => (Some(b'a'), Some(b'h')),
        (b'w', true) => (Some(b'v'), Some(b'v')),
        (b'a' | b'e' | b'i' | b'o' | b'u' | b'h' | b'w', false) => (None, None),
        (consonant, _) => (Some(consonant), Some(consonant)),
    }
}

fn add(skeleton: &mut Skeleton, last: &mut u8, sound: Option<u8>, longest: u8) {
    if let Some(sound) = sound.filter(|s| s != last)
        && skeleton.length < longest
    {
        skeleton.push(sound);
        *last = sound;
    }
}

/// Replaces every occurrence, from the left, in place: no rule makes a text longer. Whether there was one.
fn replace(buffer: &mut [u8], length: &mut usize, rule: &Rule) -> bool {
    let (mut read, mut write) = (0, 0);
    let mut found = false;
    while read < *length {
        let here = buffer.get(read..*length).unwrap_or_default();
        if here.starts_with(rule.from) {
            found = true;
            read += rule.from.len();
            for &letter in rule.to {
                if let Some(place) = buffer.get_mut(write) {
                    *place = letter;
                }
                write += 1;
            }
        } else {
            let letter = here.first().copied().unwrap_or_default();
            if let Some(place) = buffer.get_mut(write) {
                *place = letter;
            }
            (read, write) = (read + 1, write + 1);
        }
    }
    *length = write;
    found
}

/// The skeleton K4 of a part of lower-case letters.
#[must_use]
pub fn k4(part: &str) -> String {
    String::from_utf8_lossy(both(part).0.as_bytes()).into_owned()
}

/// The skeleton K5 of a part of lower-case letters.
#[must_use]
pub fn k5(part: &str) -> String {
    String::from_utf8_lossy(both(part).1.as_bytes()).into_owned()
}
