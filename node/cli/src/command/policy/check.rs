//! `blindlink policy check`

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink::policy::{Check as Demand, Measure, Policy};
use blindlink_node::store::error::read_text;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Policy file
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// The JSON object of `policy check`.
#[derive(Debug, Serialize)]
struct Report {
    schema: &'static str,
    accepted: bool,
    digest: Option<String>,
    checks: Vec<Line>,
}

/// One demand of the validator.
#[derive(Debug, Serialize)]
struct Line {
    requirement: &'static str,
    field: String,
    words: String,
    /// The numbers, from left to right as they should ascend; none for a property that is there or not.
    numbers: Vec<i64>,
    holds: bool,
}

impl Line {
    fn new(demand: &Demand) -> Self {
        let numbers = match demand.measure {
            Measure::Fact(_) => Vec::new(),
            Measure::AtMost(left, right) | Measure::Below(left, right) => vec![left, right],
            Measure::Within(low, value, high) => vec![low, value, high],
        };
        let Demand { requirement, field, words, .. } = demand.clone();
        Self { requirement, field, words, numbers, holds: demand.holds() }
    }
}

impl Check {
    pub(super) fn run(self) -> Result<(), Failure> {
        let policy = Policy::from_toml(&read_text(&self.policy, "the policy")?)?;
        let checks = policy.checks();
        let checked = policy.validate();
        let report = Report {
            schema: "blindlink.policy-check/v1",
            accepted: checked.is_ok(),
            digest: checked.as_ref().ok().map(|checked| hex::encode(checked.digest())),
            checks: checks.iter().map(Line::new).collect(),
        };
        printed(output::print(self.json, &report, || text(&checks, report.digest.as_deref())))?;
        match checked {
            Ok(_) => Ok(()),
            // The object is the answer: a second one would be no JSON.
            Err(_) if self.json => Err(Failure::told(Exit::BadPolicy)),
            Err(error) => Err(error.into()),
        }
    }
}

fn text(checks: &[Demand], digest: Option<&str>) -> String {
    let mut text = String::new();
    for check in checks {
        let verdict = if check.holds() { "ok  " } else { "FAIL" };
        text += &format!("{verdict} {}  {:<28} {}\n", check.requirement, check.field, check.sentence());
    }
    let failed = checks.iter().filter(|check| !check.holds()).count();
    match digest {
        Some(digest) => text + &format!("accepted: {} demands hold; digest {digest}\n", checks.len()),
        None => text + &format!("refused: {failed} of {} demands do not hold\n", checks.len()),
    }
}
