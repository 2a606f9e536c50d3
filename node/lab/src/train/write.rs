//! Puts learned weights into the text of a policy, and leaves the rest of it as it was.

use super::integers::Integers;
use crate::error::LabError;
use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

/// The text of the policy `base` with other weights and thresholds. Comments stay, but for the one above `[score]`,
/// which `remark` replaces.
///
/// # Errors
/// If `base` is no TOML or has not as many segments as there are weights.
pub fn with_weights(
    base: &str,
    integers: &Integers,
    (possible, strong): (i32, Option<i32>),
    [wrong_strong, wrong_possible]: [u32; 2],
    remark: &str,
) -> Result<String, LabError> {
    let mut document: DocumentMut =
        base.parse().map_err(|error| LabError::PolicyFile(format!("the policy is not TOML: {error}")))?;
    let old = document.get("score").and_then(Item::as_table);
    let mut score = Table::new();
    score.set_position(old.and_then(Table::position));
    score.decor_mut().set_prefix(format!("\n{}", comment(remark)));
    score.insert("kind", value("weighted"));
    score.insert("constant", value(i64::from(integers.constant)));
    score.insert("possible", value(i64::from(possible)));
    if let Some(strong) = strong {
        score.insert("strong", value(i64::from(strong)));
    }
    let position = score.position();
    document.insert("score", Item::Table(score));
    let mut expected = Table::new();
    // Behind the score, where the file has it already or not.
    expected.set_position(position);
    expected.decor_mut().set_prefix("\n");
    for (name, number) in [("records", super::AGREED_RECORDS), ("strong", wrong_strong), ("possible", wrong_possible)] {
        expected.insert(name, value(i64::from(number)));
    }
    document.insert("expected_wrong", Item::Table(expected));
    let segments = document.get_mut("segment").and_then(Item::as_array_of_tables_mut);
    let segments = segments.ok_or_else(|| LabError::PolicyFile("the policy has no segments".into()))?;
    if segments.len() != integers.weights.len() {
        return Err(LabError::PolicyFile("the policy has other segments".into()));
    }
    for (segment, weights) in segments.iter_mut().zip(&integers.weights) {
        let mut table = InlineTable::new();
        for (name, weight) in [("alpha", weights.alpha), ("beta", weights.beta), ("nu", weights.nu)] {
            table.insert(name, i64::from(weight).into());
        }
        segment.insert("weights", value(table));
    }
    Ok(document.to_string())
}

fn comment(text: &str) -> String {
    text.lines().map(|line| format!("# {line}\n")).collect()
}
