//! A list of persons and a policy, ready for a round.

use crate::error::NodeError;
use crate::event::{Event, Sink};
use crate::store::StoreError;
use crate::store::error::read_text;
use blindlink::error::{Error, Misuse};
use blindlink::explain::own_fields;
use blindlink::normalise::date::Day;
use blindlink::policy::{CheckedPolicy, EncodedList, Policy};
use blindlink::record::Minor;
use blindlink::schema::kinds::Lane;
use blindlink::session::Role;
use blindlink_sources::mapping::Mapping;
use blindlink_sources::tally::in_words;
use blindlink_sources::{Format, Reading, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Rows left out that are told one by one; the rest is only counted.
const REJECTS_SHOWN: usize = 20;

/// What a side brings into a round.
pub struct Input {
    /// The policy.
    pub policy: CheckedPolicy,
    /// Identifiers of the records, in their order.
    pub ids: Vec<String>,
    /// The records, encoded under the policy.
    pub list: Arc<EncodedList>,
    /// How much of the list could be used.
    pub completeness: Completeness,
    /// Values that were left out of records that are used.
    pub values_left_out: usize,
    /// Seconds for reading and encoding.
    pub seconds: f64,
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({} records)", self.ids.len())
    }
}

/// How much of a list can be used.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Completeness {
    /// The list's name.
    pub name: String,
    /// Rows that were left out.
    pub left_out: usize,
    /// All rows.
    pub rows: usize,
    /// Why rows were left out, with numbers.
    pub reasons: String,
}

impl Completeness {
    /// Of a list that was read.
    #[must_use]
    pub fn of(name: &str, source: &Source) -> Self {
        let reasons = in_words(&source.rows_by_reason());
        Self { name: name.to_owned(), left_out: source.rejects.len(), rows: source.rows(), reasons }
    }

    /// Refuses a list of which more per cent were left out than may be (V-READ-012).
    ///
    /// # Errors
    /// `LeftOut`.
    #[allow(clippy::cast_precision_loss)]
    pub fn check(&self, most: f64) -> Result<(), NodeError> {
        if self.left_out as f64 * 100.0 <= most * self.rows as f64 {
            return Ok(());
        }
        let Self { name, left_out, rows, reasons } = self.clone();
        Err(NodeError::LeftOut { name, left_out, rows, most, reasons })
    }
}

/// Reads and checks a policy file.
///
/// # Errors
/// `NoInput`, `BadPolicy`.
pub fn load_policy(path: &Path) -> Result<CheckedPolicy, NodeError> {
    Ok(Policy::from_toml(&read_text(path, "the policy")?)?.validate()?)
}

/// The own files of a round.
#[derive(Clone, Copy, Debug)]
pub struct OwnFiles<'a> {
    /// The list.
    pub records: &'a Path,
    /// What a person has said of the list.
    pub mapping: Option<&'a Path>,
    /// The policy.
    pub policy: &'a Path,
    /// Per cent of the rows that may be left out, if that is less than what is agreed.
    pub left_out_at_most: Option<f64>,
}

impl<'a> OwnFiles<'a> {
    /// A list without a mapping.
    #[must_use]
    pub const fn new(records: &'a Path, policy: &'a Path) -> Self {
        Self { records, mapping: None, policy, left_out_at_most: None }
    }
}

/// Reads a mapping file.
///
/// # Errors
/// `NoInput`, `BadInput`.
pub fn load_mapping(path: &Path) -> Result<Mapping, NodeError> {
    Mapping::from_toml(&read_text(path, "the mapping")?)
        .map_err(|error| NodeError::Mapping { name: path.display().to_string(), error: Box::new(error) })
}

/// Refuses a list without a usable record (V-READ-012).
///
/// # Errors
/// `NoUsableRecord`.
pub fn usable(name: &str, source: &Source) -> Result<Completeness, NodeError> {
    let of = Completeness::of(name, source);
    if source.records.is_empty() {
        return Err(NodeError::NoUsableRecord { name: of.name, rows: of.rows, reasons: of.reasons });
    }
    Ok(of)
}

/// What a reviewer is shown of an own record.
#[derive(Clone)]
pub struct ShownRecord {
    /// Its lane, if the list says it.
    pub lane: Option<Lane>,
    /// Whether the person may be a child on the day of asking: also if the list has no date of birth (V-RECORD-015).
    pub child: bool,
    /// Its fields, as the list has them.
    pub fields: Vec<(String, String)>,
}

impl core::fmt::Debug for ShownRecord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ShownRecord(..)")
    }
}

/// A list, or what it held where it is no file any more.
fn opened<'c>(records: &Path, content: Option<&'c [u8]>) -> Result<Box<dyn Read + 'c>, NodeError> {
    if let Some(content) = content {
        return Ok(Box::new(content));
    }
    let failed = StoreError::reading(format!("cannot read the records {}", records.display()));
    Ok(Box::new(File::open(records).map_err(failed)?))
}

