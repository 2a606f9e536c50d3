//! What `lists check` says of a list.

use blindlink_sources::detect::Look;
use blindlink_sources::tally::Tally;
use serde::Serialize;

/// How many records have a value in a field.
#[derive(Debug, Serialize)]
pub(super) struct Filled {
    pub(super) field: &'static str,
    pub(super) records: usize,
    pub(super) percent: usize,
}

/// How many records have a key of a table.
#[derive(Debug, Serialize)]
pub(super) struct Keyed {
    pub(super) table: String,
    pub(super) records: usize,
    pub(super) percent: usize,
}

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) schema: &'static str,
    pub(super) rows: usize,
    pub(super) used: usize,
    pub(super) left_out: usize,
    pub(super) values_left_out: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) look: Option<Look>,
    /// Columns by position that are not known.
    pub(super) unknown_columns: Vec<usize>,
    pub(super) rows_by_reason: Vec<Tally>,
    pub(super) values_by_reason: Vec<Tally>,
    pub(super) completeness: Vec<Filled>,
    /// Records that another record of the list has all names and dates of birth of.
    pub(super) duplicates: usize,
    pub(super) keys: Vec<Keyed>,
    /// Records without any key: nobody can find them.
    pub(super) without_key: usize,
}
