//! GroupRecall by culture and by corruption, for lists whose truth names them (docs/synthetic.md).

use super::{Truth, share};
use blindlink::policy::shape::Grade;
use blindlink::round::ideal::IdealPair;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// What the truth file says of a pair besides the identifiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Culture of the person.
    pub culture: String,
    /// Corruptions of either record, without the side, each once.
    pub corruptions: Vec<String>,
}

impl Label {
    /// Reads the columns `culture` and `corruptions`; the latter holds words such as `a:typo`, separated by `;`.
    #[must_use]
    pub fn parse(culture: &str, corruptions: &str) -> Self {
        let name = |word: &str| word.split_once(':').map_or(word, |(_, name)| name).to_owned();
        let mut corruptions: Vec<String> = corruptions.split(';').filter(|w| !w.is_empty()).map(name).collect();
        corruptions.sort_unstable();
        corruptions.dedup();
        Self { culture: culture.to_owned(), corruptions }
    }
}

/// Labels of true pairs, by position in the two lists.
pub type Labels = HashMap<(usize, usize), Label>;

/// How many of some true pairs are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct GroupRecall {
    /// True pairs.
    pub pairs: usize,
    /// Reported ones among them.
    pub found: usize,
    /// Of those the ones of grade *strong*.
    pub strong: usize,
    /// `found` of `pairs`; 1 if there is none.
    pub recall: f64,
    /// `strong` of `pairs`; 1 if there is none.
    pub strong_recall: f64,
}

/// GroupRecall by kinds of pairs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Breakdown {
    /// By culture.
    pub cultures: BTreeMap<String, GroupRecall>,
    /// By corruption of either record; a pair counts under each of its corruptions, under `none` without one.
    pub corruptions: BTreeMap<String, GroupRecall>,
    /// By the number of different corruptions.
    pub counts: BTreeMap<usize, GroupRecall>,
}

impl GroupRecall {
    fn add(&mut self, grade: Option<Grade>) {
        self.pairs += 1;
        self.found += usize::from(grade.is_some());
        self.strong += usize::from(grade == Some(Grade::Strong));
        self.recall = share(self.found, self.pairs);
        self.strong_recall = share(self.strong, self.pairs);
    }
}

/// GroupRecall of the pairs that were reported, over those of the truth. Pairs without a label count under `unknown`.
#[must_use]
pub fn breakdown(pairs: &[IdealPair], truth: &Truth, labels: &Labels) -> Breakdown {
    let grades: HashMap<(usize, usize), Grade> = pairs.iter().map(|p| ((p.peer, p.own), p.grade)).collect();
    let unknown = Label { culture: "unknown".into(), ..Label::default() };
    let mut breakdown = Breakdown::default();
    for pair in truth {
        let (label, grade) = (labels.get(pair).unwrap_or(&unknown), grades.get(pair).copied());
        breakdown.cultures.entry(label.culture.clone()).or_default().add(grade);
        breakdown.counts.entry(label.corruptions.len()).or_default().add(grade);
        let none = label.corruptions.is_empty().then(|| "none".to_owned());
        for corruption in label.corruptions.iter().cloned().chain(none) {
            breakdown.corruptions.entry(corruption).or_default().add(grade);
        }
    }
    breakdown
}

/// The tables of the documentation, as Markdown, the worst first.
#[must_use]
pub fn markdown(breakdown: &Breakdown) -> String {
    let mut text = String::new();
    for (name, rows) in [("culture", &breakdown.cultures), ("corruption", &breakdown.corruptions)] {
        let mut rows: Vec<(&String, &GroupRecall)> = rows.iter().collect();
        rows.sort_by(|(_, one), (_, other)| one.recall.total_cmp(&other.recall));
        table(&mut text, name, rows.into_iter());
    }
    let counts: Vec<(String, GroupRecall)> =
        breakdown.counts.iter().map(|(n, recall)| (n.to_string(), *recall)).collect();
    table(&mut text, "corruptions of a pair", counts.iter().map(|(n, recall)| (n, recall)));
    text
}

fn table<'a>(text: &mut String, name: &str, rows: impl Iterator<Item = (&'a String, &'a GroupRecall)>) {
    let _ = writeln!(text, "\n| {name} | pairs | recall | strong only |\n|---|---:|---:|---:|");
    for (name, r) in rows {
        let _ = writeln!(text, "| {name} | {} | {:.3} | {:.3} |", r.pairs, r.recall, r.strong_recall);
    }
}

#[cfg(test)]
mod tests;
