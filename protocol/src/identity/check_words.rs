//! Check words (spec section 11.9): sixteen words that follow from the keys of two nodes. Both operators read them aloud.

use super::PeerId;
use crate::crypto::hash::hash;
use crate::labels;

/// Words that are read aloud: 128 bits, so that nobody can make two keys for which two strangers see the same words.
pub(super) const COUNT: usize = 16;

const LIST: &str = include_str!("../../../spec/tables/check_words.txt");

/// The check words of two nodes, the same on both sides.
#[must_use]
pub fn check_words(own: &PeerId, peer: &PeerId) -> [&'static str; 16] {
    let (first, second) = if own <= peer { (own, peer) } else { (peer, own) };
    let digest = hash(labels::CHECK_WORDS, &[first.as_bytes(), second.as_bytes()]);
    // The list has a word for each byte.
    let word = |byte: u8| LIST.lines().nth(usize::from(byte)).unwrap_or_default();
    let mut words = [""; COUNT];
    words.iter_mut().zip(digest).for_each(|(to, byte)| *to = word(byte));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::IdentityKey;
    use std::collections::BTreeSet;

    fn id(n: u8) -> PeerId {
        IdentityKey::from_secret(&[n; 32]).id()
    }

    /// V-PAIR-001: both sides see the same words, and other keys give others.
    #[test]
    fn the_words_are_those_of_both_keys() {
        let words = check_words(&id(1), &id(2));
        assert_eq!(words, check_words(&id(2), &id(1)));
        assert!(words.iter().all(|word| !word.is_empty()));
        for (one, other) in [(1, 3), (3, 2), (1, 1)] {
            let others = check_words(&id(one), &id(other));
            let same = words.iter().zip(others).filter(|(a, b)| *a == b).count();
            assert!(same < 4, "{same} of {COUNT} words are the same");
        }
    }

    /// V-PAIR-002: a word for each byte, none easily taken for another.
    #[test]
    fn the_list_has_a_word_for_each_byte() {
        let words: Vec<&str> = LIST.lines().collect();
        assert_eq!((words.len(), words.iter().collect::<BTreeSet<_>>().len()), (256, 256));
        assert!(words.iter().all(|word| (4..=9).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase())));
        let differ = |one: &str, other: &str| one.bytes().zip(other.bytes()).filter(|(a, b)| a != b).count();
        for (n, one) in words.iter().enumerate() {
            for other in words.iter().skip(n + 1).filter(|other| other.len() == one.len()) {
                assert!(differ(one, other) > 1, "{one} and {other}");
            }
        }
    }
}
