//! `blindlink explain`: what a reported pair means, for a reviewer.

use crate::args::MapArgs;
use crate::exit::{Exit, Failure};
use crate::inputs::{base_policy, list, mapping};
use crate::output;
use crate::output::printed;
use blindlink::explain::explain;
use blindlink::policy::CheckedPolicy;
use blindlink::policy::shape::Grade;
use blindlink_sources::Reading;
use clap::Args;
use std::path::PathBuf;

/// Explain a reported pair from the own record and the agreed tables. Prints values of the own record.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Own list
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    #[command(flatten)]
    list: MapArgs,
    /// Policy file of the round
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Identifier of the own record
    #[arg(long, value_name = "ID")]
    id: String,
    /// Tables in which the pair met, by name or number, separated by `,` or `|` as in the result
    #[arg(long, value_name = "TABLES")]
    tables: String,
    /// Grade of the pair
    #[arg(long, value_parser = ["possible", "strong"])]
    grade: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (policy, _) = base_policy(Some(&self.policy))?;
        let policy = policy.validate()?;
        let tables = tables(&policy, &self.tables)?;
        let mapping = mapping(self.list.map.as_deref())?;
        let reading = Reading { mapping: mapping.as_ref(), ..Reading::new(&policy) };
        let records = list(&self.records, &reading)?.records;
        let record =
            records.iter().find(|record| record.id == self.id).ok_or_else(|| bad("the list has no such record"))?;
        let grade = Grade::from_name(&self.grade).unwrap_or(Grade::Possible);
        let explanation = explain(&policy, record, &tables, grade);
        printed(output::print(self.json, &explanation, || explanation.text()))
    }
}

fn bad(what: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::BadInput, what)
}

/// Ids of the tables that a result names.
fn tables(policy: &CheckedPolicy, names: &str) -> Result<Vec<u16>, Failure> {
    let known = &policy.policy().tables;
    let id = |name: &str| {
        let found = known.iter().find(|table| table.name == name || table.id.to_string() == name);
        found.map(|table| table.id).ok_or_else(|| bad(format_args!("the policy has no table `{name}`")))
    };
    let ids = names.split([',', '|']).map(str::trim).filter(|name| !name.is_empty()).map(id);
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    if ids.is_empty() {
        return Err(bad("a pair meets in at least one table"));
    }
    Ok(ids)
}
