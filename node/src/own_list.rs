//! A list of persons and a policy, ready for a round.

use crate::error::NodeError;
use crate::event::{Event, Sink};
use crate::store::StoreError;
use crate::store::error::read_text;
use blindlink::error::{Error, Misuse};
use blindlink::policy::{CheckedPolicy, EncodedList, Policy};
use blindlink::session::Role;
use blindlink_sources::{Format, Reading};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Rows left out that are told one by one; the rest is only counted.
const REJECTS_SHOWN: usize = 20;

/// What a side brings into a round.
#[derive(Debug)]
pub struct Input {
    /// The policy.
    pub policy: CheckedPolicy,
    /// Identifiers of the records, in their order.
    pub ids: Vec<String>,
    /// The records, encoded under the policy.
    pub list: Arc<EncodedList>,
    /// Rows that were left out.
    pub rejected: usize,
    /// Seconds for reading and encoding.
    pub seconds: f64,
}

/// Reads and checks a policy file.
///
/// # Errors
/// `NoInput`, `BadPolicy`.
pub fn load_policy(path: &Path) -> Result<CheckedPolicy, NodeError> {
    Ok(Policy::from_toml(&read_text(path, "the policy")?)?.validate()?)
}

/// Reads both files and encodes the records. Bad rows are reported and left out.
///
/// # Errors
/// `NoInput`, `BadInput`, `BadPolicy`, `TooManyRecords`.
pub fn load(records: &Path, policy: &Path, role: Role, sink: &dyn Sink) -> Result<Input, NodeError> {
    let begun = Instant::now();
    let policy = load_policy(policy)?;
    let name = records.display();
    let shown = name.to_string();
    let file = File::open(records).map_err(StoreError::reading(format!("cannot read the records {name}")))?;
    let source = blindlink_sources::read(file, Format::of(records), &Reading::new(&policy))
        .map_err(|error| NodeError::List { name: name.to_string(), error })?;
    for reject in source.rejects.iter().take(REJECTS_SHOWN) {
        sink.take(&Event::RowLeftOut { list: &shown, line: reject.line, why: &reject.problem });
    }
    let rejected = source.rejects.len();
    if rejected > 0 {
        sink.take(&Event::RowsLeftOut { list: &shown, left_out: rejected, used: source.records.len() });
    }
    let max = policy.shape().records(role) as usize;
    if source.records.len() > max {
        return Err(Error::from(Misuse::TooManyRecords { got: source.records.len(), max }).into());
    }
    let list = Arc::new(policy.encode(&source.records));
    let ids = source.records.iter().map(|record| record.id.clone()).collect();
    Ok(Input { policy, ids, list, rejected, seconds: begun.elapsed().as_secs_f64() })
}
