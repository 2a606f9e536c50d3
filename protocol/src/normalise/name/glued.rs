//! Names that lost the blank between them (spec 13.3.8, V-NORM-026): `SergeiLavrov`.

use super::super::tables::Tables;
use zeroize::Zeroizing;

/// Letters that every piece must have: `McDonald` and `DiCaprio` are one word.
const LEAST: usize = 3;

/// The text with a hyphen wherever a capital stands behind a small letter of the same word; `None` if nowhere.
pub(super) fn set_apart(tables: &Tables, text: &str) -> Option<Zeroizing<String>> {
    let boundary = |a: char, b: char| is_small(a) && is_capital(b);
    if !text.chars().zip(text.chars().skip(1)).any(|(a, b)| boundary(a, b)) {
        return None;
    }
    let mut apart = Zeroizing::new(String::with_capacity(2 * text.len()));
    let mut found = false;
    let of_one_kind = |a: &char, b: &char| is_letter(*a) == is_letter(*b);
    let all: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().collect());
    let runs: Vec<&[char]> = all.chunk_by(of_one_kind).collect();
    for (at, run) in runs.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| runs.get(at)).and_then(|run| run.last());
        let after = runs.get(at + 1).and_then(|run| run.first());
        let alone = [before, after].into_iter().flatten().all(|sign| sign.is_ascii() && !matches!(sign, '\'' | '`'));
        let pieces: Vec<&[char]> = run.chunk_by(|a, b| !boundary(*a, *b)).collect();
        let split = alone && pieces.len() > 1 && pieces.iter().all(|piece| is_name(tables, piece));
        found |= split;
        for (number, piece) in pieces.iter().enumerate() {
            if split && number > 0 {
                apart.push('-');
            }
            apart.extend(piece.iter());
        }
    }
    found.then_some(apart)
}

/// Whether a piece may be a name of its own.
fn is_name(tables: &Tables, piece: &[char]) -> bool {
    let text: Zeroizing<String> = Zeroizing::new(piece.iter().map(char::to_ascii_lowercase).collect());
    piece.len() >= LEAST && !matches!(text.as_str(), "mac" | "fitz") && !tables.particles.contains(text.as_str())
}

/// The letters for which this is done: none of them has a form with a mark of its own.
const fn is_letter(c: char) -> bool {
    is_small(c) || is_capital(c)
}

const fn is_small(c: char) -> bool {
    matches!(c, 'a'..='z' | '\u{430}'..='\u{438}' | '\u{43a}'..='\u{44f}')
}

const fn is_capital(c: char) -> bool {
    matches!(c, 'A'..='Z' | '\u{410}'..='\u{418}' | '\u{41a}'..='\u{42f}')
}
