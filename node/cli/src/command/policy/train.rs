//! `blindlink policy train`

use crate::args::MapArgs;
use crate::exit::{Exit, Failure};
use crate::inputs::{base_policy, list, mapping, pairs};
use crate::output;
use crate::output::printed;
use blindlink::policy::Policy;
use blindlink_lab::train::write::with_weights;
use blindlink_lab::train::{Example, Learnt, MaxWrong, TrainReport, train};
use blindlink_node::store::StoreError;
use blindlink_sources::Reading;
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Train {
    /// The responder's list; several pairs of lists may be given, each with all three options.
    #[arg(long, required = true, value_name = "FILE")]
    a: Vec<PathBuf>,
    /// The requester's list.
    #[arg(long, required = true, value_name = "FILE")]
    b: Vec<PathBuf>,
    #[command(flatten)]
    list: MapArgs,
    /// The pairs that are one person.
    #[arg(long, required = true, value_name = "FILE")]
    truth: Vec<PathBuf>,
    /// Policy whose weights and thresholds are learnt; without one, the default policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Where the new policy goes; without it, it is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Wrong pairs of grade `strong` that a round between lists of 20,000 records each may have, averaged over the
    /// training lists.
    #[arg(long, default_value_t = MaxWrong::default().strong, value_name = "N")]
    wrong_strong: f64,
    /// The same for both grades together.
    #[arg(long, default_value_t = MaxWrong::default().possible, value_name = "N")]
    wrong_possible: f64,
    /// Print one JSON object; needs --out.
    #[arg(long, requires = "out")]
    json: bool,
}

impl Train {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.a.len() != self.b.len() || self.b.len() != self.truth.len() {
            return Err(Failure::new(Exit::BadInput, "--a, --b and --truth go together"));
        }
        let (base, text) = base_policy(self.policy.as_deref())?;
        let mapping = mapping(self.list.map.as_deref())?;
        let reading = Reading { mapping: mapping.as_ref(), ..Reading::under(&base) };
        let mut examples = Vec::with_capacity(self.a.len());
        for ((a, b), file) in self.a.iter().zip(&self.b).zip(&self.truth) {
            let lists = (list(a, &reading)?, list(b, &reading)?);
            let truth = pairs(file, [(a, &lists.0), (b, &lists.1)])?.truth;
            examples.push(Example { a: lists.0.records, b: lists.1.records, truth });
        }
        let max_wrong = MaxWrong { strong: self.wrong_strong, possible: self.wrong_possible };
        let learnt = train(&base, &examples, max_wrong)?;
        let Learnt { integers, possible, strong, report } = &learnt;
        let new = with_weights(&text, integers, (*possible, *strong), report.expected_wrong, &remark(report))?;
        // What is written is what the validator accepts, or nothing is.
        Policy::from_toml(&new)?
            .validate()
            .map_err(Failure::because(Exit::BadPolicy, "the learnt policy is refused"))?;
        match &self.out {
            None => printed(output::print(false, &(), || new)),
            Some(out) => {
                fs::write(out, new).map_err(StoreError::output(format!("cannot write {}", out.display())))?;
                printed(output::print(self.json, report, || summary(&learnt, out)))
            }
        }
    }
}

/// The comment above the weights.
fn remark(report: &TrainReport) -> String {
    let TrainReport { true_pairs, candidates, examples, .. } = report;
    format!(
        "Weights learnt by `policy train` on {examples} pairs of lists: {true_pairs} true pairs, {candidates} pairs that met.\n\
         Only the sums matter: `nu` alone says little, since it also makes up for what `alpha` and `beta` give two equal\n\
         values of the field."
    )
}

fn summary(learnt: &Learnt, out: &Path) -> String {
    let Learnt { integers, report, .. } = learnt;
    let mut text = format!(
        "{} of {} true pairs met in a table, among {} pairs in all\n",
        report.true_candidates, report.true_pairs, report.candidates
    );
    text += &format!("loss {:.5} as real numbers, {:.5} as integers\n", report.loss, report.loss_of_integers);
    text += &format!("constant {}\n", integers.constant);
    for (i, w) in integers.weights.iter().enumerate() {
        text += &format!("segment[{i}]: alpha {}, beta {}, nu {}\n", w.alpha, w.beta, w.nu);
    }
    let grades = [("possible", Some(&report.possible)), ("strong", report.strong.as_ref())];
    let rows = grades.map(|(grade, point)| match point {
        Some(p) => {
            let shares = [p.quality.precision, p.quality.recall, p.quality.f1].map(|share| format!("{share:.4}"));
            let numbers = [p.threshold.to_string(), p.quality.reported.to_string(), p.wrong.to_string()];
            [vec![grade.to_owned()], numbers.to_vec(), shares.to_vec()].concat()
        }
        None => vec![grade.to_owned(), "none: no higher threshold has so few wrong pairs".into()],
    });
    let header = ["on the training lists", "threshold", "reported", "wrong", "precision", "recall", "F1"];
    text += &output::table(&header, rows);
    text + &format!("written to {}\n", out.display())
}
