//! A list of persons and a policy, ready for a round.

use crate::exit::{Exit, Failure};
use crate::files::read_text;
use crate::progress::Reporter;
use blindlink::error::{Error, Misuse};
use blindlink::policy::{CheckedPolicy, EncodedList, Policy};
use blindlink::session::Role;
use blindlink_sources::{Format, Reading};
use std::fs::File;
use std::path::Path;
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
    pub list: EncodedList,
    /// Rows that were left out.
    pub rejected: usize,
    /// Seconds for reading and encoding.
    pub seconds: f64,
}

/// Reads and checks a policy file.
///
/// # Errors
/// [`Exit::NoInput`], [`Exit::BadPolicy`].
pub fn load_policy(path: &Path) -> Result<CheckedPolicy, Failure> {
    Ok(Policy::from_toml(&read_text(path, "the policy")?)?.validate()?)
}

/// Reads both files and encodes the records. Bad rows are reported and left out.
///
/// # Errors
/// [`Exit::NoInput`], [`Exit::BadInput`], [`Exit::BadPolicy`], [`Exit::TooManyRecords`].
pub fn load(records: &Path, policy: &Path, role: Role, reporter: &Reporter) -> Result<Input, Failure> {
    let begun = Instant::now();
    let policy = load_policy(policy)?;
    let name = records.display();
    let file = File::open(records).map_err(|error| {
        let exit = if error.kind() == std::io::ErrorKind::NotFound { Exit::NoInput } else { Exit::Io };
        Failure::new(exit, format_args!("cannot read the records {name}: {error}"))
    })?;
    let source = blindlink_sources::read(file, Format::of(records), &Reading::new(&policy))
        .map_err(Failure::because(Exit::BadInput, name.to_string()))?;
    for reject in source.rejects.iter().take(REJECTS_SHOWN) {
        reporter.log(&format!("{name}: line {}: {}; left out", reject.line, reject.problem));
    }
    let rejected = source.rejects.len();
    if rejected > 0 {
        reporter.log(&format!("{name}: {rejected} rows left out, {} used", source.records.len()));
    }
    let max = policy.shape().records(role) as usize;
    if source.records.len() > max {
        return Err(Error::from(Misuse::TooManyRecords { got: source.records.len(), max }).into());
    }
    let list = policy.encode(&source.records);
    let ids = source.records.iter().map(|record| record.id.clone()).collect();
    Ok(Input { policy, ids, list, rejected, seconds: begun.elapsed().as_secs_f64() })
}
