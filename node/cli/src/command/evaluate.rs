//! `blindlink evaluate`: links two lists in one process against a known truth.

use crate::exit::{Exit, Failure};
use crate::inputs::{base_policy, labelled_truth, list};
use crate::output;
use crate::output::printed;
use blindlink::policy::OutputMode;
use blindlink::record::Record;
use blindlink_lab::evaluate::assign::assigned;
use blindlink_lab::evaluate::breakdown::{breakdown, markdown};
use blindlink_lab::evaluate::candidates::candidates;
use blindlink_lab::evaluate::sweep::{self, Point, Sweep};
use blindlink_lab::evaluate::{Evaluation, in_the_clear, report, sealed, seeds};
use blindlink_sources::Reading;
use std::path::PathBuf;

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
pub(crate) fn run(args: &EvaluateArgs) -> Result<(), Failure> {
    let (policy, _) = base_policy(args.policy.as_deref())?;
    let reading = Reading::under(&policy);
    let (a, b) = (list(&args.a, &reading)?, list(&args.b, &reading)?);
    let (truth, labels) = labelled_truth(&args.truth, [(&args.a, &a), (&args.b, &b)])?;
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
        if labels.is_empty() {
            let what = "--breakdown needs a truth file with the columns `culture` and `corruptions`";
            return Err(Failure::new(Exit::BadInput, what));
        }
        evaluation.breakdown = Some(breakdown(&linked.pairs, &truth, &labels));
    }
    evaluation.peak_rss_bytes = blindlink_node::sys::peak_rss::peak_rss_bytes();
    printed(output::print(args.json, &evaluation, || text(&evaluation)))
}

fn text(e: &Evaluation) -> String {
    let mut text = String::new();
    text += &format!("records       {} and {}\n", e.records_a, e.records_b);
    text += &format!("true pairs    {}\n", e.true_pairs);
    text += &format!("              reported  precision  recall  F1\n");
    text += &format!("all grades    {:8}  {:9.4}  {:6.4}  {:6.4}\n", e.reported_pairs, e.precision, e.recall, e.f1);
    let s = e.strong;
    text += &format!("strong only   {:8}  {:9.4}  {:6.4}  {:6.4}\n", s.reported, s.precision, s.recall, s.f1);
    for (name, t) in &e.tables {
        text += &format!("table {name}: {} pairs, {} true, {} met nowhere else\n", t.reported, t.correct, t.alone);
    }
    for (stage, seconds) in &e.stages {
        text += &format!("{stage:13} {seconds:.3} s\n");
    }
    text += &format!("in all        {:.3} s\n", e.wall_seconds);
    text + &e.breakdown.as_ref().map_or_else(String::new, markdown)
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
