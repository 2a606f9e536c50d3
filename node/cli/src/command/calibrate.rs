//! `blindlink calibrate`: what decided pairs say of the grades and keys of an agreement's policy.

use crate::exit::{Exit, Failure};
use crate::office::{ActingArgs, Office};
use crate::output;
use crate::output::printed;
use blindlink_node::sys::files::write_whole;
use blindlink_review::{
    Actor, Calibration, Found, Group, Kind, LEAST_DECIDED, Refusal, Role, What, calibration_digest, leaves,
};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

/// Show what decided pairs say of the grades and keys of an agreement: how many people found worth asking. The numbers stay
/// here; what leaves for the next policy are rounded shares, once the data-protection officer has let them leave.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  blindlink calibrate north-south-2026 --as carla\n  \
        blindlink calibrate north-south-2026 --as dora --let-out shares.json")]
pub(super) struct Calibrate {
    /// Name of the agreement
    agreement: String,
    /// Write the rounded shares: as the data-protection officer, which is in the log
    #[arg(long, value_name = "FILE")]
    let_out: Option<PathBuf>,
    #[command(flatten)]
    acting: ActingArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    kind: &'static str,
    name: String,
    decided: u32,
    worth_asking: u32,
    other_person: u32,
    confirmed: u32,
    /// Per cent between which the true share of pairs worth asking lies (95 %).
    interval: [u32; 2],
}

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    agreement: String,
    rows: Vec<Row>,
}

/// What leaves: no number of pairs.
#[derive(Serialize)]
struct Shares {
    schema: &'static str,
    agreement: String,
    /// Fewest pairs behind a share.
    at_least: u32,
    shares: Vec<Share>,
}

#[derive(Serialize)]
struct Share {
    kind: &'static str,
    name: String,
    per_cent_worth_asking: u32,
}

impl Calibrate {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let mut office = Office::open(dir)?;
        let person = office.log_in(&self.acting)?;
        let (digest, lane, tables) = office.tables_of(&self.agreement)?;
        // Who works on the agreement's pairs, or checks the log.
        let sees = office.desk().person(person).is_some_and(|person| {
            let roles = &person.standing.roles;
            let cases = roles.iter().any(|role| role.group() == Group::Cases) && person.standing.works_in(lane);
            cases || person.has(Role::DataProtection) || person.has(Role::Auditor)
        });
        if !sees {
            return Err(Refusal::Role.into());
        }
        let calibration = office.desk().calibration(&digest);
        if let Some(out) = &self.let_out {
            let figures = calibration_digest(&digest, &calibration);
            office.take(Actor::Person(person), What::Calibrated { agreement: digest, figures })?;
            let text = shares(&self.agreement, &calibration, &tables)?;
            let failed = Failure::because(Exit::CannotCreate, format!("cannot write {}", out.display()));
            write_whole(out, text.as_bytes()).map_err(failed)?;
        }
        let rows = calibration.iter().map(|(kind, found)| row(*kind, found, &tables)).collect();
        let shown = Shown { schema: "blindlink.calibration/v1", agreement: self.agreement, rows };
        printed(output::print(self.json, &shown, || in_words(&shown)))
    }
}

fn names(kind: Kind, tables: &[String]) -> (&'static str, String) {
    match kind {
        Kind::Grade(grade) => ("grade", if grade == 2 { "strong" } else { "possible" }.to_owned()),
        Kind::Table(table) => ("table", tables.get(usize::from(table)).cloned().unwrap_or_else(|| table.to_string())),
    }
}

fn row(kind: Kind, found: &Found, tables: &[String]) -> Row {
    let (kind, name) = names(kind, tables);
    let Found { decided, worth_asking, other_person, confirmed } = *found;
    Row { kind, name, decided, worth_asking, other_person, confirmed, interval: found.interval() }
}

fn shares(agreement: &str, calibration: &Calibration, tables: &[String]) -> Result<String, Failure> {
    let share = |(kind, per_cent_worth_asking)| {
        let (kind, name) = names(kind, tables);
        Share { kind, name, per_cent_worth_asking }
    };
    let shares = Shares {
        schema: "blindlink.shares/v1",
        agreement: agreement.to_owned(),
        at_least: LEAST_DECIDED,
        shares: leaves(calibration).map(share).collect(),
    };
    serde_json::to_string_pretty(&shares).map_err(|_| Failure::new(Exit::Internal, "shares cannot be written"))
}

/// A bar of twenty places: `#` as far as the share is certain, `~` as far as it is possible.
fn bar([low, high]: [u32; 2]) -> String {
    let mark = |place: u32| match (place + 1) * 5 {
        at if at <= low => '#',
        at if at <= high => '~',
        _ => '.',
    };
    (0..20).map(mark).collect()
}

fn in_words(shown: &Shown) -> String {
    if shown.rows.is_empty() {
        return format!("no pair of `{}` was judged by two persons yet", shown.agreement);
    }
    let cells = |row: &Row| {
        let numbers = [row.decided, row.worth_asking, row.other_person, row.confirmed].map(|n| n.to_string());
        let share = format!("{} {}-{} %", bar(row.interval), row.interval[0], row.interval[1]);
        [vec![format!("{} {}", row.kind, row.name)], numbers.to_vec(), vec![share]].concat()
    };
    let heads =
        ["pairs of", "judged twice", "worth asking", "another person", "confirmed", "share worth asking (95 %)"];
    format!(
        "what people found, for `{}`; these numbers stay here\n\n{}\n\na share leaves (`--let-out`) of {LEAST_DECIDED} pairs and \
         more, in steps of 5 %",
        shown.agreement,
        output::table(&heads, shown.rows.iter().map(cells))
    )
}
