//! `blindlink stats`: the numbers of a quarter, for who sees numbers only.

use crate::exit::{Exit, Failure};
use crate::office::{ActingArgs, Office, random};
use crate::output;
use crate::output::printed;
use blindlink::schema::kinds::Lane;
use blindlink_node::store::StoreError;
use blindlink_review::{Actor, Cell, Group, Measure, Quarter, Refusal, What};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

/// Show the numbers of a quarter about pairs: what became of them, and whether they were judged in time. Every number has
/// noise, and small ones are left out. A quarter is counted once, when it is over.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  blindlink stats --quarter 2026-Q3 --publish --as stan")]
pub(super) struct Stats {
    /// Quarter (UTC)
    #[arg(long, value_name = "YEAR-QN", value_parser = quarter)]
    quarter: Quarter,
    /// Count it, if it was not counted before
    #[arg(long)]
    publish: bool,
    #[command(flatten)]
    acting: ActingArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn quarter(text: &str) -> Result<Quarter, String> {
    Quarter::parse(text).ok_or_else(|| "a quarter is written 2026-Q3".to_owned())
}

#[derive(Serialize)]
struct Figure {
    list: &'static str,
    measure: &'static str,
    /// With noise; none if it is below ten after the noise.
    n: Option<u32>,
}

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    quarter: String,
    /// Of a pair in the quarter, in thousandths.
    epsilon: u32,
    figures: Vec<Figure>,
}

impl Stats {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let mut office = Office::open(dir)?;
        let person = office.log_in(&self.acting)?;
        let desk = office.desk();
        let oversees = |role: &blindlink_review::Role| role.group() == Group::Oversight;
        if !desk.person(person).is_some_and(|person| person.standing.roles.iter().any(oversees)) {
            return Err(Refusal::Role.into());
        }
        if self.publish && desk.published(self.quarter).is_none() {
            let figures = figures(&office, self.quarter)?;
            office.take(Actor::Person(person), What::Published { quarter: self.quarter, figures })?;
        }
        let Some(cells) = office.desk().published(self.quarter) else {
            let text = format!("the numbers of {} were not published: `--publish` counts them", self.quarter);
            return Err(Failure::new(Exit::Review, text));
        };
        let figure =
            |cell: &Cell| Figure { list: cell.lane().map_or("", Lane::name), measure: cell.measure.name(), n: cell.n };
        let figures = cells.iter().map(figure).collect();
        let quarter = self.quarter.to_string();
        let shown = Shown { schema: "blindlink.statistics/v1", quarter, epsilon: 1_000, figures };
        printed(output::print(self.json, &shown, || in_words(&shown)))
    }
}

/// The figures of a quarter, with noise from the system's random bytes.
fn figures(office: &Office, quarter: Quarter) -> Result<Vec<Cell>, Failure> {
    let mut failed: Option<StoreError> = None;
    let mut words = || match random() {
        Ok([a, b, c, d, e, f, g, h, ..]) => Some(u64::from_be_bytes([a, b, c, d, e, f, g, h])),
        Err(error) => {
            failed = Some(error);
            None
        }
    };
    let figures = office.desk().figures(quarter, &mut words);
    match (figures, failed) {
        (Some(figures), _) => Ok(figures),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(Failure::new(Exit::Io, "there are no random bytes")),
    }
}

fn in_words(shown: &Shown) -> String {
    let told = |list: &&Lane| shown.figures.iter().any(|figure| figure.list == list.name() && figure.n.is_some());
    let lists: Vec<&Lane> = Lane::ALL.iter().filter(told).collect();
    let number = |list: &Lane, measure: Measure| {
        let found = shown.figures.iter().find(|f| f.list == list.name() && f.measure == measure.name());
        found.and_then(|figure| figure.n).map_or_else(|| "below 10".to_owned(), |n| n.to_string())
    };
    let note = "each number has noise (discrete Laplace, epsilon 1 for a pair in a quarter)";
    if lists.is_empty() {
        return format!("{}: all numbers are below 10; {note}", shown.quarter);
    }
    let heads: Vec<&str> =
        std::iter::once("pairs of the quarter").chain(lists.iter().map(|list| list.name())).collect();
    let row = |measure: Measure| {
        std::iter::once(measure.name().to_owned()).chain(lists.iter().map(|list| number(list, measure))).collect()
    };
    format!("{}: {note}\n\n{}", shown.quarter, output::table(&heads, Measure::ALL.into_iter().map(row)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_not_in_the_text() {
        let figure = |list, measure: Measure, n| Figure { list, measure: measure.name(), n };
        let mut shown = Shown {
            schema: "blindlink.statistics/v1",
            quarter: "2026-Q3".to_owned(),
            epsilon: 1_000,
            figures: vec![figure("suspect", Measure::Open, None)],
        };
        assert!(in_words(&shown).contains("all numbers are below 10"));
        shown.figures.push(figure("suspect", Measure::Disclosed, Some(12)));
        let text = in_words(&shown);
        assert!(text.contains("12") && text.contains("below 10") && !text.contains("victim"), "{text}");
        assert_eq!(quarter("2026-Q5"), Err("a quarter is written 2026-Q3".to_owned()));
    }
}