/// Reads the list again for the records that are in pairs, by position. A record that is not as it took part, because the
/// file has changed since, is not among them.
///
/// # Errors
/// `NoInput`, `BadInput`.
pub fn shown(
    (records, mapping, content): (&Path, Option<&Path>, Option<&[u8]>),
    input: &Input,
    own: &BTreeSet<usize>,
    today: Day,
) -> Result<BTreeMap<usize, ShownRecord>, NodeError> {
    let name = records.display();
    let mapping = mapping.map(load_mapping).transpose()?;
    let file = opened(records, content)?;
    let reading = Reading { mapping: mapping.as_ref(), ..Reading::new(&input.policy) };
    let source = blindlink_sources::read(file, Format::of(records), &reading)
        .map_err(|error| NodeError::List { name: name.to_string(), error })?;
    let declared = &input.policy.policy().fields;
    let used = |at: &usize| Some((*at, input.ids.get(*at)?, input.list.records.get(*at)?.digest));
    let wanted: BTreeMap<&str, (usize, [u8; 32])> =
        own.iter().filter_map(used).map(|(at, id, digest)| (id.as_str(), (at, digest))).collect();
    let mut shown = BTreeMap::new();
    for record in &source.records {
        if let Some((at, _)) = wanted.get(record.id.as_str()).filter(|(_, digest)| *digest == record.digest()) {
            let child = record.minor(today) != Minor::No;
            shown.insert(*at, ShownRecord { lane: record.lane, child, fields: own_fields(record, declared) });
        }
    }
    Ok(shown)
}

/// Reads both files and encodes the records. Bad rows are reported and left out.
///
/// # Errors
/// `NoInput`, `BadInput`, `BadPolicy`, `TooManyRecords`, `NoUsableRecord`, `LeftOut`.
pub fn load(files: OwnFiles<'_>, role: Role, sink: &dyn Sink) -> Result<Input, NodeError> {
    load_under(load_policy(files.policy)?, files, None, role, sink)
}

/// As [`load`], under a policy that is in no file; `content` is what the list held, if it is no file any more.
///
/// # Errors
/// As [`load`].
pub fn load_under(
    policy: CheckedPolicy,
    files: OwnFiles<'_>,
    content: Option<&[u8]>,
    role: Role,
    sink: &dyn Sink,
) -> Result<Input, NodeError> {
    let begun = Instant::now();
    let records = files.records;
    let mapping = files.mapping.map(load_mapping).transpose()?;
    let name = records.display();
    let shown = name.to_string();
    let file = opened(records, content)?;
    let source = blindlink_sources::read(
        file,
        Format::of(records),
        &Reading { mapping: mapping.as_ref(), ..Reading::new(&policy) },
    )
    .map_err(|error| NodeError::List { name: name.to_string(), error })?;
    for reject in source.rejects.iter().take(REJECTS_SHOWN) {
        sink.take(&Event::RowLeftOut { list: &shown, line: reject.line, why: &reject.problem });
    }
    let rejected = source.rejects.len();
    if rejected > 0 {
        sink.take(&Event::RowsLeftOut { list: &shown, left_out: rejected, used: source.records.len() });
    }
    for told in source.told.iter().take(REJECTS_SHOWN) {
        sink.take(&Event::ValueTold { list: &shown, line: told.line, why: &told.problem });
    }
    let values_left_out = source.values_left_out();
    if !source.told.is_empty() {
        let otherwise = source.told.len() - values_left_out;
        sink.take(&Event::ValuesTold { list: &shown, left_out: values_left_out, otherwise });
    }
    let completeness = usable(&shown, &source)?;
    // What an agreement allows is asked when it admits the round; without one it is the usual share.
    completeness.check(files.left_out_at_most.unwrap_or(100.0))?;
    let max = policy.shape().records(role) as usize;
    if source.records.len() > max {
        return Err(Error::from(Misuse::TooManyRecords { got: source.records.len(), max }).into());
    }
    let list = Arc::new(policy.encode(&source.records));
    let ids = source.records.iter().map(|record| record.id.clone()).collect();
    Ok(Input { policy, ids, list, completeness, values_left_out, seconds: begun.elapsed().as_secs_f64() })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Silent;

    impl Sink for Silent {
        fn take(&self, _: &Event<'_>) {}
    }

    /// Identifiers stand in no log, whoever prints the type, or one that borrows it.
    #[test]
    fn a_list_prints_no_identifier() {
        let folder = tempfile::tempdir().unwrap();
        let (records, policy) = (folder.path().join("records.csv"), folder.path().join("policy.toml"));
        std::fs::write(&policy, Policy::default_text()).unwrap();
        std::fs::write(&records, "record_id,given_names,nationality\ncase-4711,Ana,UTO\n").unwrap();
        let input = load(OwnFiles::new(&records, &policy), Role::Requester, &Silent).unwrap();
        let shown = format!("{input:?} {input:#?}");
        assert_eq!(input.ids, ["case-4711"]);
        assert!(!shown.contains("4711") && shown.starts_with("Input(1 records)"), "{shown}");
    }
}
