//! Sets of words.

use super::files::rows;

/// A set of words, by their first letters: most words are in none, which one look shows.
pub(crate) struct Words([Vec<&'static str>; 32]);

impl Words {
    pub(super) fn read(file: &str) -> Self {
        let mut words = Self(Default::default());
        for word in rows(file).filter_map(|row| row.first().copied()) {
            if let Some(of_letter) = word.bytes().next().and_then(|first| words.0.get_mut(usize::from(first & 31))) {
                of_letter.push(word);
            }
        }
        words
    }

    pub(crate) fn contains(&self, word: &str) -> bool {
        let of_letter = word.bytes().next().and_then(|first| self.0.get(usize::from(first & 31)));
        of_letter.is_some_and(|words| words.contains(&word))
    }
}
