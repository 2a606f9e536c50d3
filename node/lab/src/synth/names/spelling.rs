//! Spelling by rule: letters of one script or language as another register writes them.

use std::collections::HashMap;

#[derive(Clone, Debug)]
struct Rule {
    from: Vec<char>,
    to: String,
    at_start: bool,
    at_end: bool,
}

/// A set of rules, the longest match first. What no rule names stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Spelling(HashMap<char, Vec<Rule>>);

impl Spelling {
    /// Reads `name from=to from=to`; `^` before and `$` after the letters bind them to the start and end of a word.
    pub(super) fn parse(text: &str) -> Self {
        let mut rules: HashMap<char, Vec<Rule>> = HashMap::new();
        for (from, to) in text.split_whitespace().skip(1).filter_map(|word| word.split_once('=')) {
            let letters = from.trim_start_matches('^').trim_end_matches('$');
            let rule = Rule {
                from: letters.chars().collect(),
                to: to.replace('_', " "),
                at_start: from.starts_with('^'),
                at_end: from.ends_with('$'),
            };
            if let Some(first) = rule.from.first() {
                rules.entry(*first).or_default().push(rule);
            }
        }
        for of_letter in rules.values_mut() {
            // The longest first; of equal length those that are bound to a place.
            of_letter
                .sort_by_key(|r| core::cmp::Reverse((r.from.len(), usize::from(r.at_start) + usize::from(r.at_end))));
        }
        Self(rules)
    }

    /// The text in this spelling, every word with a capital.
    pub(super) fn write(&self, text: &str) -> String {
        // The dot that Unicode leaves over the lower case of a Turkish capital is no letter.
        let letters: Vec<char> = text.to_lowercase().chars().filter(|c| *c != '\u{307}').collect();
        let mut out = String::with_capacity(text.len());
        let is_edge = |i: Option<usize>| i.and_then(|i| letters.get(i)).is_none_or(|c| matches!(c, ' ' | '-'));
        let mut at = 0;
        while let Some(letter) = letters.get(at) {
            let rest = letters.get(at..).unwrap_or_default();
            let fits = |rule: &&Rule| {
                rest.starts_with(&rule.from)
                    && (!rule.at_start || is_edge(at.checked_sub(1)))
                    && (!rule.at_end || is_edge(Some(at + rule.from.len())))
            };
            match self.0.get(letter).and_then(|rules| rules.iter().find(fits)) {
                Some(rule) => {
                    out.push_str(&rule.to);
                    at += rule.from.len();
                }
                None => {
                    out.push(*letter);
                    at += 1;
                }
            }
        }
        capitals(&out)
    }
}

/// Every word with a capital.
fn capitals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.chars() {
        if begins {
            out.extend(letter.to_uppercase())
        } else {
            out.push(letter)
        }
        begins = matches!(letter, ' ' | '-');
    }
    out
}
