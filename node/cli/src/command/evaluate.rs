//! `blindlink evaluate`: links two lists in one process against a known truth.

use crate::output;
use anyhow::{Context, Result, ensure};
use blindlink::policy::{OutputMode, Policy};
use blindlink::record::Record;
use blindlink_lab::evaluate::assign::assigned;
use blindlink_lab::evaluate::breakdown::{Label, Labels, breakdown, markdown};
use blindlink_lab::evaluate::candidates::candidates;
use blindlink_lab::evaluate::sweep::{self, Point, Sweep};
use blindlink_lab::evaluate::{Evaluation, Truth, in_the_clear, report, sealed, seeds};
use blindlink_sources::{Format, Reading, Source};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

/// First columns of a truth file.
const COLUMNS: [&str; 2] = ["a_id", "b_id"];

/// Link two lists in one process and compare the result with the truth.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EvaluateArgs {
    /// The responder's list.
    #[arg(long)]
    a: PathBuf,
    /// The requester's list.
    #[arg(long)]
    b: PathBuf,
    /// The pairs that are one person: a CSV file whose first columns are `a_id,b_id`.
    #[arg(long)]
    truth: PathBuf,
    /// Policy file; without one, the default policy.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Find the pairs through a sealed round of two sessions in this process, in mutual mode whatever the policy says:
    /// a requester alone could not tell which of the other list's records it found.
    #[arg(long)]
    sealed: bool,
    /// Keep at most one pair of each record: greedily by grade, then by the number of tables.
    #[arg(long)]
    one_to_one: bool,
    /// Precision and recall over all thresholds, and what the tokens alone reach.
    #[arg(long, conflicts_with_all = ["sealed", "one_to_one"])]
    sweep: bool,
    /// With --sweep: also the lowest threshold with at most that many wrong pairs [default: one in 1,000 records of b]
    #[arg(long, value_name = "N", requires = "sweep")]
    max_wrong: Option<usize>,
    /// Recall by culture and by corruption, as Markdown, if the truth has the columns `culture` and `corruptions`.
    #[arg(long, conflicts_with = "sweep")]
    breakdown: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command. The padded sizes of the policy are set to those of the lists.
///
/// # Errors
/// If a file cannot be read or the policy is refused.
pub(crate) fn run(args: &EvaluateArgs) -> Result<()> {
    let (policy, _) = base_policy(args.policy.as_deref())?;
    let reading = Reading::under(&policy);
    let (a, b) = (list(&args.a, &reading)?, list(&args.b, &reading)?);
    let (truth, labels) = labelled_truth(&args.truth, [(&args.a, &a), (&args.b, &b)])?;
    let size = |records: &[Record]| u32::try_from(records.len()).map(|n| n.max(1));
    let mut policy = policy.clone().with_records(size(&b.records)?, size(&a.records)?);
    if args.sealed {
        policy.round.output = OutputMode::Mutual;
    }
    let policy = policy.validate()?;
    if args.sweep {
        let found = candidates(&policy, &a.records, &b.records, &truth, &seeds());
        let sizes = [a.records.len(), b.records.len()];
        let max_wrong = args.max_wrong.unwrap_or_else(|| b.records.len().div_ceil(1000));
        let swept = sweep::sweep(&policy, &found.pairs, truth.len(), sizes, max_wrong);
        return Ok(output::print(args.json, &swept, || sweep_text(&swept))?);
    }
    let mut linked = if args.sealed {
        sealed(&policy, &a.records, &b.records, seeds())?
    } else {
        in_the_clear(&policy, &a.records, &b.records, &seeds())
    };
    if args.one_to_one {
        linked.pairs = assigned(&linked.pairs);
    }
    let mut evaluation = report(&policy, &linked, &truth, [a.records.len(), b.records.len()]);
    if args.breakdown {
        ensure!(!labels.is_empty(), "--breakdown needs a truth file with the columns `culture` and `corruptions`");
        evaluation.breakdown = Some(breakdown(&linked.pairs, &truth, &labels));
    }
    evaluation.peak_rss_bytes = blindlink_node::sys::peak_rss::peak_rss_bytes();
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &evaluation)?;
        writeln!(out)?;
    } else {
        print(&mut out, &evaluation)?;
    }
    Ok(())
}

