//! `blindlink evaluate`: links two lists in one process against a known truth.

use crate::args::MapArgs;
use crate::exit::{Exit, Failure};
use crate::inputs::{Pairs, base_policy, list, mapping, pairs};
use crate::output;
use crate::output::printed;
use blindlink::policy::{CheckedPolicy, OutputMode, Policy};
use blindlink::record::Record;
use blindlink::round::ideal::IdealPair;
use blindlink::suite::{CURRENT, Suite};
use blindlink_lab::evaluate::assign::assigned;
use blindlink_lab::evaluate::breakdown::{breakdown, markdown};
use blindlink_lab::evaluate::candidates::{candidates, in_the_clear_with_truth};
use blindlink_lab::evaluate::sweep::{self, Point, Sweep};
use blindlink_lab::evaluate::{Evaluation, ListFigures, Quality, Truth, report, sealed, seeds};
use blindlink_node::store::results::check_new;
use blindlink_sources::Reading;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Link two lists in one process and compare the result with the truth.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EvaluateArgs {
    /// The responder's list; several pairs of lists may be given, each with all three options: a line is printed for each.
    #[arg(long, required = true)]
    a: Vec<PathBuf>,
    /// The requester's list.
    #[arg(long, required = true)]
    b: Vec<PathBuf>,
    /// The pairs that are one person: a CSV file whose first columns are `a_id,b_id`.
    #[arg(long, required = true)]
    truth: Vec<PathBuf>,
    #[command(flatten)]
    list: MapArgs,
    /// Mapping of the requester's list, if it is another
    #[arg(long, value_name = "MAP.toml")]
    map_b: Option<PathBuf>,
    /// Every pair that was reported, with grade, tables and whether it is right, and every pair that was missed with the
    /// reason, as a CSV file that is not there yet
    #[arg(long, value_name = "FILE", conflicts_with = "sweep")]
    pairs: Option<PathBuf>,
    /// Policy file; without one, the default policy.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Find the pairs through a sealed round of two sessions in this process, in mutual mode whatever the policy says:
    /// a requester alone could not tell which of the other list's records it found.
    #[arg(long)]
    sealed: bool,
    /// With --sealed: how the round is computed
    #[arg(long, value_name = "NUMBER", requires = "sealed", value_parser = crate::args::suite)]
    suite: Option<&'static Suite>,
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
pub(crate) fn run(args: &EvaluateArgs) -> Result<(), Failure> {
    let (policy, _) = base_policy(args.policy.as_deref())?;
    let maps = (mapping(args.list.map.as_deref())?, mapping(args.map_b.as_deref())?);
    let reading = Reading { mapping: maps.0.as_ref(), ..Reading::under(&policy) };
    let reading_b = Reading { mapping: maps.1.as_ref().or(maps.0.as_ref()), ..reading };
    let ([path_a], [path_b], [path_truth]) = (args.a.as_slice(), args.b.as_slice(), args.truth.as_slice()) else {
        return many(args, &policy, [&reading, &reading_b]);
    };
    let (a, b) = (list(path_a, &reading)?, list(path_b, &reading_b)?);
    let Pairs { truth, labels, left_out } = pairs(path_truth, [(path_a, &a), (path_b, &b)])?;
    if !left_out.is_empty() {
        eprintln!("{} true pairs count as missed: a row of theirs was left out", left_out.len());
    }
    let size = |records: &[Record]| u32::try_from(records.len()).unwrap_or(u32::MAX).max(1);
    let mut policy = policy.clone().with_records(size(&b.records), size(&a.records));
    if args.sealed {
        policy.round.output = OutputMode::Mutual;
    }
    let policy = policy.validate()?;
    if args.sweep {
        let found = candidates(&policy, &a.records, &b.records, &truth, &seeds());
        let sizes = [a.records.len(), b.records.len()];
        let max_wrong = args.max_wrong.unwrap_or_else(|| b.records.len().div_ceil(1000));
        let swept = sweep::sweep(&policy, &found.pairs, truth.len(), sizes, max_wrong);
        return printed(output::print(args.json, &swept, || sweep_text(&swept)));
    }
    let (mut linked, met) = if args.sealed {
        (sealed(&policy, &a.records, &b.records, seeds(), args.suite.unwrap_or(CURRENT))?, None)
    } else {
        let (linked, met) = in_the_clear_with_truth(&policy, &a.records, &b.records, &truth, &seeds());
        (linked, Some(met))
    };
    if args.one_to_one {
        linked.pairs = assigned(&linked.pairs);
    }
    let mut evaluation = report(&policy, &linked, &truth, [a.records.len(), b.records.len()]);
    evaluation.token_recall = met.map(|met| Quality::of(met, met, truth.len()).recall);
    evaluation.count_left_out(left_out.len());
    evaluation.lists = Some([&a, &b].map(|list| ListFigures {
        rows: list.rows(),
        used: list.records.len(),
        left_out: list.rejects.len(),
        values_left_out: list.values_left_out(),
    }));
    if let Some(path) = &args.pairs {
        write_pairs(path, &policy, &linked.pairs, &truth, &left_out, [&a.records, &b.records])?;
    }
    if args.breakdown {
        if labels.is_empty() {
            let what = "--breakdown needs a truth file with the columns `culture` and `corruptions`";
            return Err(Failure::new(Exit::BadInput, what));
        }
        evaluation.breakdown = Some(breakdown(&linked.pairs, &truth, &labels));
    }
    evaluation.peak_rss_bytes = blindlink_node::sys::peak_rss::peak_rss_bytes();
    printed(output::print(args.json, &evaluation, || text(&evaluation)))
}

/// One line for each pair of lists.
fn many(args: &EvaluateArgs, policy: &Policy, [reading_a, reading_b]: [&Reading<'_>; 2]) -> Result<(), Failure> {
    let unpaired = args.a.len() != args.b.len() || args.b.len() != args.truth.len();
    let alone = args.sealed || args.sweep || args.breakdown || args.pairs.is_some();
    if unpaired || alone {
        let what = "--a, --b and --truth go together; several lists are evaluated in the clear, without further files";
        return Err(Failure::new(Exit::BadInput, what));
    }
    let mut evaluations = Vec::with_capacity(args.a.len());
    for ((path_a, path_b), path_truth) in args.a.iter().zip(&args.b).zip(&args.truth) {
        let (a, b) = (list(path_a, reading_a)?, list(path_b, reading_b)?);
        let Pairs { truth, left_out, .. } = pairs(path_truth, [(path_a, &a), (path_b, &b)])?;
        let size = |records: &[Record]| u32::try_from(records.len()).unwrap_or(u32::MAX).max(1);
        let policy = policy.clone().with_records(size(&b.records), size(&a.records)).validate()?;
        let (mut linked, met) = in_the_clear_with_truth(&policy, &a.records, &b.records, &truth, &seeds());
        if args.one_to_one {
            linked.pairs = assigned(&linked.pairs);
        }
        let mut evaluation = report(&policy, &linked, &truth, [a.records.len(), b.records.len()]);
        evaluation.token_recall = Some(Quality::of(met, met, truth.len()).recall);
        evaluation.count_left_out(left_out.len());
        evaluations.push(evaluation);
    }
    printed(output::print(args.json, &evaluations, || lines(args, &evaluations)))
}

fn lines(args: &EvaluateArgs, evaluations: &[Evaluation]) -> String {
    let row = |(path, e): (&PathBuf, &Evaluation)| {
        let strong_right = (e.strong.recall * true_pairs(e)).round();
        let all_right = (e.recall * true_pairs(e)).round();
        let wrong = |reported: usize, right: f64| format!("{}", count(reported) - right);
        let expected = e.expected_wrong.map_or_else(String::new, |[s, p]| format!("{s:.1} {p:.0}"));
        let share = |x: f64| format!("{x:.4}");
        let lists = format!("{} {}x{} {}", path.display(), e.records_a, e.records_b, e.true_pairs);
        let tokens = share(e.token_recall.unwrap_or_default());
        let all = [share(e.precision), share(e.recall), share(e.f1), wrong(e.reported_pairs, all_right)];
        let strong = [wrong(e.strong.reported, strong_right), share(e.strong.recall), expected];
        [vec![lists, tokens], all.to_vec(), strong.to_vec()].concat()
    };
    let header =
        ["lists", "token recall", "precision", "recall", "F1", "wrong", "strong wrong", "strong recall", "expected"];
    output::table(&header, args.a.iter().zip(evaluations).map(row))
}

#[allow(clippy::cast_precision_loss)]
fn true_pairs(e: &Evaluation) -> f64 {
    e.true_pairs as f64
}

#[allow(clippy::cast_precision_loss)]
fn count(n: usize) -> f64 {
    n as f64
}

fn text(e: &Evaluation) -> String {
    let mut text = format!("records       {} and {}\n", e.records_a, e.records_b);
    for (name, list) in ["a", "b"].iter().zip(e.lists.iter().flatten()) {
        text += &format!(
            "list {name}        {} of {} rows used, {} values left out\n",
            list.used, list.rows, list.values_left_out
        );
    }
    text += &format!("true pairs    {}\n", e.true_pairs);
    if let Some(recall) = e.token_recall {
        text += &format!("token recall  {recall:.4}\n");
    }
    if let Some([strong, all]) = e.expected_wrong {
        text += &format!("expected      {strong:.1} wrong pairs of grade strong, {all:.0} of either grade\n");
    }
    if e.true_pairs_left_out > 0 {
        text += &format!("              {} of them missed because a row was left out\n", e.true_pairs_left_out);
    }
    text += "\n";
    let row = |name: &str, q: [f64; 3], reported: usize| {
        let [precision, recall, f1] = q.map(|share| format!("{share:.4}"));
        vec![name.to_owned(), reported.to_string(), precision, recall, f1]
    };
    let s = e.strong;
    let rows = [
        row("all grades", [e.precision, e.recall, e.f1], e.reported_pairs),
        row("strong only", [s.precision, s.recall, s.f1], s.reported),
    ];
    text += &output::table(&["", "reported", "precision", "recall", "F1"], rows);
    let tables = e
        .tables
        .iter()
        .map(|(name, t)| vec![name.clone(), t.reported.to_string(), t.correct.to_string(), t.alone.to_string()]);
    text += "\n";
    text += &output::table(&["table", "pairs", "true", "met nowhere else"], tables);
    let stages = e.stages.iter().map(|(stage, seconds)| vec![(*stage).to_owned(), format!("{seconds:.3} s")]);
    text += "\n";
    text += &output::table(&[], stages.chain([vec!["in all".into(), format!("{:.3} s", e.wall_seconds)]]));
    text + &e.breakdown.as_ref().map_or_else(String::new, markdown)
}

/// Tables and points of those of these pairs that met, whatever their grade.
fn met(
    policy: &CheckedPolicy,
    pairs: impl Iterator<Item = (usize, usize)>,
    [a, b]: [&[Record]; 2],
) -> HashMap<(usize, usize), (Vec<u16>, i64)> {
    let wanted: HashSet<_> = pairs.collect();
    let found = candidates(policy, a, b, &wanted, &seeds()).pairs.into_iter();
    let of_wanted = found.filter(|pair| pair.correct);
    of_wanted.map(|pair| ((pair.peer, pair.own), (pair.tables, pair.score))).collect()
}

/// Every pair, right or wrong, found or missed, by the identifiers of its records.
fn write_pairs(
    path: &Path,
    policy: &CheckedPolicy,
    found: &[IdealPair],
    truth: &Truth,
    left_out: &[[String; 2]],
    lists: [&[Record]; 2],
) -> Result<(), Failure> {
    check_new(path)?;
    let [a, b] = lists;
    let id = |list: &[Record], at: usize| list.get(at).map_or_else(String::new, |record| record.id.clone());
    let name = |table: &u16| {
        let of = policy.policy().tables.iter().find(|t| t.id == *table);
        of.map_or_else(|| table.to_string(), |t| t.name.clone())
    };
    let mut text = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Failure::new(Exit::Io, error);
    text.write_record(["a_id", "b_id", "verdict", "grade", "tables", "reason"]).map_err(failed)?;
    for pair in found {
        let verdict = if truth.contains(&(pair.peer, pair.own)) { "right" } else { "wrong" };
        let tables = pair.tables.iter().map(name).collect::<Vec<_>>().join("|");
        let row = [&id(a, pair.peer), &id(b, pair.own), verdict, pair.grade.name(), &tables, ""];
        text.write_record(row).map_err(failed)?;
    }
    let seen: HashSet<(usize, usize)> = found.iter().map(|pair| (pair.peer, pair.own)).collect();
    let mut missed: Vec<_> = truth.iter().filter(|pair| !seen.contains(pair)).collect();
    missed.sort_unstable();
    let met = met(policy, missed.iter().map(|pair| **pair), lists);
    for pair in missed {
        let (tables, reason) = match met.get(pair) {
            Some((tables, points)) => {
                let tables = tables.iter().map(name).collect::<Vec<_>>().join("|");
                (tables, format!("{points} points, below the threshold of possible"))
            }
            None => (String::new(), "no common key in any table".to_owned()),
        };
        text.write_record([&id(a, pair.0), &id(b, pair.1), "missed", "", &tables, &reason]).map_err(failed)?;
    }
    for [of_a, of_b] in left_out {
        text.write_record([of_a, of_b, "missed", "", "", "a row of the pair was left out"]).map_err(failed)?;
    }
    let bytes = text.into_inner().map_err(|error| Failure::new(Exit::Io, error))?;
    std::fs::write(path, bytes).map_err(Failure::because(Exit::CannotCreate, path.display()))
}

fn sweep_text(s: &Sweep) -> String {
    let mut text = format!("records       {} and {}\ntrue pairs    {}\n", s.records_a, s.records_b, s.true_pairs);
    text += &format!("pairs met     {}, {} of them true\n", s.candidates, s.true_candidates);
    text += &format!("token recall  {:.4}\n\n", s.token_recall);
    let tables = s.tables.iter().map(|(name, [met, right])| vec![name.clone(), met.to_string(), right.to_string()]);
    text += &output::table(&["table", "pairs", "true"], tables);
    let named = [(String::from("best F1"), &s.best), (format!("at most {} wrong", s.max_wrong), &s.at_most_wrong)];
    let grades = s.policy.iter().map(|(grade, point)| row(grade, Some(point)));
    let rows = grades
        .chain(named.iter().map(|(name, point)| row(name, point.as_ref())))
        .chain(s.curve.iter().map(|point| row("", Some(point))));
    let header =
        ["", "threshold", "reported", "wrong", "precision", "recall", "F1", "1:1 precision", "1:1 recall", "1:1 F1"];
    text + "\n" + &output::table(&header, rows)
}

/// A row of the sweep; `None` if no threshold fits.
fn row(name: &str, point: Option<&Point>) -> Vec<String> {
    let Some(point) = point else { return vec![name.to_owned(), "none".into()] };
    let q = point.quality;
    let mut cells = vec![name.to_owned(), point.threshold.to_string(), q.reported.to_string(), point.wrong.to_string()];
    for q in [Some(q), point.one_to_one].into_iter().flatten() {
        cells.extend([q.precision, q.recall, q.f1].map(|share| format!("{share:.4}")));
    }
    cells
}
