//! Several names in one cell, and words that stand for nobody (V-READ-005, V-PLACEHOLDER-001).

use super::{is_absent, tables};
use crate::normalise::text::folded;

/// Whether a cell is one name as it stands: letters, blanks, hyphens and apostrophes, of which no word begins another
/// name's mark or stands for nobody. Most cells are; for them nothing else here has a say.
pub(super) fn is_one_plain(text: &str) -> bool {
    let plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'');
    let is_name = |word: &str| {
        let word = folded(word);
        let first = word.split(' ').next().unwrap_or_default();
        !first.is_empty() && !tables::phrase_beginnings().contains(first)
    };
    !text.is_empty() && text.chars().all(plain) && text.split(' ').filter(|word| !word.is_empty()).all(is_name)
}

/// The names of a cell.
pub(super) fn several(text: &str) -> Vec<String> {
    if let Some(numbered) = numbered(text) {
        return numbered;
    }
    let pieces = text.split([';', '|']).flat_map(|piece| piece.split(" / "));
    pieces.flat_map(aliases).map(|name| name.trim_matches(' ').to_owned()).collect()
}

/// The pieces behind `1:`, `2:` .., in order.
fn numbered(text: &str) -> Option<Vec<String>> {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    // Where each mark begins and ends, and its number.
    let mut marks: Vec<(usize, usize, usize)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let mut end = match (at, byte(at)) {
            (_, b' ') => at + 1,
            (0, _) => 0,
            _ => {
                at += 1;
                continue;
            }
        };
        end += usize::from(byte(end) == b'(');
        let digits = (end..end + 2).take_while(|i| byte(*i).is_ascii_digit()).count();
        let number = text.get(end..end + digits).and_then(|n| n.parse().ok());
        end += digits;
        let signs = (end..bytes.len()).take_while(|i| matches!(byte(*i), b')' | b'.' | b':')).count();
        match number {
            Some(number) if signs > 0 => {
                end += signs;
                end += usize::from(byte(end) == b' ');
                marks.push((at, end, number));
                at = end;
            }
            _ => at += 1,
        }
    }
    let in_order = marks.iter().map(|m| m.2).eq(1..=marks.len());
    if marks.len() < 2 || marks.first().is_none_or(|m| m.0 != 0) || !in_order {
        return None;
    }
    let ends = marks.iter().skip(1).map(|m| m.0).chain([text.len()]);
    let pieces = marks.iter().zip(ends).map(|(m, end)| text.get(m.1..end).unwrap_or_default().trim_matches(' '));
    Some(pieces.filter(|piece| !is_absent(piece)).map(str::to_owned).collect())
}

/// Before and behind `alias`, `a.k.a.` and their like.
fn aliases(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
    for at in 1..words.len().saturating_sub(1) {
        for size in (1..=4).rev() {
            let Some(phrase) = words.get(at..at + size).filter(|_| at + size < words.len()) else { continue };
            if tables::other_names().contains_key(&folded(&phrase.join(" "))) {
                let before = words.get(..at).unwrap_or_default().join(" ");
                let behind = words.get(at + size..).unwrap_or_default().join(" ");
                let mut found = vec![before.trim_matches([' ', '(', ',']).to_owned()];
                found.extend(aliases(behind.trim_matches([' ', ')', ','])));
                return found;
            }
        }
    }
    vec![text.to_owned()]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Never,
    Alone,
    With,
    Bare,
    Name,
}

/// A name without the words that stand for nobody; empty if nothing is left. `None` if it has no such word. A `lead`
/// (baby of ..) counts in names only.
pub(super) fn without_nobody(text: &str, leads: bool) -> Option<String> {
    let spaced = text.replace('<', " ");
    let words: Vec<(&str, String)> = spaced.split(' ').filter(|w| !w.is_empty()).map(|w| (w, folded(w))).collect();
    let mut kinds: Vec<Kind> = Vec::with_capacity(words.len());
    'words: while let Some((_, plain)) = words.get(kinds.len()) {
        let at = kinds.len();
        for size in (1..=words.len().saturating_sub(at).min(4)).rev() {
            let phrase = words.get(at..at + size).unwrap_or_default();
            let phrase: Vec<&str> = phrase.iter().map(|(_, f)| f.as_str()).filter(|f| !f.is_empty()).collect();
            let kind = match tables::nobody().get(&phrase.join(" ")) {
                Some(&"lead") if at == 0 && leads => return Some(String::new()),
                Some(&"never") => Kind::Never,
                Some(&"alone") => Kind::Alone,
                Some(&"with") => Kind::With,
                _ => continue,
            };
            kinds.extend(std::iter::repeat_n(kind, size));
            continue 'words;
        }
        let digits = plain.bytes().all(|b| b.is_ascii_digit() || b == b' ');
        kinds.push(if digits || plain.chars().count() == 1 { Kind::Bare } else { Kind::Name });
    }
    if !kinds.iter().any(|kind| matches!(kind, Kind::Never | Kind::Alone)) {
        return None;
    }
    if !kinds.contains(&Kind::Name) {
        return Some(String::new());
    }
    if !kinds.contains(&Kind::Never) {
        return None;
    }
    let kept: Vec<&str> = words.iter().zip(&kinds).filter(|(_, k)| **k != Kind::Never).map(|((w, _), _)| *w).collect();
    Some(kept.join(" "))
}