/// A policy file and its text; without a path, the default ones.
///
/// # Errors
/// If the file cannot be read or is none.
pub(super) fn base_policy(path: Option<&Path>) -> Result<(Policy, String)> {
    let Some(path) = path else { return Ok((Policy::default_policy()?, Policy::default_text().to_owned())) };
    let text = fs::read_to_string(path).with_context(|| cannot_read(path))?;
    Ok((Policy::from_toml(&text)?, text))
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

pub(super) fn list(path: &Path, reading: &Reading<'_>) -> Result<Source> {
    let file = File::open(path).with_context(|| cannot_read(path))?;
    let source = blindlink_sources::read(BufReader::new(file), Format::of(path), reading)
        .with_context(|| format!("in {}", path.display()))?;
    let mut err = io::stderr().lock();
    for reject in &source.rejects {
        writeln!(err, "{}:{}: left out: {}", path.display(), reject.line, reject.problem)?;
    }
    if !source.rejects.is_empty() {
        writeln!(err, "{}: {} rows left out", path.display(), source.rejects.len())?;
    }
    Ok(source)
}

/// The pairs of two lists, which come with their files.
pub(super) fn truth(path: &Path, lists: [(&Path, &Source); 2]) -> Result<Truth> {
    labelled_truth(path, lists).map(|(truth, _)| truth)
}

/// The pairs, and what further columns say of them; a truth of two columns has no labels.
fn labelled_truth(path: &Path, lists: [(&Path, &Source); 2]) -> Result<(Truth, Labels)> {
    let places = lists.map(|(_, list)| -> HashMap<&str, usize> {
        list.records.iter().enumerate().map(|(i, record)| (record.id.as_str(), i)).collect()
    });
    let mut reader = ::csv::Reader::from_path(path).with_context(|| cannot_read(path))?;
    let headers = reader.headers()?.clone();
    ensure!(headers.iter().take(2).eq(COLUMNS), "{} must begin with `a_id,b_id`", path.display());
    let column = |name: &str| headers.iter().position(|header| header == name);
    let columns = column("culture").zip(column("corruptions"));
    let (mut truth, mut labels) = (Truth::new(), Labels::new());
    for (row, line) in reader.records().zip(2_u64..) {
        let row = row.with_context(|| format!("{} line {line}", path.display()))?;
        let mut pair = [0; 2];
        let sides = places.iter().zip(lists).zip(COLUMNS);
        for ((at, place), ((records, list), column)) in pair.iter_mut().enumerate().zip(sides) {
            let found = row.get(at).and_then(|id| records.get(id));
            *place = *found.with_context(|| not_there(path, line, column, list))?;
        }
        let pair = pair.into();
        truth.insert(pair);
        if let Some((culture, corruptions)) = columns {
            let cell = |column| row.get(column).unwrap_or_default();
            labels.insert(pair, Label::parse(cell(culture), cell(corruptions)));
        }
    }
    Ok((truth, labels))
}

/// A row that was left out of a list takes its true pairs with it: nothing could be measured without them.
fn not_there(truth: &Path, line: u64, column: &str, (list, source): (&Path, &Source)) -> String {
    let mut text = format!("{} line {line}: no record of {} has the `{column}`", truth.display(), list.display());
    if !source.rejects.is_empty() {
        text += &format!("; {} of its rows were left out, see above: correct them first", source.rejects.len());
    }
    text
}

fn print(out: &mut impl Write, e: &Evaluation) -> io::Result<()> {
    writeln!(out, "records       {} and {}", e.records_a, e.records_b)?;
    writeln!(out, "true pairs    {}", e.true_pairs)?;
    writeln!(out, "              reported  precision  recall  F1")?;
    writeln!(out, "all grades    {:8}  {:9.4}  {:6.4}  {:6.4}", e.reported_pairs, e.precision, e.recall, e.f1)?;
    let s = e.strong;
    writeln!(out, "strong only   {:8}  {:9.4}  {:6.4}  {:6.4}", s.reported, s.precision, s.recall, s.f1)?;
    for (name, t) in &e.tables {
        writeln!(out, "table {name}: {} pairs, {} true, {} met nowhere else", t.reported, t.correct, t.alone)?;
    }
    for (stage, seconds) in &e.stages {
        writeln!(out, "{stage:13} {seconds:.3} s")?;
    }
    writeln!(out, "in all        {:.3} s", e.wall_seconds)?;
    e.breakdown.as_ref().map_or(Ok(()), |breakdown| write!(out, "{}", markdown(breakdown)))
}

fn sweep_text(s: &Sweep) -> String {
    let mut text = format!("records       {} and {}\ntrue pairs    {}\n", s.records_a, s.records_b, s.true_pairs);
    text += &format!("pairs met     {}, {} of them true\n", s.candidates, s.true_candidates);
    text += &format!("token recall  {:.4}\n", s.token_recall);
    for (name, [met, correct]) in &s.tables {
        text += &format!("table {name}: {met} pairs, {correct} true\n");
    }
    text += "\n                      threshold  reported   wrong  precision  recall  F1      one-to-one: precision  recall  F1\n";
    for (grade, point) in &s.policy {
        text += &line(grade, point);
    }
    let named = [(String::from("best F1"), &s.best), (format!("at most {} wrong", s.max_wrong), &s.at_most_wrong)];
    for (name, point) in named {
        text += &point.as_ref().map_or_else(|| format!("{name:<20}  none\n"), |point| line(&name, point));
    }
    text += "\n";
    for point in &s.curve {
        text += &line("", point);
    }
    text
}

fn line(name: &str, p: &Point) -> String {
    let q = p.quality;
    let mut text = format!(
        "{name:<20}  {:9}  {:8}  {:6}  {:9.4}  {:6.4}  {:6.4}",
        p.threshold, q.reported, p.wrong, q.precision, q.recall, q.f1
    );
    if let Some(q) = p.one_to_one {
        text += &format!("  {:21.4}  {:6.4}  {:6.4}", q.precision, q.recall, q.f1);
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn a_pair_of_a_row_that_was_left_out_is_told_by_column_and_list() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        fs::write(place("a.csv"), "record_id,birth_date\na1,1990-02-03\na2,1990-13-01\n").unwrap();
        fs::write(place("b.csv"), "record_id,birth_date\nb1,1990-02-03\nb2,1990-02-04\n").unwrap();
        let [a, b] = ["a.csv", "b.csv"].map(|name| list(&place(name), &Reading::PERSON).unwrap());
        let said = |rows: &str| {
            fs::write(place("truth.csv"), format!("a_id,b_id\n{rows}")).unwrap();
            let lists = [(&*place("a.csv"), &a), (&*place("b.csv"), &b)];
            truth(&place("truth.csv"), lists).map_err(|error| error.to_string())
        };
        assert_eq!(said("a1,b2\n").unwrap(), Truth::from([(0, 1)]));
        let error = said("a1,b2\na2,b1\n").unwrap_err();
        assert!(error.contains("truth.csv line 3") && error.contains("a.csv has the `a_id`"), "{error}");
        assert!(error.contains("1 of its rows were left out"), "{error}");
        let error = said("a1,b3\n").unwrap_err();
        assert!(error.contains("b.csv has the `b_id`") && !error.contains("left out"), "{error}");
    }
}
