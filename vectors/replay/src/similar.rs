//! The suite `similar`: records of one person under each rule of Delegated Regulation (EU) 2023/332, and near misses
//! (`docs/similar.md`). A matcher may miss some of the former; a suite passes if of each rule it finds the share that the
//! file demands, and none of the near misses.

use super::case::Envelope;
use super::{Failure, Outcome};
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink::record::Record;
use blindlink_lab::evaluate::{in_the_clear, seeds};
use blindlink_sources::{Format, Reading};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Two records, by column of a CSV list, and whether they must be found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    rule: String,
    script: String,
    source: String,
    expected: Expectation,
    a: BTreeMap<String, String>,
    b: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expectation {
    /// At least *possible*.
    Possible,
    /// Not reported.
    None,
}

/// How many pairs of one rule and script were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Pairs of one person.
    pub pairs: u32,
    /// Of these, reported.
    pub found: u32,
    /// Of these, as *strong*.
    pub strong: u32,
    /// Near misses.
    pub near_misses: u32,
    /// Of these, reported: wrongly.
    pub wrong: u32,
}

impl Found {
    fn and(self, other: Self) -> Self {
        Self {
            pairs: self.pairs + other.pairs,
            found: self.found + other.found,
            strong: self.strong + other.strong,
            near_misses: self.near_misses + other.near_misses,
            wrong: self.wrong + other.wrong,
        }
    }

    fn percent(self) -> u32 {
        100 * self.found / self.pairs.max(1)
    }
}

/// Figures of a file by rule and script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Suite {
    /// Rule to script (ISO 15924) to figures.
    pub rules: BTreeMap<String, BTreeMap<String, Found>>,
    /// Pairs of one person that were not reported.
    pub misses: Vec<Failure>,
}

impl Suite {
    /// A rule over all scripts.
    #[must_use]
    pub fn of(&self, rule: &str) -> Found {
        self.rules.get(rule).into_iter().flat_map(BTreeMap::values).fold(Found::default(), |sum, f| sum.and(*f))
    }
}

/// Padded size of the rounds of two records: a list of one has room for no second key of its record.
const ROOM: u32 = 20;

/// Runs a file under the default policy.
pub(super) fn run(envelope: Envelope) -> Outcome {
    let policy = match Policy::default_policy().and_then(|policy| policy.with_records(ROOM, ROOM).validate()) {
        Ok(policy) => policy,
        Err(e) => return failed("the default policy", &e.to_string()),
    };
    let mut suite = Suite::default();
    let mut failures = Vec::new();
    for (test, number) in envelope.tests.iter().zip(1..) {
        let failure = |expected: &str, got: &str| test.failed(expected.to_owned(), got.to_owned());
        let pair = match test.fields::<Pair>(number, &envelope.notes) {
            Ok(pair) => pair,
            Err((expected, got)) => {
                failures.push(failure(&expected, &got));
                continue;
            }
        };
        let figures = suite.rules.entry(pair.rule.clone()).or_default().entry(pair.script.clone()).or_default();
        let outcome = compare(&policy, &pair);
        let about = format!("{}, {}, {}", pair.rule, pair.script, pair.source);
        match (pair.expected, outcome) {
            (Expectation::Possible, Ok(Some(strong))) => {
                figures.pairs += 1;
                figures.found += 1;
                figures.strong += u32::from(strong);
            }
            (Expectation::Possible, missed) => {
                figures.pairs += 1;
                let got = missed.err().unwrap_or_else(|| "not reported".to_owned());
                suite.misses.push(failure(&format!("at least possible ({about})"), &got));
            }
            (Expectation::None, Ok(None)) => figures.near_misses += 1,
            (Expectation::None, Ok(Some(_))) => {
                figures.near_misses += 1;
                figures.wrong += 1;
                failures.push(failure(&format!("no report ({about})"), "reported"));
            }
            (Expectation::None, Err(why)) => failures.push(failure(&format!("two good records ({about})"), &why)),
        }
    }
    failures.extend(too_few(&suite, &envelope.least_percent));
    Outcome { failures, suite: Some(suite) }
}

