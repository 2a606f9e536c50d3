//! What is wrong in a configuration, with the word that was probably meant.

/// Two words that differ by more changes than a third of their length are two words.
const PART: usize = 3;

/// What the reader of the file said, in one line, and the suggestion, if one of the words that it expects is near.
pub(super) fn in_words(said: &str) -> (String, String) {
    let quoted: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    let Some((wrong, expected)) = quoted.split_first().filter(|_| said.starts_with("unknown field")) else {
        return (said.replace('\n', " "), String::new());
    };
    let near = |word: &&&str| strsim::osa_distance(wrong, word) <= wrong.len().max(word.len()).div_ceil(PART);
    let best = expected.iter().filter(near).min_by_key(|word| strsim::osa_distance(wrong, word));
    let hint = match best {
        Some(word) => format!("; is `{word}` meant?"),
        None => format!("; known are {}", expected.join(", ")),
    };
    (format!("`{wrong}` is not known here"), hint)
}
