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
    let mut text = format!("records       {} and {}\ntrue pairs    {}\n\n", e.records_a, e.records_b, e.true_pairs);
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
