//! What was left out of a list, counted by column and reason.

use super::{Reject, Source};
use serde::Serialize;
use std::collections::BTreeMap;

/// How often a reason was told of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// The column; empty for a row or a zone.
    pub column: String,
    /// Name of the reason (spec 4.1).
    pub reason: &'static str,
    /// The reason in words.
    pub words: String,
    /// Whether something of the value is used all the same.
    pub used: bool,
    /// How often.
    pub count: usize,
    /// The first line.
    pub first_line: u64,
}

fn tally(of: &[Reject]) -> Vec<Tally> {
    let mut found: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    for reject in of {
        let (column, reason) = (reject.problem.column().unwrap_or_default(), reject.problem.name());
        let new = || Tally {
            column: column.to_owned(),
            reason,
            words: reject.problem.to_string(),
            used: reject.problem.is_used(),
            count: 0,
            first_line: reject.line,
        };
        found.entry((column, reason)).or_insert_with(new).count += 1;
    }
    let mut found: Vec<Tally> = found.into_values().collect();
    found.sort_by_key(|tally| core::cmp::Reverse(tally.count));
    found
}

impl Source {
    /// Rows left out, by reason.
    #[must_use]
    pub fn rows_by_reason(&self) -> Vec<Tally> {
        tally(&self.rejects)
    }

    /// Values left out or read otherwise than written, by column and reason.
    #[must_use]
    pub fn values_by_reason(&self) -> Vec<Tally> {
        tally(&self.told)
    }

    /// Records in all: used and left out.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.records.len() + self.rejects.len()
    }
}

/// Numbers and words of rows that were left out, for an error.
#[must_use]
pub fn in_words(rows: &[Tally]) -> String {
    let each = rows.iter().map(|row| format!("{} (first on line {}): {}", row.count, row.first_line, row.words));
    each.collect::<Vec<_>>().join("; ")
}