/// Rules of which too few pairs were found, and rules without a share.
fn too_few(suite: &Suite, least: &BTreeMap<String, u32>) -> Vec<Failure> {
    let rules = suite.rules.keys().chain(least.keys().filter(|rule| !suite.rules.contains_key(*rule)));
    let short = |rule: &String| {
        let found = suite.of(rule);
        match least.get(rule) {
            Some(percent) if found.pairs > 0 && 100 * found.found >= percent * found.pairs => None,
            Some(percent) => Some((format!("at least {percent} % found"), format!("{} %", found.percent()))),
            None => Some(("a least share".to_owned(), "none in the file".to_owned())),
        }
    };
    let failure = |rule: &String| {
        short(rule).map(|(expected, got)| Failure { id: 0, comment: format!("rule {rule}"), expected, got })
    };
    rules.filter_map(failure).collect()
}

fn failed(comment: &str, got: &str) -> Outcome {
    let failure =
        Failure { id: 0, comment: comment.to_owned(), expected: "a valid policy".to_owned(), got: got.to_owned() };
    Outcome { failures: vec![failure], suite: None }
}

/// Whether the pair is reported, and whether as strong, whichever side asks. Both records are read as rows of a CSV list.
fn compare(policy: &CheckedPolicy, pair: &Pair) -> Result<Option<bool>, String> {
    let (a, b) = (record(policy, &pair.a)?, record(policy, &pair.b)?);
    let grades = [(&a, &b), (&b, &a)].map(|(a, b)| {
        let found = in_the_clear(policy, std::slice::from_ref(a), std::slice::from_ref(b), &seeds());
        found.pairs.first().map(|pair| pair.grade == blindlink::policy::shape::Grade::Strong)
    });
    match grades {
        [one, other] if one == other => Ok(one),
        _ => Err("the two directions differ".to_owned()),
    }
}

fn record(policy: &CheckedPolicy, cells: &BTreeMap<String, String>) -> Result<Record, String> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(cells.keys()).and_then(|()| writer.write_record(cells.values())).map_err(|e| e.to_string())?;
    let bytes = writer.into_inner().map_err(|e| e.to_string())?;
    let source =
        blindlink_sources::read(bytes.as_slice(), Format::Csv, &Reading::new(policy)).map_err(|e| e.to_string())?;
    match (source.records.into_iter().next(), source.rejects.first()) {
        (Some(record), None) => Ok(record),
        (_, Some(reject)) => Err(format!("left out: {}", reject.problem)),
        (None, None) => Err("no record".to_owned()),
    }
}

/// The figures as Markdown, as they stand in `docs/similar.md`.
#[must_use]
pub fn markdown(suites: &[&Suite]) -> String {
    const SCRIPTS: [&str; 6] = ["Latn", "Cyrl", "Arab", "Ethi", "Hani", "Deva"];
    let mut text = format!("| rule | {} | all | % | strong | near misses reported |\n", SCRIPTS.join(" | "));
    text += &format!("|---|{}---|---|---|---|\n", "---|".repeat(SCRIPTS.len()));
    for suite in suites {
        for (rule, scripts) in &suite.rules {
            let cell =
                |script: &&str| scripts.get(*script).map_or_else(String::new, |f| format!("{}/{}", f.found, f.pairs));
            let cells: Vec<String> = SCRIPTS.iter().map(cell).collect();
            let all = suite.of(rule);
            text += &format!(
                "| {rule} | {} | {}/{} | {} | {} | {}/{} |\n",
                cells.join(" | "),
                all.found,
                all.pairs,
                all.percent(),
                all.strong,
                all.wrong,
                all.near_misses
            );
        }
    }
    text
}
